"""A Django site with django-drip-campaigns, as its manual sets one up: run by a Python of its own, which has both.

    python -I drip_site.py < order.json

The order says how to reach the database and the mail server, how many people there are and what they are written. Every
drip has one rule, as the manual's example has: whoever is active. `send_drips` is what a cron job of such a site calls.
Printed is one JSON line. Nothing of nurture is imported: this Python has none of it.
"""

import json
import logging
import re
import sys
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

APPS = ("django.contrib.contenttypes", "django.contrib.auth", "drip")


def main(order: dict) -> dict:
    """Fill the site, write to a few people untimed, and then to all others."""
    _set_up(order)
    _write_drips(order)
    _take_in(0, order["warm_up"])
    call_command("send_drips")
    _take_in(order["warm_up"], order["people"])
    started = time.perf_counter()
    call_command("send_drips")
    seconds = time.perf_counter() - started
    from drip.models import SentDrip

    return {"seconds": seconds, "sent": SentDrip.objects.count(), "peak_mb": _peak_megabytes()}


def _set_up(order: dict) -> None:
    logging.basicConfig(level=logging.ERROR)  # a mail that fails is only logged
    settings.configure(
        INSTALLED_APPS=APPS,
        DATABASES={"default": order["database"]},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=order["port"],
        DRIP_FROM_EMAIL=order["sender"],
        SECRET_KEY="of no use here",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)


def _write_drips(order: dict) -> None:
    from drip.models import Drip, QuerySetRule

    for step in range(1, order["steps"] + 1):
        drip = Drip.objects.create(
            name=f"Step {step}",
            enabled=True,
            from_email=order["sender"],
            from_email_name=order["sender_name"],
            subject_template=order["subject"],
            body_html_template=order["body"],
        )
        QuerySetRule.objects.create(drip=drip, field_name="is_active", lookup_type="exact", field_value="True")


def _take_in(first: int, count: int) -> None:
    from django.contrib.auth.models import User

    people = (
        User(username=f"{n:044d}", first_name=f"Claire-{n}", email=f"claire.martin.{n}@entreprise-{n % 997}.example")
        for n in range(first, first + count)
    )
    User.objects.bulk_create(people, batch_size=500)


def _peak_megabytes() -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return round(int(found[1]) / 1024, 1) if found else 0.0


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))

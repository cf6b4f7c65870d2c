"""Why this room exists: what people and programs reach us by, over HTTP.

Theory of operation. `create_app(services)` is one ASGI application. What is asked by thousands – clicks, opens, hooks,
`/events` – takes a short way past the framework (`lanes`, `calls`); a click is noted on the way, and redirects. Whatever
somebody hands in is stored before it is answered (`inbound.intake`), or acted on in one transaction (`inbound.objections`,
`.submissions`, `.sales_answers`). What calls ask of the database is asked once for all that are under way (`together`).
FastAPI describes the one interface that programs write against, `/events`.

No page knows a person by its address: tokens are signed, unguessable, and bound to a purpose; a wrong one gets the same
answer whether or not it ever existed. GET and HEAD change nothing, because machines follow links.

    services.py  what the pages need          tracking.py     clicks, opens, downloads
    app.py       the routes together          unsubscribe.py  confirm.py  forms.py  hand_offs.py   people
    guard.py     headers, HEAD, errors        hooks.py  events.py  health.py                       machines
    lanes.py  calls.py     the short way      together.py  patience.py    one question, one timer for many
"""

from nurture.web.app import create_app
from nurture.web.services import HookAccess, Services, Site

__all__ = ["HookAccess", "Services", "Site", "create_app"]

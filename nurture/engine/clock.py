"""The clock: APScheduler says when to look for what is due, and when to tidy up.

*What* is due stands in the database, where a reply can cancel it; the clock only wakes. Two clocks do no harm: every job
is idempotent.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeAlias

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

TICK = timedelta(seconds=1)
TIDY = timedelta(minutes=1)

Jobs: TypeAlias = Mapping[str, tuple[timedelta, Callable[[], object]]]
"""What is to be run, by name, and how often."""


def make_scheduler(jobs: Jobs) -> BackgroundScheduler:
    """A scheduler, not started, that runs each job at its interval.

    A job that is late runs once, however late, and never beside itself: APScheduler's own default drops what is more
    than a second late.
    """
    scheduler = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(2)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    for name, (interval, job) in jobs.items():
        scheduler.add_job(job, IntervalTrigger(seconds=int(interval.total_seconds())), id=name, name=name)
    return scheduler

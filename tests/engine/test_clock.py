"""The clock wakes at intervals, and a late job runs once instead of never."""

import threading
from datetime import timedelta

from nurture.engine.clock import make_scheduler


def test_jobs_run_again_and_again() -> None:
    rang, done = threading.Event(), []

    def ring() -> None:
        done.append(1)
        if len(done) >= 2:
            rang.set()

    scheduler = make_scheduler({"ring": (timedelta(seconds=1), ring)})
    scheduler.start()
    try:
        assert rang.wait(10)
    finally:
        scheduler.shutdown()


def test_a_late_job_is_run_once_and_never_dropped() -> None:
    scheduler = make_scheduler({"tidy": (timedelta(minutes=1), lambda: None)})
    scheduler.start(paused=True)
    job = scheduler.get_job("tidy")
    scheduler.shutdown()
    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)

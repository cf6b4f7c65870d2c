"""What a worker process is told: where the database and the sinks are, and at which moment inside it dies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """One life of a worker. `moment` names where inside it kills itself, at the `nth` time; empty, nowhere.

    `ahead` are seconds that the business clock is before the database's. One that `stays` works until it is killed; else
    it ends when nothing is due.
    """

    url: str
    port: int
    state_dir: str
    provider: str = "smtp"
    slots: int = 4
    batch_size: int = 50
    lease_seconds: int = 300
    moment: str = ""
    nth: int = 1
    ahead: float = 0.0
    stays: bool = False
    naive: bool = False

"""Seeds run one after another, and what is told of one that fails."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.chaos.course import Course, Recruit, Tidy
from tests.chaos.faults import Faults
from tests.chaos.grounds import Grounds
from tests.chaos.hosts import Host
from tests.chaos.invariants import violations


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one seed."""

    seed: int
    course: Course
    broken: list[str]

    def __str__(self) -> str:
        last = "\n".join(f"    {fault}" for fault in self.course.faults.last)
        promises = "\n".join(f"  {sentence}" for sentence in self.broken)
        return f"seed {self.seed}, host {self.course.host.name}, breaks what is promised:\n{promises}\n  the last faults were\n{last}"


def run_seeds(
    grounds: Grounds,
    seeds: Iterable[int],
    recruit: Recruit | None = None,
    tidy: Tidy | None = None,
    host: Host | None = None,
) -> Iterator[Verdict]:
    """One course a seed. The engine's own warnings are not shown: trouble is what it is given."""
    was = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        for seed in seeds:
            course = Course(seed, grounds.fresh(), Faults.of_seed(seed), recruit, tidy, host)
            course.run()
            yield Verdict(seed, course, violations(course))
    finally:
        logging.disable(was)

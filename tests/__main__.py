"""`python3 -m tests [pytest's arguments]`: make sure of the environment, then run the tests.

Nothing but the standard library may be imported before `enter` returns.
"""

import os
import sys

from nurture.bootstrap import ROOT, enter


def arguments(given: "list[str]") -> "list[str]":
    """Return pytest's arguments: quiet, on up to four processes, unless `given` says otherwise."""
    processes = "0" if "--pdb" in given else str(min(os.cpu_count() or 1, 4))
    return ["--quiet", "-n", processes, "--dist", "worksteal", *given]


if __name__ == "__main__":
    enter("tests")

    import pytest

    os.chdir(ROOT)
    sys.exit(pytest.main(arguments(sys.argv[1:])))

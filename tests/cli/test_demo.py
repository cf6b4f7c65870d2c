"""`nurture demo` from the terminal; what it plays is proved in tests/demo."""

import json

from tests.cli.shell import Shell, told_well


def test_the_demo_ends_with_one_line_that_a_seed_determines(empty: Shell) -> None:
    words = ("demo", "--weeks", "1", "--contacts", "8", "--seed", "3", "--json")
    one, other = empty(*words), empty(*words)
    assert (one.code, other.code) == (0, 0)
    last = one.out.splitlines()[-1]
    assert json.loads(last)["seed"] == 3
    assert last == other.out.splitlines()[-1]


def test_wishes_that_cannot_be_are_told(shell: Shell) -> None:
    shell("db", "upgrade")
    assert told_well(shell("demo", "--database", "sqlite:////nowhere/at/all.db"), "/nowhere/at")
    assert told_well(shell("demo", "--database", "mysql://x"), "'mysql' databases are not supported")
    assert told_well(shell("demo", "--weeks", "0"), "--weeks")

"""Ours, which ends as soon as it has nothing to do."""

from nurture.content import press


def main() -> None:
    press.main(idle=0.1)

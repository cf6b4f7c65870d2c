"""The options of the benchmarks that knock at the web process; the standard library only, as everything before `enter` is."""

import argparse


def of_knocks(prog: str, description: str | None, people: str) -> argparse.ArgumentParser:
    """A command line with the options that `knocking` reads; `people` says who the contacts are."""
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("--requests", type=int, default=20_000, help="as fast as answers come (default 20000)")
    parser.add_argument("--paced", type=int, default=2_000, help="at a steady pace (default 2000)")
    parser.add_argument("--pace", type=float, default=500, help="requests a second of those (default 500)")
    parser.add_argument("--connections", type=int, default=256, help="connections kept (default 256)")
    parser.add_argument("--people", type=int, default=10_000, help=f"contacts {people} (default 10000)")
    parser.add_argument("--runs", type=int, default=3, help="turns of each side (default 3; medians are told)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    return parser

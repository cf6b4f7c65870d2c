"""The terminal: every command of `nurture`, each a short conversation with the rooms below.

Nothing heavy is imported before a command runs, so that `nurture --help` answers at once: the files of this room import
typer and the standard library only, and the rest within their functions.

    app.py       all commands together, and the way in
    terminal.py  where words go: people read tables and sentences, programs read JSON
    errors.py    every known problem as a sentence and an exit code
"""


def main() -> None:
    """The `nurture` command."""
    import sys

    from nurture.cli.app import run

    sys.exit(run(sys.argv[1:]))

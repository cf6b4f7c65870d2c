"""Where private keys lie: files that only their owner may read, and that are never written over."""

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from nurture.content.dkim_keys import DkimKey, DkimProblem, read_key
from nurture.key_files import KeyFile

LARGEST = 100_000
"""Octets of a file that may still be a key."""

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_keys(files: Iterable[KeyFile]) -> list[DkimKey]:
    """The keys in these files. DkimProblem: which file cannot be used, why, and what to do."""
    return [read_key_file(file) for file in files]


def read_key_file(file: KeyFile) -> DkimKey:
    """The key in one file. DkimProblem as `read_keys`."""
    try:
        with file.path.open("rb") as opened:
            pem = opened.read(LARGEST)
    except OSError as error:
        raise _problem(file, f"cannot be read ({error.strerror})") from error
    try:
        return read_key(file.selector, pem)
    except DkimProblem as problem:
        raise _problem(file, str(problem)) from problem


def _problem(file: KeyFile, what: str) -> DkimProblem:
    return DkimProblem(
        f"The DKIM key {file.path} {what}: correct NURTURE_DKIM_KEYS, or make a key with `nurture dkim new`."
    )


def is_open_to_others(path: Path) -> bool:
    """Whether anybody but its owner may read or change the file."""
    return bool(path.stat().st_mode & OTHERS)


def write_keys(folder: Path, keys: Sequence[DkimKey]) -> list[Path]:
    """Write each to `folder/selector.pem`, for its owner alone. FileExistsError where one is there already: then none is.

    A folder that is made for them tells git to leave it alone.
    """
    paths = [folder / f"{key.selector}.pem" for key in keys]
    there = next((path for path in paths if path.exists()), None)
    if there is not None:
        raise FileExistsError(there)
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        (folder / ".gitignore").write_text("*\n")
    for path, key in zip(paths, keys, strict=True):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.pem())
    return paths

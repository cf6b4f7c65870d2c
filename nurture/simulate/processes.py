"""The same work on many pieces, spread over processes: each makes its own worker once, and answers come in any order."""

import multiprocessing
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

Piece_contra = TypeVar("Piece_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)
Piece = TypeVar("Piece")
Result = TypeVar("Result")
Task = TypeVar("Task")


class Worker(Protocol[Piece_contra, Result_co]):
    """Does one piece after another, in one process."""

    def do(self, piece: Piece_contra, /) -> Result_co: ...


def spread(
    make: Callable[[Task], Worker[Piece, Result]], task: Task, pieces: Iterable[Piece], processes: int
) -> Iterator[Result]:
    """What the workers that `make(task)` gives answer to the pieces; `make` is known by name, and all of it is pickled."""
    context = multiprocessing.get_context("spawn")
    with _written((make, task)) as file, ProcessPoolExecutor(processes, context, _begin, (file,)) as pool:
        waiting: set[Future[Result]] = {pool.submit(_do, piece) for piece in pieces}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _written(task: object) -> Iterator[str]:
    """The task in a file: handed over with the start of a process that dies, more than a pipe holds would hang this one."""
    with tempfile.TemporaryDirectory(prefix="nurture-processes-") as folder:
        file = Path(folder) / "task"
        file.write_bytes(pickle.dumps(task))
        yield str(file)


_worker: Worker[Any, Any] | None = None


def _begin(file: str) -> None:
    global _worker
    make, task = pickle.loads(Path(file).read_bytes())
    _worker = make(task)


def _do(piece: Any) -> Any:
    assert _worker is not None, "begun by the pool"
    return _worker.do(piece)

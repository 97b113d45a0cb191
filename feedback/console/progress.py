"""Progress of a command: a bar on a terminal, else a line every few seconds."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import OutputWrapper
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY_SECONDS = 3.0


@contextmanager
def progress(title: str, total: int, output: OutputWrapper) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with the number of items just done."""
    if not output.isatty():
        yield _lines(title, total, output)
        return
    with Progress(TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task(title, total=total)
        yield lambda count: bar.advance(task, count)


def _lines(title: str, total: int, output: OutputWrapper) -> Callable[[int], None]:
    done, said_at = 0, time.monotonic()

    def advance(count: int) -> None:
        nonlocal done, said_at
        done += count
        if done == total or time.monotonic() - said_at >= LINE_EVERY_SECONDS:
            said_at = time.monotonic()
            output.write(f"{title}: {done:,} of {total:,}")
            output.flush()

    return advance

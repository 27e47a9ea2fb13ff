"""How a run stands, on stderr: one moving line on a terminal, one line per interval elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from pipeline.output import line
from transforms.state.base import Progress

INTERVAL_S = 10.0  # a log line every ten seconds is six a minute: enough to see life, too few to bury anything
REDRAW_S = 0.2

Show = Callable[[Progress], None]


@contextmanager
def showing_progress(
    stream: IO[str] | None = None, clock: Callable[[], float] = time.monotonic, *, only_on_terminal: bool = False
) -> Iterator[Show]:
    """Give the function that a job calls with its progress as often as it likes; what is shown is up to here.

    `only_on_terminal`: the log of a service has a line for each run as it is.
    """
    stream = sys.stderr if stream is None else stream
    if only_on_terminal and not stream.isatty():
        yield lambda _: None
        return
    display = _MovingLine(stream, clock) if stream.isatty() else _LogLines(stream, clock)
    try:
        yield display.show
    finally:
        display.close()


def progress_text(progress: Progress, elapsed_s: float) -> str:
    """Return where a run stands in one line.

    >>> progress_text(Progress(outcomes=(("created", 12),), pending=3, polls=2), 61.4)
    '1:01  2 polls, 12 created, 3 waiting'
    >>> progress_text(Progress(pending=3), 9.0)
    '0:09  3 waiting'
    """
    minutes, seconds = divmod(int(elapsed_s), 60)
    polls = [f"{progress.polls:,} poll{'' if progress.polls == 1 else 's'}"] if progress.polls else []  # saved pages
    counts = [*polls, *(f"{count:,} {line(name)}" for name, count in progress.outcomes)]
    return f"{minutes}:{seconds:02}  {', '.join([*counts, f'{progress.pending:,} waiting'])}"


class _LogLines:
    """A line when the last one is `INTERVAL_S` old; nothing at the end, because the report follows."""

    def __init__(self, stream: IO[str], clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._started = self._shown = clock()

    def show(self, progress: Progress) -> None:
        now = self._clock()
        if now - self._shown >= INTERVAL_S:
            self._shown = now
            print(progress_text(progress, now - self._started), file=self._stream, flush=True)

    def close(self) -> None:
        pass


class _MovingLine:
    """One line that is written over. Cut to the terminal's width: a wrapped line could not be taken back."""

    def __init__(self, stream: IO[str], clock: Callable[[], float]) -> None:
        self._stream, self._clock = stream, clock
        self._started = clock()
        self._shown = self._started - REDRAW_S

    def show(self, progress: Progress) -> None:
        import shutil

        now = self._clock()
        if now - self._shown >= REDRAW_S:
            self._shown = now
            text = progress_text(progress, now - self._started)[: shutil.get_terminal_size().columns - 1]
            self._stream.write(f"\r\x1b[2K{text}")
            self._stream.flush()

    def close(self) -> None:
        self._stream.write("\r\x1b[2K")
        self._stream.flush()

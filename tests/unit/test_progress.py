"""Progress of a run on a terminal and in a log."""

import io

from pipeline.progress import showing_progress
from transforms.state.base import Progress


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


SOME = Progress(outcomes=(("created", 12), ("filtered", 3)), pending=4, polls=2)


def test_a_log_gets_one_line_per_interval() -> None:
    stream, clock = io.StringIO(), Clock()
    with showing_progress(stream, clock) as show:
        for second in range(26):
            clock.now_s = 100.0 + second
            show(SOME)
    assert stream.getvalue().splitlines() == [
        "0:10  2 polls, 12 created, 3 filtered, 4 waiting",
        "0:20  2 polls, 12 created, 3 filtered, 4 waiting",
    ]


def test_a_terminal_gets_one_line_that_is_written_over_and_taken_back() -> None:
    stream, clock = Terminal(), Clock()
    with showing_progress(stream, clock) as show:
        show(SOME)
        show(SOME)  # too soon to be drawn
        clock.now_s += 1
        show(SOME)
    text = stream.getvalue()
    assert "\n" not in text
    assert text.count("12 created") == 2
    assert text.endswith("\r\x1b[2K")


def test_the_line_is_taken_back_when_the_run_fails() -> None:
    stream = Terminal()
    try:
        with showing_progress(stream, Clock()) as show:
            show(SOME)
            raise ConnectionError
    except ConnectionError:
        pass
    assert stream.getvalue().endswith("\r\x1b[2K")

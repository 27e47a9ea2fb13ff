"""What users write for durations, sizes and moments."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pipeline.units import format_duration, format_size, parse_duration, parse_moment, parse_size

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20s", 20), ("30m", 1800), ("6h", 21_600), ("7d", 604_800), ("3y", 94_608_000), ("0.5s", 0.5), (" 2 h ", 7200)],
)
def test_durations_are_read_in_every_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["20", 20, None, "", "h", "-1s", "1h30m", "20 parsecs", "1_000s", "٣s", "1e9y", "9999y", True]
)
def test_what_is_no_duration_is_refused_with_examples(text: object) -> None:
    with pytest.raises(ValueError, match="20s, 30m, 6h"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"), [("5MB", 5_000_000), ("500 kb", 500_000), ("1.5GB", 1_500_000_000), ("7B", 7)]
)
def test_sizes_are_decimal(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["5", 5, "5 MiB", "MB", "-5MB", None])
def test_what_is_no_size_is_refused_with_examples(text: object) -> None:
    with pytest.raises(ValueError, match="500KB, 5MB"):
        parse_size(text)


def test_durations_and_sizes_are_written_in_their_largest_whole_unit() -> None:
    assert [format_duration(value) for value in (0, 90, 3600, 2_592_000, 0.25)] == ["0s", "90s", "1h", "30d", "0.25s"]
    assert [format_size(value) for value in (0, 1_500, 2_000_000, 3_000_000_000)] == ["0B", "1500B", "2MB", "3GB"]


@pytest.mark.parametrize(
    ("text", "end_of_day", "expected"),
    [
        ("7d", False, datetime(2026, 3, 3, 9, 30, tzinfo=UTC)),
        ("2024-05-01", False, datetime(2024, 4, 30, 22, tzinfo=UTC)),
        ("2024-05-01", True, datetime(2024, 5, 1, 22, tzinfo=UTC)),
        ("2026-03-28", True, datetime(2026, 3, 28, 23, tzinfo=UTC)),  # the night before the clocks change
        ("2024-05-01T06:30", False, datetime(2024, 5, 1, 4, 30, tzinfo=UTC)),
        ("2024-05-01T06:30Z", True, datetime(2024, 5, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_moments_are_read_in_the_users_zone(text: str, end_of_day: bool, expected: datetime) -> None:
    assert parse_moment(text, now=NOW, zone=BERLIN, end_of_day=end_of_day) == expected


@pytest.mark.parametrize("text", ["yesterday", "", "2024-13-01", "7", "7w", "0000-01-01", "9999-12-31"])
def test_what_is_no_moment_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"2024-05-01"):
        parse_moment(text, now=NOW, zone=BERLIN, end_of_day=True)

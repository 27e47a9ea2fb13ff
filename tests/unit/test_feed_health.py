"""What `feeds list` tells of a feed's memory."""

from datetime import UTC, datetime
from typing import Any

from pipeline.commands.feeds import _cells, _document
from transforms.elements import FeedSource
from transforms.feeds.arrivals import Arrivals
from transforms.feeds.health import feed_health
from transforms.feeds.memory import FeedMemory, Part, Wishes, dump_memory
from transforms.feeds.moves import Moves
from transforms.feeds.trust import Trust

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MEMORY = FeedMemory(
    why="adaptive: 4 new in 6 h",
    wishes=Wishes(ttl_s=3600.0, skip_hours=(1, 2)),
    arrivals=Arrivals(
        interval_s=5400.0, per_hour=0.7, gaps=2, gap_from=NOON.timestamp(), gap_until=NOON.timestamp() + 60
    ),
    trust=Trust(distrust_until=NOON.timestamp()),
    moves=Moves(to="https://new.example/rss", since=1.0, times=3),
    parts=(Part("https://gazette.example/news.xml"),),
    overflow=5,
)
SOURCE = FeedSource(url="https://gazette.example/rss", id="gazette")
ROW: dict[str, Any] = {
    "polled_at": NOON,
    "next_poll_at": NOON,
    "polls": 8,
    "not_modified": 6,
    "failures": 0,
    "status_code": 304,
    "error": None,
    "memory": dump_memory(MEMORY),
}


def test_the_memory_is_told_in_plain_values_without_what_is_absent() -> None:
    told = feed_health(dump_memory(MEMORY))
    assert told == {
        "why": "adaptive: 4 new in 6 h",
        "interval_s": 5400.0,
        "new_per_hour": 0.7,
        "ttl_s": 3600.0,
        "skip_hours": (1, 2),
        "gaps": 2,
        "gap_from": NOON,
        "gap_until": NOON.replace(minute=1),
        "distrusted_until": NOON,
        "moved_to": "https://new.example/rss",
        "moved_times": 3,
        "parts": ("https://gazette.example/news.xml",),
        "overflow": 5,
    }
    assert feed_health(None) == {}


def test_the_table_says_when_why_and_what_was_lost() -> None:
    cells = _cells(SOURCE, ROW, UTC)
    assert cells[0] == "gazette"
    assert cells[3:8] == ("adaptive: 4 new in 6 h", 0, 304, "75 %", cells[1])
    retired = _cells(SOURCE, {**ROW, "memory": dump_memory(FeedMemory(retired=True, why="410"))}, UTC)
    assert retired[2:4] == ("retired", "410")


def test_a_feed_never_polled_is_due_now() -> None:
    assert _cells(SOURCE, {}, UTC)[1:4] == ("never", "now", "")


def test_the_document_has_the_health_and_not_the_text_of_the_memory() -> None:
    health = _document(SOURCE, ROW)["health"]
    assert "memory" not in health
    assert (health["why"], health["not_modified"]) == ("adaptive: 4 new in 6 h", 6)

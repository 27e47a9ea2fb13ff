"""The checks of the Feed Reader Score project, by its names, over weeks of polls of a scripted host."""

import itertools
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.feed_host import Asked, FeedHost, Poller, Reply, Script
from tests.support.ledgers import SetClock, feed_on
from transforms.feeds.policy import HOUR_S
from transforms.feeds.polling import DAY_S

SITE = "gazette.example"
EVERY_THIRD = 3  # polls between two editions


def rss(edition: int) -> bytes:
    """Return an edition: ten entries, of which three are new each time."""
    items = "".join(
        f"<item><title>Story {n}</title><link>http://{SITE}/story-{n}</link><guid>{n}</guid></item>"
        for n in range(3 * edition + 10, 3 * edition, -1)
    )
    return f"<rss version='2.0'><channel><title>G</title>{items}</channel></rss>".encode()


class Versions:
    """A server with validators: an edition lasts three polls. `given` are all it ever gave, in order."""

    def __init__(self, *, etag: bool = True, last_modified: bool = True) -> None:
        self.etag, self.last_modified, self.polls = etag, last_modified, 0

    def validators(self, edition: int) -> dict[str, str]:
        """Odd ones, as servers have them: weak, with a suffix, a date in no known form and not in order."""
        odd = (f'W/"{edition}-gzip"', f'"{edition}--br"', f"unquoted {edition}", f'"\xe9{edition}"')[edition % 4]
        dates = (f"Thu, 1 Jan 2026 00:00:{edition % 60:02} GMT", f"2026-01-0{edition % 9 + 1} 1:00 (local)")
        values = {}
        if self.etag:
            values["ETag"] = odd
        if self.last_modified:
            values["Last-Modified"] = dates[edition % 2]
        return values

    def __call__(self, asked: Asked) -> Reply:
        edition = self.polls // EVERY_THIRD
        self.polls += 1
        values = self.validators(edition)
        if asked.headers.get("if-none-match", asked.headers.get("if-modified-since")) in values.values():
            return Reply(status=304, headers=values)
        return Reply(rss(edition), headers=values)

    def answered_before(self, number: int) -> dict[str, str]:
        """Return what the poll before that one was given."""
        return self.validators((number - 1) // EVERY_THIRD)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def poller(stack: ExitStack, folder: Path, script: Script, address: str = "127.0.0.1") -> tuple[Poller, FeedHost]:
    clock = SetClock()
    host = stack.enter_context(FeedHost(script, clock, address=address))
    found = Poller(folder, clock, host, feed_on(SITE))
    stack.callback(found.close)
    return found, host


def test_unconditional_vs_conditional_count(stack: ExitStack, tmp_path: Path) -> None:
    feeds, host = poller(stack, tmp_path, Versions())
    feeds.poll_when_due(60)
    assert [asked.is_conditional for asked in host.asked] == [False] + [True] * 59


@pytest.mark.parametrize("kinds", [{}, {"etag": False}], ids=["both", "dates only"])
def test_if_modified_since_good(stack: ExitStack, tmp_path: Path, kinds: dict[str, bool]) -> None:
    server = Versions(**kinds)
    feeds, host = poller(stack, tmp_path, server)
    feeds.poll_when_due(30)
    for number, asked in enumerate(host.asked[1:], start=1):
        assert asked.headers["if-modified-since"] == server.answered_before(number)["Last-Modified"]


@pytest.mark.parametrize("kinds", [{}, {"last_modified": False}], ids=["both", "ETags only"])
def test_if_none_match_good(stack: ExitStack, tmp_path: Path, kinds: dict[str, bool]) -> None:
    server = Versions(**kinds)
    feeds, host = poller(stack, tmp_path, server)
    feeds.poll_when_due(30)
    for number, asked in enumerate(host.asked[1:], start=1):
        assert asked.headers["if-none-match"] == server.answered_before(number)["ETag"]


@pytest.mark.parametrize("name", ["if-modified-since", "if-none-match"])
def test_out_of_sequence(stack: ExitStack, tmp_path: Path, name: str) -> None:
    """A validator is not sent again once a later one was given."""
    feeds, host = poller(stack, tmp_path, Versions())
    feeds.poll_when_due(24)
    sent = [value for value, _ in itertools.groupby(asked.headers.get(name) for asked in host.asked[1:])]
    assert len(sent) == 8
    assert all(one != other for one, other in itertools.pairwise(sent))


@pytest.mark.parametrize("kinds", [{"etag": False}, {"last_modified": False}, {"etag": False, "last_modified": False}])
def test_made_up(stack: ExitStack, tmp_path: Path, kinds: dict[str, bool]) -> None:
    """A validator that the server did not give is never sent: no date of our own, none of the feed's."""
    feeds, host = poller(stack, tmp_path, Versions(**kinds))
    feeds.poll_when_due(12)
    for asked in host.asked:
        assert ("if-none-match" in asked.headers) <= kinds.get("etag", True)
        assert ("if-modified-since" in asked.headers) <= kinds.get("last_modified", True)


def test_last_modified_equal_but_etag_changed(stack: ExitStack, tmp_path: Path) -> None:
    """Last-Modified has one second's grain: the ETag of a 304 and of a 200 is taken each by itself."""
    count = itertools.count()

    def script(asked: Asked) -> Reply:
        number = next(count)
        values = {"ETag": f'"{number // 2}"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
        return Reply(rss(number // 2), status=304 if number % 2 else 200, headers=values)

    feeds, host = poller(stack, tmp_path, script)
    feeds.poll_when_due(6)
    assert [asked.headers.get("if-none-match") for asked in host.asked] == [None, '"0"', '"0"', '"1"', '"1"', '"2"']


def test_useless_cookies(stack: ExitStack, tmp_path: Path) -> None:
    feeds, host = poller(stack, tmp_path, lambda _: Reply(rss(0), headers={"Set-Cookie": "id=1; Path=/"}))
    feeds.poll_when_due(3)
    assert not any("cookie" in asked.headers for asked in host.asked)


def test_useless_referrers(stack: ExitStack, tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        return Reply(status=302, headers={"Location": "/there"}) if asked.target == "/feed" else Reply(rss(0))

    feeds, host = poller(stack, tmp_path, script)
    feeds.poll_when_due(3)
    assert {asked.target for asked in host.asked} == {"/feed", "/there"}
    assert not any(
        {"referer", "pragma", "cache-control", "authorization"} & asked.headers.keys() for asked in host.asked
    )


def test_useless_query_parameters(stack: ExitStack, tmp_path: Path) -> None:
    feeds, host = poller(stack, tmp_path, Versions())
    feeds.poll_when_due(40)
    assert {asked.target for asked in host.asked} == {"/feed"}


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"], ids=["IPv4", "IPv6"])
def test_ipv4_ipv6(stack: ExitStack, tmp_path: Path, address: str) -> None:
    if ":" in address and not _has_ipv6():
        pytest.skip("this machine has no IPv6 on loopback")
    feeds, host = poller(stack, tmp_path, Versions(), address)
    feeds.poll()
    assert len(host.asked) == 1
    assert feeds.state.feeds()[0]["error"] is None


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_spacing_of_conditional_requests(stack: ExitStack, tmp_path: Path) -> None:
    feeds, host = poller(stack, tmp_path, Versions())
    feeds.poll_when_due(60)
    assert min(later.at - asked.at for asked, later in itertools.pairwise(host.asked)) >= HOUR_S


def test_spacing_of_unconditional_requests(stack: ExitStack, tmp_path: Path) -> None:
    feeds, host = poller(stack, tmp_path, Versions(etag=False, last_modified=False))
    feeds.poll_when_due(10)
    assert min(later.at - asked.at for asked, later in itertools.pairwise(host.asked)) >= DAY_S


def test_start_up_behaviour(stack: ExitStack, tmp_path: Path) -> None:
    """Restarts cause no poll before its time, and forget no validator."""
    feeds, host = poller(stack, tmp_path, Versions())
    feeds.poll()
    for _ in range(10):
        feeds.restart()
        feeds.clock.move(300)
        feeds.poll()
    assert len(host.asked) == 1
    feeds.poll_when_due()
    assert [asked.is_conditional for asked in host.asked] == [False, True]
    assert host.asked[1].at - host.asked[0].at >= HOUR_S

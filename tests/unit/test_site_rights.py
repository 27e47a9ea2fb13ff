"""A site's tdmrep.json: asked for where the user wants that, once a day, in turn like everything else, and obeyed."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from tests.support.feed_host import Asked, FeedHost, Reply
from tests.support.ledgers import SITE, SetClock, plan, url_on
from transforms.elements import Outcome, PageElement, RawPage, Receipt, Rights
from transforms.settings import VisitSettings
from transforms.state.sqlite.ledger import SqliteState
from transforms.text.settings import Tdm
from transforms.turns import Turns, instant
from transforms.visit import visit_site
from transforms.web.client import FetchSettings, HttpClient

FILE = "/.well-known/tdmrep.json"
RESERVED = orjson.dumps([{"location": "/news/", "tdm-reservation": 1, "tdm-policy": "https://p.example/terms"}])


class Site:
    """A site with two pages and the file, visited again and again through one ledger."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self.clock, self.file = SetClock(), Reply(RESERVED)
        self.host = stack.enter_context(FeedHost(self._answer, self.clock))
        self.client = stack.enter_context(
            HttpClient(FetchSettings(resolve=((SITE, None, self.host.address, self.host.port),)))
        )
        self.state = SqliteState(folder / "ledger.db", lease_s=60, clock=self.clock)
        stack.callback(self.state.close)
        self.state.create()
        self._runs = 0

    def _answer(self, asked: Asked) -> Reply:
        if asked.target == FILE:
            return self.file
        return Reply(b"<html><p>A page.</p></html>", headers={"Content-Type": "text/html"})

    def visit(self, tdm: Tdm, *pages: str) -> list[PageElement]:
        self._runs += 1
        run_id = f"20270115T080000.{self._runs:03}Z-aaaa"
        self.state.begin_run(plan(run_id))
        self.state.add_urls(run_id, [url_on(SITE, page) for page in pages], again=True)
        [lease] = self.state.lease(run_id, limit=1, slice_s=600)
        out: list[PageElement] = []
        turns = Turns(
            lease,
            state=self.state,
            client=self.client,
            settings=VisitSettings(fetch=FetchSettings(), generation=1, tdm=tdm),
            emit=out.append,
            sleep_until=lambda at: setattr(self.clock, "now", max(self.clock.now, at)),
            clock=self.clock,
        )
        visit_site(turns)
        self.state._db.execute("UPDATE ledger_urls SET due_at = 9e9")
        self.state.release(SITE, lease.epoch, instant(self.clock()))
        return out

    @property
    def asked(self) -> int:
        return sum(asked.target == FILE for asked in self.host.asked)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(stack, tmp_path)


def rights(out: list[PageElement]) -> dict[str, Rights]:
    return {page.url.removeprefix(f"http://{SITE}/"): page.rights for page in out if isinstance(page, RawPage)}


def test_nobody_asks_for_the_file_unless_the_user_wants_it(site: Site) -> None:
    assert rights(site.visit("record", "news/a", "other/b")) == {"news/a": Rights(), "other/b": Rights()}
    assert site.asked == 0


def test_the_file_is_asked_for_once_a_day_and_its_word_recorded(site: Site) -> None:
    reserved = Rights(tdm_reserved=True, tdm_policy="https://p.example/terms")
    out = site.visit("ask", "news/a", "other/b")
    assert rights(out) == {"news/a": reserved, "other/b": Rights()}
    receipts = [receipt for receipt in out if isinstance(receipt, Receipt)]
    assert [receipt.why for receipt in receipts] == ["robots", "rights", "page", "page"]
    assert all(later.sent_at > earlier.sent_at for earlier, later in pairwise(receipts))
    site.clock.move(3_600)
    assert rights(site.visit("ask", "news/c")) == {"news/c": reserved}
    assert site.asked == 1
    site.clock.move(86_400)
    site.visit("ask", "news/d")
    assert site.asked == 2


@pytest.mark.parametrize("reply", [Reply(status=404), Reply(status=500), Reply(b"[not json"), Reply(status=302)])
def test_whatever_is_no_file_says_nothing_and_is_asked_for_once_a_day(site: Site, reply: Reply) -> None:
    site.file = reply
    assert rights(site.visit("skip", "news/a")) == {"news/a": Rights()}
    site.clock.move(3_600)
    assert rights(site.visit("skip", "news/b")) == {"news/b": Rights()}
    assert site.asked == 1


def test_reserved_pages_are_left_alone_where_the_user_wants_that(site: Site) -> None:
    out = site.visit("skip", "news/a", "other/b")
    assert rights(out) == {"other/b": Rights()}
    [blocked] = [outcome for outcome in out if isinstance(outcome, Outcome)]
    assert (blocked.url, blocked.outcome, blocked.reason) == (f"http://{SITE}/news/a", "blocked", "tdm_reserved")
    assert [asked.target for asked in site.host.asked] == [FILE, "/other/b"]

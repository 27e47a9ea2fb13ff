"""The fold over our own sibling pages: the score rises on each page, and nothing of a story is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.elements import NOON, make_enriched
from tests.support.ledgers import RUN, SetClock, plan
from tests.support.sibling_pages import NAMES, PROMOTIONS, sibling, story
from transforms.articles import article_of
from transforms.elements import Article, RawPage
from transforms.index.sqlite.store import SqliteStore
from transforms.indexer import Indexer
from transforms.learning import learn_site, learn_sites
from transforms.profiles import Profiles, whole_hour
from transforms.settings import ArticleSettings, IndexSettings
from transforms.state.base import NewUrl
from transforms.state.sqlite.ledger import SqliteState
from transforms.text.settings import ExtractSettings

SITE = "gazette.example"
SETTINGS = ArticleSettings(text=ExtractSettings(), state=None, generation=1, learn=True, profiles_at=NOON)


class Desk:
    """A ledger and a store, and what runs do with them, without Beam."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock(NOON.timestamp() - 3_600)
        self.state = SqliteState(folder / "ledger.db", clock=self.clock)
        self.state.create()
        self.state.begin_run(plan())
        self.store = SqliteStore(folder / "store.db")
        self.store.create()

    def extract(self, name: str, markup: str) -> Article:
        """Return the article of a page, by the profile of its site."""
        url = f"https://{SITE}/{name}"
        page = RawPage(
            url=url,
            final_url=url,
            site=SITE,
            body=markup.encode(),
            content_type="text/html",
            fetched_at=NOON,
            version=9,
        )
        article = article_of(page, SETTINGS, Profiles(self.state))
        assert isinstance(article, Article)
        return article

    def take_in(self, *names: str) -> None:
        """Store articles of the sibling pages."""
        for name in names:
            article = self.extract(name, sibling(name))
            self.state.add_urls(RUN, [NewUrl(url=article.requested_url, site=SITE)])
            indexer = Indexer(self.store, self.state, IndexSettings(run_id=RUN, store="", state=""))
            indexer.flush([make_enriched(article)])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.state.close()
    desk.store.close()


@pytest.mark.parametrize("name", NAMES)
def test_by_its_siblings_a_page_comes_out_exact(desk: Desk, name: str) -> None:
    desk.take_in(*(other for other in NAMES if other != name))
    assert desk.extract(name, sibling(name)).body != "\n\n".join(story(name)), "without them it does not"
    assert learn_sites(desk.state, desk.store, within_s=60) == 1
    article = desk.extract(name, sibling(name))
    assert article.body == "\n\n".join(story(name))
    assert [each.text for each in article.removed if each.rule == "learned"] == list(PROMOTIONS)
    assert article.site_profile == 1


def test_what_was_counted_is_counted_once_and_makes_no_second_version(desk: Desk) -> None:
    desk.take_in(*NAMES[:5])
    assert learn_site(desk.state, desk.store, SITE)
    assert not learn_site(desk.state, desk.store, SITE)
    assert learn_sites(desk.state, desk.store, within_s=60) == 0
    known = desk.state.learned(SITE)
    assert known is not None
    assert (known.version, known.articles) == (1, 5)


def test_a_line_whose_articles_are_gone_is_not_learned(desk: Desk) -> None:
    desk.take_in(*NAMES[:5])
    desk.store.discard("articles", [each.document_id for each in desk.state.observations(SITE)])
    assert not learn_site(desk.state, desk.store, SITE)
    assert desk.state.newest_profile(SITE) is None


def test_after_forgetting_the_rest_tells_the_texts_again(desk: Desk) -> None:
    desk.take_in(*NAMES)
    learn_sites(desk.state, desk.store, within_s=60)
    first = desk.state.observations(SITE)[0]
    desk.state.suppress(RUN, [(first.name, SITE)], [first.document_id])
    desk.store.discard("articles", [first.document_id])
    assert desk.state.learned(SITE) is None
    learn_sites(desk.state, desk.store, within_s=60)
    known = desk.state.learned(SITE)
    assert known is not None
    assert (known.version, known.articles, {line.text for line in known.lines}) == (1, 5, set(PROMOTIONS))
    assert first.document_id not in {end for line in known.lines for end in (line.first, line.last)}


def test_when_few_articles_are_left_what_is_known_holds(desk: Desk) -> None:
    desk.take_in(*NAMES[:4])
    learn_sites(desk.state, desk.store, within_s=60)
    for each in desk.state.observations(SITE)[:2]:
        desk.state.suppress(RUN, [(each.name, SITE)], [each.document_id])
    assert learn_sites(desk.state, desk.store, within_s=60) == 0
    newest = desk.state.newest_profile(SITE)
    assert newest is not None
    assert (newest.version, len(newest.lines)) == (1, 2)


def test_a_profile_made_after_a_run_began_is_not_that_runs(desk: Desk) -> None:
    desk.take_in(*NAMES[:5])
    desk.clock.now = NOON.timestamp() + 1
    learn_sites(desk.state, desk.store, within_s=60)
    article = desk.extract(NAMES[5], sibling(NAMES[5]))
    assert (article.site_profile, PROMOTIONS[0] in article.body) == (None, True)


def test_in_an_endless_job_a_page_goes_by_the_hour_in_which_it_was_fetched() -> None:
    assert whole_hour(NOON.replace(minute=59, second=59, microsecond=5)) == NOON

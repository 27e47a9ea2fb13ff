"""`newsbeam browse` over loopback HTTP: the pages, what is refused, hostile texts, and a writer beside."""

import json
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

pytest.importorskip("datasette", reason="the extra `browse` is not installed")

from tests.support.browsing import (
    HOSTILE,
    JS_URL,
    RUN,
    Browse,
    browsing,
    hostile_writes,
    news,
    write_news,
)  # fmt: skip
from tests.support.commands import newsbeam
from tests.support.elements import make_article, make_enriched
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb
from transforms.elements import DeadLetter
from transforms.index import open_store
from transforms.index.documents import article_writes, dead_letter_write

pytestmark = pytest.mark.slow
PAGES = ("/", "/map", "/charts", "/dead-letters", "/feeds", "/newsbeam", "/newsbeam/articles", "/newsbeam/figures")
QUERIES = (
    "",
    "rafah",
    '"people were killed"',
    "killed:>=13",
    "lang:de",
    'person:"Ada Noor" -cairo',
    "kind:money hafen",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("browse")
    write_news(path / "newsbeam.db", news())
    store = open_store(str(path / "newsbeam.db"))
    article = make_article()
    letters = [
        DeadLetter(
            stage="extract", reason=reason, url=f"https://gazette.example/{number}", message="what was wrong",
            site="gazette.example", occurred_at=article.fetched_at, attempts=2, retryable=False,
        )
        for number, reason in enumerate(("too_short", "too_short", "not_html"))
    ]  # fmt: skip
    store.bulk([dead_letter_write(letter, run_id="run-1") for letter in letters])
    store.close()
    return path


@pytest.fixture(scope="module")
def browse(folder: Path) -> Iterator[Browse]:
    with browsing(folder) as server:
        yield server


@pytest.mark.parametrize("query", QUERIES)
def test_a_search_finds_what_the_command_finds(query: str, folder: Path, browse: Browse) -> None:
    printed = newsbeam(folder, "search", "--json", "--limit", "20", "--", query).stdout
    expected = [json.loads(line)["id"] for line in printed.splitlines()]
    answer = browse.search(query)
    links = answer.page.xpath("//section[@class='hits']//h2/a/@href")
    assert [link.rsplit("/", 1)[1] for link in links] == expected
    assert answer.texts("//p[@class='count']")[0].startswith(f"{len(expected)} article")


def test_what_matched_is_bold(browse: Browse) -> None:
    assert "Rafah" in browse.search("rafah").texts("//p[@class='snippet']/b")


def test_facets_count_the_matches_and_narrow_the_search(browse: Browse) -> None:
    answer = browse.search("")
    facets = {
        section.xpath("string(h3)"): dict(
            zip(section.xpath(".//li/a/text()"), section.xpath(".//li/span/text()"), strict=True)
        )
        for section in answer.page.xpath("//section[@class='facet']")
    }
    assert facets["Publisher"] == {"The Gazette": "3", "Kurier": "3"}
    assert facets["Person"] == {"Ada Noor": "3"}
    assert facets["Place"] == {"Cairo": "3", "Kiel": "3", "Rafah": "3"}
    assert facets["Language"] == {"de": "3", "en": "3"}
    assert facets["Figures: event"] == {"killed": "3"}
    assert facets["Figures: kind"] == {"count": "3", "money": "3"}
    narrowed = browse.get(answer.page.xpath("//li/a[text()='Ada Noor']/@href")[0])
    assert narrowed.texts("//p[@class='count']") == ["3 articles"]
    assert narrowed.page.xpath("//input[@name='q']/@value") == ['person:"Ada Noor"']
    again = browse.get(narrowed.page.xpath("//li[@class='chosen']/a/@href")[0])
    assert again.texts("//p[@class='count']") == ["6 articles"]


def test_a_day_of_the_chart_leads_to_its_articles(browse: Browse) -> None:
    answer = browse.search("")
    bars = answer.page.xpath("//*[local-name()='rect']/*[local-name()='title']/text()")
    assert bars == ["2026-03-01: 1", "2026-03-02: 1", "2026-03-03: 1", "2026-03-11: 3"]
    day = answer.page.xpath("//*[local-name()='a'][*[local-name()='rect']]/@href")[-1]
    assert browse.get(day).texts("//section[@class='hits']//h2") == [f"Hafen {at} wird gebaut" for at in _by_id(3)]


def test_an_article_shows_what_was_found_where_and_what_was_removed(browse: Browse) -> None:
    link = browse.search("killed:=14").page.xpath("//section[@class='hits']//h2/a/@href")
    answer = browse.get(link[0])
    assert [" ".join(text.split()) for text in answer.texts("//div[@class='body']/p")] == [
        "At least 14 people were killed in Rafah, Ada Noor said.",
        '"It was loud," she said. Talks in Cairo go on.',
    ]
    assert answer.texts("//div[@class='body']//mark[@class='figure']") == ["14 people"]
    assert answer.texts("//div[@class='body']//mark[@class='entity']") == ["Ada Noor", "Cairo"]
    assert answer.texts("//h1/mark[@class='entity']") == ["Rafah"]
    assert answer.page.xpath("//mark[@class='quote'][text()='It was loud,']/@title") == ["quote, Ada Noor"]
    assert answer.texts("//table[@id='removed']//td") == ["phrase:en", "Sign up for our letter"]
    assert answer.page.xpath("//article//a/@href") == ["https://gazette.example/2026/01/strike-in-rafah-kills-14"]
    assert browse.get(link[0][:-20]).status == 200  # a unique beginning of an id is enough, as for `show`
    assert browse.get("/article/a1nothing").status == 404


def test_the_map_has_the_places_and_leads_to_their_articles(browse: Browse) -> None:
    answer = browse.get("/map?q=" + quote("killed:>=1"))
    assert answer.page.xpath("//*[local-name()='circle']/*[local-name()='title']/text()") == ["Cairo: 3", "Rafah: 3"]
    assert answer.texts("//table[@id='places']//td/a") == ["Cairo", "Rafah"]
    found = browse.get(answer.page.xpath("//table[@id='places']//td/a/@href")[1])
    assert found.page.xpath("//input[@name='q']/@value") == ['killed:>=1 place:"Rafah"']
    assert found.texts("//p[@class='count']") == ["3 articles"]
    assert len(browse.get("/map?view=world").page.xpath("//*[local-name()='circle']")) == 3


def test_the_charts_count_articles_and_figures_per_day(browse: Browse) -> None:
    bars = "*[local-name()='svg']//*[local-name()='title']/text()"
    killed = browse.get("/charts").page.xpath(f"//section[h3='killed']/{bars}")
    assert killed[:3] == ["2026-03-01: 1", "2026-03-02: 1", "2026-03-03: 1"]  # how many were stated
    assert killed[3:] == ["2026-03-01: 12", "2026-03-02: 13", "2026-03-03: 14"]  # the highest
    money = browse.get("/charts?figures=money&q=hafen").page.xpath(f"//section[h3='money']/{bars}")
    assert money == ["2026-03-11: 3", "2026-03-11: 30,000,000"]


def test_dead_letters_are_counted_and_listed_by_reason(browse: Browse) -> None:
    answer = browse.get("/dead-letters")
    assert answer.texts("//table[@id='reasons']//td") == ["too_short", "extract", "2", "not_html", "extract", "1"]
    assert len(answer.page.xpath("//table[@id='letters']/tbody/tr")) == 3
    one = browse.get(answer.page.xpath("//table[@id='reasons']//td/a[text()='not_html']/@href")[0])
    assert one.texts("//table[@id='letters']//td")[2:] == [
        "not_html",
        "2",
        "https://gazette.example/2",
        "what was wrong",
    ]


def test_without_a_ledger_the_page_of_feeds_says_so_and_makes_none(folder: Path, browse: Browse) -> None:
    answer = browse.get("/feeds")
    assert answer.status == 200
    assert "cannot be read" in answer.text
    tables = _rows(folder, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'ledger%'")
    assert tables == [(0,)]


def test_a_query_that_cannot_be_read_is_named_and_kept(browse: Browse) -> None:
    answer = browse.search('killd:>=10 "<b>')
    assert answer.status == 400
    assert "killed" in answer.texts("//*[@role='alert']")[0]
    assert answer.page.xpath("//input[@name='q']/@value") == ['killd:>=10 "<b>']
    assert browse.get("/?since=yesterday").status == 400
    assert browse.get("/?limit=100000").status == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_but_reading_is_answered(method: str, browse: Browse) -> None:
    for path in ("/", "/newsbeam", "/newsbeam/articles", "/newsbeam/articles/1", "/article/a1"):
        assert browse.get(path, method).status == 405


def test_there_is_no_sql_no_ledger_and_no_file_to_fetch(browse: Browse) -> None:
    assert browse.get("/newsbeam?sql=select+1").status == 403
    assert browse.get("/newsbeam.json?sql=select+1").status in (403, 404)
    assert browse.get("/newsbeam/articles?_where=1=1").status in (400, 403)
    assert "<textarea" not in browse.get("/newsbeam").text
    for path in ("/newsbeam/newsbeam_store", "/newsbeam/article_words", "/newsbeam/sqlite_master"):
        assert browse.get(path).status in (403, 404)
    for path in ("/newsbeam.db", "/-/metadata", "/-/plugins", "/_internal", "/_memory", "/.json", "/../setup.py"):
        assert browse.get(path).status == 404


def test_a_foreign_name_for_this_machine_is_not_answered(browse: Browse) -> None:
    assert browse.get("/", Host="evil.example").status == 421
    assert browse.get("/", Host="localhost:1234").status == 200


def test_pages_may_run_nothing_and_load_nothing_from_elsewhere(browse: Browse) -> None:
    for path in PAGES:
        answer = browse.get(path)
        assert answer.status == 200, path
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'"), path
        assert ("script-src" in policy) is path.startswith("/newsbeam"), path
        assert "http" not in policy
        links = answer.page.xpath("//*/@src | //link/@href | //form/@action")
        assert [link for link in links if not link.startswith(("/", browse.url))] == []


def test_hostile_texts_stay_text_on_every_page(tmp_path: Path) -> None:
    write_news(tmp_path / "newsbeam.db", news())
    store = open_store(str(tmp_path / "newsbeam.db"))
    assert [result.status for result in store.bulk(hostile_writes())] == ["written"] * 4
    store.close()
    number = _rows(tmp_path, "SELECT number FROM articles WHERE id = 'a1bad'")[0][0]
    hostile = quote(HOSTILE.replace('"', ""))
    ours = (
        "/", f"/?q={hostile}", f"/?since={hostile}", f"/?sort={hostile}", "/article/a1bad", "/map", "/map?view=world",
        "/charts", f"/charts?figures={hostile}", "/dead-letters", f"/dead-letters?reason={quote(HOSTILE)}", "/feeds",
    )  # fmt: skip
    tables = ("/newsbeam/articles", f"/newsbeam/articles/{number}", "/newsbeam/figures", "/newsbeam/dead_letters")
    with browsing(tmp_path) as browse:
        shown = {path: browse.get(path) for path in (*ours, *tables)}
    for path, answer in shown.items():
        page = answer.page
        assert answer.status in (200, 400), path
        assert page.xpath("//*/@onerror") == [], path
        assert [each for each in page.xpath("//script/text()") if "owned" in each] == [], path
        assert [
            href for href in page.xpath("//@href") if not href.startswith(("/", "http://", "https://", "#"))
        ] == [], path
        assert path in tables or page.xpath("//script | //img | //iframe | //object") == [], path
    article = shown["/article/a1bad"]
    plain = " ".join(HOSTILE.replace("\u202e", "\ufffd").split())
    assert article.texts("//h1") == [plain]
    assert article.texts("//div[@class='body']/p") == [f"{plain} said {plain}"]
    assert article.texts("//table[@id='removed']//td") == [plain, plain]
    assert any(text.startswith(JS_URL) for text in article.texts("//article/p"))
    assert article.page.xpath("//article//a") == []
    assert plain in shown["/dead-letters"].texts("//table[@id='letters']//td")


def test_pages_go_on_answering_while_a_writer_writes_and_hold_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "newsbeam.db"
    write_news(path, news())
    rounds, failed = 40, []

    def write() -> None:
        store = open_store(str(path))
        try:
            for number in range(rounds):
                article = make_article(f"Bulletin {number}", "Bulletins go on.", url=f"https://wire.example/{number}")
                store.bulk(article_writes(make_enriched(article), now=article.fetched_at, **RUN))
        except Exception as err:
            failed.append(err)
        finally:
            store.close()

    with browsing(tmp_path) as browse:
        writer = threading.Thread(target=write)
        writer.start()
        seen = []
        while writer.is_alive():
            answers = [browse.get(each) for each in PAGES]
            assert [answer.status for answer in answers] == [200] * len(PAGES)
            seen.append(int(browse.search("bulletins").texts("//p[@class='count']")[0].split()[0]))
        writer.join()
        assert failed == []
        assert seen == sorted(seen)
        assert browse.search("bulletins").texts("//p[@class='count']") == [f"{rounds} articles"]
        busy = sqlite3.connect(path, timeout=0).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        assert busy == 0  # a reader that holds a moment of the past would be in its way


def test_while_a_run_fetches_its_articles_and_feeds_appear(tmp_path: Path) -> None:
    with NewsWeb.big(pages=12, sites=3, log_path=tmp_path / "log") as web:
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:3], delay="0.2s")
        newsbeam(tmp_path, "ingest", "--limit", "2")
        with browsing(tmp_path) as browse:
            ingest = harness.start("ingest")
            seen = []
            while ingest.poll() is None:
                seen.append(int(browse.search("").texts("//p[@class='count']")[0].split()[0]))
                assert browse.get("/feeds").status == 200
            output, _ = ingest.communicate()
            assert ingest.returncode == 0, output
            assert seen == sorted(seen)
            assert browse.search("").texts("//p[@class='count']") == ["12 articles"]
            feeds = browse.get("/feeds")
    assert len(feeds.page.xpath("//table[@id='feeds']/tbody/tr")) == 3
    assert sorted(feeds.page.xpath("//table[@id='feeds']//a/@href")) == sorted(web.feed_urls[:3])
    assert "12 created" in feeds.texts("//p[@class='meta']")[0]
    assert feeds.texts("//p")[0] == "All is well."


def test_with_sql_it_reads_everything_and_still_writes_nothing(folder: Path) -> None:
    before = _rows(folder, "SELECT * FROM articles ORDER BY number")
    with browsing(folder, "--sql", number=signal.SIGTERM) as browse:
        assert "3" in browse.get("/newsbeam?sql=" + quote("SELECT count(*) FROM articles WHERE language = 'de'")).text
        for sql in (
            "DELETE FROM articles",
            "INSERT INTO runs(id) VALUES('x')",
            "PRAGMA journal_mode = DELETE",
            "VACUUM",
        ):
            assert browse.get("/newsbeam?sql=" + quote(sql)).status == 400
    assert _rows(folder, "SELECT * FROM articles ORDER BY number") == before


def test_a_path_with_signs_of_urls_is_the_file_it_names(tmp_path: Path) -> None:
    write_news(tmp_path / "50% #1 news?.db", news())
    with browsing(tmp_path, "--store", "50% #1 news?.db") as browse:
        assert browse.search("").texts("//p[@class='count']") == ["6 articles"]
        assert browse.get("/charts").status == 200


def test_what_cannot_be_served_is_said_in_a_line(tmp_path: Path) -> None:
    missing = newsbeam(tmp_path, "browse", "--no-open", code=2)
    assert "there is no store" in missing.stderr
    elsewhere = newsbeam(tmp_path, "browse", "--store", "https://127.0.0.1:9200", code=2)
    assert "Kibana" in elsewhere.stderr
    path = tmp_path / "newsbeam.db"
    write_news(path, news()[:1])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"received {port}" in newsbeam(tmp_path, "browse", "--no-open", "--port", port, code=2).stderr
    assert "--host" in newsbeam(tmp_path, "browse", "--no-open", "--host", "192.0.2.1", code=2).stderr
    db = sqlite3.connect(path)
    with db:
        db.execute("UPDATE newsbeam_store SET value = '99' WHERE key = 'schema_version'")
    db.close()
    assert "schema version 99" in newsbeam(tmp_path, "browse", "--no-open", "--port", "0", code=2).stderr
    (tmp_path / "text.db").write_text("no database")
    assert "text.db" in newsbeam(tmp_path, "browse", "--no-open", "--store", "text.db", code=2).stderr


def _rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(folder / "newsbeam.db")
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def _by_id(count: int) -> list[int]:
    """Return the numbers of the last articles of `news` in the order of their ids, as equal times are listed."""
    ids = {enriched.article.id: at for at, enriched in enumerate(news()[-count:])}
    return [ids[each] for each in sorted(ids)]

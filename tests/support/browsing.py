"""`newsbeam browse` as a process of its own, and stores for it to show."""

import http.client
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from lxml import html

from tests.support.commands import LIMIT_S, ROOT
from tests.support.elements import make_article, make_enriched, make_entity, make_figure, make_quote
from transforms.elements import EnrichedArticle, GeoPoint, Publisher, Removed
from transforms.index import open_store
from transforms.index.base import Write
from transforms.index.documents import article_writes

DAY_ONE = datetime(2026, 3, 1, 9, tzinfo=UTC)
RUN = {"run_id": "run-1", "pipeline_version": "0.1.0", "config_sha256": "0" * 64}
SCRIPT = "<script>document.title='owned'</script>"
HOSTILE = f"\"'>{SCRIPT}<img src=x onerror=document.title='owned'>&amp;\u202e"
JS_URL = "javascript:document.title='owned'//"


class Answer(NamedTuple):
    """A page's answer; `headers` have names in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def page(self) -> Any:
        """Return the parsed page."""
        return html.document_fromstring(self.text)

    def texts(self, path: str) -> list[str]:
        """Return the text of each element that an XPath selects, spaces made single."""
        return [" ".join(each.text_content().split()) for each in self.page.xpath(path)]


class Browse(NamedTuple):
    """A running server."""

    url: str
    process: "subprocess.Popen[str]"

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Ask for a page. Header names have underscores for hyphens."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=LIMIT_S)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=named)
            response = connection.getresponse()
            text = response.read().decode("utf-8")
            return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, text)
        finally:
            connection.close()

    def search(self, query: str) -> Answer:
        """Ask for the articles of a query."""
        return self.get(f"/?q={quote(query)}")


@contextmanager
def browsing(folder: Path, *arguments: str, number: int = signal.SIGINT) -> Iterator[Browse]:
    """Serve a folder's store on a free port, and end with a signal; it must exit 0 and have said nothing wrong."""
    log = folder / "browse.log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "browse", "--port", "0", "--no-open", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], LIMIT_S)
        line = process.stdout.readline() if ready else ""
        assert line.startswith("http://"), (line, log.read_text())
        yield Browse(line.split()[0].rstrip("/"), process)
        process.send_signal(number)
        assert process.wait(LIMIT_S) == 0, log.read_text()
        assert "Traceback" not in log.read_text()
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def news() -> list[EnrichedArticle]:
    """Return six articles: three of Rafah and Cairo with figures and quotes, three of elsewhere."""
    return [*(_from_rafah(number) for number in range(3)), *(_from_elsewhere(number) for number in range(3))]


def write_news(path: Path, articles: Sequence[EnrichedArticle]) -> None:
    """Make a store of articles."""
    store = open_store(str(path))
    store.create()
    for enriched in articles:
        store.bulk(article_writes(enriched, now=enriched.article.fetched_at, **RUN))
    store.close()


def _from_rafah(number: int) -> EnrichedArticle:
    article = make_article(
        f"Strike in Rafah kills {12 + number}",
        f"At least {12 + number} people were killed in Rafah, Ada Noor said.\n\n"
        '"It was loud," she said. Talks in Cairo go on.',
        fetched_at=DAY_ONE + timedelta(days=number),
        publisher=Publisher(name="The Gazette", country="GB"),
        language="en",
        removed=(Removed(text="Sign up for our letter", rule="phrase:en"),),
    )
    return make_enriched(
        article,
        entities=(
            make_entity(article, "Ada Noor"),
            make_entity(article, "Rafah", "GPE", location=GeoPoint(lat=31.3, lon=34.2), country="PS"),
            make_entity(article, "Cairo", "GPE", location=GeoPoint(lat=30.0, lon=31.2), country="EG"),
        ),
        figures=(make_figure(article, f"{12 + number} people", 12.0 + number, event="killed", place="Rafah"),),
        quotes=(make_quote(article, "It was loud,", "Ada Noor"),),
    )


def _from_elsewhere(number: int) -> EnrichedArticle:
    article = make_article(
        f"Hafen {number} wird gebaut",
        "Der Hafen in Kiel kostet 30 Millionen Euro.",
        url=f"https://kurier.example/hafen-{number}",
        fetched_at=DAY_ONE + timedelta(days=10),
        publisher=Publisher(name="Kurier", country="DE"),
        language="de",
    )
    return make_enriched(
        article,
        entities=(make_entity(article, "Kiel", "GPE", location=GeoPoint(lat=54.3, lon=10.1), country="DE"),),
        figures=(make_figure(article, "30 Millionen Euro", 3e7, kind="money", unit="EUR"),),
    )


def hostile_writes() -> list[Write]:
    """Return an article, its figure and quote, and a dead letter with markup and a script URL wherever text may be."""
    text = f"{HOSTILE} said {HOSTILE}"
    end = len(HOSTILE)
    span = {"field": "body", "text": HOSTILE, "start_char": 0, "end_char": end}
    figure = span | {
        "kind": HOSTILE, "event": HOSTILE, "value": 3.0, "value_max": 4.0, "unit": HOSTILE, "subject": HOSTILE,
        "place": HOSTILE, "attribution": HOSTILE, "modifier": HOSTILE, "comparator": HOSTILE, "sentence": HOSTILE,
    }  # fmt: skip
    said = span | {"speaker": HOSTILE, "speaker_role": HOSTILE, "verb": HOSTILE, "sentence": HOSTILE}
    place = {"id": HOSTILE, "name": HOSTILE, "label": "GPE", "count": 2, "role": HOSTILE, "country": HOSTILE}
    document = {
        "@timestamp": "2026-03-02T10:00:00.000Z", "id": "a1bad", "title": HOSTILE, "subtitle": HOSTILE,
        "summary": HOSTILE, "body": text, "authors": [HOSTILE], "section": HOSTILE, "topics": [HOSTILE],
        "keywords": [HOSTILE], "tags": [HOSTILE], "language": HOSTILE, "publisher": {"name": HOSTILE},
        "feeds": [HOSTILE], "url": {"full": JS_URL + HOSTILE, "original": JS_URL, "domain": HOSTILE},
        "people": [HOSTILE], "places": [HOSTILE], "organizations": [HOSTILE], "quote_speakers": [HOSTILE],
        "figure_kinds": [HOSTILE], "figure_events": [HOSTILE], "figures": [figure], "quotes": [said],
        "dates": [span | {"date": HOSTILE}], "agency": HOSTILE, "status": HOSTILE, "event": {"ingested": "2026-03-02"},
        "entities": [
            place | {"mentions": [span], "location": {"lat": 1.0, "lon": 2.0}},
            {"id": HOSTILE, "name": HOSTILE, "label": HOSTILE, "mentions": [span]},
        ],
        "content": {"removed": [{"text": HOSTILE, "rule": HOSTILE}], "source": HOSTILE},
        "pipeline": {"run_id": HOSTILE, "warnings": [HOSTILE], "enrichers": [HOSTILE]},
        "rights": {"robots_rule": HOSTILE}, "lead_image": JS_URL, "schema_version": 1,
    }  # fmt: skip
    row = {"@timestamp": document["@timestamp"], "article": {"id": "a1bad"}, "title": HOSTILE}
    letter = {
        "@timestamp": "2026-03-02T10:00:00.000Z", "stage": HOSTILE, "reason": HOSTILE, "message": HOSTILE,
        "url": JS_URL + HOSTILE, "feed": HOSTILE, "attempts": 1, "last_seen": HOSTILE, "retryable": False,
    }  # fmt: skip
    return [
        Write(kind="articles", id="a1bad", version=1, source=document),
        Write(kind="figures", id="a1bad-f1", version=1, source=row | figure),
        Write(kind="quotes", id="a1bad-q1", version=1, source=row | said),
        Write(kind="dead-letters", id="bad", version=1, source=letter),
    ]

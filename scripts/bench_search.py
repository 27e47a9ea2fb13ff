"""How long searches and counts take, and how much room articles take, in the embedded store and in Elasticsearch.

The same synthetic articles (`bench_articles.py`) go into both through the stores' `bulk`; the stores are asked in turn
through their own methods, so that what a user waits for is measured, parsing JSON and cutting passages included. No
question is asked twice: the second time it would come from a cache.
"""

import os
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from bench_articles import EVENTS, FIGURES, LAST, PUBLISHERS, QUOTES, make_news, person, place, word

from tests.support import elasticsearch_node
from transforms.index import open_store
from transforms.index.base import DocumentStore, SearchRequest, Write
from transforms.index.documents import article_writes
from transforms.index.elasticsearch.mapping import Names
from transforms.index.facets import FacetField
from transforms.index.query_parser import parse_query
from transforms.index.words import words_of

FEW, MANY = 10_000, 100_000
SAMPLES = 40  # of each question; before them one that is not counted
PER_BULK = 200
SQLITE, ELASTIC = "SQLite", "Elasticsearch"
FACETS: tuple[FacetField, ...] = ("person", "publisher", "country", "day")

Ask = Callable[[DocumentStore, int], int]


def lines(*, articles: int) -> Iterator[str]:
    """Give the lines to print. Elasticsearch takes part when `ES_URL` is set."""
    if not os.environ.get("ES_URL"):
        yield "Elasticsearch is not measured: ES_URL is not set"
    with ExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="newsbeam-bench-"))) / "news.db"
        stores = {SQLITE: stack.enter_context(closing(open_store(str(path))))}
        project = ""
        if url := os.environ.get("ES_URL"):
            project = stack.enter_context(elasticsearch_node.project())
            stores[ELASTIC] = stack.enter_context(closing(open_store(url, project=project)))
        yield from _written(stores, articles)
        yield f"{'ms, p50 / p95':<44}" + "".join(f"{name:>18}" for name in stores)
        for question, ask in _questions().items():
            yield f"{question:<44}" + "".join(f"{cell:>18}" for cell in _asked(stores, ask))
        stores[SQLITE].close()  # so that all of it is in the file
        yield _sqlite_room(path, articles)
        if project:
            yield _elasticsearch_room(Names(project=project), articles)


def _written(stores: dict[str, DocumentStore], articles: int) -> Iterator[str]:
    took_s = dict.fromkeys(stores, 0.0)
    for store in stores.values():
        store.create()
    for start in range(0, articles, PER_BULK):
        writes = [write for number in range(start, min(start + PER_BULK, articles)) for write in _writes(number)]
        for name, store in stores.items():
            with _timed(took_s, name):
                results = store.bulk(writes)
            if bad := [result for result in results if result.status != "written"]:
                raise SystemExit(f"{name} did not write {len(bad)} of {len(writes)} documents: {bad[0]}")
    for name, store in stores.items():
        with _timed(took_s, name):
            store.refresh()
    for name, seconds in took_s.items():
        yield (
            f"{name}: {articles:,} articles with {FIGURES + QUOTES} fact rows each written in {seconds:.0f} s, "
            f"{articles / seconds:.0f} articles/s"
        )


def _writes(number: int) -> tuple[Write, ...]:
    return article_writes(make_news(number), run_id="bench", pipeline_version="0.1", config_sha256="0" * 64, now=LAST)


@contextmanager
def _timed(took_s: dict[str, float], name: str) -> Iterator[None]:
    began = perf_counter()
    yield
    took_s[name] += perf_counter() - began


def _questions() -> dict[str, Ask]:
    """Return what is asked, with a number from 0 that makes each question another one; each returns what it found."""
    return {
        "a rare word, newest": lambda store, n: _search(store, word(3_000 + 20 * n)),
        "a common word, newest": lambda store, n: _search(store, word(20 + n)),
        "a common word, by relevance": lambda store, n: _search(store, word(100 + n), sort="relevance"),
        "two words, by relevance": lambda store, n: _search(store, f"{word(60 + n)} {word(300 + n)}", sort="relevance"),
        "a phrase": lambda store, n: _search(store, _phrase(n)),
        "a person, a country, the last year": lambda store, n: _search(
            store, f'person:"{person(n)}" country:PS', days=365
        ),
        "killed:>=N": lambda store, n: _search(store, f"killed:>={2_000 + 100 * n}"),
        "money:>=N and a word": lambda store, n: _search(store, f"money:>={100 + n}m {word(200 + n)}"),
        "figures by row: killed:>=N": lambda store, n: _rows(store, "figures", f"killed:>={5_000 + 50 * n}"),
        "figures by row: an event at a place": lambda store, n: _rows(
            store, "figures", f"event:{EVENTS[n % 5]} place:{place(n)}"
        ),
        "quotes by row: a speaker and a word": lambda store, n: _rows(
            store, "quotes", f'speaker:"{person(n)}" {word(50)}'
        ),
        "four facets of a common word": lambda store, n: _count(store, word(70 + n)),
        "four facets of the last year": lambda store, n: _count(store, "", days=365 - n),
        "four facets of everything": lambda store, n: _count(store, "", size=PUBLISHERS + n),
    }


def _asked(stores: dict[str, DocumentStore], ask: Ask) -> list[str]:
    """Return the cell of each store. Raises when the stores found different numbers, or nothing at all."""
    took_ms: dict[str, list[float]] = {name: [] for name in stores}
    found: dict[str, list[int]] = {name: [] for name in stores}
    for number in range(SAMPLES + 1):
        for name, store in stores.items():
            began = perf_counter()
            found[name].append(ask(store, number))
            if number:
                took_ms[name].append(1_000 * (perf_counter() - began))
    if len(set(map(tuple, found.values()))) > 1 or not any(found[SQLITE]):
        raise SystemExit(f"the stores found different things, or nothing: {found}")
    return [f"{statistics.median(each):.1f} / {statistics.quantiles(each, n=20)[-1]:.1f}" for each in took_ms.values()]


def _request(text: str, days: int | None = None, sort: Literal["newest", "relevance"] = "newest") -> SearchRequest:
    since = LAST - timedelta(days=days) if days else None
    return SearchRequest(query=parse_query(text), since=since, sort=sort, recent_to=LAST)


def _search(
    store: DocumentStore, text: str, *, days: int | None = None, sort: Literal["newest", "relevance"] = "newest"
) -> int:
    return store.search(_request(text, days, sort)).total


def _rows(store: DocumentStore, kind: Literal["figures", "quotes"], text: str) -> int:
    return store.search_rows(kind, _request(text)).total


def _count(store: DocumentStore, text: str, *, days: int | None = None, size: int = 10) -> int:
    counted = store.facets(_request(text, days), FACETS, size=size)
    return sum(value.articles for value in counted["publisher"])


def _phrase(number: int) -> str:
    """Return two words that stand together at the beginning of an article."""
    first, second = words_of(make_news(number).article.summary or "")[:2]
    return f'"{first} {second}"'


def _sqlite_room(path: Path, articles: int) -> str:
    with closing(sqlite3.connect(path)) as db:
        try:
            sizes = "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m USING (name) GROUP BY 1"
            tables = dict(db.execute(sizes).fetchall())
        except sqlite3.OperationalError:  # a SQLite that was built without dbstat
            return _room(SQLITE, articles, {"all": path.stat().st_size})
    parts = {
        "documents": tables["articles"],
        "searching": sum(size for name, size in tables.items() if name.startswith("article_")),
        "fact rows": tables["figures"] + tables["quotes"],
    }
    return _room(SQLITE, articles, parts)


def _elasticsearch_room(names: Names, articles: int) -> str:
    with elasticsearch_node.client() as client:
        patient = client.options(request_timeout=600)

        def size_of(kind: Literal["articles", "figures", "quotes"]) -> int:
            patient.indices.forcemerge(index=names.alias(kind), max_num_segments=1, flush=True)
            stats: Any = patient.indices.stats(index=names.alias(kind), metric="store")
            return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])

        parts = {"articles": size_of("articles"), "fact rows": size_of("figures") + size_of("quotes")}
    return _room(f"{ELASTIC}, merged", articles, parts)


def _room(name: str, articles: int, parts: dict[str, int]) -> str:
    each = ", ".join(f"{part} {size / articles / 1_000:.1f}" for part, size in parts.items())
    return f"{name}: {sum(parts.values()) / articles / 1_000:.1f} KB per article ({each})"

"""Documents per second into Elasticsearch: our bulk core against elasticsearch-py's `streaming_bulk`, in one run.

The same enriched documents (articles and fact rows, as newsbeam stores them) go into the same indices, with the same
external versions, each time under new ids. Rounds are interleaved and who begins alternates, since the server is shared
and gets slower as it fills; what counts is the median of the rounds' ratios.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from tests.support import elasticsearch_node
from tests.support.newsweb.saving import save_pages
from transforms.archives.saved_pages import list_pages
from transforms.elastic.address import Address
from transforms.elastic.bulk import Bulk, BulkLimits, prepare
from transforms.elastic.bulk_actions import BulkAction
from transforms.elastic.connection import Connection
from transforms.index import open_store
from transforms.index.base import Write
from transforms.index.documents import article_writes
from transforms.index.elasticsearch.mapping import Names

AIM = 1.0
PAGES = 20  # enriched once, 1,400 documents; each round writes them COPIES times, under ids of its own
COPIES = 3
ROUNDS = 7
OURS, THEIRS = "newsbeam", "streaming_bulk"


def compare() -> tuple[list[str], float]:
    """Return the lines to print, and our speed as a multiple of `streaming_bulk`'s."""
    writes = [write for group in _enriched(PAGES) for write in group if write.source is not None]
    url = elasticsearch_node.node_url()
    speeds: dict[str, list[float]] = {OURS: [], f"{OURS}, one request at a time": [], THEIRS: []}
    with elasticsearch_node.project() as project, Elasticsearch(url, request_timeout=60) as client:
        with closing(open_store(url, project=project)) as store:
            store.create()
        aliases = Names(project=project)
        connection = Connection(Address(hosts=(url,)), retry_within_s=60)
        ways: dict[str, Callable[[Sequence[BulkAction]], int]] = {
            OURS: lambda actions: _ours(connection, actions, BulkLimits(require_alias=True)),
            f"{OURS}, one request at a time": lambda actions: _ours(
                connection, actions, BulkLimits(require_alias=True, in_flight=1)
            ),
            THEIRS: lambda actions: _theirs(client, actions),
        }
        for number in range(ROUNDS + 1):  # the first one warms up the server
            order = list(ways) if number % 2 else list(reversed(ways))
            for name in order:
                actions = [
                    _action(write, aliases, f"{number}{name[-1]}{copy}") for copy in range(COPIES) for write in writes
                ]
                began = perf_counter()
                done = ways[name](actions)
                took_s = perf_counter() - began
                if done != len(actions):
                    raise SystemExit(f"{name} wrote {done} of {len(actions)} documents")
                if number:
                    speeds[name].append(len(actions) / took_s)
        connection.close()
    return _lines(speeds, len(writes) * COPIES), _ratio(speeds, OURS)


def _lines(speeds: dict[str, list[float]], documents: int) -> list[str]:
    return [
        f"{name:<34} {statistics.median(found):>7.0f} documents/s ({min(found):.0f} to {max(found):.0f}), "
        f"{_ratio(speeds, name):.2f} of {THEIRS}"
        for name, found in speeds.items()
    ] + [f"{ROUNDS} rounds of {documents} documents, articles and fact rows"]


def _ratio(speeds: dict[str, list[float]], name: str) -> float:
    return statistics.median(mine / theirs for mine, theirs in zip(speeds[name], speeds[THEIRS], strict=True))


def _ours(connection: Connection, actions: Sequence[BulkAction], limits: BulkLimits) -> int:
    """Write as `WriteToElasticsearch` does: encoded one by one, sent when a buffer is full."""
    bulk, written = Bulk(connection, limits), 0
    size = limits.max_actions * limits.in_flight
    for at in range(0, len(actions), size):
        report = bulk.send([prepare(action) for action in actions[at : at + size]])
        written += sum(result.status == "written" for result in report.results)
    return written


def _theirs(client: Elasticsearch, actions: Sequence[BulkAction]) -> int:
    def each() -> Iterator[dict[str, Any]]:
        for action in actions:
            yield {
                "_index": action.index,
                "_id": action.id,
                "version": action.version,
                "version_type": action.version_type,
                "_source": action.source,
            }

    return sum(ok for ok, _ in streaming_bulk(client, each(), raise_on_error=False, require_alias=True))


def _action(write: Write, aliases: Names, mark: str) -> BulkAction:
    name = f"{write.id}-{mark}"
    source = {**(write.source or {}), "id": name}
    return BulkAction(index=aliases.alias(write.kind), id=name, version=write.version, source=source)


def _enriched(pages: int) -> Iterator[tuple[Write, ...]]:
    """Give the writes of saved pages of the test web, extracted and enriched."""
    from pipeline.config import load_config
    from pipeline.plans import archive_job
    from transforms.archive_pages import raw_page
    from transforms.articles import article_of
    from transforms.elements import Article, RawPage
    from transforms.enrich import load_enrichers
    from transforms.enrich_article import enrich_article
    from transforms.state import open_state
    from transforms.state.base import RunPlan

    with tempfile.TemporaryDirectory(prefix="newsbeam-bench-") as name:
        folder = Path(name)
        save_pages(folder / "pages", pages)
        path = folder / "newsbeam.yaml"
        path.write_text(f"contact: desk@example.org\nstore: {folder / 'bench.db'}\n")
        settings = load_config(path).settings
        files = list_pages(folder / "pages")[:pages]
        job = archive_job(settings, "bench", files)
        assert job.archive is not None
        with closing(open_state(job.state)) as state:
            state.create()
            state.begin_run(RunPlan(run_id="bench", command="bench", started_at=datetime.now(UTC)))
            enrichers = load_enrichers(job.graph.enrich)
            for file in files:
                page = raw_page(file, state, job.archive)
                article = article_of(page, job.graph.extract) if isinstance(page, RawPage) else None
                if isinstance(article, Article):
                    yield article_writes(
                        enrich_article(article, enrichers),
                        run_id="bench",
                        pipeline_version="0",
                        config_sha256="0",
                        now=datetime.now(UTC),
                    )

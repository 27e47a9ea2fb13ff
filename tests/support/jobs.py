"""Runs of the real graph in the test's own process, against the local news web."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.config import load_config
from pipeline.job import run
from pipeline.plans import new_run_id, visiting_job
from pipeline.settings import Settings
from tests.support.newsweb import NewsWeb
from transforms.elements import FeedSource
from transforms.index import open_store
from transforms.index.base import DocumentStore
from transforms.state import open_state
from transforms.state.base import RunPlan, StateStore
from transforms.web.urls import site_key


def settings_for(folder: Path, resolve: dict[str, str], **values: Any) -> Settings:
    """Return settings with a store in a folder; `values` are configuration keys with `__` for `.`."""
    lines = [f"store: {folder / 'newsbeam.db'}", f"feeds: {folder / 'feeds.yaml'}", "contact: desk@example.org"]
    lines += ["fetch:", "  resolve:", *(f'    {host}: "{address}"' for host, address in sorted(resolve.items()))]
    path = folder / "newsbeam.yaml"
    path.write_text("\n".join(lines) + "\n")
    keys = {"fetch__delay": "0s", "ingest__max_age": "20y", "ingest__linger": "5s", "run__flush_age": "1s", **values}
    assignments = [f"{key.replace('__', '.')}={value}" for key, value in keys.items()]
    return load_config(path, assignments=assignments).settings


class Bench:
    """A store, a ledger and one run of the graph in this process."""

    def __init__(self, settings: Settings, feeds: list[str]) -> None:
        self.settings = settings
        self.sources = [FeedSource(url=url, id=url) for url in feeds]
        self.store: DocumentStore = open_store(settings.store)
        self.state: StateStore = open_state(settings.state)
        self.store.create()
        self.state.create()

    def run(self) -> str:
        """Poll every feed once, fetch what they list; return the run's id."""
        run_id = new_run_id()
        listed = [(source, site_key(source.url)) for source in self.sources]
        self.state.configure(listed, {}, default_delay_s=self.settings.fetch.delay_s)
        ids = tuple(source.id for source in self.sources)
        self.state.force_due(ids)
        self.state.begin_run(RunPlan(run_id=run_id, command="test", started_at=datetime.now(UTC), feeds=ids))
        run(visiting_job(self.settings, run_id, self.sources))
        return run_id

    def close(self) -> None:
        """Close both backends."""
        self.store.close()
        self.state.close()


@contextmanager
def bench(folder: Path, web: NewsWeb, feeds: list[str] | None = None, **values: Any) -> Iterator[Bench]:
    """Give a bench over a web's feeds for a `with` block."""
    made = Bench(settings_for(folder, web.resolve, **values), web.feed_urls if feeds is None else feeds)
    try:
        yield made
    finally:
        made.close()

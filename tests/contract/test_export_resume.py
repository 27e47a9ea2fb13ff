"""An export that is cut short goes on: nothing missing, nothing twice, over every store."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline import export_resume
from pipeline.export_resume import write_manifest, write_resumably
from pipeline.export_rows import rows_of
from pipeline.export_write import write_rows
from tests.support.elements import NOON, make_article, make_enriched, make_figure
from transforms.errors import ConfigurationError
from transforms.index.base import Document, DocumentStore, SearchRequest
from transforms.index.documents import article_writes
from transforms.index.query_parser import parse_query

EVERYTHING = SearchRequest(query=parse_query(""))
WHAT: dict[str, Any] = {"query": ""}


@pytest.fixture
def store(document_store: DocumentStore) -> DocumentStore:
    for number in range(12):
        article = make_article(f"Story {number}", "Strikes killed 12 people and hurt 34 men.")
        figures = (make_figure(article, "12 people", 12.0), make_figure(article, "34 men", 34.0))
        enriched = make_enriched(article, figures=figures)
        document_store.bulk(article_writes(enriched, run_id="r", pipeline_version="1", config_sha256="0", now=NOON))
    document_store.refresh()
    return document_store


def export(store: DocumentStore, output: Path, *, format: str, rows: str, cut_after: int | None = None) -> int:
    def read(after: str | None) -> Iterator[Document]:
        for number, row in enumerate(rows_of(store, rows, EVERYTHING, after=after)):
            if number == cut_after:
                raise KeyboardInterrupt
            yield row

    return write_resumably(read, what=WHAT, rows=rows, format=format, fields=None, output=output)


@pytest.mark.parametrize(("format", "rows"), [("jsonl", "articles"), ("csv", "figures")])
def test_cut_twice_it_ends_as_if_it_had_not_been(
    format: str, rows: str, store: DocumentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_resume, "CHECK_ROWS", 3)
    whole, output = tmp_path / "whole", tmp_path / "file"
    expected = write_rows(rows_of(store, rows, EVERYTHING), rows=rows, format=format, fields=None, output=whole)
    for cut_after in (5, 4):
        with pytest.raises(KeyboardInterrupt):
            export(store, output, format=format, rows=rows, cut_after=cut_after)
        assert not output.exists()
    assert export(store, output, format=format, rows=rows) == expected
    assert output.read_bytes() == whole.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "whole"]


def test_a_part_of_another_export_is_not_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_resume, "CHECK_ROWS", 1)
    output = tmp_path / "file"
    rows = [{"id": "a1"}, {"id": "a2"}, {"id": "a3"}]

    def cut(_: str | None) -> Iterator[Document]:
        yield from rows
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_resumably(cut, what=WHAT, rows="articles", format="jsonl", fields=None, output=output)
    with pytest.raises(ConfigurationError, match="another export"):
        write_resumably(cut, what={"query": "x"}, rows="articles", format="jsonl", fields=None, output=output)


def test_a_manifest_says_what_the_file_holds(tmp_path: Path) -> None:
    output = tmp_path / "file.jsonl"
    write_resumably(
        lambda _: iter([{"id": "a1"}]), what=WHAT, rows="articles", format="jsonl", fields=None, output=output
    )
    path = write_manifest(output, what=WHAT, rows=1, version="1.0", finished_at=NOON + timedelta(days=1))
    manifest = json.loads(path.read_bytes())
    assert manifest == {
        "file": "file.jsonl", "query": "", "count": 1, "bytes": len(output.read_bytes()),
        "sha256": hashlib.sha256(output.read_bytes()).hexdigest(), "newsbeam": "1.0",
        "finished_at": "2026-01-02T12:00:00Z",
    }  # fmt: skip

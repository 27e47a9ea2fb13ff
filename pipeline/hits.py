"""Search results: two lines of text per article, or its document."""

import os
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

import click

from pipeline.fact_lines import figure_line, quote_line
from pipeline.output import line, marked_snippet, note, on_terminal, plain_snippet, print_json
from transforms.index.base import Document, Hit, SearchResult
from transforms.index.facets import Facets

SHORT_ID_CHARS = 10  # `a1` and 8 hex digits: among a million articles 1 in 4,000 is ambiguous (2**32 values)
_TITLE_CHARS = 60
_FACT_CHARS = 80  # longer ones push their title aside instead of being cut


def hit_json(hit: Hit) -> Document:
    """Return a hit as its document with `score` and `snippets` (plain text)."""
    return hit.source | {"score": hit.score, "snippets": [plain_snippet(snippet) for snippet in hit.snippets]}


def print_hits(hits: Sequence[Hit], *, zone: tzinfo) -> None:
    """Print date, publisher, title and id of each hit, and its snippets below; dates are those of `zone`."""
    bold = on_terminal() and "NO_COLOR" not in os.environ
    short = short_ids([hit.id for hit in hits])
    publishers = [line(publisher_of(hit.source)) for hit in hits]
    width = min(24, max(map(len, publishers)))
    for hit, publisher in zip(hits, publishers, strict=True):
        date = local_time(hit.source.get("@timestamp"), zone)[:10]
        title = line(hit.source.get("title"))
        click.echo(f"{date}  {publisher:{width}}  {_bold(f'{title:{_TITLE_CHARS}}', bold)}  {short[hit.id]}")
        for snippet in hit.snippets:
            click.echo(f"  {marked_snippet(snippet, bold=bold)}")


def print_rows(result: SearchResult, *, zone: tzinfo, as_json: bool) -> None:
    """Print fact rows: date, the fact as `show` words it, and the article it stands in; dates are those of `zone`."""
    if as_json:
        print_json({"id": hit.id, **hit.source} for hit in result.hits)
        return
    facts = [(figure_line if "kind" in hit.source else quote_line)(hit.source) for hit in result.hits]
    width = min(_FACT_CHARS, max(map(len, facts), default=0))
    for hit, fact in zip(result.hits, facts, strict=True):
        date = local_time(hit.source.get("@timestamp"), zone)[:10]
        click.echo(f"{date}  {fact:{width}}  {line(hit.source.get('title')):{_TITLE_CHARS}}  {hit.id}")
    note(f"{len(result.hits)} of {result.total:,} rows" if result.hits else "no row matches")


def print_facets(facets: Facets, *, as_json: bool) -> None:
    """Print the values of each field with their numbers of articles."""
    if as_json:
        print_json(
            {"field": field, "value": value, "articles": articles}
            for field, values in facets.items()
            for value, articles in values
        )
        return
    if not any(facets.values()):
        note("no article matches, or none has such a value")
        return
    for field, values in facets.items():
        click.echo(field)
        for value, articles in values:
            click.echo(f"  {articles:>9,}  {line(value)}")


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """Return for each id its shortest beginning, of 10 characters at least, that no other of them has."""
    short = {}
    for document_id in ids:
        others = [other for other in ids if other != document_id]
        length = SHORT_ID_CHARS
        while length < len(document_id) and any(other.startswith(document_id[:length]) for other in others):
            length += 1
        short[document_id] = document_id[:length]
    return short


def publisher_of(document: Document) -> str:
    """Return who published: the name, else the domain."""
    publisher: dict[str, Any] = document.get("publisher") or {}
    return str(publisher.get("name") or document.get("url", {}).get("domain") or "")


def local_time(moment: datetime | str | None, zone: tzinfo) -> str:
    """Return an instant, also one of the index, as `2026-11-20 14:03` in a time zone; what is no instant as it is."""
    try:
        instant = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return "" if instant is None else instant.astimezone(zone).isoformat(" ", "minutes")[:16]
    except (ValueError, OverflowError):
        return line(moment)


def _bold(text: str, bold: bool) -> str:
    return click.style(text, bold=True) if bold else text

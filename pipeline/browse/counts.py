"""What the articles of a search have in common: facets, places, and how they lie in time. All bounded.

Languages, kinds and events of figures, and days are counted over all matches, from the tables that searches use. Names
stand in the documents alone; they are counted over the newest matches, and the page says over how many.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import orjson

from pipeline.browse.chart import MAX_DAYS
from pipeline.browse.places_map import Spot
from transforms.index.base import SearchRequest
from transforms.index.sqlite.query import select_articles

# Runs SQL within the server's time limit and returns the rows, None when it took too long.
Rows = Callable[[str, Sequence[object]], Awaitable[Sequence[Sequence[Any]] | None]]
Facet = Literal["publisher", "person", "place", "kind", "event", "lang"]

FACETS: dict[Facet, str] = {
    "publisher": "Publisher", "person": "Person", "place": "Place", "event": "Figures: event", "kind": "Figures: kind",
    "lang": "Language",
}  # fmt: skip
VALUES = 12  # of a facet; more are found by searching
SAMPLE = 1_000  # documents read for names: 45 ms of 14 KB each; at 100,000 articles all of them would take 4 s
_NAMES: tuple[Facet, ...] = ("publisher", "person", "place")
_TERMS: tuple[Facet, ...] = ("event", "kind", "lang")


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Values of a facet with their numbers of articles, most first. `newest`: only of so many of the newest matches.

    `values` is None when counting took too long.
    """

    facet: Facet
    values: tuple[tuple[str, int], ...] | None
    newest: int | None = None


class Matches:
    """The articles that match a search, as SQL; every method counts them in one way."""

    def __init__(self, request: SearchRequest, rows: Rows) -> None:
        """Keep the search; nothing is asked yet."""
        self._rows = rows
        self._select = select_articles(request)
        self._all = not request.query.terms and request.since is None and request.until is None
        self._one_at_a_time = asyncio.Lock()
        self._sample: Sequence[Sequence[Any]] | None = None

    async def facets(self) -> tuple[Counted, ...]:
        """Return all facets in the order of `FACETS`."""
        by_name, by_term = await asyncio.gather(self._by_name(), self.terms())
        return tuple((by_name | by_term)[facet] for facet in FACETS)

    async def terms(self) -> dict[Facet, Counted]:
        """Return the facets that are counted over all matches."""
        within, parameters = self._within("article")
        marks = ", ".join("?" * len(_TERMS))
        sql = (
            f"SELECT field, value, count(*) FROM article_terms WHERE field IN ({marks}){within} "
            "GROUP BY field, value ORDER BY 3 DESC, 2"
        )
        found = await self._rows(sql, (*_TERMS, *parameters))
        if found is None:
            return {facet: Counted(facet=facet, values=None) for facet in _TERMS}
        values = {facet: [(value, count) for field, value, count in found if field == facet] for facet in _TERMS}
        return {facet: Counted(facet=facet, values=tuple(each[:VALUES])) for facet, each in values.items()}

    async def per_day(self) -> dict[str, float] | None:
        """Return the articles of each of the last 120 days (UTC) that have any; None when it took too long."""
        days = await self._last_days()
        if not days:
            return None if days is None else {}
        # A range of the index per day: grouping by a part of the time took 300 ms at 100,000 articles, this takes 10.
        # The plus keeps SQLite from asking for each match of each day (10.7 s instead of 0.13).
        within, parameters = self._within("+a.number")
        sql = (
            f"WITH days(first, after) AS (VALUES {', '.join(['(?, ?)'] * len(days))}) SELECT first, (SELECT count(*) "
            f"FROM articles a WHERE a.timestamp >= first AND a.timestamp < after{within}) FROM days"
        )
        found = await self._rows(sql, (*(edge for each in days for edge in each), *parameters))
        return None if found is None else {day: count for day, count in found if count}

    async def figures_per_day(self, name: str, *, is_event: bool) -> tuple[dict[str, float], dict[str, float]] | None:
        """Return of each of the last 120 days how many figures of an event or kind were stated, and the highest."""
        days = await self._last_days()
        if not days:
            return None if days is None else ({}, {})
        within, parameters = self._within("f.article")
        sql = (
            "SELECT substr(a.timestamp, 1, 10), count(*), max(f.high) FROM article_figures f "
            "JOIN articles a ON a.number = f.article WHERE f.name = ? AND f.is_event = ? AND a.timestamp >= ?"
            f"{within} GROUP BY 1"
        )
        found = await self._rows(sql, (name, is_event, days[-1][0], *parameters))
        if found is None:
            return None
        return {day: count for day, count, _ in found}, {day: high for day, _, high in found}

    async def spots(self) -> tuple[tuple[Spot, ...], int] | None:
        """Return the places that the newest matches name, where we know where they are, and how many were read."""
        documents = await self._newest("'$.entities', '$.id'")  # with one path there is no array around it
        if documents is None:
            return None
        articles: Counter[tuple[str, float, float]] = Counter()
        for _, parts in documents:
            articles.update({place for entity in orjson.loads(parts)[0] or () if (place := _place(entity))})
        spots = [Spot(name=name, lat=lat, lon=lon, articles=count) for (name, lat, lon), count in articles.items()]
        return tuple(spots), len(documents)

    async def _by_name(self) -> dict[Facet, Counted]:
        documents = await self._named()
        if documents is None:
            return {facet: Counted(facet=facet, values=None) for facet in _NAMES}
        parts = [orjson.loads(document) for _, document in documents]
        newest = SAMPLE if len(parts) >= SAMPLE else None
        return {
            facet: Counted(facet=facet, values=_most(each[number] for each in parts), newest=newest)
            for number, facet in enumerate(_NAMES)
        }

    async def _named(self) -> Sequence[Sequence[Any]] | None:
        """Return the names in the newest matches, read once for all who ask."""
        async with self._one_at_a_time:
            if self._sample is None:
                self._sample = await self._newest("'$.publisher.name', '$.people', '$.places'")
            return self._sample

    async def _newest(self, paths: str) -> Sequence[Sequence[Any]] | None:
        """Return time and parts (a JSON array) of the newest matching documents, the newest first."""
        select = self._select
        sql = (
            f"SELECT timestamp, json_extract(source, {paths}) FROM articles WHERE number IN (SELECT a.number FROM "
            f"{select.tables} WHERE {select.where} ORDER BY a.timestamp DESC, a.id LIMIT {SAMPLE}) "
            "ORDER BY timestamp DESC"
        )
        return await self._rows(sql, select.parameters)

    async def _last_days(self) -> list[tuple[str, str]] | None:
        """Return the edges of the last 120 days up to the latest match, latest first; none without matches."""
        found = await self._named()
        if not found:
            return None if found is None else []
        try:
            latest = date.fromisoformat(str(found[0][0])[:10])
        except ValueError:
            return []
        return [
            ((latest - timedelta(days=back)).isoformat(), (latest - timedelta(days=back - 1)).isoformat())
            for back in range(MAX_DAYS)
            if 1 <= latest.toordinal() - back < date.max.toordinal()
        ]

    def _within(self, column: str) -> tuple[str, tuple[object, ...]]:
        if self._all:
            return "", ()
        select = self._select
        return f" AND {column} IN (SELECT a.number FROM {select.tables} WHERE {select.where})", select.parameters


def _most(values: Iterable[Any]) -> tuple[tuple[str, int], ...]:
    """Return the names that most articles have; a value is a name, several, or nothing."""
    articles: Counter[str] = Counter()
    for names in values:
        articles.update({name for name in (names if isinstance(names, list) else [names]) if isinstance(name, str)})
    return tuple(sorted(articles.items(), key=lambda each: (-each[1], each[0]))[:VALUES])


def _place(entity: Any) -> tuple[str, float, float] | None:
    if not isinstance(entity, dict) or not isinstance(location := entity.get("location"), dict):
        return None
    name, lat, lon = entity.get("name"), location.get("lat"), location.get("lon")
    if not isinstance(name, str) or not isinstance(lat, int | float) or not isinstance(lon, int | float):
        return None
    return (name, lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None

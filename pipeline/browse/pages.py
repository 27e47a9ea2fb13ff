"""The pages: what each is asked, what it looks up, which template shows it. Nothing here writes."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from datasette import Response

from pipeline.browse.asked import Asked, read_asked
from pipeline.browse.bounded import rows_within_limits
from pipeline.browse.chart import days_chart
from pipeline.browse.counts import FACETS, Counted, Matches
from pipeline.browse.names import DATABASE, PAGES, SEARCHES
from pipeline.browse.places_map import places_map
from pipeline.browse.shown import article_context, hit_context, letter_context
from pipeline.settings import Settings
from transforms.errors import ConfigurationError
from transforms.index.base import DocumentStore
from transforms.index.queries import EVENTS

LETTERS = 200
_EVENT_CHARTS = 3


class Pages:
    """One method per page, each an async view of Datasette."""

    def __init__(self, settings: Settings, store: DocumentStore) -> None:
        """Keep the configuration and the store; `serve_with` comes before the first page."""
        self._settings = settings
        self._store = store
        self._datasette: Any = None

    def serve_with(self, datasette: Any) -> None:
        """Take the Datasette whose templates and read-only connections the pages use."""
        self._datasette = datasette

    def routes(self) -> list[tuple[str, Callable[..., Any]]]:
        """Return regular expressions of paths with their pages."""
        return [
            (r"^/$", self.search),
            (r"^/article/(?P<id>[0-9A-Za-z_-]+)$", self.article),
            (r"^/map$", self.map),
            (r"^/charts$", self.charts),
            (r"^/dead-letters$", self.dead_letters),
            (r"^/feeds$", self.feeds),
        ]

    async def search(self, request: Any) -> Any:
        """Show the articles of a query, their facets and how many there are per day."""
        try:
            asked = read_asked(request.args)
            search = asked.search(self._settings)
        except ConfigurationError as err:
            return await self._problem(request, "/", err)
        matches = Matches(search, self._rows)
        result, facets, per_day = await asyncio.gather(
            asyncio.to_thread(self._store.search, search), matches.facets(), matches.per_day()
        )
        more = asked.more() if result.total > len(result.hits) else None
        return await self._page(
            "search", request, "/", asked,
            total=result.total,
            hits=[hit_context(hit, self._settings.zone) for hit in result.hits],
            more=more.href("/") if more else None,
            facets=[_facet(each, asked) for each in facets],
            chart=days_chart(per_day) if per_day is not None else None,
            too_slow=per_day is None,
            any_day=day.href("/") if (day := asked.any_day()) else None,
            by_relevance=asked.sort == "relevance",
        )  # fmt: skip

    async def article(self, request: Any) -> Any:
        """Show one article: what was found where, what was removed and by which rule."""
        from pipeline.commands.show import find

        try:
            stored = await asyncio.to_thread(find, self._store, request.url_vars["id"])
        except ConfigurationError as err:
            return await self._problem(request, "/", err, status=404)
        context = article_context(stored.source, self._settings.zone)
        return await self._page("article", request, "/", Asked(), **context)

    async def map(self, request: Any) -> Any:
        """Show where the newest articles of a query are about."""
        try:
            asked = read_asked(request.args)
            matches = Matches(asked.search(self._settings), self._rows)
        except ConfigurationError as err:
            return await self._problem(request, "/map", err)
        world = request.args.get("view") == "world"
        found = await matches.spots()
        spots, read = found if found is not None else ((), 0)
        drawn = await asyncio.to_thread(places_map, spots, world=world)
        return await self._page(
            "map", request, "/map", asked,
            map=drawn,
            too_slow=found is None,
            read=read,
            links={spot.name: there.href("/") for spot in spots if (there := asked.narrowed("place", spot.name))},
            other_view=asked.href("/map") if world else asked.href("/map", view="world"),
            is_world=world,
        )  # fmt: skip

    async def charts(self, request: Any) -> Any:
        """Show the articles of a query per day, and the figures in them: how many, and the highest."""
        try:
            asked = read_asked(request.args)
            matches = Matches(asked.search(self._settings), self._rows)
        except ConfigurationError as err:
            return await self._problem(request, "/charts", err)
        per_day, terms = await asyncio.gather(matches.per_day(), matches.terms())
        events, kinds = ([value for value, _ in terms[facet].values or ()] for facet in ("event", "kind"))
        offered = events + kinds
        wanted = request.args.get("figures") or ""
        if wanted and wanted not in offered:
            offered.append(wanted)
        names = [wanted] if wanted else events[:_EVENT_CHARTS]
        found = await asyncio.gather(
            *(matches.figures_per_day(name, is_event=name in events or name in EVENTS) for name in names)
        )
        figures = [
            {"name": name, "count": days_chart(each[0]), "highest": days_chart(each[1])} if each else {"name": name}
            for name, each in zip(names, found, strict=True)
        ]
        return await self._page(
            "charts", request, "/charts", asked,
            chart=days_chart(per_day or {}),
            too_slow=per_day is None,
            figures=figures,
            offered=[(name, asked.href("/charts", figures=name)) for name in offered],
            wanted=wanted,
        )  # fmt: skip

    async def dead_letters(self, request: Any) -> Any:
        """Show what could not be processed, the latest first, and how often for which reason."""
        reason = request.args.get("reason") or ""
        counts, letters = await asyncio.gather(
            self._rows(
                "SELECT reason, stage, count(*) FROM dead_letters WHERE source IS NOT NULL GROUP BY 1, 2 "
                "ORDER BY 3 DESC, 1, 2",
                (),
            ),
            self._rows(
                "SELECT source FROM dead_letters WHERE source IS NOT NULL AND (? = '' OR reason = ?) "
                f"ORDER BY timestamp DESC LIMIT {LETTERS}",
                (reason, reason),
            ),
        )
        return await self._page(
            "dead_letters", request, "/dead-letters", Asked(),
            counts=[tuple(row) for row in counts or ()],
            letters=[letter_context(row[0], self._settings.zone) for row in letters or ()],
            too_slow=counts is None or letters is None,
            reason=reason,
            shown=LETTERS,
        )  # fmt: skip

    async def feeds(self, request: Any) -> Any:
        """Show how every feed is doing, and what is wrong."""
        from pipeline.browse.feeds import feeds_context

        context = await asyncio.to_thread(feeds_context, self._settings)
        return await self._page("feeds", request, "/feeds", Asked(), **context)

    async def _rows(self, sql: str, parameters: Sequence[object]) -> Sequence[Sequence[Any]] | None:
        rows: Sequence[Sequence[Any]] | None = await self._datasette.get_database(DATABASE).execute_fn(
            partial(rows_within_limits, sql=sql, parameters=parameters)
        )
        return rows

    async def _problem(self, request: Any, path: str, err: ConfigurationError, *, status: int = 400) -> Any:
        """Say what is wrong with an address, above the form as it was filled in."""
        q, since, until = (str(request.args.get(name) or "") for name in ("q", "since", "until"))
        asked = Asked(q=q, since=since, until=until)
        return await self._page("problem", request, path, asked, status=status, problem=str(err))

    async def _page(
        self, template: str, request: Any, path: str, asked: Asked, *, status: int = 200, **context: Any
    ) -> Any:
        html = await self._datasette.render_template(
            f"newsbeam/{template}.html",
            {
                "path": path,
                "asked": asked,
                "tabs": [(asked.href(to) if to in SEARCHES else to, label, to == path) for to, label in PAGES.items()],
                "tables": f"/{DATABASE}",
                "zone": str(self._settings.zone),
                **context,
            },
            request=request,
        )
        return Response.html(html, status=status)


def _facet(counted: Counted, asked: Asked) -> Mapping[str, Any]:
    values = []
    for value, count in counted.values or ():
        without = asked.without(counted.facet, value)
        link = without or asked.narrowed(counted.facet, value)
        values.append({"value": value, "count": count, "href": link and link.href("/"), "chosen": without is not None})
    return {
        "title": FACETS[counted.facet],
        "values": values,
        "too_slow": counted.values is None,
        "newest": counted.newest,
    }

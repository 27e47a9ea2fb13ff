"""What a page is asked for: a query, a window, an order; as values, as a search, and as links to the next page."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode

from pipeline.commands.search import search_request
from pipeline.settings import Settings
from transforms.errors import ConfigurationError
from transforms.index.base import SearchRequest
from transforms.index.words import words_of

HITS = 20  # per page; "more" shows as many again
MAX_HITS = 200  # a hit is a whole document: 200 real ones are 5 MB of JSON
_QUOTES = str.maketrans(dict.fromkeys('"“”„', " "))  # what ends a phrase in the query language


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The parameters of a page's address: `q` in the query language, the rest as `newsbeam search` takes them."""

    q: str = ""
    since: str = ""
    until: str = ""
    sort: Literal["newest", "relevance"] = "newest"
    limit: int = HITS

    def search(self, settings: Settings, *, limit: int | None = None) -> SearchRequest:
        """Return the search that `newsbeam search` would make. Raises `ConfigurationError` naming what is wrong."""
        return search_request(
            self.q,
            settings,
            since=self.since or None,
            until=self.until or None,
            sort=self.sort,
            limit=self.limit if limit is None else limit,
        )

    def href(self, path: str, **extra: str) -> str:
        """Return a link to a page that is asked the same, with parameters of its own behind."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        given = {name: value for name, value in values.items() if value != getattr(Asked, name)} | extra
        return f"{path}?{urlencode(given)}" if given else path

    def more(self) -> "Asked | None":
        """Return the same with more hits, None at the limit."""
        return replace(self, limit=min(self.limit + HITS, MAX_HITS)) if self.limit < MAX_HITS else None

    def narrowed(self, field: str, value: str) -> "Asked | None":
        """Return the same for articles whose field has a value; None for a value that cannot be asked for.

        >>> Asked(q="ferry").narrowed("place", "Manila Bay").q
        'ferry place:"Manila Bay"'
        """
        term = term_of(field, value)
        if term is None:
            return None
        return replace(self, q=f"{self.q} {term}".strip(), limit=HITS)

    def without(self, field: str, value: str) -> "Asked | None":
        """Return the same without a term that `narrowed` added; None when it is not there."""
        term = term_of(field, value)
        if term is None or f" {term} " not in f" {self.q} ":
            return None
        rest = f" {self.q} ".replace(f" {term} ", " ", 1).strip()
        return replace(self, q=rest, limit=HITS)

    def on_day(self, day: str) -> "Asked":
        """Return the same for one day, `2026-11-18`, in UTC."""
        after = date.fromisoformat(day) + timedelta(days=1)
        return replace(self, since=f"{day}T00:00Z", until=f"{after.isoformat()}T00:00Z", limit=HITS)

    def any_day(self) -> "Asked | None":
        """Return the same without a window; None when there is none."""
        return replace(self, since="", until="", limit=HITS) if self.since or self.until else None


def term_of(field: str, value: str) -> str | None:
    """Return a term of the query language, None for a value that has no words."""
    plain = " ".join(value.translate(_QUOTES).split())
    return f'{field}:"{plain}"' if words_of(plain) else None


def read_asked(parameters: Mapping[str, str]) -> Asked:
    """Return what an address asks for. Raises `ConfigurationError` for values that there are not."""
    sort = parameters.get("sort") or "newest"
    if sort not in ("newest", "relevance"):
        raise ConfigurationError(f"sort: received {sort!r}; valid: newest, relevance")
    limit = parameters.get("limit") or str(HITS)
    if not (limit.isascii() and limit.isdigit() and len(limit) <= 4 and 1 <= int(limit) <= MAX_HITS):
        raise ConfigurationError(f"limit: received {limit!r}; valid: 1 to {MAX_HITS}")
    return Asked(
        q=parameters.get("q", "").strip(),
        since=parameters.get("since", "").strip(),
        until=parameters.get("until", "").strip(),
        sort="relevance" if sort == "relevance" else "newest",
        limit=int(limit),
    )

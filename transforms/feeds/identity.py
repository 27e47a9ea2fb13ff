"""Which entry is which: ids that are ids, links behind their wrappers, and what an entry says as one hash. Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from transforms.elements import FeedEntry
from transforms.errors import StageError
from transforms.web.urls import normalize_url

# Pages that only count a click, and the parameters that hold where it leads. A wrapper that is not here is followed
# like any redirect; an entry's own link is always right in that sense, and unwrapping saves a request to a stranger.
_WRAPPERS: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = (
    (re.compile(r"(?:www|news)\.google\.[a-z.]{2,6}"), "/url", ("url", "q")),
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}"), "/amp/s/", ()),
    (re.compile(r"l\.facebook\.com|lm\.facebook\.com|www\.facebook\.com"), "/l.php", ("u",)),
    (re.compile(r"t\.umblr\.com"), "/redirect", ("z",)),
    (re.compile(r"out\.reddit\.com"), "/", ("url",)),
    (re.compile(r"[a-z0-9-]+\.safelinks\.protection\.outlook\.com"), "/", ("url",)),
    (re.compile(r"www\.bing\.com"), "/news/apiclick.aspx", ("url",)),
    (re.compile(r"(?:r|rss)\.search\.yahoo\.com"), "/", ("RU",)),
)
_MAX_WRAPS = 3


def unwrap(link: str) -> str:
    """Return where a link leads behind known click counters, the link itself when it is none or hides its target.

    >>> unwrap("https://www.google.com/url?rct=j&url=https://gazette.example/a%3Fb%3D1&ct=ga")
    'https://gazette.example/a?b=1'
    """
    for _ in range(_MAX_WRAPS):
        inner = _inner(link)
        if inner is None:
            return link
        link = inner
    return link


def _inner(link: str) -> str | None:
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    for pattern, path, names in _WRAPPERS:
        if not parts.path.startswith(path) or not pattern.fullmatch(host):
            continue
        if not names:
            return _fetchable("https://" + parts.path.removeprefix(path))
        try:
            values = parse_qs(parts.query, max_num_fields=100)
        except ValueError:
            return None
        for name in names:
            for value in values.get(name, ()):
                if found := _fetchable(value):
                    return found
    return None


def _fetchable(value: str) -> str | None:
    try:
        normalize_url(value)
    except StageError:
        return None
    return value


def identify(entries: Sequence[FeedEntry]) -> tuple[FeedEntry, ...]:
    """Return the entries, each link unwrapped and each with an id of its own.

    An id that several share (the site's address in every guid) is none: their links are, and where those are one too
    (a live ticker), title and date. The first entry of a link comes first, as the feed has it.
    """
    found = [replace(entry, link=unwrap(entry.link)) for entry in entries]
    ids = Counter(entry.id for entry in found)
    links = Counter(entry.link for entry in found)
    return tuple(
        entry if entry.id and ids[entry.id] == 1 else replace(entry, id=_other_id(entry, alone=links[entry.link] == 1))
        for entry in found
    )


def _other_id(entry: FeedEntry, *, alone: bool) -> str:
    if alone:
        return entry.link
    said = f"{entry.title or ''}\n{entry.published.isoformat() if entry.published else ''}"
    return "sha256:" + hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:32]


def fingerprint(entry: FeedEntry) -> str:
    """Return a hash of what an entry says: another one means that the article may have changed."""
    said = (entry.title or "", entry.updated.isoformat() if entry.updated else "", entry.content or entry.summary or "")
    return hashlib.sha256("\x00".join(said).encode("utf-8", "replace")).hexdigest()[:16]

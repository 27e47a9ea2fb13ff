"""/.well-known/tdmrep.json: for which paths of an origin text and data mining is reserved (W3C TDMRep).

A list of `{"location": "/news/*", "tdm-reservation": 1, "tdm-policy": URL}`. Locations are patterns as in robots.txt;
the longest that matches decides, as there.
"""

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import orjson

MAX_TDM_BYTES = 256 * 1024
MAX_RULES = 1_000
_MAX_PATTERN_CHARS = 1_000
_MAX_STARS = 20  # of a pattern; each may try every place of a path


@dataclass(frozen=True)
class TdmRule:
    """One entry of the file; `policy` is an absolute http(s) URL."""

    location: str
    reserved: bool
    policy: str | None = None


def read_tdmrep(body: bytes, url: str) -> tuple[TdmRule, ...]:
    """Return the rules of a file that came from `url`; what cannot be read of it is left out. Raises nothing."""
    try:
        entries = orjson.loads(body[:MAX_TDM_BYTES])
    except orjson.JSONDecodeError:
        return ()
    rules = []
    for entry in entries[:MAX_RULES] if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        location, reserved, policy = (entry.get(name) for name in ("location", "tdm-reservation", "tdm-policy"))
        if not isinstance(location, str) or not 0 < len(location) <= _MAX_PATTERN_CHARS:
            continue
        if location.count("*") <= _MAX_STARS and str(reserved) in ("0", "1"):
            rules.append(TdmRule(location, str(reserved) == "1", _http_url(policy, url)))
    return tuple(rules)


def tdm_rule(rules: tuple[TdmRule, ...], url: str) -> TdmRule | None:
    """Return the rule that decides about a URL, None where none speaks of it.

    >>> tdm_rule((TdmRule("/", False), TdmRule("/news/*.html$", True)), "https://gazette.example/news/a.html").reserved
    True
    """
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    matching = [rule for rule in rules if _matches(rule.location, path)]
    return max(matching, key=lambda rule: len(rule.location), default=None)


def _matches(location: str, path: str) -> bool:
    """Match the pieces between the stars from left to right, each at its first place: no backtracking."""
    anchored = location.endswith("$")
    first, *others = location.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, piece in enumerate(others):
        if anchored and number == len(others) - 1:
            return len(path) - len(piece) >= at and path.endswith(piece)
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return not anchored or at == len(path)


def _http_url(value: object, base: str) -> str | None:
    if not isinstance(value, str) or len(value) > 2_000:
        return None
    try:
        link = urljoin(base, value.strip())
    except ValueError:
        return None
    return link if re.match(r"https?://[^/\s]+", link) else None

"""What a robots.txt allows us, by RFC 9309, and what is remembered of it while it cannot be had."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from transforms.errors import ConfigurationError
from transforms.web.politeness import freshness_s

MAX_ROBOTS_BYTES = 500 * 1024  # RFC 9309 2.5: the least that a crawler must read; what follows is ignored
MAX_REDIRECTS = 5  # RFC 9309 2.3.1.2: at least five
FRESH_S = 86_400.0  # RFC 9309 2.4: not longer than 24 hours
MIN_FRESH_S = 3_600.0  # a Cache-Control of seconds is meant for browsers: not before every page
RETRY_S = 1_800.0  # a robots.txt whose server failed is asked for again after this long
GIVE_UP_S = 30 * 86_400.0  # RFC 9309 2.3.1.4: "a reasonably long period of time (for example, 30 days)"
_MAX_RULES = 1_000  # searched for the one that decided; the verdict itself knows no limit
_GROUP_LINE = re.compile(r"\s*user-?agent\s*:\s*([^#]*)", re.I)
_RULE_LINE = re.compile(r"\s*(allow|disallow)\s*:\s*([^#\s]+)", re.I)
_SIGNAL_LINE = re.compile(r"\s*content-signal\s*:\s*([^#]{0,500})", re.I)
_SIGNAL = re.compile(r"([a-z][a-z0-9-]{0,30})\s*=\s*(yes|no)", re.I)
_LICENSE_LINE = re.compile(r"\s*license\s*:\s*(https?://[^#\s]{1,2000})", re.I)
_MAX_SAID = 10


class Rule(NamedTuple):
    """A line of a robots.txt, as it stands there but for its comment."""

    verb: str
    pattern: str

    def __str__(self) -> str:
        return f"{self.verb}: {self.pattern}"


class RobotsRules:
    """The rules of one origin for one product token. Made by `read_robots`."""

    def __init__(self, *, text: str = "", agent: str = "*", reachable: bool = True) -> None:
        from protego import Protego  # imported late: only a visit needs it

        self.reachable = reachable
        self._agent, self._text = agent, text
        self._parse = Protego.parse
        self._parsed = Protego.parse(text)

    def allowed(self, url: str) -> bool:
        """Tell whether the URL may be fetched; nothing may while the robots.txt cannot be had."""
        return self.reachable and bool(self._parsed.can_fetch(url, self._agent))

    def rule(self, url: str) -> str | None:
        """Return the line that decided about the URL, `allow` where none speaks of it, None without any rules."""
        if not self.reachable:
            return "robots.txt unreachable"
        if not self._text:
            return None
        verdict = "allow" if self.allowed(url) else "disallow"
        matching = [rule for rule in self._own_rules if rule.verb.lower() == verdict and self._matches(rule, url)]
        return str(max(matching, key=lambda rule: len(rule.pattern))) if matching else verdict

    @property
    def crawl_delay_s(self) -> float | None:
        """The pause that the site asks for between requests, None when it does not say."""
        delay_s = self._parsed.crawl_delay(self._agent)
        return float(delay_s) if delay_s is not None else None

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps it names, as they are written there."""
        return tuple(self._parsed.sitemaps)

    @cached_property
    def licenses(self) -> tuple[str, ...]:
        """The licence documents it names; they are of no group (RSL 1.0)."""
        found = (match[1] for line in self._text.splitlines() if (match := _LICENSE_LINE.match(line)))
        return tuple(dict.fromkeys(found))[:_MAX_SAID]

    @cached_property
    def content_signals(self) -> tuple[str, ...]:
        """What our group says under Content-Signal, as `search=yes`; of two that contradict each other the last."""
        groups = (list(_group_lines(self._text, agent)) for agent in (self._agent, "*"))
        lines = next((lines for lines in groups if lines), [])
        said = {
            name.lower(): value.lower()
            for line in lines
            if (match := _SIGNAL_LINE.match(line))
            for name, value in _SIGNAL.findall(match[1])
        }
        return tuple(f"{name}={value}" for name, value in sorted(said.items()))[:_MAX_SAID]

    @cached_property
    def _own_rules(self) -> tuple[Rule, ...]:
        """The rules of our group, of all of them with our name; without one those of `*` (RFC 9309 2.2.1)."""
        named = tuple(_rules_of(self._text, self._agent))
        return (named or tuple(_rules_of(self._text, "*")))[:_MAX_RULES]

    @cached_property
    def _alone(self) -> dict[str, Any]:
        return {}

    def _matches(self, rule: Rule, url: str) -> bool:
        """Ask the library about one pattern: it does not say which line won."""
        if rule.pattern not in self._alone:
            self._alone[rule.pattern] = self._parse(f"User-agent: *\nDisallow: {rule.pattern}")
        return not self._alone[rule.pattern].can_fetch(url, "*")


def read_robots(status: int | None, body: bytes | None, agent: str) -> RobotsRules:
    """Return the rules that an answer to a request for /robots.txt means for the product token `agent`.

    2xx: what it says, of the first 500 KiB; 4xx: everything is allowed; 5xx, 429, other answers and None (unreachable):
    nothing is allowed for now (RFC 9309 2.3.1, which counts 429 among the 4xx; but "slow down" is no permission).
    `agent` is the bare token, `newsbeam`, not the User-Agent header.
    """
    if not agent or not agent.replace("-", "").replace("_", "").isalpha():
        raise ConfigurationError(f"robots product token {agent!r} is not a token of letters, - and _ (RFC 9309 2.2.1)")
    if not _is_answer(status):
        return RobotsRules(agent=agent, reachable=False)
    if status is not None and status >= 400:
        return RobotsRules(agent=agent)
    text = (body or b"")[:MAX_ROBOTS_BYTES].decode("utf-8-sig", errors="replace")
    return RobotsRules(text=text, agent=agent)


@dataclass(frozen=True, kw_only=True)
class RobotsCopy:
    """What is remembered of an origin: its last real answer, until when that is fresh, since when there is none.

    `status` and `body` are those of the last answer that said something (2xx or 4xx); None: there never was one.
    """

    ask_at: datetime
    status: int | None = None
    body: bytes = b""
    failing_since: datetime | None = None

    def rules(self, agent: str, *, now: datetime) -> RobotsRules:
        """Return what holds: the last answer; nothing is allowed while it fails, for 30 days; then the last answer.

        After those days an origin that never answered counts as one without a robots.txt (RFC 9309 2.3.1.4).
        """
        if self.failing_since is None:
            return read_robots(self.status, self.body, agent)
        if (now - self.failing_since).total_seconds() < GIVE_UP_S:
            return read_robots(None, None, agent)
        return read_robots(404 if self.status is None else self.status, self.body, agent)


def remember(
    kept: RobotsCopy | None, *, status: int | None, body: bytes, headers: Mapping[str, str], now: datetime
) -> RobotsCopy:
    """Return what to remember after an answer (status None: none came). `headers` has lower-case names.

    An answer is fresh for as long as its Cache-Control says, within an hour and a day; without one for a day. A failure
    leaves the last answer where it was.
    """
    if _is_answer(status):
        said = freshness_s(headers, now=now)
        if said is None:
            said = (
                MIN_FRESH_S if re.search(r"no-(?:store|cache)|max-age", headers.get("cache-control", "")) else FRESH_S
            )
        fresh = timedelta(seconds=min(max(said, MIN_FRESH_S), FRESH_S))
        return RobotsCopy(ask_at=now + fresh, status=status, body=body[:MAX_ROBOTS_BYTES])
    return RobotsCopy(
        ask_at=now + timedelta(seconds=RETRY_S),
        status=kept.status if kept is not None else None,
        body=kept.body if kept is not None else b"",
        failing_since=(kept.failing_since if kept is not None else None) or now,
    )


def dump_copy(copy: RobotsCopy) -> bytes:
    """Return a copy as bytes for the ledger, which reads nothing from them."""
    cells = {"ask_at": copy.ask_at, "failing_since": copy.failing_since, "status": copy.status}
    return orjson.dumps(cells) + b"\n" + copy.body


def load_copy(data: bytes | None) -> RobotsCopy | None:
    """Return the copy of `dump_copy`, None for anything else: then the origin is asked again."""
    head, separator, body = (data or b"").partition(b"\n")
    try:
        cells = orjson.loads(head)
        ask_at, since = cells["ask_at"], cells["failing_since"]
        return RobotsCopy(
            ask_at=datetime.fromisoformat(ask_at),
            status=cells["status"],
            body=body if separator else b"",
            failing_since=datetime.fromisoformat(since) if since else None,
        )
    except (ValueError, TypeError, KeyError, AttributeError):  # of an older newsbeam
        return None


def _is_answer(status: int | None) -> bool:
    return status is not None and (200 <= status < 300 or (400 <= status < 500 and status != 429))


def _rules_of(text: str, agent: str) -> Iterator[Rule]:
    """Yield the rules of the groups that name an agent."""
    for line in _group_lines(text, agent):
        if rule := _RULE_LINE.match(line):
            yield Rule(rule[1].capitalize(), rule[2])


def _group_lines(text: str, agent: str) -> Iterator[str]:
    """Yield the rules and signals of the groups that name an agent; several names in a row begin one group."""
    ours = in_names = False
    for line in text.splitlines():
        if group := _GROUP_LINE.match(line):
            matches = group[1].strip().lower() == agent.lower()
            ours, in_names = matches or (ours and in_names), True
        elif _RULE_LINE.match(line) or _SIGNAL_LINE.match(line):
            in_names = False
            if ours:
                yield line

"""Fetching the pages of a leased site, one at a time: each is got, put off, moved, blocked or given up. Beam-free."""

import re
from collections import deque
from dataclasses import replace
from datetime import datetime
from html import escape

from transforms.elements import DeadLetter, Outcome, RawPage
from transforms.errors import Reason, StageError, http_error
from transforms.page_validators import conditions, validators_of
from transforms.site_rights import site_rights
from transforms.sources import first_source
from transforms.state.base import MAX_BLAMED, DueUrl, NewUrl
from transforms.try_each import dead_letter
from transforms.turns import SITE_DOWN, Turns, VisitOverError, instant, redirect_target
from transforms.web import charset, politeness, urls
from transforms.web.challenges import is_challenge
from transforms.web.client import HttpResponse
from transforms.web.robots import RETRY_S

_TAG = re.compile(r"<[^<>]*>")
KEPT_HEADERS = frozenset(
    {
        "content-type",
        "content-language",
        "last-modified",
        "date",
        "x-robots-tag",
        "link",
        "tdm-reservation",
        "tdm-policy",
    }
)
MORE_PAGES = 20
# Where the page is kept from us, its feed may have given all of it: not for a teaser (a short report has 100 words).
REFUSALS: tuple[Reason, ...] = ("http_401", "http_403", "robots_disallow", "challenge")
MIN_FEED_TEXT_CHARS = 600


def fetch_pages(turns: Turns) -> None:
    """Fetch what the lease brought and what has come due since. Raises `VisitOverError` when the visit ends before."""
    started: set[str] = set()
    todo = deque(turns.lease.urls)
    while True:
        if not todo:
            more = turns.state.more(turns.lease, limit=MORE_PAGES + len(started))
            todo.extend(due for due in more if due.url not in started)
            if not todo:
                return
        due = todo.popleft()
        if due.url not in started:
            started.add(due.url)
            _fetch(turns, due)


def _fetch(turns: Turns, due: DueUrl) -> None:
    at = turns.clock()
    turns.limit.saw_one()
    try:
        if due.blamed >= MAX_BLAMED:
            raise _crashed(due)
        page = _text_of_feed(turns, due) or _get(turns, due)
    except StageError as err:
        if err.reason in REFUSALS and not due.history.version and _feed_has_it_all(due):
            turns.emit(_page_of_feed(turns, due))
        else:
            _failed(turns, due, err, at)
        return
    except VisitOverError:
        raise
    except Exception as err:  # the stage border: see try_each
        turns.emit(
            dead_letter(
                err,
                stage="visit",
                url=due.url,
                site=turns.lease.site,
                version=turns.version(at, after=due.history.version),
                history=due.history,
                now=instant(at),
                limit=turns.limit,
            )
        )
        return
    if page is not None:
        turns.emit(page)


def _text_of_feed(turns: Turns, due: DueUrl) -> RawPage | None:
    """Return the entry's own text as the page where the user trusts it (`text: feed`): no request is needed."""
    source = first_source(due.history.feeds, turns.settings.sources)
    if source is None or source.text != "feed" or due.entry is None or not due.entry.content:
        return None
    return _page_of_feed(turns, due)


def _feed_has_it_all(due: DueUrl) -> bool:
    content = due.entry.content if due.entry is not None else None
    return content is not None and len(_TAG.sub("", content)) >= MIN_FEED_TEXT_CHARS


def _page_of_feed(turns: Turns, due: DueUrl) -> RawPage:
    assert due.entry is not None
    title = escape(due.entry.title or "")
    body = f"<article><h1>{title}</h1>{due.entry.content}</article>"
    at = turns.clock()
    return RawPage(
        url=due.url,
        final_url=due.url,
        site=turns.lease.site,
        body=f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=instant(at),
        version=turns.version(at, after=due.history.version),
        source="feed",
        entry=due.entry,
        history=due.history,
    )


def _get(turns: Turns, due: DueUrl) -> RawPage | None:
    """Return the page, or None when its work ended here. Raises `StageError` for a page that could not be had."""
    url = due.url
    for hop in range(turns.settings.max_redirects + 1):
        rules = turns.robots(url)
        if not rules.reachable:
            _wait_for_robots(turns, due)
            return None
        if not rules.allowed(url):
            raise StageError("robots_disallow", f"{url}: robots.txt keeps us out ({rules.rule(url)})")
        rights = site_rights(turns, url, rules)
        if rights.tdm_reserved and turns.settings.tdm == "skip":
            raise StageError("tdm_reserved", f"{url}: its site reserves text and data mining")
        answer, given_at = turns.take(due.url, begun=hop > 0)
        if answer == "crashed":
            raise _crashed(due)
        if answer == "skip":
            return None
        headers, full_bytes = conditions(due.history, url, generation=turns.settings.generation)
        response = turns.send(
            url,
            given_at,
            headers=headers,
            max_bytes=turns.settings.fetch.max_page_bytes,
            why="revisit" if due.history.version else "page",
            subject=due.url,
            full_bytes=full_bytes,
        )
        if response.status_code == 304 and headers:
            _not_modified(turns, due, given_at)
            return None
        target = redirect_target(response)
        if target is None:
            page = _read(turns, due, response, given_at)
            return replace(page, robots_rule=rules.rule(url), rights=rights)
        site = urls.site_key(target)
        if site != turns.lease.site:
            _moved(turns, due, target, site, given_at)
            return None
        if target == url:
            raise StageError("redirect_loop", f"{url}: redirects to itself")
        url = target
    raise StageError("too_many_redirects", f"{due.url}: more than {turns.settings.max_redirects} redirects")


def _read(turns: Turns, due: DueUrl, response: HttpResponse, at: float) -> RawPage:
    status = response.status_code
    if is_challenge(response.fields, response.body):
        raise StageError("challenge", f"{response.url}: asks for a browser instead of answering")
    if status in (429, 503):
        until = turns.pause_site(response, due.attempts + 1)
        _put_off(turns, due, http_error(status, response.url), at, until)
        raise VisitOverError(f"{status} from {response.url}")
    if status >= 400:
        raise http_error(status, response.url)
    if status != 200 or not response.body:
        raise StageError("empty_response", f"{response.url}: answered {status} without a page", retryable=True)
    content_type = response.fields.get("content-type")
    kind = charset.sniff_kind(response.body, content_type)
    if kind not in ("html", "text"):
        raise StageError("not_html", f"{response.url}: is {kind}, not an HTML page")
    return RawPage(
        url=due.url,
        final_url=urls.normalize_url(response.url),
        site=turns.lease.site,
        body=response.body,
        fetched_at=instant(at),
        version=turns.version(at, after=due.history.version),
        status_code=status,
        content_type=content_type,
        headers=tuple((name, value) for name, value in response.headers if name.lower() in KEPT_HEADERS),
        entry=due.entry,
        history=due.history,
        validators=validators_of(response),
    )


def _not_modified(turns: Turns, due: DueUrl, at: float) -> None:
    """End a revisit that brought nothing; the next one of this page is unconditional, since none is kept.

    A page is asked for again because its feed says that it changed. A server whose 304 lies would hide every edit; so
    it hides one at most.
    """
    version = turns.version(at, after=due.history.version)
    turns.emit(Outcome(url=due.url, outcome="unchanged", reason="not_modified", version=version))


def _crashed(due: DueUrl) -> StageError:
    return StageError("crashed", f"{due.url}: was in hand each time when a worker died; it is given up")


def _wait_for_robots(turns: Turns, due: DueUrl) -> None:
    until = instant(turns.clock() + RETRY_S)
    turns.emit(Outcome(url=due.url, outcome="deferred", reason="robots_unreachable", due_at=until))


def _moved(turns: Turns, due: DueUrl, target: str, site: str, at: float) -> None:
    """A redirect to another site becomes work of that site: it has its own lease, robots.txt and pause."""
    if due.hops >= turns.settings.max_redirects:
        raise StageError("too_many_redirects", f"{due.url}: has been sent on through {due.hops} sites")
    new = NewUrl(url=target, site=site, entry=due.entry, hops=due.hops + 1)
    turns.state.add_urls(turns.lease.run_id, [replace(new, feed=feed) for feed in due.history.feeds or (None,)])
    version = turns.version(at, after=due.history.version)
    turns.emit(Outcome(url=due.url, outcome="filtered", reason="other_site", version=version))


def _failed(turns: Turns, due: DueUrl, err: StageError, at: float) -> None:
    if err.reason in ("robots_disallow", "challenge", "tdm_reserved"):
        version = turns.version(at, after=due.history.version)
        turns.emit(Outcome(url=due.url, outcome="blocked", reason=err.reason, version=version))
    elif not err.retryable:
        _give_up(turns, due, err, at)
    elif err.reason in SITE_DOWN:
        _put_off(turns, due, err, at, turns.pause_site(None, due.attempts + 1))
        raise VisitOverError(str(err)) from err
    else:
        _put_off(turns, due, err, at, instant(turns.clock() + politeness.back_off_s(due.attempts + 1)))


def _put_off(turns: Turns, due: DueUrl, err: StageError, at: float, until: datetime) -> None:
    """Defer a page, or give it up after `max_attempts`."""
    if due.attempts + 1 >= turns.settings.max_attempts:
        _give_up(turns, due, err, at)
    else:
        turns.emit(Outcome(url=due.url, outcome="deferred", reason=err.reason, due_at=until))


def _give_up(turns: Turns, due: DueUrl, err: StageError, at: float) -> None:
    turns.emit(
        DeadLetter(
            stage="visit",
            reason=err.reason,
            message=err.message,
            occurred_at=instant(at),
            url=due.url,
            site=turns.lease.site,
            feed=due.history.feeds[0] if due.history.feeds else None,
            retryable=err.retryable,
            attempts=due.attempts + 1,
            version=turns.version(at, after=due.history.version),
            history=due.history,
        )
    )

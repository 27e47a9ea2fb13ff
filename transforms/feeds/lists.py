"""Lists of feeds as people pass them around: OPML, and text with one URL a line."""

from transforms.elements import FeedSource
from transforms.errors import ConfigurationError, StageError
from transforms.web.urls import feed_id, normalize_url

MAX_LIST_BYTES = 10 * 1024 * 1024
_MAX_PROBLEMS = 20  # shown of one file


def read_feed_list(body: bytes, name: str) -> tuple[FeedSource, ...]:
    """Return the feeds of an OPML or one-URL-a-line file, each URL once, in order. `name` is the file's, for messages.

    In text, blank lines and what follows `#` at a line's start or after a space do not count. Raises
    `ConfigurationError` naming every unusable line, or what the file is instead.
    """
    if len(body) > MAX_LIST_BYTES:
        raise ConfigurationError(f"{name}: a list of feeds of {len(body)} bytes; at most {MAX_LIST_BYTES} are read")
    if not body.strip():
        raise ConfigurationError(f"{name}: the file is empty; give OPML or one feed URL a line")
    start = body[:512].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return _from_opml(body, name) if start.startswith(b"<") else _from_text(body, name)


def _from_opml(body: bytes, name: str) -> tuple[FeedSource, ...]:
    import listparser  # imported late: most runs read feeds.yaml

    found = listparser.parse(body)
    if not found.feeds:
        raise ConfigurationError(f"{name}: no feeds in this file; an OPML list has outlines with xmlUrl")
    feeds = []
    problems = []
    for feed in found.feeds:
        try:
            feeds.append(_source(feed.url, tuple(str(tag) for tag in feed.get("tags") or ())))
        except StageError as err:
            problems.append(err.message)
    return _checked(feeds, problems, name)


def _from_text(body: bytes, name: str) -> tuple[FeedSource, ...]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise ConfigurationError(f"{name}: not a list of feeds (not UTF-8 text: {err.reason})") from err
    feeds = []
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        url = "" if line.lstrip().startswith("#") else line.partition(" #")[0].strip()
        if not url:
            continue
        try:
            feeds.append(_source(url))
        except StageError as err:
            problems.append(f"line {number}: {err.message}")
    return _checked(feeds, problems, name)


def _source(url: str, tags: tuple[str, ...] = ()) -> FeedSource:
    return FeedSource(url=normalize_url(url), id=feed_id(url), tags=tags)


def _checked(feeds: list[FeedSource], problems: list[str], name: str) -> tuple[FeedSource, ...]:
    if problems:
        shown = "".join(f"\n  {problem}" for problem in problems[:_MAX_PROBLEMS])
        more = f"\n  and {len(problems) - _MAX_PROBLEMS} more" if len(problems) > _MAX_PROBLEMS else ""
        raise ConfigurationError(f"{name}: {len(problems)} entries are not feed URLs:{shown}{more}")
    if not feeds:
        raise ConfigurationError(f"{name}: no feed URLs in this file; give OPML or one URL a line")
    return tuple({feed.url: feed for feed in reversed(feeds)}.values())[::-1]

"""Lists of feeds in and out: OPML, `feeds.yaml`, one URL a line, Media Cloud's CSV, rss inputs of Logstash."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

import yaml

from pipeline.feeds_file import parse_feeds
from transforms.elements import FeedSource
from transforms.errors import ConfigurationError, StageError
from transforms.feeds.lists import MAX_LIST_BYTES, read_feed_list
from transforms.web.urls import feed_id, normalize_url

Block = dict[str, Any]  # a feed as feeds.yaml writes it
_URL_COLUMNS = ("url", "feed_url", "feed", "rss")
_NAME_COLUMNS = ("name", "label", "title", "feed_name")
_INPUT = re.compile(r"\brss\s*\{([^{}]*)\}", re.S)
_SETTING = re.compile(r"^\s*(url|interval|tags|add_field)\s*=>\s*(.+?)\s*$", re.M)
_QUOTED = re.compile(r"[\"']([^\"']*)[\"']")


def read_list(body: bytes, name: str) -> list[Block]:
    """Return the feeds of a file as blocks, each URL once, in order. The content decides what kind of file it is.

    Raises `ConfigurationError` naming every entry that is no feed URL, or what the file is instead.
    """
    if len(body) > MAX_LIST_BYTES:
        raise ConfigurationError(f"{name}: {len(body)} bytes; a list of feeds has at most {MAX_LIST_BYTES}")
    text = body.decode("utf-8-sig", errors="replace")
    if not text.lstrip().startswith("<"):
        if name.lower().endswith((".yaml", ".yml")) or re.search(r"^feeds:", text, re.M):
            return [_block(source) for source in parse_feeds(text, shown=name)]
        if re.search(r"\binput\s*\{", text) or _INPUT.search(text):
            return _checked(_from_logstash(text), name)
        header = next(csv.reader(io.StringIO(text)), [])
        if {cell.strip().lower() for cell in header} & set(_URL_COLUMNS):
            return _checked(_from_csv(text), name)
    return [_block(source) for source in read_feed_list(body, name)]


def as_opml(sources: Sequence[FeedSource]) -> str:
    """Return the feeds as OPML 2.0, which every reader takes."""
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<opml version="2.0">', "<head><title>newsbeam</title></head>"]
    lines.append("<body>")
    for source in sources:
        cells = {"type": "rss", "text": source.publisher.name or source.id, "xmlUrl": source.url}
        if source.tags:
            cells["category"] = ",".join(source.tags)
        if source.language:
            cells["language"] = source.language
        lines.append("<outline " + " ".join(f"{name}={quoteattr(value)}" for name, value in cells.items()) + "/>")
    return "\n".join([*lines, "</body>", "</opml>"])


def as_yaml(sources: Sequence[FeedSource]) -> str:
    """Return the feeds as `feeds.yaml` has them, without what is a default."""
    blocks = [_block(source) for source in sources]
    text: str = yaml.safe_dump({"feeds": blocks}, allow_unicode=True, sort_keys=False, width=10_000)
    return text.rstrip("\n")


def as_text(sources: Sequence[FeedSource]) -> str:
    """Return one URL a line."""
    return "\n".join(source.url for source in sources)


def _from_csv(text: str) -> Iterable[Block]:
    for row in csv.DictReader(io.StringIO(text)):
        cells = {(key or "").strip().lower(): (value or "").strip() for key, value in row.items() if key is not None}
        url = next((cells[name] for name in _URL_COLUMNS if cells.get(name)), "")
        label = next((cells[name] for name in _NAME_COLUMNS if cells.get(name)), "")
        tags = [tag for tag in re.split(r"[;|]", cells.get("tags", "")) if tag.strip()]
        if url:
            yield _filled({"url": url, "publisher": {"name": label} if label else None, "tags": tags})


def _from_logstash(text: str) -> Iterable[Block]:
    """Yield the rss inputs of a pipeline; `interval` is in seconds there."""
    text = re.sub(r"^\s*#.*$", "", text, flags=re.M)
    for match in _INPUT.finditer(text):
        settings = dict(_SETTING.findall(match[1]))
        url = _QUOTED.search(settings.get("url", ""))
        interval = settings.get("interval", "").strip("\"'")
        every = f"{max(60, int(interval))}s" if interval.isdigit() else None
        yield _filled({"url": url[1] if url else "", "tags": _QUOTED.findall(settings.get("tags", "")), "every": every})


def _checked(blocks: Iterable[Block], name: str) -> list[Block]:
    found: dict[str, Block] = {}
    problems = []
    for number, block in enumerate(blocks, start=1):
        try:
            found.setdefault(normalize_url(block["url"]), block)
        except StageError as err:
            problems.append(f"feed {number}: {err.message}")
    if problems:
        raise ConfigurationError(f"{name}: {len(problems)} are no feed URLs:\n  " + "\n  ".join(problems[:20]))
    if not found:
        raise ConfigurationError(f"{name}: no feeds in this file; give OPML, YAML, CSV, Logstash or one URL a line")
    return list(found.values())


def _block(source: FeedSource) -> Block:
    publisher = {key: value for key, value in vars(source.publisher).items() if value}
    own_id = source.id if source.id != feed_id(source.url) else None
    return _filled({
        "url": source.url, "id": own_id, "publisher": publisher, "timezone": source.timezone,
        "language": source.language, "tags": list(source.tags),
        "every": f"{source.every_s:.0f}s" if source.every_s else None,
        "text": source.text if source.text != "page" else None,
        "from": source.start if source.start != "recent" else None,
    })  # fmt: skip


def _filled(block: Mapping[str, Any]) -> Block:
    return {key: value for key, value in block.items() if value}

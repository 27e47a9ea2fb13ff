"""Every feed file of feedparser's own source distribution, through our reader: read or refused with a reason.

The files are fetched by pip into a temporary folder; none is kept. Each says in a comment what a parser must find in
it: where our elements have that field, they must say the same.
"""

import concurrent.futures
import html
import os
import re
import subprocess
import sys
import tarfile
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from w3lib.html import remove_tags, remove_tags_with_content

from transforms.errors import StageError
from transforms.feeds import read_feed
from transforms.feeds.base import FeedDocument

pytestmark = pytest.mark.full

URL = "http://127.0.0.1:8097/tests/feed.xml"
MIN_FILES = 2_000
MIN_HELD = 1_100  # expectations about fields of ours: 1,165 with feedparser 6.0.14
_EXPECTED = re.compile(rb"Description:\s*(.*?)\s*Expect:\s*(.*?)\s*-->", re.S)
_CONTENT_TYPE = re.compile(rb"^Header:\s+Content-type:(.+)$", re.M | re.I)
_FIRST_ENTRY = re.compile(rb"<(?:\w+:)?(item|entry)\b[^>]*(?<!/)>")
_CHANNEL_END = re.compile(rb"</channel>")
# Where we mean to differ, by the beginning of folder and name.
_ON_PURPOSE = {
    "encoding/bozo_linenoise": "bytes that are no UTF-8 in a document of UTF-8 are replaced, and not a reason to guess",
    "encoding/x80_": "an encoding that Python has no codec for",
    "atom10/entry_id_": "an id that is no absolute URL is resolved against the feed's address, which their files lack",
    "node_precedence/atom10_id": "the same",
    "base/http_": "Content-Location is no base: the address that was asked for is",
    "sanitize/entry_content_crazy": "bodies are handed on as they came; the text stage reads them",
    "sanitize/entry_summary_crazy": "the same",
    "sanitize/entry_title_crazy": "titles are plain text: comments and scripts are gone whole",
    "sanitize/feed_title_crazy": "the same",
    "sanitize/xml_malicious_comment": "the same",
    "sanitize/item_": "the same",
}


class NotOursError(Exception):
    """An expectation about something that our elements do not have."""


class Text(str):
    """A text of ours: equal to what feedparser gives when it says the same without markup."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and _words(other) in (_words(self), " ".join(str(self).split()))

    def __ne__(self, other: object) -> bool:
        return not self == other


def _words(text: str) -> str:
    said = remove_tags(remove_tags_with_content(str(text), ("script", "style", "applet", "object")))
    return " ".join(html.unescape(said).split())


class Ours(dict[str, Any]):
    """Cells under feedparser's names; another name is not ours."""

    def __missing__(self, name: str) -> Any:
        raise NotOursError(name)

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __contains__(self, name: object) -> bool:
        raise NotOursError(name)

    def get(self, name: str, default: Any = None) -> Any:
        return self[name]


@dataclass
class Found:
    """What became of one file."""

    name: str
    result: str
    problem: str = ""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Fetch the source distribution of the feedparser that is installed, and give its feed files."""
    folder = tmp_path_factory.mktemp("feedparser")
    wanted = f"feedparser=={version('feedparser')}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-binary", ":all:", "--no-deps", wanted]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    archives = list(folder.glob("*.tar.gz"))
    if done.returncode != 0 or not archives:
        problem = f"no registry gave {wanted}: {done.stderr.strip()[-300:]}"
        if os.environ.get("NEWSBEAM_REQUIRE_REGISTRY") == "1":
            pytest.fail(problem)
        pytest.skip(problem)
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    found = [path for path in folder.glob("*/tests/**/*") if path.is_file() and path.suffix in (".xml", ".gz", ".z")]
    return sorted(found)


def test_feedparsers_own_feeds_are_read_or_refused(files: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert len(files) >= MIN_FILES
    with concurrent.futures.ThreadPoolExecutor(1) as pool:  # a file that hangs is named
        found = [pool.submit(_read_one, path).result(timeout=300) for path in files]
    count = Counter(each.result for each in found)
    unexpected = [each for each in found if each.result == "differs"]
    with capsys.disabled():
        sys.stdout.write(f"\n{len(found)} feed files of feedparser {version('feedparser')}: {dict(count)}\n")
        sys.stdout.writelines(f"  {each.name}: {each.problem}\n" for each in unexpected)
    assert unexpected == []
    assert count["as expected"] >= MIN_HELD


def _read_one(path: Path) -> Found:
    """Read a file; anything but a `StageError` is a failure of the test."""
    body = path.read_bytes()
    name = "/".join(path.parts[path.parts.index("tests") + 1 :])
    header = _CONTENT_TYPE.search(body)
    content_type = header[1].decode("latin-1").strip() if header else None
    try:
        # Documents that end too early and have no entry are refused: these are about the channel's title.
        document = read_feed(
            _with_entry(body) if name.startswith("entities/") else body, url=URL, content_type=content_type
        )
        if not document.entries and document.skipped:
            body = _with_link(body, document)
            document = read_feed(body, url=URL, content_type=content_type)
    except StageError as err:
        return Found(name, f"refused: {err.reason}", err.message)
    expected = _EXPECTED.search(body)
    if expected is None:
        return Found(name, "read, nothing expected")
    said = expected[2].decode("utf-8", "replace")
    if said in ("0", "1", "bozo", "not bozo"):
        return Found(name, "about other things than a feed's text")
    said = re.sub(r"^(not )?bozo(_exception)? and ", "", said)
    try:
        holds = eval(said, {"__builtins__": {"len": len, "repr": repr, "type": type}}, _as_feedparser(document))
    except NotOursError:
        return Found(name, "about fields that are not ours")
    except (NameError, AttributeError, IndexError, TypeError, SyntaxError, KeyError):
        return Found(name, "about other things than a feed's text")
    if holds:
        return Found(name, "as expected")
    if any(f"/{known}" in f"/{name}" for known in _ON_PURPOSE):
        return Found(name, "differs on purpose")
    return Found(name, "differs", f"{said[:150]} | {_shown(document)[:150]}")


def _with_link(body: bytes, document: FeedDocument) -> bytes:
    """Give the first entry a link: most of the files have none, and we have no use for such entries."""
    link = (
        b"<link href='http://example.com/x'/>"
        if document.format.startswith("atom")
        else b"<link>http://example.com/x</link>"
    )
    return _FIRST_ENTRY.sub(lambda tag: tag[0] + link, body, count=1)


def _with_entry(body: bytes) -> bytes:
    return _CHANNEL_END.sub(b"<item><link>http://example.com/x</link></item></channel>", body, count=1)


def _as_feedparser(document: FeedDocument) -> dict[str, Any]:
    """Return what we read under feedparser's names."""
    feed = Ours(title=_text(document.title), language=document.language)
    entries = []
    for entry in document.entries:
        cells = Ours(
            title=_text(entry.title),
            link=entry.link,
            id=entry.id,
            summary=_text(entry.summary),
            description=_text(entry.summary),
            published_parsed=_tuple(entry.published),
            updated_parsed=_tuple(entry.updated),
            content=[Ours(value=_text(entry.content))],
            tags=[Ours(term=term) for term in entry.categories],
            authors=[Ours(name=name) for name in entry.authors],
        )
        entries.append(
            Ours({name: value for name, value in cells.items() if value not in (None, [], [{"value": None}])})
        )
    return {
        "feed": Ours({name: value for name, value in feed.items() if value}),
        "entries": entries,
        "version": document.format,
    }


def _text(value: str | None) -> Text | None:
    return None if value is None else Text(value)


def _tuple(at: datetime | None) -> tuple[int, ...] | None:
    return None if at is None else (*at.timetuple()[:8], 0)


def _shown(document: FeedDocument) -> str:
    return repr(document.entries[0]) if document.entries else repr(document)

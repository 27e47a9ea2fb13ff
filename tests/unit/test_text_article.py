"""What `extract_article` and `extract_plain_text` fill in, refuse and filter."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from transforms.elements import Article, FeedEntry, FeedSource, History, Publisher, RawPage
from transforms.errors import StageError
from transforms.text.article import ExtractSettings, Filtered, extract_article, extract_plain_text
from transforms.web.urls import document_id

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
URL = "https://gazette.example/news/harbour-plan"
SETTINGS = ExtractSettings()
PARAGRAPHS = (
    "The council approved the plan for the harbour district on Tuesday night, after a debate of almost three years.",
    "Two warehouses will become libraries, and the old fish market will be restored by the end of next year.",
    "Opponents said that they would go to court. They doubt the count of lorries on the quay road.",
)
BODY = "\n\n".join(PARAGRAPHS)


def page_at(url: str = URL, **changes: object) -> RawPage:
    page = RawPage(url=url, final_url=url, site="gazette.example", body=b"", fetched_at=NOON, version=7)
    return replace(page, **changes)


def html(head: str = "", body: str | None = None) -> str:
    text = body if body is not None else "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    article = f"<article><h1>Harbour plan approved</h1>{text}</article>"
    return f"<html><head><title>Harbour plan approved</title>{head}</head><body>{article}</body></html>"


def extract(text: str, page: RawPage | None = None, source: FeedSource | None = None, **changes: object) -> Article:
    settings = replace(SETTINGS, **changes)
    article = extract_article(page or page_at(), text, source=source, settings=settings)
    assert isinstance(article, Article)
    return article


def test_body_has_paragraphs_separated_by_a_blank_line() -> None:
    assert extract(html()).body == BODY


def test_hashes_cover_title_and_body() -> None:
    article = extract(html())
    expected = hashlib.sha256(f"Harbour plan approved\n\n{BODY}".encode()).hexdigest()
    assert (article.raw_sha256, article.sha256) == (expected, expected)
    assert extract(html().replace("Tuesday", "Monday")).raw_sha256 != expected


def test_extractor_is_named_with_its_version() -> None:
    assert extract(html()).extractor.startswith("trafilatura")
    assert "@" in extract(html()).extractor


def test_believed_canonical_gives_url_and_id() -> None:
    article = extract(html('<link rel="canonical" href="/news/harbour-plan-approved-2025">'))
    assert article.url == "https://gazette.example/news/harbour-plan-approved-2025"
    assert article.id == document_id(article.url)
    assert article.requested_url == URL
    assert article.claimed_url is None


def test_canonical_on_another_site_is_kept_as_a_claim() -> None:
    article = extract(html('<link rel="canonical" href="https://herald.example/harbour-plan">'))
    assert (article.url, article.claimed_url) == (URL, "https://herald.example/harbour-plan")


def test_saved_page_takes_its_canonical_url() -> None:
    page = page_at("file:saved/page.html")
    assert extract(html(f'<link rel="canonical" href="{URL}">'), page).url == URL


def test_id_once_given_to_a_url_stays() -> None:
    page = page_at(history=History(document_id="a1known", feeds=("gazette",)))
    article = extract(html(), page)
    assert (article.id, article.feeds) == ("a1known", ("gazette",))


def test_feed_fills_what_the_page_leaves_open() -> None:
    entry = FeedEntry(
        link="https://gazette.example/r?u=1",
        id="1",
        summary="<p>The council voted &amp; approved.</p>",
        published=NOON - timedelta(days=2),
        authors=("By Maria Berg",),
        categories=("Local", "Harbour"),
    )
    source = FeedSource(
        url="https://gazette.example/rss",
        id="gazette",
        publisher=Publisher(name="The Gazette", id="gz", country="GB"),
        tags=("uk",),
    )
    article = extract(html(), page_at(entry=entry), source)
    assert article.summary == "The council voted & approved."
    assert (article.published, article.published_source) == (NOON - timedelta(days=2), "feed")
    assert article.authors == ("Maria Berg",)
    assert article.topics == ("Local", "Harbour")
    assert article.tags == ("uk",)
    assert article.publisher == Publisher(name="The Gazette", id="gz", country="GB")
    assert article.original_url == "https://gazette.example/r?u=1"


def test_trusted_feed_gives_the_body() -> None:
    entry = FeedEntry(link=URL, id="1", content="".join(f"<p>{p} So the feed.</p>" for p in PARAGRAPHS))
    source = FeedSource(url="https://gazette.example/rss", id="gazette", text="feed")
    article = extract(html(), page_at(entry=entry), source)
    assert article.content_source == "feed"
    assert article.body == "\n\n".join(f"{p} So the feed." for p in PARAGRAPHS)


def test_json_ld_body_stands_in_for_an_empty_page() -> None:
    node = json.dumps({"@type": "NewsArticle", "articleBody": "\n".join(PARAGRAPHS)})
    script = f'<script type="application/ld+json">{node}</script>'
    article = extract(html(script, body="<div id=app></div>"))
    assert (article.body, article.content_source, article.extractor) == (BODY, "json-ld", "json-ld")


def test_feed_content_stands_in_for_an_empty_page() -> None:
    entry = FeedEntry(link=URL, id="1", content="<br>".join(PARAGRAPHS))
    article = extract(html(body="<div id=app></div>"), page_at(entry=entry))
    assert article.content_source == "feed"
    assert article.body.replace("\n\n", " ") == " ".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("head", "headers"),
    [
        ('<meta name="robots" content="NOINDEX, follow">', ()),
        ("", (("X-Robots-Tag", "noindex"),)),
        ('<meta name="robots" content="none">', ()),
    ],
)
def test_noindex_page_is_filtered(head: str, headers: tuple[tuple[str, str], ...]) -> None:
    page = page_at(headers=headers)
    assert extract_article(page, html(head), source=None, settings=SETTINGS) == Filtered("noindex")
    assert extract(html(head), page, noindex="keep").noindex is True


def test_header_for_another_robot_is_not_for_us() -> None:
    assert extract(html(), page_at(headers=(("x-robots-tag", "otherbot: noindex, noarchive"),))).noindex is None


def test_noarchive_is_reported() -> None:
    assert extract(html(), page_at(headers=(("X-Robots-Tag", "noarchive, otherbot: noindex"),))).noarchive is True


@pytest.mark.parametrize(
    ("text", "changes", "reason"),
    [
        ("no markup at all", {}, "not_html"),
        ("%PDF-1.7 <a>", {}, "not_html"),
        (html(), {"content_type": "application/pdf"}, "not_html"),
        (html(body=""), {}, "no_text"),
        (html(body="<p>Closed on Sunday.</p>"), {}, "too_short"),
        (html(), {"final_url": "https://gazette.example/"}, "not_an_article"),
    ],
)
def test_what_is_no_article_is_refused_with_url_and_reason(text: str, changes: dict[str, str], reason: str) -> None:
    with pytest.raises(StageError) as raised:
        extract(text, page_at(**changes))
    assert raised.value.reason == reason
    assert URL in raised.value.message


def test_page_nested_too_deeply_for_the_parser_still_gives_its_text() -> None:
    deep = "<b>" * 400 + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    assert extract(html(body=deep)).body == BODY
    assert extract(html(body="<div>" * 400 + "".join(f"<p>{p}</p>" for p in PARAGRAPHS))).body == BODY


@pytest.mark.parametrize("tag", ["section><blockquote", "x-layer", "article", "fieldset><legend"])
def test_page_of_any_deep_nesting_is_read_flat_and_says_so(tag: str) -> None:
    article = extract(html(body=f"<{tag}>" * 400 + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)))
    assert article.body == BODY
    assert article.extractor.endswith("+flat")


def test_page_that_shows_the_beginning_only_takes_the_whole_of_its_json_ld() -> None:
    linked = {"@type": "NewsArticle", "headline": "Harbour plan approved", "articleBody": BODY}
    head = f'<script type="application/ld+json">{json.dumps(linked)}</script>'
    article = extract(html(head, f"<p>{PARAGRAPHS[0]}</p>"))
    assert (article.content_source, article.extractor) == ("json-ld", "json-ld")
    assert PARAGRAPHS[2] in article.body


def test_whole_page_is_preferred_to_its_json_ld() -> None:
    linked = {"@type": "NewsArticle", "headline": "Harbour plan approved", "articleBody": BODY.replace("\n", " ")}
    article = extract(html(f'<script type="application/ld+json">{json.dumps(linked)}</script>'))
    assert (article.content_source, article.body) == ("page", BODY)


def test_blocks_taken_out_of_the_page_are_kept_with_their_rule() -> None:
    promo = '<div class="newsletter-promo"><p>Get the harbour letter every Friday.</p></div>'
    article = extract(html(body=f"<p>{PARAGRAPHS[0]}</p>{promo}<p>{PARAGRAPHS[1]}</p><p>{PARAGRAPHS[2]}</p>"))
    assert article.body == BODY
    assert ("newsletter", "Get the harbour letter every Friday.") in [(r.rule, r.text) for r in article.removed]


def test_text_node_of_ten_megabytes_is_cut_or_refused_in_words() -> None:
    article = extract(html(body=f"<p>{PARAGRAPHS[0]}</p><p>{'x' * 11_000_000}</p>"), max_page_chars=5_000_000)
    assert len(article.body) <= SETTINGS.max_body_chars
    assert any("cut at" in warning for warning in article.warnings)


def test_long_body_is_cut_and_says_so() -> None:
    article = extract(html(), max_body_chars=100)
    assert len(article.body) <= 100
    assert article.warnings == (f"body cut at 100 of {len(BODY)} characters",)


def test_text_is_nfc_with_ordinary_spaces() -> None:
    text = html(
        body=f"<p>Cafe\u0301 owners\u00a0met\u2009in the har\u00adbour on\u200b Tuesday.</p><p>{PARAGRAPHS[0]}</p>"
    )
    assert extract(text).body.split("\n\n")[0] == "Caf\u00e9 owners met in the harbour on Tuesday."


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("Mon, 13 May 2024 08:00:00 GMT", "http"),
        ("Tue, 14 May 2024 11:30:00 GMT", None),  # half an hour before the fetch: made for us
        ("yesterday", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
    ],
)
def test_the_servers_word_is_the_last_witness_of_the_date(said: str, source: str | None) -> None:
    page = page_at(headers=(("Last-Modified", said),), fetched_at=datetime(2024, 5, 14, 12, tzinfo=UTC))
    assert extract(html(), page).published_source == source


def test_a_sitemaps_last_change_is_a_witness_behind_the_page_and_before_the_server() -> None:
    changed = datetime(2024, 5, 12, 9, tzinfo=UTC)
    entry = FeedEntry(link=URL, id=URL, updated=changed)
    page = page_at(entry=entry, headers=(("Last-Modified", "Mon, 13 May 2024 08:00:00 GMT"),))
    article = extract(html(), page)
    assert (article.published, article.published_source) == (changed, "feed-updated")
    dated = extract(html('<meta property="article:published_time" content="2024-05-01T10:00:00Z">'), page)
    assert (dated.published_source, dated.updated) == ("meta", changed)


def test_agency_is_named_by_a_line_that_is_no_text() -> None:
    article = extract(html(body="".join(f"<p>{p}</p>" for p in (*PARAGRAPHS, "© 2025 AFP"))))
    assert (article.body, article.agency) == (BODY, "AFP")


def test_same_page_gives_the_same_article() -> None:
    assert extract(html()) == extract(html())


def test_plain_text_takes_its_first_line_as_title() -> None:
    text = f"Harbour plan approved\n\n{BODY}\n\nLeave A Reply\n\nYour email address will not be published.\n"
    article = extract_plain_text(page_at("file:a.txt"), text, source=None, settings=SETTINGS)
    assert (article.title, article.body) == ("Harbour plan approved", BODY)
    assert [removed.text for removed in article.removed] == [
        "Leave A Reply",
        "Your email address will not be published.",
    ]
    assert (article.content_source, article.language) == ("file", "en")


def test_plain_text_without_blank_line_keeps_its_first_line_in_the_body() -> None:
    article = extract_plain_text(page_at("file:a.txt"), "\r\n".join(PARAGRAPHS), source=None, settings=SETTINGS)
    assert article.body == BODY
    assert article.title == PARAGRAPHS[0]


def test_empty_plain_text_is_refused() -> None:
    with pytest.raises(StageError, match="no_text"):
        extract_plain_text(page_at("file:a.txt"), " \n", source=None, settings=SETTINGS)

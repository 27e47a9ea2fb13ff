"""Which blocks leave the tree before the text is looked for, and which never do."""

import pytest

from transforms.text.blocks import drop_blocks
from transforms.text.split_body import join_split_body
from transforms.text.tree import parse_page

URL = "https://gazette.example/news/harbour-plan"
STORY = "".join(
    f"<p>Paragraph {n} of the harbour story, which goes on long enough to read as a paragraph of a newspaper.</p>"
    for n in range(8)
)


def after(markup: str) -> tuple[str, list[str]]:
    """Return the text left of a page with `markup` behind its story, and the rules that took blocks."""
    root = parse_page(f"<html><body><article><h1>Harbour plan</h1>{STORY}{markup}</article></body></html>", URL)
    removed = drop_blocks(root, URL)
    return root.text_content(), [each.rule for each in removed]


def cards(tag: str = "li", text: str = "", href: str = "/news/story-{}") -> str:
    link = f'<a href="{href}">Ferry fares rise again in year {{}}</a>'
    return "".join(f'<{tag} class="card">{link.format(n, n)}{text}</{tag}>' for n in range(4))


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ('<div class="c-promo__small"><p>Get our app today.</p></div>', "promotion"),
        ('<section id="Newsletter"><p>Get our app today.</p></section>', "newsletter"),
        ('<div class="readMore-box"><p>Get our app today.</p></div>', "read-also"),
        ('<div class="author-bio"><p>Get our app today.</p></div>', "author-bio"),
        ('<ps-promo class="promo"><p>Get our app today.</p></ps-promo>', "promotion"),
    ],
)
def test_short_blocks_are_known_by_words_of_their_class_or_id(markup: str, rule: str) -> None:
    text, rules = after(markup)
    assert "our app" not in text
    assert rules == [rule]
    assert text.count("Paragraph") == 8


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="promotion-of-peace"><h1>Get our app today.</h1></div>',
        '<div class="promo"><div itemprop="articleBody">Get our app today.</div></div>',
        f'<div class="entry-content-read-more"><p>Get our app today.</p>{STORY}</div>',
        '<div class="compromise"><p>Get our app today.</p></div>',
    ],
)
def test_block_with_a_heading_the_body_or_much_text_stays(markup: str) -> None:
    text, rules = after(markup)
    assert "our app" in text
    assert rules == []


def test_comments_go_without_a_report() -> None:
    text, rules = after('<div id="comments"><p>Ann: I doubt it.</p></div><ol class="comment-list"><li>Me too</li></ol>')
    assert "doubt" not in text
    assert "Me too" not in text
    assert rules == []


def test_commentary_is_no_comment() -> None:
    assert "The view" in after('<div class="commentary"><p>The view from here.</p></div>')[0]


@pytest.mark.parametrize("tag", ["li", "div", "article", "p"])
def test_row_of_links_to_other_stories_goes(tag: str) -> None:
    text, rules = after(cards(tag))
    assert "Ferry" not in text
    assert rules == ["story-link"] * 4


def test_cards_with_heading_and_teaser_go() -> None:
    card = '<div class="card"><h3><a href="/news/{0}">Ferry fares rise {0}</a></h3><p>{1}</p></div>'
    text, _ = after(
        "".join(card.format(n, "The council votes on it next week, and opponents protest.") for n in range(3))
    )
    assert "Ferry" not in text
    assert "council votes" not in text


@pytest.mark.parametrize(
    "markup",
    [
        cards(text=" is a sentence of the author, who says much more about it than the link, and goes on to tell why."),
        cards(href="https://other.example/report-{}"),
        cards(href="#part-{}"),
        "".join(f'<li><a href="/p/{n}">Ann Lee</a></li>' for n in range(5)),
        '<p>Among them are <a href="/a">the long first one</a>, <a href="/b">the long second one</a>, '
        '<a href="/c">the long third one</a> and others.</p>',
        "".join(f'<li class="card"><a href="/news/{n}">Ferry fares rise again</a></li>' for n in range(2)),
    ],
)
def test_authors_own_links_stay(markup: str) -> None:
    assert after(markup)[1] == []


def body_of(markup: str) -> str | None:
    root = parse_page(f"<html><body><main>{markup}</main></body></html>", URL)
    join_split_body(root)
    found = root.xpath("//*[@itemprop='articleBody']")
    return found[0].get("id") if found else None


def test_body_cut_into_pieces_is_joined() -> None:
    piece = f'<div class="grid"><div class="article__body">{STORY}</div></div>'
    advert = '<div class="ad-slot">Advertisement</div>'
    assert body_of(f'<article><div id="chunks"><h1>Plan</h1>{piece}{advert}{piece}</div></article>') == "chunks"


@pytest.mark.parametrize(
    "markup",
    [
        f'<div id="x"><div class="article-body">{STORY}</div></div>',
        f'<div id="x"><div class="story-body">{STORY}<div class="story-body">{STORY}</div></div></div>',
        f'<div id="x"><article><div class="post-content">{STORY}</div></article>'
        f'<article><div class="post-content">{STORY}</div></article></div>',
        f'<div id="x"><h1>One</h1><div class="post-content">{STORY}</div>'
        f'<h1>Two</h1><div class="post-content">{STORY}</div></div>',
        '<div id="x"><div class="post-content"><p>Short.</p></div><div class="post-content"><p>Short.</p></div></div>',
    ],
)
def test_single_nested_and_foreign_bodies_are_left_alone(markup: str) -> None:
    assert body_of(markup) is None

"""Which paragraphs are nothing but a link to another story."""

import pytest

from transforms.text.story_links import story_links
from transforms.text.tree import parse_page

URL = "https://www.gazette.example/news/harbour-plan"
HEADLINE = "Ferry fares to rise in May"


def links_in(markup: str) -> frozenset[str]:
    return story_links(parse_page(f"<html><body>{markup}</body></html>", URL), URL)


@pytest.mark.parametrize("href", ["/news/ferry-fares", "https://gazette.example/news/ferry-fares"])
def test_paragraph_that_is_a_headline_of_the_site_is_found(href: str) -> None:
    assert links_in(f'<p><strong><a href="{href}">{HEADLINE}</a></strong></p>') == {"ferry fares to rise in may"}


@pytest.mark.parametrize(
    "markup",
    [
        f'<p><a href="https://herald.example/news/ferry">{HEADLINE}</a></p>',
        f'<p><a href="/news/ferry-fares">{HEADLINE}</a>, the company said</p>',
        '<p><a href="/news/ferry-fares">Ferry fares will rise in May, the company said.</a></p>',
        '<p><a href="/files/report.pdf">Read the report</a></p>',
        f'<ul><li><a href="/news/ferry-fares">{HEADLINE}</a></li></ul>',
        f'<p><a href="#top">{HEADLINE}</a> <a href="/news/ferry-fares">and more</a></p>',
        f'<p><a href="http://[">{HEADLINE}</a></p>',
    ],
)
def test_other_links_stay(markup: str) -> None:
    assert links_in(markup) == frozenset()

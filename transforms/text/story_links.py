"""Paragraphs that are nothing but a link to another story: "read also" without saying so."""

from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from transforms.errors import StageError
from transforms.text.clean import fold
from transforms.web.urls import site_key

MIN_WORDS = 5  # fewer are names and sources ("Read the report"), which belong to the text
_MAX_PARAGRAPHS = 5000
_SENTENCE_ENDS = (".", "!", "?", "…", ":", '."', ".”", "?”", "!”")


def story_links(root: HtmlElement, url: str) -> frozenset[str]:
    """Return the folded texts of paragraphs that hold one link to another page of the site and nothing else.

    Headlines only, not sentences; list items and headings stay, as lists of links may be what an article is about
    (dropping every line that is one link's text costs 0.4 points of F1 on pages of all kinds).
    """
    found: set[str] = set()
    for paragraph in islice(root.find("body").iter("p"), _MAX_PARAGRAPHS):
        links = list(islice((link for link in paragraph.iter("a") if link.get("href") is not None), 2))
        if len(links) != 1:
            continue
        text = " ".join(paragraph.text_content().split())
        if text.endswith(_SENTENCE_ENDS) or len(text.split()) < MIN_WORDS:
            continue
        if text == " ".join(links[0].text_content().split()) and _is_other_page(links[0].get("href"), url):
            found.add(fold(text))
    return frozenset(found)


def _is_other_page(href: str, url: str) -> bool:
    try:
        target = urljoin(url, href.strip())
        return site_key(target) == site_key(url) and len(urlsplit(target).path) > len("/section/")
    except (ValueError, StageError):
        return False

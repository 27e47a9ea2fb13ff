"""The pictures of an article: the page's own cover, and the figures inside its text, with caption and credit."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from transforms.elements import Image
from transforms.errors import StageError
from transforms.text.clean import clean_markup
from transforms.text.srcset import largest
from transforms.web.urls import normalize_url

MAX_IMAGES = 20
_MIN_PIXELS = 100  # smaller ones are icons, avatars and tracking pixels
_MAX_PIXELS = 30_000

_NOT_OF_THE_TEXT = ("header", "footer", "nav", "aside")
_CREDIT_AT_END = re.compile(
    r"[\s(\[|–—-]*\b(?:photos?|photographs?|pictures?|images?|fotos?|bild(?:er)?|foto(?:graf)?|crédits?|credit)"
    r"(?: credit)?\s*(?:by|von|par|de|:)\s*:?\s*(?P<named>.{2,120}?)[\])]?\.?$"
    r"|[(\[]\s*(?P<bracketed>[^()\[\]]{0,60}(?:/|©|\b(?:AP|AFP|Reuters|Getty|dpa|EPA)\b)[^()\[\]]{0,60})[)\]]\.?$"
    r"|©\s*(?P<copyright>[^()\[\]]{2,80})$",
    re.I,
)
_AGENCIES = (
    "Getty Images", "Reuters", "AFP", "AP", "EPA", "dpa", "Shutterstock", "Alamy", "Bloomberg", "PA", "Xinhua",
    "Keystone", "Anadolu", "imago", "EFE", "ANSA", "TASS", "Kyodo",
)  # fmt: skip
_LONG_NAMES = {
    "Getty": "Getty Images", "Associated Press": "AP", "AP Photo": "AP", "Agence France-Presse": "AFP",
    "REUTERS": "Reuters", "PA Media": "PA", "PA Wire": "PA", "PA Images": "PA", "DPA": "dpa", "picture alliance": "dpa",
    "European Pressphoto Agency": "EPA", "Anadolu Agency": "Anadolu", "IMAGO": "imago",
}  # fmt: skip
# The longest first: "Getty Images" is not "Getty".
_AGENCY = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, (*_AGENCIES, *_LONG_NAMES)), key=len, reverse=True)) + r")\b"
)
_CREDITS = etree.XPath(
    ".//*[@itemprop='creditText' or @itemprop='copyrightHolder' or contains(@class, 'credit')"
    " or contains(@class, 'copyright')]"
)
_CAPTIONS = etree.XPath(".//figcaption | .//*[contains(@class, 'caption')]")
_LABEL = re.compile(
    r"(?:(?:photo|image|picture|bild|foto|crédit)?\s*(?:credit|source|quelle|by|©|photo)?s?\s*:|©|\(c\))\s*",
    re.I,
)


def find_images(
    root: HtmlElement, *, linked: Iterable[Mapping[str, Any]], covers: Iterable[str], base: str
) -> tuple[Image, ...]:
    """Return the article's pictures, the cover first, each file once.

    `linked` are JSON-LD image nodes, `covers` the og:image URLs; `base` resolves relative URLs.
    """
    found: dict[str, Image] = {}
    for image in (*_from_covers(covers, base), *_from_linked(linked, base), *_from_figures(root, base)):
        known = found.get(_file_of(image.url))
        if known is not None:
            found[_file_of(image.url)] = _merged(known, image)
        elif len(found) < MAX_IMAGES:
            found[_file_of(image.url)] = image
    return tuple(found.values())


def _from_covers(covers: Iterable[str], base: str) -> Iterator[Image]:
    for cover in covers:
        if url := _url(cover, base):
            yield Image(url=url)


def _from_linked(linked: Iterable[Mapping[str, Any]], base: str) -> Iterator[Image]:
    for node in linked:
        if url := _url(node.get("url"), base):
            caption, credit = split_credit(_string(node.get("caption")) or _string(node.get("description")))
            credit = _string(node.get("creditText")) or credit
            width, height = _pixels(node.get("width")), _pixels(node.get("height"))
            yield Image(url=url, caption=caption, credit=credit, agency=_agency(credit), width=width, height=height)


def _from_figures(root: HtmlElement, base: str) -> Iterator[Image]:
    for figure in islice(_figures(root), 2 * MAX_IMAGES):
        picture = next(figure.iter("img"), None)
        if picture is None:
            continue
        url, width, height = _best_file(picture, base)
        if not url or min(width or _MIN_PIXELS, height or _MIN_PIXELS) < _MIN_PIXELS:
            continue
        caption, credit = _caption_and_credit(figure)
        alt = clean_markup(picture.get("alt"), 300)
        yield Image(
            url=url, caption=caption, alt=alt, credit=credit, agency=_agency(credit), width=width, height=height
        )


def _figures(root: HtmlElement) -> Iterator[HtmlElement]:
    # Not one XPath over all elements: three times slower.
    for element in root.iter("figure", "div"):
        is_one = element.tag == "figure" or "wp-caption" in element.get("class", "")
        if is_one and next(element.iterancestors(*_NOT_OF_THE_TEXT), None) is None:
            yield element


def _best_file(picture: HtmlElement, base: str) -> tuple[str | None, int | None, int | None]:
    """Return the URL of the largest file offered, and its width and height where they are known."""
    width, height = _pixels(picture.get("width")), _pixels(picture.get("height"))
    offered = largest(picture)
    if offered is not None and (url := _url(offered[0], base)):
        wide = _pixels(offered[1])
        if wide is None or wide == width:
            return url, width, height
        return url, wide, round(height * wide / width) if width and height else None
    names = ("src", "data-src", "data-lazy-src", "data-original")
    source = next((picture.get(name) for name in names if _real(picture.get(name))), None)
    return _url(source, base), width, height


def _caption_and_credit(figure: HtmlElement) -> tuple[str | None, str | None]:
    """Return what a figure says of its picture, and who made it: an element of its own, or the caption's end."""
    elements = _CREDITS(figure)
    said = clean_markup(elements[0].text_content(), 120) if elements else None
    captions = _CAPTIONS(figure)
    text = clean_markup(captions[0].text_content(), 600) if captions else None
    if not said:
        return split_credit(text)
    if text and elements[0] is not captions[0]:
        text = text.replace(said, "", 1).strip(" |·–—-") or None
    elif text:  # the caption is called a credit: what it holds decides
        caption, credit = split_credit(text)
        return (caption, credit) if credit else (None, _LABEL.sub("", said, count=1) or None)
    return text, _LABEL.sub("", said, count=1).strip(" .") or None


def split_credit(caption: str | None) -> tuple[str | None, str | None]:
    """Return a caption without its credit, and the credit.

    >>> split_credit("The quay at dawn. (Photo by Ann Lee/AFP)")
    ('The quay at dawn.', 'Ann Lee/AFP')
    """
    if not caption:
        return None, None
    match = _CREDIT_AT_END.search(caption)
    if match is None:
        return caption, None
    credit = (match["named"] or match["bracketed"] or match["copyright"]).strip(" .")
    return caption[: match.start()].strip() or None, credit or None


def _merged(first: Image, second: Image) -> Image:
    values = {
        name: getattr(first, name) or getattr(second, name)
        for name in ("caption", "alt", "credit", "agency", "width", "height")
    }
    return Image(url=first.url, **values)


def _file_of(url: str) -> str:
    """Return what two sizes of one picture share: the URL without its query."""
    return url.partition("?")[0]


def _url(value: object, base: str) -> str | None:
    if not isinstance(value, str) or not _real(value):
        return None
    try:
        return normalize_url(value.strip(), base)
    except StageError:
        return None


def _real(value: str | None) -> bool:
    return bool(value) and not str(value).lstrip().lower().startswith(("data:", "about:", "blob:", "javascript:"))


def _string(value: object) -> str | None:
    return clean_markup(value, 600) if isinstance(value, str) else None


def _pixels(value: object) -> int | None:
    if isinstance(value, dict):
        value = value.get("value")
    match = re.match(r"\s*(\d{1,6})(?:\.\d+)?\s*(?:px)?\s*$", str(value)) if value is not None else None
    pixels = int(match[1]) if match else 0
    return pixels if 0 < pixels <= _MAX_PIXELS else None


def _agency(credit: str | None) -> str | None:
    match = _AGENCY.search(credit or "")
    return _LONG_NAMES.get(match[0], match[0]) if match else None

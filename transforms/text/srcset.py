"""The largest file that a picture offers: `srcset` of an `img` and of the `source`s around it."""

import re
from collections import deque
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

MAX_CHARS = 20_000  # of one srcset; news sites have 300 to 3,000
MAX_SOURCES = 20
_WIDEST = 6_000  # pixels; more is a mistake or a print file
_DESCRIPTOR = re.compile(r"(?<!\S)(\d{1,6}(?:\.\d{1,3})?)([wx])(?!\S)")
_ATTRIBUTES = ("srcset", "data-srcset", "data-lazy-srcset")


def largest(picture: HtmlElement) -> tuple[str, int | None] | None:
    """Return the URL of the largest candidate of an `img` and its width in pixels where it says so; None without any.

    Of a `<picture>` the sources for other shapes (art direction, `media`) count too: it is the largest file that is
    wanted, not what fits a screen. Widths win over densities, which say nothing between sources.
    """
    found = [each for text in _texts(picture) for each in candidates(text)]
    wide = [each for each in found if each[2] == "w" and each[1] <= _WIDEST]
    if wide:
        url, width, _ = max(wide, key=lambda each: each[1])
        return url, int(width)
    dense = [each for each in found if each[2] == "x"]
    return (max(dense, key=lambda each: each[1])[0], None) if dense else None


def candidates(text: str) -> Iterator[tuple[str, float, str]]:
    """Yield (URL, size, `w` or `x`) for each candidate of a srcset; one without a descriptor is 1x.

    >>> list(candidates("/a.jpg 640w, /b,c.jpg 2x, /d.jpg"))
    [('/a.jpg', 640.0, 'w'), ('/b,c.jpg', 2.0, 'x'), ('/d.jpg', 1.0, 'x')]
    """
    # By https://html.spec.whatwg.org/#parse-a-srcset-attribute a URL ends at white space, and a comma at its end is
    # none of it; commas inside are (image services write /w_640,h_360/).
    words = deque(text[:MAX_CHARS].split())
    while words:
        word = words.popleft().lstrip(",")
        url, said = word.rstrip(","), ""
        if not url:
            continue
        while words and not word.endswith(",") and "," not in said:
            said += f" {words.popleft()}"
        said, _, rest = said.partition(",")
        if rest:
            words.appendleft(rest)
        size = _DESCRIPTOR.search(said)
        if size or not said.strip():
            yield (url, float(size[1]), size[2]) if size else (url, 1.0, "x")


def _texts(picture: HtmlElement) -> Iterator[str]:
    # The parser knows no `source`: each one stands inside the one before, and the `img` inside the last.
    around = next(picture.iterancestors("picture"), None)
    sources = around.iter("source") if around is not None else ()
    for element in (*islice(sources, MAX_SOURCES), picture):
        yield from (element.get(name) for name in _ATTRIBUTES if element.get(name))

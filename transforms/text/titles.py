"""Headlines: which of a page's titles is the article's, without the site's name."""

import re
from collections.abc import Iterable

from transforms.text.clean import clean_markup, fold

_SEPARATOR = re.compile(r"\s+(?:[|•·»«:—–-]|::|//)\s+|\s*\|\s*")
# A section before a bar is not the headline's: "Opinion | The ferry is a road".
_LABEL = re.compile(
    r"^(?:opinion|analysis|exclusive|commentary|editorial|meinung|kommentar|opinión|tribune)\s*\|\s*", re.I
)
MAX_TITLE_CHARS = 500


def clean_title(title: str | None, site_names: Iterable[str]) -> str | None:
    """Return a title as one clean line without a site's name at either end.

    Only a part that is one of `site_names` goes: a dash may be the headline's own.

    >>> clean_title("Harbour plan approved - Daily Example", ["Daily Example"])
    'Harbour plan approved'
    """
    text = clean_markup(title, MAX_TITLE_CHARS)
    names = {_squeezed(name) for name in site_names} - {""}
    while text:
        marks = list(_SEPARATOR.finditer(text))
        if marks and _squeezed(text[marks[-1].end() :]) in names:
            text = text[: marks[-1].start()].strip()
        elif marks and _squeezed(text[: marks[0].start()]) in names:
            text = text[marks[0].end() :].strip()
        else:
            break
    return (_LABEL.sub("", text) or text) if text else None


def shortened_to(title: str, heading: str | None) -> str:
    """Return the page's heading when `title` (from `<title>`) is that heading with something around it."""
    if heading and len(fold(heading).split()) >= 3 and f" {fold(heading)} " in f" {fold(title)} ":
        return heading
    return title


def _squeezed(name: str) -> str:
    """Fold a site's name so that `nytimes.com`, `NY Times` and `The NY Times` agree."""
    folded = fold(re.sub(r"^(?:https?://)?(?:www\.)?", "", name.strip().lower()))
    return folded.removeprefix("the ").replace(" ", "")

"""Words and marks around a name that give its kind away: "the Kerem Shalom crossing", CBS' "Face the Nation"."""

import re
from collections.abc import Iterable, Iterator

from transforms.enrich.reading.words import words

_FACILITY = re.compile(
    r"[”\"’]? (?:border |refugee |air |military |power |nuclear |detention )?"
    r"(?:crossing|checkpoint|camp|airport|airfield|prison|dam|bridge|stadium|barracks)\b"
)
_LANDFORM = re.compile(r" (?:river|sea|lake|valley|mountains?|desert|peninsula|islands?|region|gulf|strait)\b")
_QUOTED = re.compile(r"[“\"](?P<name>[A-Z][^“”\"\n]{2,60}?)[,.]?[”\"]")
_WORK_BEFORE = re.compile(
    r"(?:['’]s?|\b(?:[Bb]ook|novel|film|movie|song|album|show|programme|program|series|play|opera|musical|documentary"
    r"|podcast|magazine|memoir|essay|exhibition|on|titled|entitled)),? \Z"
)
_SMALL = words("a an the of in on at to for and or but by with from as is")


def facility_follows(text: str, end: int) -> bool:
    """Tell whether the word behind a name makes it a facility: crossing, camp, airport, ..."""
    return _FACILITY.match(text, end) is not None


def landform_follows(text: str, end: int) -> bool:
    """Tell whether the word behind a name makes it a part of the land: river, valley, island, ..."""
    return _LANDFORM.match(text, end) is not None


def is_title_case(parts: Iterable[str]) -> bool:
    """Tell whether every word but the small ones begins with a capital."""
    return all(word[0].isupper() or word in _SMALL for word in parts)


def quoted_names(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, `FAC` or `MISC`) of names in quotation marks: titles after a word for a work or an owner,
    facilities before their word. Every longer word of such a name has a capital.
    """
    for match in _QUOTED.finditer(text):
        start, end = match.span("name")
        inside = match["name"].split()
        if not is_title_case(inside):
            continue
        if facility_follows(text, match.end()):
            yield start, end, "FAC"
        elif len(inside) > 1 and _WORK_BEFORE.search(text[max(0, match.start() - 20) : match.start()]):
            yield start, end, "MISC"

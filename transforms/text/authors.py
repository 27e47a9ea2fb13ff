"""Bylines to people: "By Jane Doe and John Roe, Reuters" names two people and an agency."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from transforms.text.clean import clean_markup, fold

MAX_AUTHORS = 20
MAX_NAME_CHARS = 80
MAX_BYLINE_CHARS = 120

# What news agencies sign with; the value is how we name them.
AGENCIES = {
    "reuters": "Reuters", "thomson reuters": "Reuters", "ap": "AP", "associated press": "AP",
    "the associated press": "AP", "afp": "AFP", "agence france presse": "AFP", "agence francepresse": "AFP",
    "dpa": "dpa", "deutsche presse agentur": "dpa", "efe": "EFE", "ansa": "ANSA", "upi": "UPI", "pa": "PA",
    "pa media": "PA",
    "press association": "PA", "pa news agency": "PA", "xinhua": "Xinhua", "tass": "TASS", "bloomberg": "Bloomberg",
    "bloomberg news": "Bloomberg", "ians": "IANS", "ani": "ANI", "pti": "PTI", "kyodo": "Kyodo", "kyodo news": "Kyodo",
    "canadian press": "The Canadian Press", "the canadian press": "The Canadian Press", "aap": "AAP", "sid": "SID",
    "kna": "KNA", "epd": "epd", "apa": "APA", "sda": "SDA", "keystone sda": "Keystone-SDA", "belga": "Belga",
    "anp": "ANP", "europa press": "Europa Press", "getty": "Getty Images",
    "getty images": "Getty Images", "epa": "EPA",
}  # fmt: skip

_NOBODY = re.compile(
    r"(?:the )?(?:.* )?(?:staff|editors?|editorial team|editorial board|newsroom|news ?desk|web ?desk|desk|team|"
    r"redaktion|redaccion|redacción|rédaction|la rédaction|redazione|admin|administrator|guest|unknown|none|null|"
    r"webmaster|contributors?|agencies|agency|agence|correspondent|reporter|writers?|online|press release|"
    r"nachrichten|magazine)"
)
_BY = re.compile(
    r"^(?:(?:written|reported|posted|words|story|text|report|analysis|opinion|review|published)\s+)?(?:by|von|par|por|di|door)\s*:?\s+"
    r"|^(?:author|autor|auteur|text)s?\s*:\s*",
    re.I,
)
_AND = re.compile(r"\s*[;|/•·]\s*|,?\s+(?:&|[Aa]nd|AND|und|UND|et|ET|y|e|och|with|mit|avec|con)\s+")
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")
_SUFFIXES = re.compile(
    r"(?:jr|sr|i{1,3}|iv|md|phd|dphil|ms|ma|mba|rd|rdn|rn|esq|dr|ba|bsc|msc|jd|obe|mbe|cbe)\.?", re.I
)
_PARTICLES = {
    "de",
    "da",
    "di",
    "van",
    "von",
    "der",
    "den",
    "del",
    "la",
    "le",
    "al",
    "el",
    "bin",
    "ben",
    "dos",
    "du",
    "ter",
    "zu",
}
_ROLE = re.compile(
    r"\b(?:editor|reporter|correspondent|writer|columnist|analyst|journalist|producer|director|professor|researcher|"
    r"lecturer|redakteur|redakteurin|korrespondent|korrespondentin|journaliste|staff|news|desk|bureau|university|team|"
    r"specialist|expert|chief|critic|fellow|contributor|author|host|anchor|president|minister|officer)\b",
    re.I,
)


class Byline(NamedTuple):
    """The people who wrote an article, and the agency it came from."""

    people: tuple[str, ...]
    agency: str | None


def read_byline(names: Iterable[str], *, houses: Iterable[str | None] = ()) -> Byline:
    """Return the people in `names` (names or whole bylines), without roles, agencies and desks.

    `houses` are the publisher's names: they sign nothing.
    """
    people: dict[str, str] = {}
    agency: str | None = None
    own = {fold(house) for house in houses if house}
    for raw in names:
        for piece in _pieces(clean_markup(raw, 300) or ""):
            folded = fold(piece)
            if folded in AGENCIES:
                agency = agency or AGENCIES[folded]
            elif folded and folded not in own and not _NOBODY.fullmatch(folded) and _reads_as_name(piece):
                people.setdefault(folded, _in_title_case(piece))
    return Byline(tuple(people.values())[:MAX_AUTHORS], agency)


def is_byline(line: str) -> bool:
    """Say whether a line of text is a byline and nothing else: "By Jane Doe and John Roe, Reuters"."""
    start = _BY.match(line)
    if start is None or len(line) > MAX_BYLINE_CHARS or line.endswith((".", "?", "!", ":")):
        return False
    pieces = [piece for part in _AND.split(line[start.end() :]) for piece in part.split(",")]
    # Names of one word or in lower case are read from an author field, never guessed in a text ("By Friday").
    return all(
        (_reads_as_name(piece) and len(piece.split()) > 1 and not piece.islower()) or _ROLE.search(piece)
        for piece in map(str.strip, pieces)
    )


def _pieces(byline: str) -> Iterable[str]:
    byline = _ADDRESS.sub(" ", byline)
    byline, inside = _BRACKETS.sub(" ", byline), _BRACKETS.findall(byline)
    yield from (text for text in inside if fold(text) in AGENCIES)
    for part in _AND.split(_BY.sub("", byline.strip())):
        # "Jane Doe, Political Editor" is one person, "Jane Doe, John Roe" are two, "Jane Doe, MD" has a degree.
        pieces = part.split(",")
        if (
            len(pieces) == 2
            and all(len(piece.split()) == 1 for piece in pieces)
            and not _SUFFIXES.fullmatch(pieces[1].strip())
        ):
            pieces = [f"{pieces[1].strip()} {pieces[0].strip()}"]  # "Doe, Jane"
        for piece in pieces:
            name = re.split(r"\s+[-–—]\s+|\s+for\s+|\s+in\s+(?=[A-Z])", _BY.sub("", piece.strip()))[0].strip(" .:-–—*")
            if name and not _SUFFIXES.fullmatch(name):
                yield name


def _reads_as_name(text: str) -> bool:
    words = text.split()
    if len(text) > MAX_NAME_CHARS or not 1 <= len(words) <= 6 or any(map(str.isdigit, text)) or _ROLE.search(text):
        return False
    if text.startswith("@") or not any(map(str.isalpha, text)):
        return False
    return all(
        word[0].isupper() or not word[0].isalpha() or word.lower() in _PARTICLES or not word[0].isascii()
        for word in words
    ) or (len(words) >= 2 and text.islower())


def _in_title_case(name: str) -> str:
    """Write "JANE DOE" and "jane doe" as names are written; leave "DJ" and "McDonald" alone."""
    if (name.isupper() and len(name) > 4 and " " in name) or name.islower():
        return " ".join(word if word in _PARTICLES else word.title() for word in name.split())
    return name

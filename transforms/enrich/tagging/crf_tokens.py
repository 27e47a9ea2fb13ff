"""Words with their places: what the name tagger sees of a text."""

import re
from typing import NamedTuple

from transforms.enrich.reading.sentences import sentences

_ABBREVIATIONS = (
    "Mr|Mrs|Ms|Dr|St|Gen|Sen|Gov|Rep|Lt|Col|Sgt|Jr|Sr|Inc|Corp|Co|Ltd|Prof|Rev|Hon|Maj|Capt|Adm|Mt|No|vs|"
    "Jan|Feb|Aug|Sept|Oct|Nov|Dec|Ave"
)
# Keeps "U.S.", "Mr.", initials, 360,000, AT&T and O'Brien whole; splits hyphens and the possessive.
TOKEN = re.compile(
    r"https?://\S+"
    r"|(?:[A-Z]\.){2,}"
    rf"|\b(?:{_ABBREVIATIONS})\."
    r"|\b[A-Z]\.(?=\s?[A-Z])"
    r"|\d+(?:[.,]\d+)*(?![^\W\d_])"
    r"|[^\W_]+(?:&[A-Z]+)*(?:['’](?=[A-Z])[^\W_]+)?"
    r"|['’]s\b"
    r"|\S"
)
MAX_SENTENCE_TOKENS = 200  # longer "sentences" (tables, hostile text) are cut: the tagger's memory stays bounded


class Sentence(NamedTuple):
    """The tokens of one sentence; `starts` and `ends` are offsets into the whole text."""

    words: list[str]
    starts: list[int]
    ends: list[int]


def tokenize(text: str) -> list[Sentence]:
    """Return the text's sentences as tokens, in order. Linear in the length of the text."""
    found: list[Sentence] = []
    for start, end in sentences(text):
        matches = list(TOKEN.finditer(text, start, end))
        for first in range(0, len(matches), MAX_SENTENCE_TOKENS):
            part = matches[first : first + MAX_SENTENCE_TOKENS]
            found.append(Sentence([m[0] for m in part], [m.start() for m in part], [m.end() for m in part]))
    return found

"""The value that the steps from tagger to entity pass on."""

from typing import NamedTuple


class Span(NamedTuple):
    """A name in the text: `text[start:end]`. `label` is the tagger's (PERSON ORG LOC NORP FAC EVENT MISC) or ours."""

    start: int
    end: int
    label: str
    confidence: float

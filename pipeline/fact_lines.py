"""A fact in a line, for people: what was stated, of what, where, according to whom."""

from collections.abc import Mapping
from typing import Any

from pipeline.output import line

# Words of a figure that say its event already.
_SAYS = {"killed": ("dead", "death", "bodies"), "injured": ("wounded", "hurt"), "displaced": ("fled", "refugee")}


def figure_line(figure: Mapping[str, Any]) -> str:
    """Return what the article says, then what it is about; a word that stands in the text already is not said again."""
    modifier = line(figure.get("modifier")).lower()
    text = line(figure.get("text"))
    words = text if not modifier or text.lower().startswith(modifier) else f"{modifier} {text}"
    subject, event = line(figure.get("subject")), line(figure.get("event"))
    if subject and subject.casefold() not in words.casefold():
        words += f" {subject}"
    if event and not any(said in words.casefold() for said in (event.casefold(), *_SAYS.get(event, ()))):
        words += f" {event}"
    place, attribution = line(figure.get("place")), line(figure.get("attribution"))
    if place and place.casefold() not in words.casefold():
        words += f", {place}"
    return words + (f", according to {attribution}" if attribution else "")


def quote_line(quote: Mapping[str, Any]) -> str:
    """Return who said it, with the role that the article gives, and the words."""
    speaker = line(quote.get("speaker") or quote.get("speaker_text") or "unknown")
    role = line(quote.get("speaker_role"))
    if role.casefold() in speaker.casefold():
        role = ""  # "the head of the agency (head of the agency)"
    return f'{speaker}{f" ({role})" if role else ""}: "{line(quote.get("text"))}"'

"""Borders and obvious labels of single names, before the document is looked at as a whole."""

import re
from collections.abc import Iterable, Iterator

from transforms.enrich.reading import name_lists
from transforms.enrich.reading.name_span import Span
from transforms.enrich.reading.words import words
from transforms.enrich.tagging.crf_features import fold

_BEFORE, _AFTER = " \n\t\"“”‘’'(-–—.,:;[", " \n\t\"“”‘’'(-–—,:;["
_OPENING_QUOTE = re.compile(r"[“«]|(?<=\s)\"")
_THE = re.compile(r"(?:the|The|THE)\s+(?=\w)")
_PARTICLES = "|".join(sorted(name_lists.NAME_PARTICLES - {"of", "the", "und"}))
_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w’'.-]*"
_NAME_PART = re.compile(rf"{_CAPITAL}(?:\s+(?:(?:{_PARTICLES})\s+){{0,3}}{_CAPITAL})*")
_LEADING_WORD = re.compile(r"\S+\s+(?=\S)")
_INITIALS_CHARS = 10  # "J. R. R. "
_INITIALS_BEFORE = re.compile(r"(?<![\w.&-])((?:[A-Z]\. ?){1,3})\Z")
_COUNTRY_INITIALS = frozenset({"U.S. ", "U.N. ", "U.K. ", "E.U. "})
_BODY_GOES_ON = re.compile(r" (?:for|of|on|against) (?:the )?")
_BODIES_OF = words(
    """Office Ministry Department Council Commission Committee Agency Organization Organisation Center Centre Institute
    Association Federation Union Programme Program Fund Authority Bureau Court Directorate Secretariat Alliance"""
)
_FORMAL_COUNTRIES = frozenset({"russian federation", "soviet union"})
_NEXT_CAPITALISED = re.compile(r" ([A-Z][a-z]{1,20})\b(?! [A-Z])")
_NEXT_CAPITALISED_WORD = re.compile(r" ([A-Z][a-z]{1,20})\b")
_CERTAIN_COUNTRIES = name_lists.COUNTRIES - name_lists.AMBIGUOUS_COUNTRIES


def tidy(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans without quotes, articles, titles and possessives; nothing where no name is left.

    An honorific makes a person, a country's name a place; a person's span with ordinary words inside is split; two
    halves of a person's name or of a body's long one ("U.N. Office" for the "Coordination of ...") are joined.
    """
    for span in _joined_persons(text, _joined_bodies(text, spans)):
        trimmed = _trim(text, span)
        surface = text[trimmed.start : trimmed.end]
        if not any(char.isalpha() for char in surface) or surface.lower() in name_lists.PRONOUNS:
            continue
        if surface in name_lists.ORDINARY_STARTS or _is_portfolio(text, trimmed):
            continue
        if trimmed.label in ("ORG", "LOC", "MISC", "FAC") and _is_titled_person(surface):
            trimmed = trimmed._replace(label="PERSON")
        if surface in _CERTAIN_COUNTRIES:
            trimmed = trimmed._replace(label="LOC")
        elif _is_body(surface) and trimmed.label in ("EVENT", "MISC", "LOC", "FAC"):
            trimmed = trimmed._replace(label="ORG")
        if trimmed.label == "PERSON":
            yield from _persons(text, trimmed)
            continue
        trimmed = with_facility_head(text, _without_lower_tail(text, trimmed))
        surface = text[trimmed.start : trimmed.end]
        if surface and not (surface.islower() and trimmed.label in ("LOC", "NORP", "FAC", "ORG")):
            yield trimmed


def with_facility_head(text: str, span: Span) -> Span:
    """Return the span with the capitalised word behind it that says what the place is: the Rafah Crossing."""
    head = _NEXT_CAPITALISED.match(text, span.end) if span.label in ("LOC", "FAC") else None
    if head is None or head[1].lower() not in name_lists.FACILITY_HEADS:
        return span
    return span._replace(end=head.end(), label="FAC")


def _joined_bodies(text: str, spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.label == "ORG"
            and span.label in ("ORG", "MISC")
            and _BODY_GOES_ON.fullmatch(text, last.end, span.start)
            and text[last.start : last.end].rsplit(" ", 1)[-1] in _BODIES_OF
        ):
            joined[-1] = last._replace(end=span.end, confidence=min(last.confidence, span.confidence))
        else:
            joined.append(span)
    return joined


def _joined_persons(text: str, spans: Iterable[Span]) -> list[Span]:
    """Join what one person's name was cut into, and take in the initials before it: R.E. Glenn."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if span.label != "PERSON":
            joined.append(span)
        elif last is not None and last.label == "PERSON" and text[last.end : span.start] == " ":
            joined[-1] = last._replace(end=span.end, confidence=min(last.confidence, span.confidence))
        else:
            joined.append(span._replace(start=_start_of_initials(text, span.start, last.end if last else 0)))
    return joined


def _start_of_initials(text: str, start: int, behind: int) -> int:
    initials = _INITIALS_BEFORE.search(text, max(behind, start - _INITIALS_CHARS), start)
    return initials.start() if initials and initials[1] not in _COUNTRY_INITIALS else start


def _trim(text: str, span: Span) -> Span:
    start, end, label, _ = span
    if quote := _OPENING_QUOTE.search(text, start + 1, end):  # CBS' “Face the Nation”: two names
        end = quote.start()
    while start < end and text[start] in _BEFORE:
        start += 1
    while end > start and text[end - 1] in _AFTER:
        end -= 1
    article = _THE.match(text, start, end)
    if article and (label in ("LOC", "NORP", "PERSON") or article.group().startswith("the")):
        start = article.end()
    owner = text[start:end].endswith(("'s", "’s"))
    if owner and (label in ("PERSON", "LOC", "NORP") or text[start : end - 2] in _CERTAIN_COUNTRIES):
        end -= 2  # but a body may be called McDonald's
    return span._replace(start=start, end=end)


def _is_body(surface: str) -> bool:
    head = surface.rsplit(" ", 1)[-1]
    return head in name_lists.BODY_HEADS and head != surface and fold(surface) not in _FORMAL_COUNTRIES


def _is_portfolio(text: str, span: Span) -> bool:
    """Tell whether the span is the first half of a title: "Defense" of the Defense Minister."""
    following = _NEXT_CAPITALISED_WORD.match(text, span.end)
    titles = name_lists.TITLES
    return following is not None and following[1].lower() in titles and text[span.start : span.end].lower() in titles


def _is_titled_person(surface: str) -> bool:
    """Tell whether a span like "Gen. Bell" or "Prince Hassan" begins with a title that only people have."""
    parts = surface.replace("’", "'").split()
    if not 2 <= len(parts) <= 4 or parts[0].lower().rstrip(".") not in name_lists.HONORIFICS:
        return False
    if not all(word[0].isupper() or word in name_lists.NAME_PARTICLES for word in parts[1:]):
        return False
    return "of" not in parts and not any(w.lower() in name_lists.NOT_A_PERSON_AFTER_TITLE for w in parts[1:])


def _persons(text: str, span: Span) -> Iterator[Span]:
    start = span.start
    while True:
        word = _LEADING_WORD.match(text, start, span.end)
        if word is None:
            break
        bare = word.group().strip().rstrip(".")
        if bare.lower() not in name_lists.TITLES and bare not in name_lists.DEMONYMS:
            break
        start = word.end()
    parts = text[start : span.end].split()
    if len(parts) == 1 and parts[0].lower().rstrip(".") in name_lists.TITLES:
        return
    if not any(word.islower() and word not in name_lists.NAME_PARTICLES for word in parts):
        yield span._replace(start=start)
        return
    for part in _NAME_PART.finditer(text, start, span.end):
        if part.group() not in name_lists.COMMON_CAPITALISED:
            yield span._replace(start=part.start(), end=part.end())


def _without_lower_tail(text: str, span: Span) -> Span:
    """Cut ordinary words behind the name: "Rafah assault" names Rafah. "Gaza health ministry" stays a body."""
    end = span.end
    if span.label == "ORG" and text[span.start : end].rsplit(" ", 1)[-1] in name_lists.ORG_WORDS:
        return span
    while (space := text.rfind(" ", span.start, end)) > 0 and text[space + 1 : end].islower():
        end = space
    return span._replace(end=end) if any(char.isupper() for char in text[span.start : end]) else span

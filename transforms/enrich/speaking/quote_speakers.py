"""Whom the words beside a quotation mean: the entity, its stated role, and how sure that is."""

import re
from typing import NamedTuple

from transforms.enrich.reading.mentions import Mentions, Named
from transforms.enrich.reading.words import words
from transforms.enrich.speaking.quote_marks import Quotation
from transforms.enrich.speaking.speech import ROLES, Speech, find_subject, is_pronoun

_LINKS = words("of for at in to with from")
_PRONOUN_CONFIDENCE = 0.6
_BY_ROLE_CONFIDENCE = 0.7
_ADJACENT_CHARS = 4  # between a quotation's mark and "said": comma, space, dash
_APPOSITION = re.compile(r",\s(?:[A-Z][\w.’'-]*\s){0,3}")  # The army chief, General >Amadou Keita<
_ARTICLE = re.compile(r"^(?:the|an?)\s", re.IGNORECASE)
_MAX_TITLE_CHARS = 60


class Speaker(NamedTuple):
    """Who says something: `name` is an entity's or None, `text` the article's words there."""

    name: str | None
    text: str
    role: str | None
    verb: str
    confidence: float
    person: bool


def speaker_of(
    text: str, speech: Speech, quotation: Quotation, mentions: Mentions, last: Speaker | None, *, since: int
) -> Speaker | None:
    """Return who the words of `speech` mean; `last` spoke before, until `since`.

    A pronoun is the person who opens a sentence since then, else the last speaker. "The minister" is the one person of
    that role.
    """
    said_by = text[speech.start : speech.end]
    confidence = 0.95 if _gap(speech, quotation) <= _ADJACENT_CHARS else 0.8
    role = text[speech.role[0] : speech.role[1]] if speech.role else None
    if is_pronoun(said_by):
        return _of_pronoun(text, speech, (since, min(speech.start, quotation.outer[0])), mentions, last)
    named = _canonical(text, speech, mentions)
    if named is not None and named.label == "PERSON":
        title = text[speech.start : named.start].strip(" ,")
        role = role or (title if len(title) > 3 and title.lower() not in ("the", "a", "an") else None)
    else:
        described = _role_in(said_by)
        vague = said_by.lower().startswith(("one of ", "another "))  # one of them, Ada Novak
        person = _apposition(text, speech, mentions) if described or vague else None
        if person is not None:
            return Speaker(person.name, text[person.start : person.end], described, speech.verb, confidence, True)
        if named is None:
            role = role or described
            name = _by_role(said_by, speech, mentions, last) if described else None
            if name is not None:
                return Speaker(name, said_by, role, speech.verb, _BY_ROLE_CONFIDENCE, True)
    is_person = named.label == "PERSON" if named else bool(role) or said_by.istitle()
    return Speaker(named.name if named else None, said_by, role, speech.verb, confidence, is_person)


def subject_before_colon(text: str, start: int, end: int, mentions: Mentions) -> Speech | None:
    """Return who a clause that ends in a colon speaks of ("Bell put it simply: ..."), as if with a cue verb."""
    person = next((each for each in mentions.overlapping(start, end) if each.label == "PERSON"), None)
    if person is not None:
        return Speech(person.start, person.end, None, "", person.start)
    return find_subject(text, start, end)


def _gap(speech: Speech, quotation: Quotation) -> int:
    before, behind = quotation.outer
    verb_end = speech.verb_start + len(speech.verb)
    ends = (speech.verb_start - behind, before - verb_end, speech.start - behind, before - speech.end)
    return min(abs(gap) for gap in ends)


def _of_pronoun(
    text: str, speech: Speech, between: tuple[int, int], mentions: Mentions, last: Speaker | None
) -> Speaker:
    said_by = text[speech.start : speech.end]
    singular = said_by.lower() in ("he", "she")
    subject = mentions.subject_between(text, *between) if singular else None
    if subject is None and last is not None and last.person:
        return Speaker(last.name, said_by, last.role, speech.verb, _PRONOUN_CONFIDENCE, last.name is not None)
    name = subject or (mentions.person_before(speech.start) if singular else None)
    return Speaker(name, said_by, None, speech.verb, _PRONOUN_CONFIDENCE, name is not None)


def _apposition(text: str, speech: Speech, mentions: Mentions) -> Named | None:
    """Return the person whose name explains the speaker's words: "the finance minister, Ada Novak, said"."""
    for named in mentions.overlapping(speech.end, speech.end + _MAX_TITLE_CHARS):
        if named.label == "PERSON" and _APPOSITION.fullmatch(text, speech.end, named.start):
            return named
    return None


def _by_role(said_by: str, speech: Speech, mentions: Mentions, last: Speaker | None) -> str | None:
    """Return the one person whose role "the defense minister" is, or the last speaker if nobody else is named."""
    described = said_by.lower().split()
    if described[0] != "the" or not described[-1].isalpha():
        return None
    name = mentions.person_in_role(described[1:], speech.start)
    if name is None and len(described) == 2 and last is not None and last.person:
        only = mentions.person_before(speech.start)
        name = last.name if mentions.people_before(speech.start) == 1 and only == last.name else None
    return name


def _canonical(text: str, speech: Speech, mentions: Mentions) -> Named | None:
    """Return the mention that the speaker's words name, not one inside them ("head of the World Food Programme")."""
    overlapping = mentions.overlapping(speech.start, speech.end)
    people = [named for named in overlapping if named.label == "PERSON"]
    if people:
        return people[-1]
    for named in reversed(overlapping):
        before = text[speech.start : max(speech.start, named.start)].lower().split()
        if named.end >= speech.end and not _LINKS.intersection(before):
            return named
    return None


def _role_in(said_by: str) -> str | None:
    """Return the role when an unnamed speaker is one ("the head of the mission"), else None."""
    bare = _ARTICLE.sub("", said_by)
    spoken = bare.split()
    heads = [k for k, word in enumerate(spoken[:4]) if word.lower() in ROLES]
    if not heads or (len(spoken) == 1 and bare.endswith("s")):
        return None
    behind = spoken[heads[-1] + 1 :]
    if behind and all(word[0].isupper() for word in behind):  # Mayor Mara Okoro
        return " ".join(spoken[: heads[-1] + 1])
    return bare

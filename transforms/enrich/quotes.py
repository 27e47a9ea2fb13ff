"""Quotations of an article with who said them; scare quotes, titles and names in quotation marks are none."""

import re
from dataclasses import replace

from transforms.elements import Article, Quote
from transforms.enrich.base import Enrich, Enricher, Found
from transforms.enrich.foreign.speech import foreign_speech
from transforms.enrich.languages import LANGUAGES
from transforms.enrich.reading.language import language_of
from transforms.enrich.reading.mentions import Mentions
from transforms.enrich.reading.sentences import sentence_at, sentences
from transforms.enrich.reading.words import words
from transforms.enrich.speaking.quote_marks import Quotation, find_quotations
from transforms.enrich.speaking.quote_speakers import Speaker, speaker_of, subject_before_colon
from transforms.enrich.speaking.speech import SAY_VERBS, Speech, blank_quotations, find_speech

MAX_QUOTES = 200  # per article; interviews in full have about a hundred
FRAGMENT_WORDS = 5  # a shorter one needs somebody who says it, else it is a scare quote
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_SMALL_WORDS = words("a an the of and or in on at to for with by from de la le der die das und et")
_NAMING = re.compile(
    r"\b(?:so-called|called|named|titled|entitled|dubbed|nicknamed|known as|headlined|labelled|labeled|codenamed)\s*$",
    re.IGNORECASE,
)
_JUDGING = re.compile(
    r"\b(?:call(?:ed|s|ing)?|describ(?:ed|es|ing)|said|says|denounced|condemned|branded|hailed|as|was|were|is|are"
    r"|est|es|ist|un|une|als)\s"
    r"(?:\w+\s){0,3}$",
    re.IGNORECASE,
)


def find_quotes(article: Article, found: Found) -> tuple[Quote, ...]:
    """Return the quotations of the body in order, at most `MAX_QUOTES`.

    `partial` marks words that are no sentence of their own ("get out of Gaza"). `speaker` is the canonical name of the
    entity in `found["entities"]` that the article names there; a pronoun means the last person who was said to speak
    and gets a lower confidence. Every paragraph of a quotation that goes on is a quotation with the same speaker.
    English, German, French and Spanish; empty for an article in another language.
    """
    language = language_of(article)
    if language not in ("en", *LANGUAGES):
        return ()
    text = article.body
    quotations = find_quotations(text)
    spans = sentences(text)
    blanked = blank_quotations(text, [(quotation.start, quotation.end) for quotation in quotations])
    mentions = Mentions(found, "body")
    quotes: list[Quote] = []
    last: Speaker | None = None  # who was last said to speak
    last_end = 0
    for quotation in quotations:
        if len(quotes) == MAX_QUOTES:
            break
        sentence = sentence_at(spans, quotation.outer[0], quotation.outer[1])
        speech = _speech(blanked, quotation, sentence, mentions, language)
        partial = _is_partial(text, quotation, quotes)
        if partial and not _is_quoted_speech(text, quotation, speech, sentence):
            continue
        speaker = speaker_of(text, speech, quotation, mentions, last, since=last_end) if speech else None
        if speaker is None and not partial and last is not None and _goes_on(text, quotation, sentence, last_end):
            speaker = last._replace(confidence=0.9 if quotation.continues else 0.5, verb="")
        quotes.append(_quote(text, quotation, sentence, speaker, partial=partial))
        if quotation.continues and speaker is not None:
            _tell_paragraphs_before(quotes, speaker)
        if speaker is not None:
            last, last_end = speaker, quotation.outer[1]
    return tuple(quotes)


_MAX_SENTENCE = 8_000  # characters of a sentence in which a speaker is looked for


def _speech(
    blanked: str, quotation: Quotation, sentence: tuple[int, int], mentions: Mentions, language: str
) -> Speech | None:
    if sentence[1] - sentence[0] > _MAX_SENTENCE:
        return None
    if language != "en":
        return foreign_speech(blanked, *sentence, quotation.outer, language)
    speech = _nearest(find_speech(blanked, *sentence), quotation)
    if speech is None and blanked[: quotation.outer[0]].rstrip().endswith(":"):
        return subject_before_colon(blanked, sentence[0], quotation.outer[0], mentions)
    return speech


def _quote(
    text: str, quotation: Quotation, sentence: tuple[int, int], speaker: Speaker | None, *, partial: bool
) -> Quote:
    return Quote(
        field="body",
        text=text[quotation.start : quotation.end],
        start_char=quotation.start,
        end_char=quotation.end,
        speaker=speaker.name if speaker else None,
        speaker_text=speaker.text if speaker else None,
        speaker_role=speaker.role if speaker else None,
        verb=(speaker.verb or None) if speaker else None,
        partial=partial,
        confidence=round(speaker.confidence, 2) if speaker else 0.4,
        sentence=text[sentence[0] : sentence[1]],
    )


def _tell_paragraphs_before(quotes: list[Quote], speaker: Speaker) -> None:
    """Give the speaker of the last quotation to the paragraphs that it goes on from."""
    for k in range(len(quotes) - 2, -1, -1):
        if quotes[k].speaker_text is not None or quotes[k].partial:
            break
        quotes[k] = replace(
            quotes[k],
            speaker=speaker.name,
            speaker_text=speaker.text,
            speaker_role=speaker.role,
            confidence=round(0.9 * speaker.confidence, 2),
        )


def _is_partial(text: str, quotation: Quotation, before: list[Quote]) -> bool:
    """Tell whether the quoted words are part of the article's own sentence.

    They start in lower case and do not go on from a quotation of the same sentence ("We go," he said, "and they
    stay"), or they are few and have no mark that ends them.
    """
    said = text[quotation.start : quotation.end]
    lead = text[max(0, quotation.outer[0] - 120) : quotation.outer[0]].rstrip()
    embedded = (lead[-1:].isalnum() or lead.endswith(("’", "'"))) and lead.split()[-1].lower() not in SAY_VERBS
    closed = said.endswith((".", ",", "…")) or text.startswith(",", quotation.outer[1])
    if (embedded or not closed) and _is_a_name(_WORD.findall(said)) and not said.endswith(("!", "?")):
        return True  # a title: on the programme “Face the Facts,” she said
    first = next((character for character in said if character.isalpha()), "")
    if quotation.continues:
        return False
    if first.islower():
        goes_on = bool(before) and lead.endswith((",", ":", "—", "–")) and quotation.start - before[-1].end_char < 120
        return not (goes_on and before[-1].text.endswith((",", "—", "–", "...", "…")))
    ended = said.endswith((".", "!", "?", "…", ",")) or text.startswith(",", quotation.outer[1])
    return len(_WORD.findall(said)) < FRAGMENT_WORDS and not ended


def _is_a_name(said: list[str]) -> bool:
    return all(word[0].isupper() or word.lower() in _SMALL_WORDS for word in said)


def _is_quoted_speech(text: str, quotation: Quotation, speech: Speech | None, sentence: tuple[int, int]) -> bool:
    """Tell partial quotations from scare quotes, titles and names."""
    said = _WORD.findall(text[quotation.start : quotation.end])
    lead = text[max(sentence[0], quotation.outer[0] - 60) : quotation.outer[0]]
    if not said or _NAMING.search(lead):
        return len(said) >= FRAGMENT_WORDS and not _is_a_name(said)
    if _is_a_name(said):
        return False  # the “Western Erez” crossing
    if len(said) >= FRAGMENT_WORDS:
        return True
    if speech is None:
        return False
    return len(said) > 1 or bool(_JUDGING.search(lead))


def _nearest(speeches: list[Speech], quotation: Quotation) -> Speech | None:
    """Return the cue nearest to the quotation's marks, the one before it when both are as near."""

    def distance(speech: Speech) -> tuple[int, int]:
        start, end = min(speech.start, speech.verb_start), max(speech.end, speech.verb_start + len(speech.verb))
        gap = quotation.outer[0] - end if end <= quotation.outer[0] else start - quotation.outer[1]
        return max(gap, 0), start

    return min(speeches, key=distance, default=None)


def _goes_on(text: str, quotation: Quotation, sentence: tuple[int, int], last_end: int) -> bool:
    """Tell whether a quotation without a cue goes on from the one before: same paragraph, or an open mark."""
    between = text[last_end : quotation.outer[0]]
    return quotation.continues or ("\n" not in between and sentence[0] == quotation.outer[0])


def _load() -> Enrich:
    def enrich(article: Article, found: Found) -> Found:
        quotes = find_quotes(article, found)
        return {
            "quotes": quotes,
            "quote_speakers": tuple(sorted({quote.speaker for quote in quotes if quote.speaker})),
        }

    return enrich


ENRICHER = Enricher(
    name="quotes",
    version="1.2",
    fields=("quotes", "quote_speakers"),
    load=_load,
    languages=("en", *LANGUAGES),
)

"""Who says something in German, French and Spanish news: cue verbs and the words beside them that name the speaker.

Shallower than the English `speech`: a speaker stands right behind the verb that follows a quotation ("sagte Bell"),
opens the sentence whose verb leads to one ("Bell sagte: ..."), or follows "laut", "selon", "según".
"""

import re
from functools import cache
from typing import NamedTuple

from transforms.enrich.languages import language
from transforms.enrich.languages.tables import SpeechWords
from transforms.enrich.speaking.speech import Speech

_MAX_WORDS = 8
_LINE = re.compile(r"\n\s*")
_WORD = r"[^\W\d_](?:[\w’'-]|\.(?=\s?[A-ZÄÖÜ]))*"


class _Patterns(NamedTuple):
    inverted: re.Pattern[str]
    direct: re.Pattern[str]
    source: re.Pattern[str]


@cache
def _patterns(code: str) -> _Patterns:
    spoken: SpeechWords = language(code).speech
    verbs, stops, source = (_LINE.sub("", alternatives) for alternatives in (spoken.verbs, spoken.stops, spoken.source))
    name = rf"(?P<who>(?!(?:{stops})\b){_WORD}(?:\s(?!(?:{stops})\b){_WORD}){{0,{_MAX_WORDS}}})"
    verb = rf"{spoken.auxiliary}(?P<verb>{verbs})"
    return _Patterns(
        re.compile(rf"[,:]?\s?(?:{verb})\s{name}"),
        re.compile(rf"(?P<who>{_WORD}(?:\s{_WORD}){{0,{_MAX_WORDS}}}?)\s{verb}(?!\w)"),
        re.compile(rf"(?i:(?P<verb>{source}))\s{name}"),
    )


def foreign_speech(text: str, start: int, end: int, quotation: tuple[int, int], code: str) -> Speech | None:
    """Return who speaks the quotation (its span with marks) in the sentence `text[start:end]`, None if nobody is named.

    The sentence is handed over with its quotations blanked out. Raises `KeyError` for a language not in `LANGUAGES`.
    """
    patterns = _patterns(code)
    behind = patterns.inverted.match(text, quotation[1], min(end, quotation[1] + 200))
    match = behind or patterns.direct.match(text, start, quotation[0]) or patterns.source.search(text, start, end)
    if match is None:
        return None
    return Speech(match.start("who"), match.end("who"), None, match["verb"].lower(), match.start("verb"))


def foreign_source(text: str, start: int, end: int, code: str) -> str | None:
    """Return whom the sentence `text[start:end]` names behind "laut", "selon", "según", None without such a word."""
    match = _patterns(code).source.search(text, start, end)
    return match["who"] if match else None

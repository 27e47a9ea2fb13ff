"""The language of a text. The one file that knows py3langid."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from py3langid.langid import MODEL_FILE, LanguageIdentifier

SAMPLES_CHARS = (1000, 3000)  # the second only where the first leaves a doubt: a third of the time
SURE = 0.9  # below it, what page, feed and configuration expect decides among the likely languages
MIN_CHARS = 40  # a text this short says nothing that a page's own word does not say better
LIKELY = 0.02

_PRIMARY = re.compile(r"([a-z]{2,3})(?:[-_].*)?$", re.I)


class Language(NamedTuple):
    """A BCP 47 primary subtag, and the identifier's confidence in 0..1 (None when the text did not decide)."""

    code: str | None
    confidence: float | None


@cache
def load_identifier() -> Any:
    """Return the language identifier, loaded once per process (some 60 ms)."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def primary_subtag(tag: str | None) -> str | None:
    """Return `en` of `en-GB`, None for what is no language tag."""
    match = _PRIMARY.match((tag or "").strip())
    return match[1].lower() if match else None


def identify_language(text: str, *, hints: Sequence[str | None] = (), expected: Sequence[str] = ()) -> Language:
    """Return the language of `text`: its own evidence first, then `hints` (page, feed), then what is `expected`."""
    wanted = [code for code in map(primary_subtag, hints) if code]
    sample = text[: SAMPLES_CHARS[0]]
    if len(sample) < MIN_CHARS and wanted:
        return Language(wanted[0], None)
    if not any(map(str.isalpha, sample)):
        return Language(wanted[0] if wanted else None, None)
    for chars in SAMPLES_CHARS:
        ranking = dict(load_identifier().rank(text[:chars])[:10])
        best, confidence = next(iter(ranking.items()))
        if confidence >= SURE or len(text) <= chars:
            break
    if confidence < SURE:
        for code in (*wanted, *filter(None, map(primary_subtag, expected))):
            if ranking.get(code, 0.0) >= LIKELY:
                return Language(code, round(ranking[code], 3))
    return Language(best, round(confidence, 3))

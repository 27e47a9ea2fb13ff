"""What a word is, for searching: the same rule over every store.

The rule is that of Elasticsearch's `standard` analyzer (Unicode text segmentation, UAX 29, then lower case, no
stemming), so that both stores give the same hits: `U.S.-led` is `u.s` and `led`, `covid-19` is `covid` and `19`,
`1,200.50` and `O'Brien` are one word each, a Han or Hiragana sign is a word of its own. Two things are ours, because
readers do not think of them as other words: a closing `'s` does not count (`Gaza's` is `gaza`), and a typographic
apostrophe is a straight one. A store that indexes with `standard` finds the same by asking for any of
`spellings(word)`.
"""

import re
from collections.abc import Sequence
from itertools import product

MAX_WORD_CHARS = 255  # `standard` cuts longer ones there

# Lower case of one code point at a time, as Lucene does it: no final sigma, no dot left over from a capital dotted I.
_LOWER_FIRST = str.maketrans({"Σ": "σ", "İ": "i"})

_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
_INDIC = "\u0900-\u0963\u0966-\u0df3\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ebc\u1036-\u103e\u17b4-\u17d3"
_JOINERS = "\u00ad\u200c\u200d\u2060\ufe0f"
_HAN = "\u2e80-\u2fdf\u3005\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HIRAGANA = "\u3041-\u3096\u309d-\u309f"
_KATAKANA = "\u3031-\u3035\u309b\u309c\u30a0-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u32d0-\u32fe\u3300-\u3357\uff66-\uff9d"
_NOT_LETTERS = "\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2079\u2080-\u2089\u2150-\u215f\u2460-\u249b"  # 'km²' is 'km'

_PLAIN = "A-Za-z0-9_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"  # first choice only for speed
_LETTER = rf"(?:(?![{_HAN}{_HIRAGANA}{_KATAKANA}{_NOT_LETTERS}])[^\W\d_]|[{_MARKS}{_INDIC}{_JOINERS}])"
_AFTER_LETTER = rf"(?<=[^\W\d_{_HAN}{_HIRAGANA}{_KATAKANA}{_NOT_LETTERS}]|[{_MARKS}{_INDIC}{_JOINERS}])"
_WORD = re.compile(
    rf"[{_HAN}{_HIRAGANA}]"
    rf"|[{_KATAKANA}_]*[{_KATAKANA}][{_KATAKANA}_]*"
    # WB6, WB7, WB11, WB12: what may stand inside a word, and inside a number
    rf"|(?:[{_PLAIN}]+|{_LETTER}|\d|_|{_AFTER_LETTER}['’‘.:·](?={_LETTER})|(?<=\d)['’‘.,;](?=\d))+"
)
_POSSESSIVE = ("'s", "’s")


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """Return (word, start, end) of every word; offsets are code points of `text`, the word is folded."""
    spans = []
    for match in _WORD.finditer(fold(text)):
        word = match.group()
        words = (word,) if word.isalnum() and len(word) <= MAX_WORD_CHARS else _trimmed(word)
        spans += [(word, match.start(), match.end()) for word in words]
    return spans


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, folded, in order.

    >>> words_of("The U.S.-led force: Gaza’s 1,200 people")
    ('the', 'u.s', 'led', 'force', 'gaza', '1,200', 'people')
    """
    words: list[str] = []
    for word in _WORD.findall(fold(text)):
        if word.isalnum() and len(word) <= MAX_WORD_CHARS:
            words.append(word)
        else:
            words.extend(_trimmed(word))
    return tuple(words)


def fold(text: str) -> str:
    """Return a text in lower case, code point by code point: offsets stay. Exact fields (`tag:`) are compared so."""
    return text.translate(_LOWER_FIRST).lower()


def phrase_in(phrase: Sequence[str], words: Sequence[str]) -> bool:
    """Tell whether the words of a phrase stand together, in this order, among `words`."""
    first, size = phrase[0], len(phrase)
    if first not in words or size == 1:  # at C's speed: most words have no phrase of the query
        return first in words
    return any(word == first and tuple(words[at : at + size]) == tuple(phrase) for at, word in enumerate(words))


def spellings(word: str) -> tuple[str, ...]:
    """Return all words of the `standard` analyzer that are `word` to us, the most common first.

    >>> spellings("gaza")
    ('gaza', "gaza's", 'gaza’s')
    """
    parts = word.split("'")
    inner = product("'’", repeat=len(parts) - 1) if len(parts) <= 3 else [(mark,) * (len(parts) - 1) for mark in "'’"]
    written = ["".join(part + mark for part, mark in zip(parts, (*marks, ""), strict=True)) for marks in inner]
    ends = ("",) if word[-1].isdigit() else ("", *_POSSESSIVE)  # `1990's` is two words
    return tuple(spelling + end for end in ends for spelling in written)


def _trimmed(word: str) -> tuple[str, ...]:
    if not word.strip("_"):
        return ()
    if len(word) > MAX_WORD_CHARS:
        return tuple(word[at : at + MAX_WORD_CHARS] for at in range(0, len(word), MAX_WORD_CHARS))
    while word.endswith(_POSSESSIVE) and len(word) > 2:
        word = word[:-2]
    return (word.replace("’", "'"),)

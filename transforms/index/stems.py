"""Words as readers mean them: without their endings and accents, in the language of the article they stand in.

`ceasefires` finds `ceasefire`, `Malmo` finds `Malmö`. A word of an article becomes a key: its accents are taken off,
then the Snowball stemmer of the article's language takes off its ending, and the language stands before it
(`en|ceasefir`), so that an English stem never meets a French word. A word of a query has no language, so that it is
looked up with its keys of all languages. Articles in a language without a stemmer have plain words for keys.

Accents first, since readers leave them out: the Swedish stemmer takes the `a` off `umea` but leaves `umeå`. Where that
costs an ending (`député`, `députée`), the key of the word with its accents is an alternative: it is indexed behind the
text, where no phrase reaches it. Of 82 pairs of inflected words in 11 languages, accents first joins 56, accents last
63, both 64 (of 14 French pairs 8, 14 and 14).
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import combining, normalize

import Stemmer

# Language (the first part of its BCP 47 tag) -> Snowball's algorithm. All are compiled C: 1.5 million words a second.
STEMMERS: dict[str, str] = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian", "lt": "lithuanian",
    "nb": "norwegian", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
MAX_KEY_CHARS = 120  # Elasticsearch's `whitespace` analyzer splits longer ones at 255 UTF-16 units
KEY_MARK = "|"  # between language and stem; never part of a word, see words.py
_ONE_LANGUAGE = {"nb": "no", "nn": "no"}
LANGUAGES = tuple(sorted({_ONE_LANGUAGE.get(each, each) for each in STEMMERS}))  # what `stemmed_language` returns
_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "þ": "th", "ς": "σ",
            "ё": "е"}  # fmt: skip
_local = threading.local()  # a stemmer belongs to one thread


class _Plain(dict[int, str]):
    """A table for `str.translate`, filled as letters come by: Latin and Greek letters lose their marks.

    Marks of other scripts make other letters (`й` is no `и`) or carry the vowels, so that they stay.
    """

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        split = normalize("NFD", letter)
        base, marks = split[0], split[1:]
        latin_or_greek = base < "\u0250" or "\u0370" <= base < "\u0400"
        self[code] = base if marks and latin_or_greek and all(map(combining, marks)) else _LETTERS.get(letter, letter)
        return self[code]


_PLAIN = _Plain()


def without_accents(word: str) -> str:
    """Return a folded word without accents.

    >>> without_accents("malmö"), without_accents("straße"), without_accents("çağrı"), without_accents("чай")
    ('malmo', 'strasse', 'cagri', 'чай')
    """
    return word if word.isascii() else word.translate(_PLAIN)


def stemmed_language(language: str | None) -> str:
    """Return the language whose stemmer an article's words go through, empty for none."""
    short = str(language or "").split("-")[0].lower()
    return _ONE_LANGUAGE.get(short, short) if short in STEMMERS else ""


def keys_of(words: Sequence[str], language: str) -> list[str]:
    """Return the key of each folded word, in order; `language` is one of `stemmed_language`.

    >>> keys_of(("malmö", "ceasefires"), "en"), keys_of(("malmö",), "")
    (['en|malmo', 'en|ceasefir'], ['malmo'])
    """
    plain = [without_accents(word)[:MAX_KEY_CHARS] for word in words]
    return [f"{language}{KEY_MARK}{stem}"[:MAX_KEY_CHARS] for stem in _stems(plain, language)] if language else plain


def alternatives_of(words: Sequence[str], language: str) -> list[str]:
    """Return the other keys of words whose accents the stemmer had a use for, sorted.

    >>> keys_of(("député", "députée"), "fr"), alternatives_of(("députée", "ville"), "fr")
    (['fr|deput', 'fr|depute'], ['fr|deput'])
    """
    accented = sorted({word for word in words if not word.isascii()}) if language else []
    if not accented:
        return []
    others = {f"{language}{KEY_MARK}{without_accents(stem)}"[:MAX_KEY_CHARS] for stem in _stems(accented, language)}
    return sorted(others - set(keys_of(accented, language)))


@lru_cache(maxsize=4_096)
def query_keys(words: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return the phrases of keys that words of a query may stand for: without a stemmer, then in each language.

    One word alone is looked up with its alternatives, too.
    """
    phrases = [tuple(keys_of(words, ""))]
    for language in LANGUAGES:
        phrases.append(tuple(keys_of(words, language)))
        if len(words) == 1:
            phrases += [(key,) for key in alternatives_of(words, language)]
    return tuple(dict.fromkeys(phrases))


def _stems(words: Sequence[str], language: str) -> list[str]:
    stemmers = _local.__dict__
    if language not in stemmers:
        stemmers[language] = Stemmer.Stemmer(STEMMERS[language])
    found: list[str] = stemmers[language].stemWords(list(words))
    return found

"""Boilerplate phrases: whole lines that belong to the page and not to the article.

They stand in `configs/boilerplate/<language>.txt`, a publisher's own in `site-<domain>.txt`; the head of `en.txt`
explains the format. A phrase is compared with a folded line: case, punctuation, apostrophes and spaces do not count, a
colon counts where the phrase has one.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from transforms.errors import ConfigurationError
from transforms.text.clean import as_ascii

# Whole lines only, and short ones: the same vocabulary searched anywhere in a line costs 1.3 to 7.1 points of F1.
MAX_LINE_CHARS = 300
GAPS = {"...": 160, "..": 40}  # characters

_PACKAGE = "configs.boilerplate"
_SITE = "site-"  # site-gazette.example.txt holds what one publisher writes and nobody else
_RULE = re.compile(r"\[([a-z][a-z-]{0,38})\]")
_ITEM = re.compile(r"\s+|(?P<gap>\.{2,3})|\((?P<group>[^()]*)\)(?P<optional>\?)?|<n>|[^\s()<>.]+|\.")
_TOKEN = re.compile(r"\w+|:")
_NO_WORD = re.compile(r"['’‘`´]")
_ASCII_TOKENS: dict[int, str | None] = {code: chr(code) if chr(code).isalnum() else " " for code in range(128)}
_ASCII_TOKENS |= {ord("'"): None, ord("`"): None, ord(":"): ":"}
_ANY = ""  # first word of phrases that may begin with any word
_NUMBER = "0"  # first word of phrases that begin with a number

Entry = tuple[str, re.Pattern[str]]


def fold_line(line: str) -> str:
    """Return the words and inner colons of `line`, case-folded, each followed by one space.

    >>> fold_line("* Don’t miss: READ  MORE!")
    'dont miss : read more '
    """
    return "".join(f"{token} " for token in _tokens(line)).lstrip(": ")


def _tokens(text: str) -> list[str]:
    plain = as_ascii(text)
    if plain is not None:
        return plain.lower().translate(_ASCII_TOKENS).replace(":", " : ").split()
    folded = _NO_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())
    return _TOKEN.findall(folded.replace("_", " "))


@dataclass(frozen=True)
class Phrases:
    """Phrases by language, and by publisher, and first word. Picklable, so that a worker may receive a user's own."""

    by_language: Mapping[str, Mapping[str, tuple[Entry, ...]]] = field(repr=False)
    by_site: Mapping[str, Mapping[str, tuple[Entry, ...]]] = field(default_factory=dict, repr=False)

    def rule_of(self, line: str, language: str | None = None, site: str | None = None) -> str | None:
        """Return the rule of the phrase that `line` is as a whole, None for a line that stays.

        English counts beside `language` (forms and share bars are English everywhere); all languages count when it is
        unknown or has no file. `site` is the registrable domain, whose own file counts beside them.
        """
        if len(line) > MAX_LINE_CHARS:
            return None
        folded = fold_line(line)
        first = folded.partition(" ")[0]
        keys = (_NUMBER, _ANY) if first.isdecimal() else (first, _ANY)
        names = {"en", language} if language in self.by_language else set(self.by_language)
        tables = [self.by_language.get(name, {}) for name in sorted(name for name in names if name)]
        for table in (self.by_site.get(site or "", {}), *tables):
            for rule, pattern in (entry for key in keys for entry in table.get(key, ())):
                if pattern.fullmatch(folded):
                    return rule
        return None


@cache
def load_phrases() -> Phrases:
    """Return the packaged phrases, read once per process.

    Raises ConfigurationError naming the file and the line that cannot be read.
    """
    entries = sorted(resources.files(_PACKAGE).iterdir(), key=lambda entry: entry.name)
    tables = {
        entry.name.removesuffix(".txt"): parse_phrases(entry.read_text(encoding="utf-8"), name=entry.name)
        for entry in entries
        if entry.name.endswith(".txt")
    }
    return Phrases(
        {name: table for name, table in tables.items() if not name.startswith(_SITE)},
        {name.removeprefix(_SITE): table for name, table in tables.items() if name.startswith(_SITE)},
    )


def parse_phrases(text: str, *, name: str) -> dict[str, tuple[Entry, ...]]:
    """Return first word -> (rule, pattern) pairs of one phrase file; `name` is for messages."""
    table: dict[str, list[Entry]] = {}
    rule: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        phrase = line.partition("#")[0].strip()
        if not phrase:
            continue
        if match := _RULE.fullmatch(phrase):
            rule = match[1]
            continue
        if rule is None:
            raise ConfigurationError(
                f"{name}:{number}: {phrase!r} stands before the first [rule] line; add one above it"
            )
        try:
            firsts, pattern = _compile(phrase)
        except ValueError as err:
            raise ConfigurationError(f"{name}:{number}: {phrase!r} is not a phrase: {err}") from err
        for first in firsts:
            table.setdefault(first, []).append((rule, pattern))
    return {first: tuple(entries) for first, entries in table.items()}


def _compile(phrase: str) -> tuple[set[str], re.Pattern[str]]:
    """Return the first words that a matching line can have, and the pattern over folded lines."""
    firsts: set[str] = set()
    parts: list[str] = []
    at_start = True  # as long as no word is required yet
    for item in _items(phrase):
        if isinstance(item, int):
            parts.append(f"(?:.{{0,{item}}} )?")
            firsts |= {_ANY} if at_start else set()
        else:
            alternatives, optional = item
            choice = "|".join("".join(map(_pattern_of, words)) for words in alternatives)
            parts.append(f"(?:{choice}){'?' if optional else ''}")
            firsts |= {_NUMBER if words[0] == "<n>" else words[0] for words in alternatives} if at_start else set()
            at_start = at_start and optional
    if at_start:
        raise ValueError("no word in it is required, it would match too much")
    return firsts, re.compile("".join(parts) + "(?:: )?")


def _pattern_of(word: str) -> str:
    return r"\d+ " if word == "<n>" else re.escape(word) + " "


def _items(phrase: str) -> Iterator[int | tuple[list[list[str]], bool]]:
    """Yield (alternatives, optional) for words and groups, the length in characters for a gap."""
    position = 0
    while position < len(phrase):
        match = _ITEM.match(phrase, position)
        if match is None:
            raise ValueError(f"{phrase[position:]!r} has no meaning; groups are (a|b) or (a|b)?, a number is <n>")
        position = match.end()
        if match["gap"]:
            yield GAPS[match["gap"]]
        elif match["group"] is not None:
            alternatives = [_words(alternative) for alternative in match["group"].split("|")]
            if not all(alternatives):
                raise ValueError("an alternative is empty; write (a|b)? for a group that may be absent")
            yield alternatives, bool(match["optional"])
        elif words := _words(match[0]):
            yield [words], False


def _words(text: str) -> list[str]:
    pieces = text.replace("<n>", " <n> ").split()
    return [word for piece in pieces for word in (["<n>"] if piece == "<n>" else _tokens(piece))]

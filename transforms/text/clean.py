"""Plain text in one normal form: NFC, ordinary spaces, no control characters, and folding for comparisons."""

import hashlib
import html
import re
import unicodedata
from collections.abc import Sequence

# Spaces of every width to U+0020; zero-width, soft hyphens, bidirectional marks and controls away. The joiners
# U+200C and U+200D stay: they are spelling in Persian and Hindi.
_SPACES = "\t\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_NOTHING = "\xad\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffc"
_TABLE: dict[int, str | None] = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)])
_TABLE |= dict.fromkeys(map(ord, _NOTHING))
_TABLE |= dict.fromkeys(map(ord, _SPACES + "\u202f\u205f\u3000"), " ")
_TABLE |= {ord("\n"): "\n", 0x2028: "\n", 0x2029: "\n"}

# `str.translate` is quick on ASCII alone: one curly quote in a text makes it ten times as slow as this pattern.
_ODD = re.compile(f"[{''.join(re.escape(chr(code)) for code in _TABLE if code != ord(chr(10)))}]")

# How typographers write what ASCII writes, too: most texts are ASCII but for these.
_TYPOGRAPHY = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\xa0": " "}
_FOLDED: dict[int, str | None] = {code: chr(code) if chr(code).isalnum() else " " for code in range(128)}
_FOLDED |= {ord("'"): None}

_RUN_OF_SPACES = re.compile(r" {2,}")
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_WORD = re.compile(r"\w+")


def join_lines(lines: Sequence[str]) -> str:
    """Return lines as paragraphs separated by a blank line; items of a list and rows of a table stay together."""
    parts: list[str] = []
    for before, line in zip(("", *lines), lines, strict=False):
        mark = line[:2] if line.startswith("- ") else line[:1]
        together = mark in ("- ", "|") and before.startswith(mark)
        parts.append(("\n" if together else "\n\n") + line)
    return "".join(parts).strip()


def text_sha256(title: str, body: str) -> str:
    """Return the hex digest by which two texts are the same article's text (`content.sha256`)."""
    return hashlib.sha256(f"{title}\n\n{body}".encode()).hexdigest()


def clean_lines(text: str) -> list[str]:
    """Return the lines of `text` that hold something: NFC, ordinary single spaces, trimmed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.translate(_TABLE) if text.isascii() else unicodedata.normalize("NFC", _ODD.sub(_spell, text))
    lines = ((_RUN_OF_SPACES.sub(" ", line) if "  " in line else line).strip() for line in text.split("\n"))
    return [line for line in lines if line]


def _spell(odd: re.Match[str]) -> str:
    return _TABLE[ord(odd[0])] or ""


def clean_line(text: str | None, max_chars: int = 2000) -> str | None:
    """Return `text` as one clean line of at most `max_chars`, None when nothing is left."""
    if not text:
        return None
    return " ".join(clean_lines(text[: 4 * max_chars]))[:max_chars].strip() or None


def clean_markup(text: str | None, max_chars: int = 2000) -> str | None:
    """Return what a reader sees of a value that may hold tags and entities, as one clean line.

    Entities are decoded after the tags are gone, and a second time for values that were escaped twice, as feeds do.
    """
    if not text:
        return None
    if "<" not in text and "&" not in text:
        return clean_line(text[: 8 * max_chars], max_chars)
    plain = html.unescape(_TAG.sub(" ", text[: 8 * max_chars]))
    return clean_line(html.unescape(_TAG.sub(" ", plain)), max_chars)


def fold(text: str) -> str:
    """Return the words of `text` alone, case-folded and one space apart: equal for what reads as the same line.

    >>> fold("It’s  over – FINALLY!")
    'its over finally'
    """
    plain = as_ascii(text)
    if plain is not None:
        return " ".join(plain.lower().translate(_FOLDED).split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(folded.replace("’", "").replace("'", "").replace("‘", "").replace("_", " ")))


def as_ascii(text: str) -> str | None:
    """Return `text` with ASCII's quotation marks, dashes and spaces; None when it has other characters.

    Half the price of folding is in Unicode's tables, and most lines need none of them.
    """
    if not text.isascii():
        for mark, plain in _TYPOGRAPHY.items():
            text = text.replace(mark, plain)
    return text if text.isascii() else None

"""What stands around a number in other languages: how it compares, what it counts or measures."""

from transforms.elements import Comparator
from transforms.enrich.amounts.figure_context import Modifier
from transforms.enrich.foreign.numbers import lower_at
from transforms.enrich.languages.tables import FigureWords, Language
from transforms.enrich.reading.tokens import Token

_MAX_PHRASE = 3
_MAX_SUBJECT = 6
_TO_CHANGE = 7  # tokens between a verb of change and its figure: "stieg im April auf"


def foreign_modifier(tokens: list[Token], i: int, words: FigureWords) -> Modifier:
    """Return the modifier that ends before token `i`, up to two phrases ("mindestens weitere")."""
    first = i
    comparator: Comparator | None = None
    for _ in range(2):
        for length in range(min(_MAX_PHRASE, first), 0, -1):
            phrase = " ".join(token.lower for token in tokens[first - length : first])
            if phrase in words.before or phrase in words.plain:
                comparator = comparator or words.before.get(phrase)
                first -= length
                break
        else:
            break
    if first == i:
        return Modifier("exact", None, i)
    return Modifier(comparator or "exact", " ".join(token.text for token in tokens[first:i]), first)


def foreign_modifier_behind(tokens: list[Token], stop: int, words: FigureWords) -> Modifier | None:
    """Return the modifier at token `stop` ("ou plus"); its `first` is the token after it."""
    for length in (2, 1):
        phrase = " ".join(token.lower for token in tokens[stop : stop + length])
        if phrase in words.behind:
            return Modifier(words.behind[phrase], phrase, stop + length)
    return None


def counted_behind(tokens: list[Token], stop: int, words: FigureWords) -> tuple[int, int, int] | None:
    """Return first token, end and head of the noun phrase behind a number, None for none ("75 stimmten")."""
    k = stop
    while lower_at(tokens, k) in words.of:
        k += 1
    while lower_at(tokens, k) in words.determiners and k > stop:
        k += 1
    return _capital_noun(tokens, k, words) if words.nouns == "capital" else _plural_noun(tokens, k, words)


def _capital_noun(tokens: list[Token], start: int, words: FigureWords) -> tuple[int, int, int] | None:
    for k in range(start, min(len(tokens), start + _MAX_SUBJECT)):
        token = tokens[k]
        if token.kind != "word" or token.lower in words.stops:
            return None
        if token.text[0].isupper():
            return start, k + 1, k
        if not token.lower.endswith(tuple(words.adjectives)):
            return None
    return None


def _plural_noun(tokens: list[Token], start: int, words: FigureWords) -> tuple[int, int, int] | None:
    k = start
    while lower_at(tokens, k) in words.adjectives:
        k += 1
    if not _is_plural(tokens, k, words):
        return None
    stop = k + 1
    adjective = _is_plural(tokens, stop, words) and not tokens[stop].lower.endswith(words.participle_ends)
    return start, stop + 1 if adjective and tokens[stop].text.islower() else stop, k


def _is_plural(tokens: list[Token], k: int, words: FigureWords) -> bool:
    word = lower_at(tokens, k)
    return len(word) > 3 and word[-1] in "sxz" and tokens[k].kind == "word" and word not in words.stops


def is_other(tokens: list[Token], stop: int, tables: Language) -> bool:
    """Tell whether "others" stand behind the number without a noun: it counts what the one before it did."""
    words, events = tables.figures, tables.events
    k = stop
    while lower_at(tokens, k) in words.of:
        k += 1
    if lower_at(tokens, k) not in words.others:
        return False
    noun = counted_behind(tokens, k + 1, words)
    return noun is None or tokens[noun[2]].lower in events.states or tokens[noun[2]].lower in events.participles


def measured_before(tokens: list[Token], first: int, words: FigureWords) -> tuple[int, int] | None:
    """Return the noun phrase before a verb of change or a copula that leads to the figure: "Die Inflation stieg"."""
    for k in range(first - 1, max(0, first - 1 - _TO_CHANGE), -1):
        if tokens[k].kind == "number" or tokens[k].text in (",", ";", ":"):
            return None
        if tokens[k].lower in words.changes:
            return _phrase_ending(tokens, k, words)
    return None


def _phrase_ending(tokens: list[Token], stop: int, words: FigureWords) -> tuple[int, int] | None:
    skipped = {"a", "ont", "avait", "ha", "han", "se", "s'", "s’"}
    while stop > 0 and tokens[stop - 1].lower in skipped:
        stop -= 1
    start = stop
    while start > 0 and stop - start < _MAX_SUBJECT and tokens[start - 1].kind == "word":
        if tokens[start - 1].lower in words.determiners and lower_at(tokens, start - 2) not in words.of:
            break
        if tokens[start - 1].lower in words.prepositions:
            return None
        start -= 1
    end = next((k for k in range(start + 1, stop) if tokens[k].lower in words.of | words.determiners), stop)
    return (start, end) if start < end and tokens[end - 1].kind == "word" else None

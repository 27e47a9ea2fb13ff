"""What happened to what a figure counts, in other languages: the nearest word of an event in the figure's clause."""

from collections.abc import Mapping

from transforms.enrich.languages.tables import EventWords, FigureWords
from transforms.enrich.reading.tokens import Token

_RIGHT, _LEFT = 12, 7  # tokens, as in English
_BORDERS = frozenset({";", ":", "—", "–"})
_HAVE_BEFORE = 3  # "ont été", "a encore tué"


def foreign_event(
    tokens: list[Token], first: int, stop: int, numbers: frozenset[int], events: EventWords, around: FigureWords
) -> str | None:
    """Return the event of the figure in tokens `first` (its modifier included) to `stop`, or None.

    A deed counts its object: it stands before the number and no preposition parts them. The search ends at the next
    number, which has the events behind it. `numbers` are the tokens that start a figure.
    """
    right = _right(tokens, stop, numbers, events, around)
    left = _left(tokens, first, numbers, events, around)
    if left is not None and right is not None:
        return left[1] if left[2] and (right[2] or left[0] < right[0]) else right[1]
    return right[1] if right else left[1] if left else None


def _found(tokens: list[Token], k: int, table: Mapping[str, str]) -> str | None:
    return table.get(tokens[k].text) or (table.get(tokens[k].lower) if k == 0 else None)


def _right(
    tokens: list[Token], stop: int, numbers: frozenset[int], events: EventWords, around: FigureWords
) -> tuple[int, str, bool] | None:
    """Return distance, event, and whether a noun says it: what they are, if no verb says what happened to them."""
    noun: tuple[int, str, bool] | None = None
    for k in range(stop, min(len(tokens), stop + _RIGHT)):
        token = tokens[k]
        if token.text in _BORDERS or k in numbers or (token.lower in around.ands and _number_follows(k, numbers)):
            break
        if token.text == "," and _number_follows(k, numbers):
            break
        for verbs, ends, paired in events.pairs:
            if token.lower in ends and any(tokens[j].lower in verbs for j in range(max(0, stop - 8), k)):
                return k - stop, paired, False
        event = _found(tokens, k, events.participles)
        if event is not None and not _has_done(tokens, k, events):
            return k - stop, event, False
        event = _found(tokens, k, events.states)
        if event is not None:
            if noun is not None or any(tokens[j].lower not in around.of for j in range(stop, k)):
                return noun or (k - stop, event, False)
            noun = k - stop, event, True
    return noun


def _number_follows(k: int, numbers: frozenset[int]) -> bool:
    return any(j in numbers for j in range(k + 1, k + 4))


def _has_done(tokens: list[Token], k: int, events: EventWords) -> bool:
    """Tell whether the participle at token `k` is active: "ont tué", "han matado", not "ont été tués"."""
    return bool(events.have) and k > 0 and tokens[k - 1].lower in events.have


def _left(
    tokens: list[Token], first: int, numbers: frozenset[int], events: EventWords, around: FigureWords
) -> tuple[int, str, bool] | None:
    if first > 0 and tokens[first - 1].lower in around.prepositions:
        return None
    for k in range(first - 1, max(-1, first - 1 - _LEFT), -1):
        token = tokens[k]
        if token.text in _BORDERS or token.text == "," or k in numbers:
            return None
        event = _found(tokens, k, events.deeds)
        if event is None and _has_done(tokens, k, events):
            event = _found(tokens, k, events.participles)
        if event is not None:
            return first - k, event, True
        state = _found(tokens, k, events.states) or _found(tokens, k, events.participles)
        if state is not None:
            conjoined = any(tokens[j].lower in around.ands for j in range(k, first))
            return None if conjoined else (first - k, state, False)
    return None

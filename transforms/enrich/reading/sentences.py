"""Where sentences begin and end: the borders that figures, quotes and entities cite as evidence."""

import re
from bisect import bisect_right

from transforms.enrich.reading.words import words

# A line break is always a border: the body's paragraphs are separated by a blank line, and a title has no full stop.
_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
# A possible end and the marks that close with it. Possessive, so that a megabyte of dots stays linear.
_END = re.compile(r"[.!?…]++[\"'”’»›“)\]]*+|[。！？]++[」』”）]*+")
_WORD_BEFORE = re.compile(r"[^\s\"'“”‘’«»„(\[]*\Z")
_WORD_AFTER = re.compile(r"[\"'“‘«„(\[]*([^\W\d_]+)")
_LOOK_BACK = 24  # characters; longer than every abbreviation below

# The full stop belongs to the word: a name or a number follows, never the next sentence. Titles count only with a
# capital ("Gen. Bell"), so that "modern art. The ..." and "it sat. The ..." end.
_TITLES = words(
    """mr mrs ms mx messrs dr prof gen lt col maj sgt cpl capt cmdr adm brig sen sens rep reps gov govs rev fr hon pres
    supt insp det st mt ft dept vol ed eds hr dipl ing mme mlle sr sra srta dña"""
)
_NEVER_LAST = words("vs v cf eg e.g ie i.e approx est fig bzw z.b d.h u.a ca bspw mio mrd")
# These end a sentence only when a typical first word follows ("in the U.S. The court ...", not "the U.S. Senate").
_SOMETIMES_LAST = words("inc co corp ltd llc plc etc a.m p.m")
_CAPITAL_SOMETIMES_LAST = words(
    """bros jr al jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed thu thur
    thurs fri sat sun ave blvd rd ariz calif colo conn fla ga ill ind kan ky la mass md mich minn miss mo mont neb nev
    okla ore pa tenn tex va vt wash wis wyo"""
)
_BEFORE_A_NUMBER = words("no nos nr art p pp vol ch sec fig para")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_FIRST_WORDS = words(
    """the a an this that these those he she it they we i you his her its their our my there here but and or so yet if
    in on at by for from with after before since while when where what who why how as although though despite during
    once under over meanwhile however also still earlier later some many most several more no not both each all
    officials police according two three four five"""
)
# “Stop!” Blinken said: the sentence goes on behind the quotation.
_SAID_NEXT = re.compile(
    r"\s+(?:[^\W\d_][\w.’'-]*\s+){1,3}(?:said|says|asked|asks|added|told|wrote|shouted|cried|replied)\b"
)


def sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Return the half-open spans of the sentences of `text`, in order, without surrounding white space.

    Line breaks are borders; so are full stops, question and exclamation marks with the quotation marks and brackets
    that close behind them, unless the stop belongs to an abbreviation, an initial or a number, or the text goes on in
    lower case. Every character that is not white space lies in exactly one span. Linear in the length of the text.

    >>> sentences("Mr. Bell left. He won.")
    ((0, 14), (15, 22))
    """
    spans: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start = line.start()
        for end in _END.finditer(text, line.start(), line.end()):
            if end.end() < line.end() and _ends_sentence(text, end, line.end()):
                _add(spans, text, start, end.end())
                start = end.end()
        _add(spans, text, start, line.end())
    return tuple(spans)


def sentence_at(spans: tuple[tuple[int, int], ...], start: int, end: int) -> tuple[int, int]:
    """Return the span of the sentences that hold `start` to `end`, the span itself if none does."""
    first = _index(spans, start)
    last = _index(spans, max(start, end - 1))
    if first < 0 or last < 0:
        return start, end
    return min(start, spans[first][0]), max(end, spans[last][1])


def _index(spans: tuple[tuple[int, int], ...], position: int) -> int:
    return bisect_right(spans, position, key=lambda span: span[0]) - 1


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))


def _ends_sentence(text: str, end: re.Match[str], line_end: int) -> bool:
    mark = end.group()
    if mark[0] in "。！？":
        return True
    if not text[end.end()].isspace():
        return False
    after = _WORD_AFTER.match(text, _skip_space(text, end.end(), line_end), line_end)
    next_word = after.group(1) if after else ""
    if next_word and next_word[0].islower():
        return False
    if mark[0] in "!?":
        closes = len(mark) > 1 and mark[-1] in "\"'”’»›“"
        return not (closes and _SAID_NEXT.match(text, end.end(), min(line_end, end.end() + 80)))
    if mark != ".":
        return True  # an ellipsis, or a stop followed by a closing mark, before a capital or a number
    before = _WORD_BEFORE.search(text[max(0, end.start() - _LOOK_BACK) : end.start()])
    word = before.group() if before else ""
    return not _keeps_stop(word, next_word, _next_is_digit(text, end.end(), line_end))


def _keeps_stop(word: str, next_word: str, digit_follows: bool) -> bool:
    """Tell whether the full stop behind `word` is part of the word."""
    lower = word.lower()
    capital = word[:1].isupper()
    if lower in _NEVER_LAST or (capital and lower in _TITLES):
        return True
    sometimes = lower in _SOMETIMES_LAST or (capital and lower in _CAPITAL_SOMETIMES_LAST)
    if digit_follows and (lower in _BEFORE_A_NUMBER or sometimes):
        return True
    starts_sentence = next_word.lower() in _FIRST_WORDS or not next_word
    if sometimes or (_INITIALS.fullmatch(word) and (capital or "." in word)):
        return not starts_sentence
    return word.isdigit() and len(word) <= 2 and next_word.lower() in _GERMAN_MONTHS  # am 3. Mai


_GERMAN_MONTHS = words("januar februar märz april mai juni juli august september oktober november dezember")


def _skip_space(text: str, position: int, stop: int) -> int:
    while position < stop and text[position].isspace():
        position += 1
    return position


def _next_is_digit(text: str, position: int, stop: int) -> bool:
    position = _skip_space(text, position, stop)
    return position < stop and text[position].isdigit()

"""The words around a number: how it compares, what it counts, per what."""

from typing import NamedTuple

from transforms.elements import Comparator, FigureKind
from transforms.enrich.reading.tokens import Token
from transforms.enrich.reading.words import words

_BEFORE: dict[str, Comparator] = {
    "more than": "more_than", "over": "more_than", "above": "more_than", "well over": "more_than",
    "just over": "more_than", "in excess of": "more_than", "upwards of": "more_than", "upward of": "more_than",
    "greater than": "more_than", "longer than": "more_than", "older than": "more_than", "larger than": "more_than",
    "heavier than": "more_than", "faster than": "more_than", "younger than": "less_than", "shorter than": "less_than",
    "smaller than": "less_than", "higher than": "more_than", "exceeding": "more_than", "exceeded": "more_than",
    "surpassed": "more_than", "topped": "more_than", "at least": "at_least", "no fewer than": "at_least",
    "no less than": "at_least", "not less than": "at_least", "a minimum of": "at_least", "minimum of": "at_least",
    "as few as": "at_least", "as little as": "at_least", "less than": "less_than", "fewer than": "less_than",
    "lower than": "less_than", "under": "less_than", "below": "less_than", "just under": "less_than",
    "well under": "less_than", "just below": "less_than", "nearly": "nearly", "almost": "nearly",
    "close to": "nearly", "approaching": "nearly", "at most": "at_most", "no more than": "at_most",
    "not more than": "at_most", "a maximum of": "at_most", "maximum of": "at_most", "up to": "up_to",
    "as many as": "up_to", "as much as": "up_to", "about": "about", "around": "about", "roughly": "about",
    "approximately": "about", "some": "about", "an estimated": "about", "estimated": "about", "circa": "about",
    "just about": "about", "somewhere around": "about", "~": "about", ">": "more_than", "<": "less_than",
    "≥": "at_least", "≤": "at_most", "as long as": "up_to", "an average of": "about", "average of": "about",
}  # fmt: skip
# Said with the number, but it stays exact.
_PLAIN = words("only another exactly just additional further total barely including among") | {
    "a total of", "a further", "an additional", "a record", "a mere", "a staggering",
}  # fmt: skip
_BEHIND: dict[str, Comparator] = {"or more": "at_least", "or less": "at_most", "or fewer": "at_most", "or so": "about"}
_MAX_PHRASE = 3  # tokens of the longest phrase above

_STOP = words(
    """of in on at to for from by with as and or but nor that than which who whom whose when where while after before
    since until during over under into onto out up down off about against between among through across per via because
    if so is are was were be been being has have had do does did will would can could may might must shall should said
    says told not also still just even now then ago each every all both either whether including it its they them
    their he she his her him i we you your our us this these those there here the a an more less fewer amid toward
    towards despite near outside inside within without upon around along worth according have away ago later earlier
    long
    high tall wide deep old apart thick back ahead monday tuesday wednesday thursday friday saturday sunday january
    february march april june july august september october november december"""
)
_VERBS = words(
    """reported killed wounded injured arrested died fled detained displaced remain remained remains live lived say said
    says took take taken made make came come went go goes left lost won held found find seized destroyed damaged
    kidnapped abducted attended participated signed received tested voted work worked rose fell increased decreased
    dropped jumped climbed grew marched gathered protested rallied need needed needs want wanted face faced began begin
    started start crossed entered joined used use using seeking fighting living waiting missing dead rescued freed
    released sentenced charged expected believed feared became become got get lie lay belong voted closed
    struck hit met opened ended rocked shook failed passed agreed followed sank crashed returned arrived broke burned"""
)
_IRREGULAR = words(
    """people children men women police personnel troops dead wounded injured others fish sheep aircraft cattle youth
    staff crew folk media data teeth feet mice lives servicemen policemen gunmen fishermen businessmen servicewomen"""
)
_COMPOUND_FIRST = words("police sports arms weapons rights women people news sales forces human")
_DETERMINERS = words("the a an its their his her our these those all this that such my your")
_CHANGE = words(
    """rose fell increased decreased dropped jumped climbed grew surged declined slipped gained lost plunged soared
    tumbled rallied shrank expanded contracted rise fall increase reached hit totaled totalled exceeded topped stood
    stands stand averaged is was are were cost costs rises falls surpassed passed total remained worth be been swelled
    eased widened narrowed slid sank edged doubled risen fallen grown sunk"""
)
_BETWEEN = words(
    """by to at from of than more less over nearly about around just only least almost up some has have had will would
    could now then as much sharply slightly another the a an estimated record further well under cut between"""
)
_AUXILIARIES = words("has have had will would could can may might should")
_CHANGES_IT = words(
    """cut cuts cutting reduced reduce reduces raised raise raises boosted boost boosts increased increase lowered lower
    slashed slash trimmed trim lifted lift pushed push shrank shrink expanded expand extended extend"""
)
# "The number of cases rose": the cases are what is counted, not the number.
_AMOUNTS = words("number numbers total amount amounts count toll volume tally")
_PLURAL_LINKS = words("in to from")
# "Revenue in the first quarter fell": when, and not what.
_PERIODS = words("quarter half month week year day period season months years quarters decade")
_ADJECTIVAL = words("displaced injured wounded detained missing kidnapped abducted damaged destroyed")
_LINKS = _PLURAL_LINKS | words("on of for")
_PER_NOUNS = words(
    """second minute hour day night week month quarter year person head capita share piece unit barrel ton tonne gallon
    litre liter pound ounce kilogram kg kilo mile kilometer kilometre acre hectare bushel family household child student
    ticket vote game match bottle dose litre pupil resident employee worker passenger carat troy"""
)
_ADVERBS = {
    "daily": "day",
    "annually": "year",
    "yearly": "year",
    "monthly": "month",
    "weekly": "week",
    "hourly": "hour",
}
_MAX_SUBJECT = 6  # words of a noun phrase; longer ones were wrong in own sentences


# Iraqis, rabbis and taxis are plural, these are not.
_SINGULAR_IS = words("crisis basis analysis tennis paris emphasis thesis axis diagnosis oasis hepatitis this his")


class Modifier(NamedTuple):
    """How the number compares; `first` is the token the words start at, `words` what they are (None: nothing said)."""

    comparator: Comparator
    words: str | None
    first: int


def modifier_before(tokens: list[Token], i: int) -> Modifier:
    """Return the modifier that ends before token `i` ("at least another"), up to two phrases."""
    first, comparator = i, None
    for _ in range(2):
        phrase = _phrase_before(tokens, first)
        if phrase is None:
            break
        comparator = comparator or _BEFORE.get(phrase[0])
        first = phrase[1]
    if first == i and i > 0 and tokens[i - 1].lower in ("the", "a", "an"):  # more than the 300
        phrase = _phrase_before(tokens, i - 1)
        if phrase is not None and phrase[0] in _BEFORE:
            comparator, first = _BEFORE[phrase[0]], phrase[1]
    if first == i:
        return Modifier("exact", None, i)
    return Modifier(comparator or "exact", " ".join(token.text for token in tokens[first:i]), first)


def _phrase_before(tokens: list[Token], i: int) -> tuple[str, int] | None:
    for length in range(min(_MAX_PHRASE, i), 0, -1):
        phrase = " ".join(token.lower for token in tokens[i - length : i])
        if phrase in _BEFORE or phrase in _PLAIN:
            return phrase, i - length
    return None


def modifier_behind(tokens: list[Token], stop: int) -> Modifier | None:
    """Return the modifier at token `stop`: "or more", "-plus", "+"; its `first` is the token after it."""
    text = tokens[stop].text if stop < len(tokens) else ""
    if text == "+":
        return Modifier("at_least", "+", stop + 1)
    if text in "-–" and text and stop + 1 < len(tokens) and tokens[stop + 1].lower == "plus":
        return Modifier("at_least", "-plus", stop + 2)
    if text == "plus" and not (stop + 1 < len(tokens) and tokens[stop + 1].kind in ("number", "currency")):
        return Modifier("at_least", "plus", stop + 1)
    phrase = " ".join(token.lower for token in tokens[stop : stop + 2])
    return Modifier(_BEHIND[phrase], phrase, stop + 2) if phrase in _BEHIND else None


def rate(tokens: list[Token], stop: int) -> tuple[str, int] | None:
    """Return per what the figure is ("a day" and "per day" give "day") and the index after it, or None."""
    if stop + 1 >= len(tokens):
        return (
            (_ADVERBS[tokens[stop].lower], stop + 1) if stop < len(tokens) and tokens[stop].lower in _ADVERBS else None
        )
    word, following = tokens[stop].lower, tokens[stop + 1].lower
    if word == "per":
        if tokens[stop + 1].kind == "number" and stop + 2 < len(tokens):  # per 100,000 people
            return f"{tokens[stop + 1].text} {tokens[stop + 2].text}", stop + 3
        return following, stop + 2
    if word in ("a", "an", "each", "every", "/") and following in _PER_NOUNS:
        return following, stop + 2
    return (_ADVERBS[word], stop + 1) if word in _ADVERBS else None


def subject_behind(tokens: list[Token], stop: int, kind: FigureKind) -> tuple[int, int] | None:
    """Return the tokens of the noun phrase behind a figure: what is counted ("IDF soldiers" in "four IDF soldiers")."""
    k = stop
    if k < len(tokens) and tokens[k].text == "-" and tokens[k].glued:
        k += 1
    linked = False
    while k < len(tokens) and (tokens[k].lower in ("more", "other", "additional", "further", "of") or linked):
        linked = linked or tokens[k].lower == "of"
        if linked and tokens[k].lower not in _DETERMINERS and tokens[k].lower != "of":
            break
        k += 1
    if kind in ("money", "percent", "ratio") and k < len(tokens) and tokens[k].lower == "in" and kind == "money":
        k += 1
    if linked and k < len(tokens) and tokens[k].kind == "number":
        k += 1  # 24 of 50 seats
    while (linked or kind == "ratio") and k < len(tokens) and tokens[k].lower in _DETERMINERS:
        k += 1
    start, best, run_end = k, None, k
    while k < len(tokens) and run_end - start < _MAX_SUBJECT + 1:
        token = tokens[k]
        if token.text == "-" and token.glued and k > start:
            k += 1
            continue
        if token.kind != "word" or token.lower in _STOP:
            break
        if token.lower in _VERBS and not (k == start and (token.lower in _IRREGULAR or _describes(tokens, k))):
            break
        k += 1
        run_end = k
        if _is_plural(token.lower):
            best = k
            follows = tokens[k].lower if k < len(tokens) else ""
            if not (token.lower in _COMPOUND_FIRST and _is_plural(follows) and follows not in _STOP | _VERBS):
                break
    if best is not None:
        return start, best
    if run_end == start:
        return None
    if kind == "count":  # a singular: "one person", "five-member panel", else a verb ("the two met")
        single = tokens[stop - 1].lower == "one" or (tokens[stop].text == "-" and tokens[stop].glued)
        return (start, min(run_end, start + 2)) if single else None
    return start, min(run_end, start + 4)


def _describes(tokens: list[Token], k: int) -> bool:
    """Tell whether the participle at token `k` belongs to the noun behind it: 3,000 displaced families."""
    follows = tokens[k + 1].lower if k + 1 < len(tokens) else ""
    return tokens[k].lower in _ADJECTIVAL and _is_plural(follows) and follows not in _STOP and follows != "others"


def subject_before(tokens: list[Token], first: int) -> tuple[int, int] | None:
    """Return the tokens of the noun phrase that a verb of change, a copula or "of" links to the figure behind it.

    "arson attacks increased by 106 percent", "turnout was 61 percent", "an inflation rate of 5 percent".
    """
    if first < len(tokens) and tokens[first].lower in ("topped", "exceeded", "surpassed", "approaching", "exceeding"):
        return _phrase_ending(tokens, first)
    k = first - 1
    if k > 0 and tokens[k].lower == "of" and tokens[k - 1].kind == "word":
        return _phrase_ending(tokens, k, links=_PLURAL_LINKS)
    if k > 1 and tokens[k].lower == "by" and (changed := _changed_before(tokens, k)):
        return changed
    steps = 0
    while k >= 0 and steps < 6 and tokens[k].lower not in _CHANGE:
        if tokens[k].lower not in _BETWEEN:
            return None
        k, steps = k - 1, steps + 1
    if k < 0 or steps == 6:
        return None
    while k > 0 and (tokens[k - 1].lower in _CHANGE or tokens[k - 1].lower in _AUXILIARIES):
        k -= 1
    return _phrase_ending(tokens, k)


def _changed_before(tokens: list[Token], by: int) -> tuple[int, int] | None:
    """Return the object that a transitive verb of change has before "by": "cut harvests by 70%"."""
    start = by
    while start > 0 and by - start < 4 and tokens[start - 1].kind == "word" and tokens[start - 1].lower not in _STOP:
        start -= 1
    for k in range(start, by):
        if tokens[k].lower in _CHANGES_IT:
            start = k + 1
    found = start > 0 and start < by and tokens[start - 1].lower in _CHANGES_IT
    if not found and start > 1 and tokens[start - 1].lower in _DETERMINERS:
        found = start < by and tokens[start - 2].lower in _CHANGES_IT
    return (start, by) if found else None


def _phrase_ending(tokens: list[Token], stop: int, *, links: frozenset[str] = _LINKS) -> tuple[int, int] | None:
    while stop > 0 and tokens[stop - 1].lower.endswith("ly"):
        stop -= 1
    start = stop
    while start > 0 and stop - start < 4:
        token = tokens[start - 1]
        hyphen = token.text == "-" and token.glued and start - 1 > 0
        if not hyphen and (token.kind != "word" or token.lower in _STOP or token.lower in _CHANGE):
            break
        start -= 1
    while start < stop and tokens[start].kind != "word":
        start += 1
    link = start - 2 if start > 1 and tokens[start - 1].lower in _DETERMINERS else start - 1
    if start > 2 and tokens[start - 1].text == "-" and tokens[start - 2].kind == "number":
        link = start - 3  # the yield on 10-year bonds
    if link > 0 and tokens[link].lower in links:
        whole = tokens[link - 1].lower  # shares in the carmaker, exports to Asia, sales of cars
        if tokens[link].lower in _PLURAL_LINKS:
            governs = _is_plural(whole) or (tokens[link].lower == "in" and tokens[stop - 1].lower in _PERIODS)
        else:
            governs = whole not in _AMOUNTS and tokens[link - 1].kind == "word" and whole not in _STOP
        if governs:
            return _phrase_ending(tokens, link, links=links)
    return (start, stop) if start < stop and tokens[stop - 1].lower not in ("total", "there", "number") else None


def _is_plural(word: str) -> bool:
    if word.endswith(("ss", "us", "’s", "'s")) or word in _SINGULAR_IS:
        return False
    return word in _IRREGULAR or (len(word) > 2 and word.endswith("s"))

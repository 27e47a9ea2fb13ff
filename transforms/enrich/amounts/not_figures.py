"""What has digits or a number word and yet is no figure: years, identifiers, names, list numbers."""

import re

from transforms.enrich.reading.tokens import Token
from transforms.enrich.reading.words import words

# "Flight 370", "Article 5", "No. 3": the word before makes the number a name.
_LABELS = words(
    """no nos number article section chapter flight resolution route highway interstate boeing airbus channel room gate
    page psalm row unit block phase tier zone terminal act clause rule apollo type mark mk class schedule title
    proposition area platform building radio windows iphone android galaxy formula division serie version vol volume
    verse category stage grade bus line season exit episode part annex form agenda vision operation exercise brigade
    battalion ftse nasdaq fortune stoxx russell nikkei dax cac dow kospi topix sector table figure"""
)
_LABELS_CAPITAL = words("Group Level Big Super Fab Route Studio Pier Camp Point Catch Euro Expo Under Gen Web")
_YEAR = re.compile(r"(?:1[5-9]|20)\d{2}|2[12]00|21[0-4]\d")
_YEAR_BEFORE = words(
    """in since by until till during before after early late mid year the of from to for between through around on and ,
    ( - –"""
)
_YEAR_SURE = words("in since until till during year early late mid before after by")
# "the 400m hurdles": the length of a discipline is its name.
_DISCIPLINES = words(
    """hurdles sprint freestyle backstroke breaststroke butterfly medley relay dash steeplechase crown title final heat
    gold silver bronze champion championship record"""
)
_RANKED = words(
    "finished finish finishes sit sits sat came ranked ranks rank placed stands stand lie lies lay standing"
)
_AIRLINERS = words("707 717 727 737 747 757 767 777 787")
_STREETS = words("street avenue road boulevard floor fleet amendment corps century lady minister fleet")
_CHAIN = ".,-–:/"


def in_a_chain(tokens: list[Token], i: int) -> bool:
    """Tell whether the number at token `i` is part of a phone number, version, address or score of three and more.

    Three numbers joined by single marks without space ("1-800-555", "2.0.1", "10/5/24"), a group behind "+", a last
    group of four digits behind one of three ("555-0134"), a leading zero ("007").
    """
    if _in_a_spaced_chain(tokens, i):
        return True
    if _is_decimal_range(tokens, i):
        return False
    count, j = 1 + ("." in tokens[i].text), i
    while j >= 2 and count < 4 and tokens[j].glued and tokens[j - 1].text in _CHAIN and tokens[j - 1].glued:
        if tokens[j - 2].kind != "number":
            break
        count, j = count + 1 + ("." in tokens[j - 2].text), j - 2
    first = j
    j = i
    while j + 2 < len(tokens) and count < 4 and tokens[j + 1].text in _CHAIN and tokens[j + 1].glued:
        if tokens[j + 2].kind != "number" or not tokens[j + 2].glued:
            break
        count, j = count + 1, j + 2
    if count > 2:
        return True
    text = tokens[i].text
    if len(text) > 1 and text[0] == "0" and text[1].isdigit():
        return True
    pair = [tokens[first].text, tokens[first + 2].text] if count == 2 and first + 2 < len(tokens) else []
    dashed = len(pair) == 2 and tokens[first + 1].text in "-–" and pair[0].isdigit() and pair[1].isdigit()
    return dashed and [len(part) for part in pair] == [3, 4]


def _is_decimal_range(tokens: list[Token], i: int) -> bool:
    """Tell whether token `i` and the one behind a dash are a range of decimals with a unit: 5.2–5.4%."""
    if i + 3 >= len(tokens) or "." not in tokens[i].text or tokens[i + 1].text not in "-–" or not tokens[i + 1].glued:
        return False
    return tokens[i + 2].kind == "number" and "." in tokens[i + 2].text and tokens[i + 3].text in ("%", "percent")


def _in_a_spaced_chain(tokens: list[Token], i: int) -> bool:
    """Tell whether numbers stand in a row with only spaces between, three or more or behind a plus sign."""
    first = last = i
    while first > 0 and i - first < 4 and tokens[first - 1].kind == "number":
        first -= 1
    while last + 1 < len(tokens) and last - i < 4 and tokens[last + 1].kind == "number":
        last += 1
    plus = first > 0 and tokens[first - 1].text == "+" and tokens[first].glued
    slashed = last + 1 < len(tokens) and tokens[last + 1].text == "/"  # 2 1/2
    return last > first and (plus or last - first > 1) and not slashed


def is_identifier(tokens: list[Token], i: int, stop: int, *, title_case: bool) -> bool:
    """Tell whether tokens `i` to `stop` are part of a name: "KF-21", "Covid-19", "Flight 370", "Five Eyes"."""
    token = tokens[i]
    before = tokens[i - 1] if i > 0 else None
    after = tokens[stop] if stop < len(tokens) else None
    if before is not None:
        if before.lower == "per":
            return True  # 2.3 per 1,000 residents
        if token.glued and (before.kind == "word" or before.text in "#/@_=:"):
            return True
        if token.glued and before.text in "-–" and before.glued and i > 1 and tokens[i - 2].kind in ("word", "number"):
            return tokens[i - 2].lower != "magnitude"
        label = tokens[i - 2] if before.text == "." and i > 1 else before
        if label.lower in _LABELS and (
            label.text[0].isupper() or label.lower in ("no", "nos", "number", "page", "version")
        ):
            return not (before.text != "." and label.lower == "no" and label.text == "no")
        if label.text[0].islower() and any(character.isupper() for character in label.text[1:]):
            return token.kind == "number"  # iOS 17.2
        if label.text in _LABELS_CAPITAL or (before.lower == "of" and i > 1 and tokens[i - 2].text == "Group"):
            return True
        if before.text == "P" and i > 2 and tokens[i - 2].text == "&":  # S&P 500
            return True
    if after is not None and after.glued and after.kind == "word" and token.kind == "number" and stop == i + 1:
        return True  # 5G, 4x4: units and scales were read before
    if after is not None and after.text in "°′″" and after.glued and token.kind == "number":
        return True
    if token.kind == "word" and token.text[0].isupper() and i > 0 and not title_case:
        # "Five Eyes", "Six Nations": inside a sentence a capitalised number word belongs to a name
        return before is not None and (before.kind == "word" or before.text == "-")
    return False


def is_year(tokens: list[Token], i: int, stop: int, *, compared: bool) -> bool:
    """Tell whether the bare number at token `i` is a year; `compared` says that "more than" or the like precedes."""
    token = tokens[i]
    if stop != i + 1 or not _YEAR.fullmatch(token.text) or compared:
        return False
    before = tokens[i - 1].lower if i > 0 else ""
    after = tokens[stop] if stop < len(tokens) else None
    if before in _YEAR_SURE or before in ("the", "a"):  # since 2014, the 2014 protests
        return True
    counted = after is not None and after.kind == "word" and after.text[0].islower() and after.lower.endswith("s")
    if counted and after is not None and after.lower not in ("as", "was", "is", "has", "this", "its", "us"):
        return False
    people = after is not None and after.lower in ("people", "children", "men", "women", "troops", "police")
    return not people


def is_bare_airliner(tokens: list[Token], i: int, stop: int) -> bool:
    """Tell whether "747" names an aircraft: no plural noun follows ("a 747 crashed", "737 Max jets")."""
    if tokens[i].text not in _AIRLINERS or stop != i + 1:
        return False
    after = tokens[stop] if stop < len(tokens) else None
    return after is None or not after.lower.endswith(("s", "people")) or after.lower in ("was", "has", "is", "jets")


def is_list_number(tokens: list[Token], i: int, stop: int) -> bool:
    """Tell whether the number numbers a list item or a note: "1. Open ...", "2) ...", "[3]"."""
    after = tokens[stop] if stop < len(tokens) else None
    before = tokens[i - 1] if i > 0 else None
    if tokens[i].kind != "number":
        return False
    if before is not None and before.text == "[" and after is not None and after.text == "]":
        return True
    bracketed = before is not None and before.text == "(" and after is not None and after.text == ")"
    if bracketed and len(tokens[i].text) < 3 and not (i > 1 and tokens[i - 2].text[0].isupper()):
        return True
    return i == 0 and (after is None or (after.glued and after.text in ".)" and stop + 1 <= len(tokens)))


def is_discipline(tokens: list[Token], stop: int) -> bool:
    """Tell whether a length names a discipline: the 400m hurdles, the 100 metres final."""
    return stop < len(tokens) and tokens[stop].lower in _DISCIPLINES


def is_named_ordinal(tokens: list[Token], i: int, stop: int, *, title_case: bool) -> bool:
    """Tell whether an ordinal is part of a name or date, or no rank: "Second Vatican Council", "at first"."""
    after = tokens[stop] if stop < len(tokens) else None
    if after is None or (after.kind != "word" and after.text != "-"):
        return True
    if any(token.lower in _RANKED for token in tokens[max(0, i - 2) : i]):
        return False  # they sit fourth in the table; it ranks Peru 121st of 180
    if after.lower in _STREETS or after.lower in (
        "half",
        "quarter",
        "of",
        "hand",
        "and",
        "to",
        "the",
        "by",
        "in",
        "time",
    ):
        return after.lower != "time" or (i > 0 and tokens[i - 1].lower == "a")
    if not title_case and (after.text[0].isupper() or (tokens[i].text[0].isupper() and i > 0)):
        return True
    if after.lower.endswith("ed"):
        return True  # the first killed 19 people
    return i > 0 and tokens[i - 1].lower in ("at", "on", "twenty", "from")

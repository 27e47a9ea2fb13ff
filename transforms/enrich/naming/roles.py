"""What the text says a person is: the title before the name, or the description behind it."""

import re

from transforms.enrich.reading import name_lists
from transforms.enrich.reading.sentences import sentences
from transforms.enrich.reading.words import words

MAX_ROLE_CHARS = 120
_LOOK_BACK = 100
_HONORIFICS = words("mr mrs ms miss dr sir dame lord lady ex")
_LINKING = words("of for the and")
_ABBREVIATED = words("gen lt col maj capt sgt cpl brig adm sen rep gov prof rev dr mr mrs ms sec supt insp det cmdr st")
_PREFIXES = words("then ex co vice deputy acting former sub president")  # then-Prime Minister, Vice-President
# Words inside a title that are no titles themselves: "Minister of Foreign Affairs", "Foreign Ministry spokesman".
_TITLE_PARTS = words(
    """affairs security national ministry department staff chief house senate assistant associate executive managing
    deputy press policy human rights justice health education energy trade economy environment intelligence army
    navy air force police security presidential opposition party parliamentary supreme first under special senior
    junior chairman head white majority minority rear"""
)
_ROLE_NOUNS = words(
    """president minister secretary spokesman spokeswoman spokesperson chairman chairwoman chair director head chief
    leader commander governor mayor ambassador envoy senator lawmaker lawyer professor analyst founder owner manager
    coach captain editor author researcher scientist economist judge prosecutor general official member coordinator
    commissioner adviser advisor representative chancellor premier king queen prince princess bishop cardinal
    activist journalist reporter doctor surgeon teacher farmer resident executive ceo negotiator candidate deputy
    historian physician nurse engineer student partner expert specialist fellow speaker striker midfielder goalkeeper
    batsman actor actress singer artist pilot archbishop rabbi imam sheriff"""
)
_QUALIFIERS = words(
    """vice foreign defense defence interior finance state former acting interim outgoing incoming prime late"""
)
_AGE = r"(?:, (?:aged )?\d{1,3}(?=,)| \(\d{1,3}\))?"
_HEADS = re.compile(_AGE + r", who ((?:heads|leads|chairs|runs|directs|commands|oversees) [^,;:“”\"\n—–]{2,100})")
_DESCRIPTION = re.compile(
    _AGE + r", (?:who is |who was )?(?:(?:the|a|an|its|his|her|their|our) )?(?:[\w-]{1,30}['’]s )?"
    r"([^\s,;:()“”\"\n][^,;:“”\"\n—–]{2,160})"
)
_STOPS_ROLE = re.compile(
    r" (?:will|would|can|could|may|might|should|did|does|do|who|which|that|said|says|told"
    r"|was|is|were|has|had|as|when|after|before|and (?:his|her))\b"
)


def role_before(text: str, start: int) -> str | None:
    """Return the title in front of the name at `start` ("Defense Minister"), None without one; "Mr." is none."""
    if text[start - 1 : start] != " ":
        return None
    ahead = text[max(0, start - _LOOK_BACK) : start - 1].split(" ")
    if ahead[-1].removesuffix(",").lower() in _ROLE_NOUNS:
        ahead[-1] = ahead[-1].removesuffix(",")  # "the bank's chief economist, Ada Novak, said"
    kept: list[str] = []
    while ahead and _belongs(ahead, kept):
        kept.insert(0, ahead.pop())
    while kept and kept[0].lower().rstrip(".") in _HONORIFICS and kept[:2] != ["Lord", "Mayor"]:
        kept.pop(0)
    while kept and kept[-1].lower().rstrip(".") in _HONORIFICS:
        kept.pop()
    return " ".join(kept) if any(_is_role(word) for word in kept) else None


def _belongs(ahead: list[str], kept: list[str]) -> bool:
    """Tell whether the last word ahead is part of the title whose later words are `kept`."""
    bare = ahead[-1].lower().rstrip(".")
    if ahead[-1].endswith(".") and bare not in _ABBREVIATED:
        return False  # a sentence ends there
    if bare in name_lists.TITLES or bare in _ROLE_NOUNS or _is_compound(bare):
        return True
    if bare in _TITLE_PARTS:
        return bool(kept) or _completes(ahead)
    return bool(kept) and bare in _LINKING and len(ahead) > 1 and ahead[-2].lower() in name_lists.TITLES | _ROLE_NOUNS


def _completes(ahead: list[str]) -> bool:
    """Tell whether the words end as "Minister of Foreign Affairs" does."""
    return "of" in ahead[-4:-1] and any(word.lower() in _ROLE_NOUNS for word in ahead[-5:-2])


def _is_compound(bare: str) -> bool:
    """Tell whether a word is a title of two: director-general, then-president, ex-prime (minister)."""
    first, hyphen, second = bare.partition("-")
    known = name_lists.TITLES | _ROLE_NOUNS
    return bool(hyphen) and second in known and (first in _PREFIXES or first in known)


def _is_role(word: str) -> bool:
    bare = word.lower().rstrip(".")
    if _is_compound(bare):
        return not _ROLE_NOUNS.isdisjoint(bare.split("-"))
    return bare in _ROLE_NOUNS or (bare in name_lists.TITLES and bare not in _HONORIFICS and bare not in _QUALIFIERS)


def role_behind(text: str, end: int) -> str | None:
    """Return the description behind the name that ends at `end`: "..., head of the mission in Gaza." None without one.

    It counts when a word for a person's role stands among its first words.
    """
    heads = _HEADS.match(text, end, end + 160)
    match = heads or _DESCRIPTION.match(text, end, end + 200)
    if match is None:
        return None
    phrase = match[1]
    if stop := _STOPS_ROLE.search(" " + phrase):
        phrase = phrase[: max(0, stop.start() - 1)]
    first = next(iter(sentences(phrase)), None)
    if first is None:
        return None
    phrase = phrase[: first[1]]
    phrase = phrase.strip(" .!?’'")
    if heads is not None:
        return phrase
    described = phrase.split()
    role_at = next((i for i, word in enumerate(described[:6]) if word.lower().split("-")[-1] in _ROLE_NOUNS), None)
    if role_at is None or len(phrase) > MAX_ROLE_CHARS:
        return None
    if any(word in ("of", "in", "at", "from") for word in described[:role_at]):
        return None  # "..., in front of the president"
    return phrase

"""Who says something in a sentence: cue verbs, the words that name the speaker, and the speaker's stated role."""

import re
from typing import NamedTuple

from transforms.enrich.reading.tokens import Token, tokenize
from transforms.enrich.reading.words import words

SAY_VERBS = words(
    """said says say saying told tells wrote writes added adds stated states announced announces warned warns claimed
    claims noted notes argued argues insisted insists explained explains replied replies acknowledged acknowledges
    declared declares reported reports tweeted posted recalled recalls admitted admits denied denies confirmed confirms
    asked asks called calls described describes urged urges accused accuses estimated estimates telling saying
    adding warning sagte erklärte betonte warnte dijo afirmó
    suggested suggests predicted predicts vowed vows pledged promised promises complained cautioned concluded
    continued shouted cried testified joked remarked commented lamented demanded demands"""
)
# They voice or judge, and the words they bring are a quotation; no figure has its source in them.
VOICED = words(
    """read reads appealed appeals
    chanted sighed laughed exclaimed muttered whispered yelled screamed pleaded boasted quipped mused countered
    retorted snapped grumbled moaned reflected responded reiterated agreed disagreed disagrees instructed advised
    rejected rejects dismissed dismisses condemned condemns denounced denounces hailed hails praised praises branded
    brands criticised criticized criticises criticizes blasted slammed labelled labeled"""
)
_CUES = SAY_VERBS | VOICED
_TWO_WORD_CUES = frozenset(
    {
        *(("spoke", "of"), ("speaks", "of"), ("put", "it"), ("puts", "it")),
        *(("went", "on"), ("goes", "on"), ("summed", "up")),
    }
)
# Behind the words of a quotation these name its speaker in inverted order ("said Mara Bell").
_INVERTS = words(
    """said says added adds wrote writes warned warns explained explains noted notes asked asks replied insisted argued
    recalled continued admitted acknowledged declared announced told tweeted posted complained joked remarked lamented
    concluded cautioned stated shouted cried sighed laughed exclaimed chanted quipped mused countered responded agreed
    vowed predicted promised pledged testified suggested estimated commented reported confirmed denied claimed urged
    announced demanded pleaded screamed yelled whispered muttered boasted retorted reiterated advised read reads insists
    argues recalls admits concludes replies
    sagte erklärte betonte warnte dijo afirmó"""
)
_AUXILIARIES = words("has have had also then later is was are were be been will would could can may might who which")
_MEANS = words("phone telephone email e-mail text video satellite letter fax")  # said by phone
_BE = words("is are was were be been being")
_ADVERBS = words(
    """also later earlier then again repeatedly publicly simply angrily quietly meanwhile separately on in at
    monday tuesday wednesday thursday friday saturday sunday yesterday today"""
)
_NP_STOP = words(
    """and but while when where as that because if although though after before since until with by from into to on at
    over under about against who whom which said says than or not about during amid than despite so yet told"""
)
# A segment that starts the sentence with one of these is a time or place, not a speaker ("In separate comments").
_LEADING = words("in on at after before during since while when as if with for from by under despite amid following")
_NOT_SPEAKERS = words(
    """no none neither it this that there what which these those which who one nothing something anything everything
    court order law here how why so such plan move deal data results survey poll"""
)
ROLES = words(
    """head chief director spokesman spokeswoman spokesperson minister president secretary official officials leader
    chairman chairwoman chair chairperson manager coach mayor governor ambassador envoy general commander resident
    residents witness witnesses doctor doctors lawyer lawyers analyst analysts economist professor expert experts aide
    aides member members coordinator officer prosecutor judge survivor owner author teacher mother father deputy
    counterpart colleague rival opponent wife husband brother sister son daughter neighbour neighbor friend negotiator
    adviser advisor chancellor premier senator lawmaker engineer nurse surgeon physician scientist researcher historian
    activist founder captain editor journalist reporter critic singer actor director-general executive ceo investigator
    superintendent inspector detective sheriff commissioner delegate bishop archbishop priest imam king queen prince"""
)
_ROLE_LINK = words("of for in at to and the a an & ’s 's on")
_IN_NAMES = words(". - al el bin ibn abu de da del la le van von der den ul ben dos")
_PRONOUNS = words("he she they we i")
_NEVER_FIRST = _ADVERBS | _AUXILIARIES | (_ROLE_LINK - {"the", "a", "an"})
_NOT_PEOPLE = _NP_STOP | _AUXILIARIES | SAY_VERBS | words("day thing time more year week month")
_MAX_SPEAKER_TOKENS = 14


# A sentence without one of these names no speaker: most end here, a tenth of the cost of their tokens.
_ANY_CUE = _CUES | {first for first, _ in _TWO_WORD_CUES} | {"according", "According"}
_WORD = re.compile(r"[^\W\d_]+")


class Speech(NamedTuple):
    """Who speaks, as offsets into the text: the speaker's words, the stated role (or None), and the cue verb."""

    start: int
    end: int
    role: tuple[int, int] | None
    verb: str
    verb_start: int


def is_pronoun(speaker: str) -> bool:
    """Tell whether the words that name a speaker are a personal pronoun."""
    return speaker.lower() in _PRONOUNS


def find_speech(text: str, start: int, end: int) -> list[Speech]:
    """Return the speakers that `text[start:end]` (a sentence) names with a cue verb or "according to", in order.

    Words inside quotation marks are not looked at: hand over the sentence with its quotations blanked out.
    """
    if _ANY_CUE.isdisjoint(_WORD.findall(text, start, end)):
        return []
    tokens = tokenize(text, start, end, limit=400)
    found: list[Speech] = []
    for i, token in enumerate(tokens):
        speech = None
        if token.lower == "according" and i + 1 < len(tokens) and tokens[i + 1].lower == "to":
            speech = _after(tokens, i + 2, "according to", token.start)
        elif (token.text in _CUES or _is_two_word_cue(tokens, i)) and not _is_passive(tokens, i):
            speech = _before(tokens, i)
            if speech is None and token.lower in _INVERTS and _may_invert(tokens, i):
                speech = _after(tokens, i + 1, token.lower, token.start)
        if speech is not None:
            found.append(speech)
    return found


def find_subject(text: str, start: int, end: int) -> Speech | None:
    """Return the noun phrase that opens `text[start:end]` before a form of "to be" or an auxiliary, or None."""
    tokens = tokenize(text, start, end, limit=60)
    stop = _noun_phrase_end(tokens, 0)
    if not 0 < stop < len(tokens) or tokens[stop].lower not in _AUXILIARIES or not _is_speaker(tokens, 0, stop):
        return None
    return Speech(tokens[0].start, tokens[stop - 1].end, None, "", tokens[stop].start)


def _is_two_word_cue(tokens: list[Token], i: int) -> bool:
    return i + 1 < len(tokens) and (tokens[i].text, tokens[i + 1].text) in _TWO_WORD_CUES


def _is_passive(tokens: list[Token], i: int) -> bool:
    """Tell whether nobody speaks here: "was told", "described by", "soldiers accused of"."""
    before = tokens[i - 1].lower if i else ""
    after = tokens[i + 1].lower if i + 1 < len(tokens) else ""
    by = after == "by" and not (i + 2 < len(tokens) and tokens[i + 2].lower in _MEANS)
    return before in _BE or by or (after == "of" and tokens[i].lower == "accused")


def _may_invert(tokens: list[Token], i: int) -> bool:
    """Tell whether a subject may follow the verb: it opens the segment, behind a comma or a quotation mark."""
    return i == 0 or tokens[i - 1].kind == "symbol"


def _after(tokens: list[Token], i: int, verb: str, verb_start: int) -> Speech | None:
    """Read the noun phrase from token `i` on, and a role behind a comma ("said Mara Bell, head of the mission")."""
    stop = _noun_phrase_end(tokens, i)
    if stop == i or (tokens[i].lower in _NOT_SPEAKERS and tokens[i].text != "WHO" and not _is_one_of(tokens, i)):
        return None
    role = None
    if stop + 1 < len(tokens) and tokens[stop].text == ",":
        role_stop = _role_end(tokens, stop + 1, titled=True)
        if role_stop > stop + 1:
            role = (tokens[stop + 1].start, tokens[role_stop - 1].end)
    start, role = _split_role(tokens, i, stop, role)
    return Speech(tokens[start].start, tokens[stop - 1].end, role, verb, verb_start)


def _before(tokens: list[Token], verb: int) -> Speech | None:
    """Read the noun phrase that ends before the verb at token `verb` ("the health ministry said")."""
    stop = verb
    while stop > 0 and (tokens[stop - 1].lower in _ADVERBS or tokens[stop - 1].lower in ("has", "have", "had")):
        stop -= 1
    role = None
    if stop > 1 and tokens[stop - 1].text == ",":  # Mara Bell, head of the mission, said
        comma = stop - 1
        opening = comma - 1
        while opening > 0 and comma - opening < _MAX_SPEAKER_TOKENS and tokens[opening].text != ",":
            opening -= 1
        if tokens[opening].text != "," or opening + 1 >= comma:
            return None
        role_stop = _role_end(tokens, opening + 1, titled=False)
        if role_stop == comma:
            role = (tokens[opening + 1].start, tokens[comma - 1].end)
        stop = opening
    start = stop
    while start > 0 and stop - start < _MAX_SPEAKER_TOKENS and _in_noun_phrase(tokens, start - 1):
        start -= 1
    while start < stop and tokens[start].lower in _NEVER_FIRST and tokens[start].text != "WHO":
        start += 1
    if start == stop or not _is_speaker(tokens, start, stop):
        return None
    start, role = _split_role(tokens, start, stop, role)
    return Speech(tokens[start].start, tokens[stop - 1].end, role, tokens[verb].lower, tokens[verb].start)


def _in_noun_phrase(tokens: list[Token], i: int) -> bool:
    token = tokens[i]
    if token.kind == "number":
        return False
    if token.kind == "symbol":
        return token.text in "-&" or (token.text == "." and i > 0 and tokens[i - 1].text in _DOTTED)
    if token.text == "WHO":
        return True
    return token.lower not in _NP_STOP and token.lower not in _AUXILIARIES and token.lower not in SAY_VERBS


_DOTTED = words("Mr Mrs Ms Dr Gen Sen Rep Gov Lt Col Maj Sgt Prof St Capt Rev Adm Jr")


def _noun_phrase_end(tokens: list[Token], i: int) -> int:
    j = i
    while j < len(tokens) and j - i < _MAX_SPEAKER_TOKENS and _in_noun_phrase(tokens, j):
        j += 1
    while j > i and (tokens[j - 1].lower in _ROLE_LINK or tokens[j - 1].lower in _ADVERBS):
        j -= 1
    return j


def _role_end(tokens: list[Token], i: int, *, titled: bool) -> int:
    """Return the end of a role behind a comma, `i` when what stands there is none ("who spoke ...", "adding that").

    `titled` asks for a word of `ROLES`, because nothing but the end of the clause closes what follows a verb.
    """
    if i >= len(tokens) or tokens[i].kind != "word" or tokens[i].lower in _NP_STOP | _LEADING:
        return i
    if tokens[i].lower.endswith("ing") or tokens[i].lower in _PRONOUNS:
        return i
    if tokens[i].text[0].isupper():
        return i  # a place ("Mara Bell, Berlin") or a list of names
    j = i
    while j < len(tokens) and j - i < 2 * _MAX_SPEAKER_TOKENS:
        token = tokens[j]
        in_brackets = token.text in "()"
        if not in_brackets and not _in_noun_phrase(tokens, j) and token.lower not in ("and", "to", "at"):
            break
        j += 1
    while j > i and (tokens[j - 1].lower in _ROLE_LINK or tokens[j - 1].text in "("):
        j -= 1
    closed = j >= len(tokens) or tokens[j].kind == "symbol"
    return j if closed and (not titled or any(token.lower in ROLES for token in tokens[i:j])) else i


def _is_speaker(tokens: list[Token], start: int, stop: int) -> bool:
    first = tokens[start]
    if _is_one_of(tokens, start):
        return True
    if first.lower in _NOT_SPEAKERS and first.text != "WHO":
        return False
    last = tokens[stop - 1]
    if first.lower in _PRONOUNS:
        return stop - start == 1
    return (
        first.text[0].isupper()
        or last.text[0].isupper()
        or first.lower in ("the", "a", "an", "his", "her", "their", "its", "some", "many", "one", "another")
        or last.lower.endswith("s")
        or last.lower in ("police", "people", "state", "media", "military", "army", "government")
    )


def _is_one_of(tokens: list[Token], i: int) -> bool:
    """Tell whether somebody of several speaks: "one of them", "one farmer"."""
    following = tokens[i + 1].lower if i + 1 < len(tokens) else ""
    return tokens[i].lower == "one" and (following == "of" or (following.isalpha() and following not in _NOT_PEOPLE))


def _split_role(
    tokens: list[Token], start: int, stop: int, role: tuple[int, int] | None
) -> tuple[int, tuple[int, int] | None]:
    """Cut lower-case words before a name off as its role: "foreign minister Mara Bell"."""
    name = stop
    while name > start and (tokens[name - 1].text[0].isupper() or tokens[name - 1].lower in _IN_NAMES):
        name -= 1
    lower = [token for token in tokens[start:name] if token.lower not in ("the", "a", "an")]
    links = {token.lower for token in lower} & (_ROLE_LINK - {"the", "a", "an"})
    if stop - name >= 2 and lower and not links and name > start and not tokens[name - 1].lower.endswith(("’s", "'s")):
        if tokens[name - 1].lower in ("the", "a", "an"):
            return start, role
        return name, role or (lower[0].start, tokens[name - 1].end)
    return start, role


def blank_quotations(text: str, spans: list[tuple[int, int]]) -> str:
    """Return `text` with the given spans replaced by spaces of the same length, so that offsets stay true."""
    parts, position = [], 0
    for start, end in sorted(spans):
        if start >= position:
            parts.append(text[position:start])
            parts.append(re.sub(r"[^\n]", " ", text[start:end]))
            position = end
    parts.append(text[position:])
    return "".join(parts)

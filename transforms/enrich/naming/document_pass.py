"""What a whole document knows better than a sentence: one name, one label, everywhere.

Engine-independent: works on any tagger's spans (labels PERSON ORG LOC NORP FAC EVENT MISC). Linear in the text.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from transforms.enrich.locating.gazetteer import load_gazetteer
from transforms.enrich.naming.listed_bodies import find_listed_bodies
from transforms.enrich.naming.listed_places import find_listed_places
from transforms.enrich.naming.span_tidy import tidy, with_facility_head
from transforms.enrich.reading import name_lists
from transforms.enrich.reading.marked_text import RULE_CONFIDENCE, MarkedText
from transforms.enrich.reading.name_span import Span
from transforms.enrich.tagging.name_cues import facility_follows, quoted_names

MAX_NAME_CHARS = 120  # a longer "name" is a list or hostile text

_CAPITALISED = re.compile(r"(?<![\w’'-])[^\W\d_a-zß-öø-ÿ]\w*")
_NEXT_WORD = re.compile(r"[ -]([^\W\d_][\w’'-]*)")
_ACRONYM = re.compile(r"(?<![\w.&-])(?:U\.N\.|E\.U\.|AT&T|[A-Z]{2,7})(?![\w&-])")
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b")
_ABBREVIATED = re.compile(r", ([A-Z][a-z]{0,5}\.(?: ?[A-Z][a-z]{0,4}\.)?)(?=[\s,.;:)]|\Z)")
_BRACKETED = re.compile(r" \(([A-Z]{2,7})\)")
_DEMONYM = re.compile(r"(?<![\w-])[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)?")


def document_pass(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the spans made tidy and consistent over the document, with the names the tagger missed, in order.

    The surname of a full name is that person everywhere; one spelling has one label; a name seen twice, or of several
    words, is found wherever it stands; demonyms are NORP; defined and well-known acronyms are ORG. Measured on the
    tuning splits by `scripts/score_entities --tuning` with and without `--raw`.
    """
    known = [span for span in tidy(text, spans) if span.end - span.start <= MAX_NAME_CHARS]
    surnames = _surnames(text, known)
    known = _one_label_per_name(text, known, surnames)
    document = MarkedText(text, known)
    _find_quoted(document)
    find_listed_bodies(document)
    find_listed_places(document, frozenset(surnames))
    _find_abbreviated(document)
    _find_again(document, surnames)
    _find_demonyms(document)
    _find_acronyms(document)
    return document.spans()


def _surnames(text: str, spans: Iterable[Span]) -> Counter[str]:
    """Return how often each family name closes a person's full name."""
    found: Counter[str] = Counter()
    for span in spans:
        words = text[span.start : span.end].split()
        if span.label == "PERSON" and 2 <= len(words) <= 5:
            last = words[-1]
            if len(last) > 2 and last[0].isupper() and last not in name_lists.COMMON_CAPITALISED:
                found[last] += 1
    return found


def _one_label_per_name(text: str, spans: list[Span], surnames: Counter[str]) -> list[Span]:
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for span in spans:
        surface = text[span.start : span.end]
        votes[surface][span.label] += 1
        if " " in surface and facility_follows(text, span.end):
            votes[surface]["LOC"] += 3
    found = []
    for span in spans:
        surface = text[span.start : span.end]
        ballot = votes[surface]
        label = span.label
        if surface in surnames and label in ("ORG", "LOC", "MISC", "FAC", "EVENT"):
            against = sum(count for other, count in ballot.items() if other != "PERSON")
            if against <= 2 * (surnames[surface] + ballot["PERSON"]):
                label = "PERSON"
        elif len(ballot) > 1:
            winner, count = ballot.most_common(1)[0]
            if count > 0.5 * ballot.total() and "NORP" not in (label, winner):
                label = winner
        found.append(span._replace(label=label))
    return found


def _find_quoted(document: MarkedText) -> None:
    for start, end, label in quoted_names(document.text):
        span = document.at(start, end)
        if span is not None and (label == "FAC" or span.label != "PERSON"):
            document.relabel(span, label)
        elif not document.taken(start, end):
            document.add(start, end, label)


def _find_abbreviated(document: MarkedText) -> None:
    """Mark the state behind a town, full stop included: Naples, Fla., said."""
    for town in document.spans():
        state = _ABBREVIATED.match(document.text, town.end) if town.label == "LOC" else None
        if state is None or load_gazetteer().abbreviated(state[1]) is None:
            continue
        start, end = state.span(1)
        if without_stop := document.at(start, end - 1):
            document.replace([without_stop], start, end, "LOC")
        elif not document.taken(start, end):
            document.add(start, end, "LOC")


def _find_again(document: MarkedText, surnames: Counter[str]) -> None:
    """Mark further mentions of names that the document names surely."""
    names = _sure_names(document, surnames)
    lengths: defaultdict[str, set[int]] = defaultdict(set)  # first word -> lengths of the names that begin with it
    for name in names:
        if first := _CAPITALISED.match(name):
            lengths[first[0]].add(len(name))
    text = document.text
    for word in _CAPITALISED.finditer(text):
        if word[0] not in lengths:
            continue
        start = word.start()
        for length in sorted(lengths[word[0]], reverse=True):
            end = start + length
            label = names.get(text[start:end])
            if label is None or _goes_on(text, end) or document.taken(start, end):
                continue
            if not document.continues(end) and not document.continued_from(start):
                span = with_facility_head(text, Span(start, end, label, RULE_CONFIDENCE))
                if not document.taken(start, span.end):
                    document.add(start, span.end, span.label)
            break


def _sure_names(document: MarkedText, surnames: Counter[str]) -> dict[str, str]:
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for span in document.spans():
        votes[document.text[span.start : span.end]][span.label] += 1
    names = dict.fromkeys(surnames, "PERSON")
    for surface, ballot in votes.items():
        label, count = ballot.most_common(1)[0]
        often = count >= 2 or " " in surface or surface.isupper()
        named = len(surface) > 2 and surface[0].isupper() and surface not in name_lists.COMMON_CAPITALISED
        if named and often and count > 0.6 * ballot.total():
            names[surface] = label
    return names


def _goes_on(text: str, end: int) -> bool:
    return end < len(text) and (text[end].isalnum() or text[end] in "_-")


def _find_demonyms(document: MarkedText) -> None:
    for match in _DEMONYM.finditer(document.text):
        start, end = match.span()
        surface = match.group()
        if surface not in name_lists.DEMONYMS:  # not a demonym of two words: look at the first
            surface = surface.partition(" ")[0]
            end = start + len(surface)
        if surface not in name_lists.DEMONYMS:
            second = match.start() + len(surface) + 1
            surface = match.group()[len(surface) + 1 :]
            start, end = second, match.end()
        if not surface or surface not in name_lists.DEMONYMS:
            continue
        span = document.at(start, end)
        if span is not None:
            if span.label in ("LOC", "ORG", "PERSON", "MISC"):
                document.relabel(span, "NORP")
        elif surface in name_lists.SURE_DEMONYMS and not document.taken(start, end):
            following = _NEXT_WORD.match(document.text, end, end + 40)
            if following is None or following[1].lower() in name_lists.TITLES or not document.continues(end):
                document.add(start, end, "NORP")


def _find_acronyms(document: MarkedText) -> None:
    text = document.text
    if len(_SHOUTED.findall(text)) > 0.2 * (text.count(" ") + 1):
        return  # a text in capitals: every word looks like an acronym
    bodies = [span for span in document.spans() if span.label in ("ORG", "MISC", "FAC")]
    bracketed = {match[1] for span in bodies if (match := _BRACKETED.match(text, span.end)) and span.label == "ORG"}
    spelled = {acronym for span in bodies for acronym in acronyms_of(text[span.start : span.end])}
    for match in _ACRONYM.finditer(text):
        acronym = match.group()
        sure = acronym in name_lists.KNOWN_ACRONYMS or acronym in bracketed
        if not sure and acronym not in spelled:
            continue
        span = document.at(*match.span())
        if span is not None:
            if sure:
                document.relabel(span, "ORG")
        elif document.taken(*match.span()):
            continue
        elif acronym in name_lists.KNOWN_ACRONYMS or not document.continues(match.end()):
            document.add(*match.span(), "ORG")


def acronyms_of(name: str) -> frozenset[str]:
    """Return the acronyms that the name of several words may have: with and without its small words, and without a
    leading U.N. or U.S. ("U.N. Office for the Coordination of Humanitarian Affairs" is OCHA).
    """
    words = [word for word in re.split(r"[\s-]+", re.sub(r"['’]s\b", "", name)) if word[:1].isalpha()]
    if len(words) < 2:
        return frozenset()
    bare = [word for word in words if word not in name_lists.SMALL_WORDS]
    inner = [word for word in bare if not word.startswith(("U.N", "U.S", "UN", "US"))]
    variants = (words, bare, inner, [word for word in words if word[0].isupper()])
    found = ("".join(word[0] for word in variant).upper() for variant in variants)
    return frozenset(acronym for acronym in found if len(acronym) > 1)

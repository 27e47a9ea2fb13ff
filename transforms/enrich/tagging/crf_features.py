"""What the name tagger looks at: for each word of a sentence, the list of its features.

The word itself, its shape and ends, its neighbours, the run of capitals it stands in and what stands around that,
what the document says of the word elsewhere, and what the lists know of it (places, bodies, given and family names,
titles, head words, word clusters). A change here changes the weights: train again (`scripts/train_entities`).
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from transforms.enrich.reading import name_lists
from transforms.enrich.tagging.crf_runs import about_names, capital_runs

MAX_LISTED_WORDS = 5
MAX_WORD_CHARS = 30  # a longer "word" is a URL or hostile; its beginning says enough
MAX_CACHED_WORDS = 30_000  # about 1.2 kB each
_RUN_LENGTHS = [f"runlen={length}" for length in range(7)]
_UPPER, _LOWER, _DIGIT = re.compile(r"[A-ZÀ-ÖØ-Þ]"), re.compile(r"[a-zß-öø-ɏ]"), re.compile(r"\d")
_PARTED = re.compile(r"[-,]|['’]s\b")
_REPEATED = re.compile(r"(.)\1{2,}")


class Lexicon(NamedTuple):
    """The lists behind the features. Names are folded to lower case without accents; `names` maps a folded name to
    its kind (country, state, body, ...); `clusters` maps a lower-case word to its cluster at each granularity.
    """

    first_names: Collection[str]
    last_names: Collection[str]
    names: Mapping[str, str]
    clusters: Mapping[str, tuple[str, ...]]


class Document(NamedTuple):
    """What a document says of its words: those it writes in lower case, and marks of its names in other places."""

    written_lower: frozenset[str]
    marks: Mapping[str, Sequence[str]]


class _Word(NamedTuple):  # a `RunWord`
    features: list[str]
    lower: str
    folded: str
    shape: str
    capital: bool
    is_title: bool
    is_say_verb: bool
    is_body_word: bool
    is_first_name: bool
    is_last_name: bool
    cluster: str  # the middle one, "" for a rare word
    seen_left: tuple[str, str]  # what the word to the right sees of this one, ready made
    marks_left: tuple[str, ...]
    seen_right: tuple[str, str]
    marks_right: tuple[str, ...]


def fold(text: str) -> str:
    """Return the text in lower case without accents."""
    if text.isascii():
        return text.lower()
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


def shape_of(word: str) -> str:
    """Return the word's shape: `McDonald's-2` is `XxXxx'x-d`, runs of three or more are shortened to two."""
    shape = _DIGIT.sub("d", _LOWER.sub("x", _UPPER.sub("X", word)))
    return _REPEATED.sub(r"\1\1", shape)


class FeatureMaker:
    """Turns sentences into features. Not thread-safe: it remembers the words it has seen."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._words: dict[str, _Word] = {}
        self._listed: dict[tuple[str, ...], str] = {}
        for name, kind in lexicon.names.items():
            parts = tuple(_PARTED.sub(r" \g<0> ", fold(name)).split())  # as the tokeniser parts them
            if 0 < len(parts) <= MAX_LISTED_WORDS:
                self._listed[parts] = kind
        self._listed_starts = frozenset(parts[0] for parts in self._listed)

    def document(self, sentences: Sequence[Sequence[str]]) -> Document:
        """Return what these sentences, words each, say of their words: the frame in which `features` reads one."""
        written_lower = frozenset(word for words in sentences for word in words if word.islower())
        facts = [[self._word(word) for word in words] for words in sentences]
        return Document(written_lower, about_names(facts, written_lower))

    def features(
        self, words: Sequence[str], document: Document, within: Sequence[range] | None = None
    ) -> list[list[str]]:
        """Return one list of features per word of a sentence of the document; an empty one `within` no given range.

        Ranges ascend, and hold every capitalised word.
        """
        facts = [self._word(word) for word in words]
        listed = self._list_tags(facts)
        rows: list[list[str]] = [[] for _ in words]
        self._describe_words(rows, words, facts, listed, within if within is not None else (range(len(words)),))
        for first, end in capital_runs(facts):
            around = _around_run(facts, listed, first, end)
            for i in range(first, end + 1):
                word = facts[i]
                if not word.capital:
                    continue
                row = rows[i]
                if end > i:
                    row.append("runend=" + facts[end].lower)
                row.append(_RUN_LENGTHS[min(end - i, 6)])
                row += around
                if word.lower in document.written_lower:
                    row.append("doclow")
                row += document.marks.get(word.lower, ())
        return rows

    @staticmethod
    def _describe_words(
        rows: list[list[str]],
        words: Sequence[str],
        facts: Sequence[_Word],
        listed: Mapping[int, str],
        within: Iterable[range],
    ) -> None:
        """Fill in what each word, its neighbours and the lists say."""
        shouted = _is_shouted(words)
        last = len(words) - 1
        for i in chain.from_iterable(within):
            word = facts[i]
            row = rows[i] = word.features.copy()
            if shouted:
                row.append("capsent")
            if i == 0:
                row.append("BOS")
            else:
                left = facts[i - 1]
                row += left.seen_left
                row.append("-1b=" + left.lower + "|" + word.lower)
                row += left.marks_left
                if i > 1:
                    second = facts[i - 2]
                    row += ("-2w=" + second.lower, "-2sh=" + second.shape + left.shape)
                    if second.is_title:
                        row.append("-2ttl")
            if i < last:
                right = facts[i + 1]
                row += right.seen_right
                row.append("+1b=" + word.lower + "|" + right.lower)
                row += right.marks_right
                if i + 1 < last:
                    second = facts[i + 2]
                    row += ("+2w=" + second.lower, "+2sh=" + right.shape + second.shape)
                    if second.is_say_verb:
                        row.append("+2say")
            if i in listed:
                row.append(listed[i])

    def _word(self, word: str) -> _Word:
        known = self._words.get(word)
        if known is None:
            if len(self._words) >= MAX_CACHED_WORDS:
                self._words.clear()
            known = self._words[word] = self._describe(word[:MAX_WORD_CHARS])
        return known

    def _describe(self, word: str) -> _Word:
        lower, shape = word.lower(), shape_of(word)
        features = ["w=" + lower, "sh=" + shape]
        features += ("p3=" + lower[:3], "p4=" + lower[:4], "s2=" + lower[-2:], "s3=" + lower[-3:], "s4=" + lower[-4:])
        bare = lower.rstrip(".")
        if is_title := bare in name_lists.TITLES:
            features.append("ttl")
        if lower in name_lists.ORG_WORDS:
            features.append("orgw")
        capital = word[:1].isupper()
        if capital and lower in name_lists.FACILITY_HEADS:
            features.append("facw")
        if capital and lower in name_lists.EVENT_HEADS:
            features.append("evw")
        first = last = False
        if capital and len(word) > 1:
            folded = fold(word)
            first, last = folded in self._lexicon.first_names, folded in self._lexicon.last_names
            if first:
                features.append("fnm")
            if last:
                features.append("lnm")
            if word in name_lists.DEMONYMS:
                features.append("norp")
            if word.isupper():
                features.append("allcap")
            if word in name_lists.KNOWN_ACRONYMS:
                features.append("acronym")
        clusters = self._lexicon.clusters.get(_DIGIT.sub("0", lower), ())
        features += [f"c{size}={cluster}" for size, cluster in enumerate(clusters)]
        say = lower in name_lists.SAY_VERBS
        cluster = clusters[min(1, len(clusters) - 1)] if clusters else ""
        left = ("-1c=" + cluster if cluster else "", "-1fnm" if first else "", "-1ttl" if is_title else "")
        right = ("+1c=" + cluster if cluster else "", "+1lnm" if last else "", "+1say" if say else "")
        return _Word(
            features=features,
            lower=lower,
            folded=fold(lower),
            shape=shape,
            capital=capital,
            is_title=is_title,
            is_say_verb=say,
            is_body_word=capital and lower in name_lists.ORG_WORDS,
            is_first_name=first,
            is_last_name=last,
            cluster=cluster,
            seen_left=("-1w=" + lower, "-1sh=" + shape),
            marks_left=tuple(mark for mark in left if mark),
            seen_right=("+1w=" + lower, "+1sh=" + shape),
            marks_right=tuple(mark for mark in right if mark),
        )

    def _list_tags(self, facts: Sequence[_Word]) -> dict[int, str]:
        """Return word index -> feature for the longest listed name at each capitalised word that starts one."""
        tags: dict[int, str] = {}
        for i, word in enumerate(facts):
            if not word.capital or word.folded not in self._listed_starts or i in tags:
                continue
            for length in range(min(MAX_LISTED_WORDS, len(facts) - i), 0, -1):
                kind = self._listed.get(tuple(fact.folded for fact in facts[i : i + length]))
                if kind:
                    tags[i] = f"GB-{kind}{'+' if length > 1 else ''}"
                    for k in range(i + 1, i + length):
                        tags[k] = f"GI-{kind}"
                    break
        return tags


def _around_run(facts: Sequence[_Word], listed: Mapping[int, str], first: int, end: int) -> list[str]:
    """Return what every capitalised word of a run sees: the words around it, its heads, the lists at its ends."""
    found = [
        "rb=" + (facts[first - 1].lower if first else "<s>"),
        "ra=" + (facts[end + 1].lower if end + 1 < len(facts) else "</s>"),
    ]
    if first and facts[first - 1].cluster:
        found.append("rbc=" + facts[first - 1].cluster)
    if end + 1 < len(facts) and facts[end + 1].cluster:
        found.append("rac=" + facts[end + 1].cluster)
    if any(word.is_body_word for word in facts[first : end + 1]):
        found.append("rorg")
    if end > first:
        found.append("rf" + "F" * facts[first].is_first_name + "L" * facts[end].is_last_name)
        if first in listed:
            found.append("rg=" + listed[first])
        if end in listed:
            found.append("rge=" + listed[end])
    return found


def _is_shouted(words: Sequence[str]) -> bool:
    """Tell whether most words of a sentence of six or more are written in capitals."""
    if len(words) <= 5:
        return False
    shouted = sum(1 for word in words if len(word) > 1 and word.isupper())
    return shouted > 0.6 * sum(1 for word in words if word[:1].isalpha())

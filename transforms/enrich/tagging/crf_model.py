"""The trained name tagger: text in, spans with a label and a confidence out."""

import gzip
from collections.abc import Sequence
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import pycrfsuite

from transforms.enrich.reading.name_span import Span
from transforms.enrich.tagging.crf_features import Document, FeatureMaker, Lexicon
from transforms.enrich.tagging.crf_tokens import Sentence, tokenize

WEIGHTS, CLUSTERS = "entities.crfsuite", "word_clusters.txt.gz"
NAMES, LISTED = "person_names.txt.gz", "listed_names.txt.gz"

# Below, a span is noise: F1 on the tuning parts of GUM and CrossNER 67.8 and 80.2 without, 68.6 and 80.3 with 0.4,
# tried 0.2..0.6. A name that is sure elsewhere in the document is found again by the document pass.
MIN_CONFIDENCE = 0.4
# Words around a possible name that the tagger sees. Of 9,519 spans of training and tuning texts 9,498 stay the same
# (9,423 with 2), in three quarters of the time.
MARGIN = 3


class CrfModel:
    """A tagger with its lists. One per process: it holds some 60 MB and remembers words. Not thread-safe."""

    def __init__(self, weights: bytes, lexicon: Lexicon) -> None:
        self._features = FeatureMaker(lexicon)
        self._tagger = pycrfsuite.Tagger()
        self._weights = weights  # the tagger reads from these bytes as long as it lives, and does not hold them
        self._tagger.open_inmemory(weights)

    def spans(self, text: str) -> list[Span]:
        """Return the names in `text` that the tagger is reasonably sure of, in order, without overlaps.

        `confidence` is the smallest marginal probability among the span's words, 0..1.
        """
        sentences = tokenize(text)
        document = self._features.document([sentence.words for sentence in sentences])
        found: list[Span] = []
        for sentence in sentences:
            found += self._tag(sentence, document)
        return found

    def _tag(self, sentence: Sentence, document: Document) -> list[Span]:
        found: list[Span] = []
        stretches = around_names(sentence.words)
        rows = self._features.features(sentence.words, document, stretches) if stretches else []
        for stretch in stretches:
            tags: list[str] = self._tagger.tag(rows[stretch.start : stretch.stop])
            for first, last, label in runs(tags):
                sure = min(self._tagger.marginal(tags[i], i) for i in range(first, last + 1))
                if sure >= MIN_CONFIDENCE:
                    start, end = sentence.starts[stretch.start + first], sentence.ends[stretch.start + last]
                    found.append(Span(start, end, label, round(sure, 3)))
        return found


def around_names(words: Sequence[str]) -> list[range]:
    """Return the stretches of a sentence where a name may stand: words with a capital or a digit, and `MARGIN` around.

    What lies between is lower case and no name, so that cutting there changes next to nothing.
    """
    found: list[range] = []
    start = stop = 0
    for i, word in enumerate(words):
        if not word.islower() and (word[0].isdigit() or any(char.isupper() for char in word)):
            if i - MARGIN > stop or stop == 0:
                if stop > 0:
                    found.append(range(start, stop))
                start = max(0, i - MARGIN)
            stop = min(len(words), i + MARGIN + 1)
    if stop > 0:
        found.append(range(start, stop))
    return found


def runs(tags: list[str]) -> list[tuple[int, int, str]]:
    """Return (first word, last word, label) of each name in B-/I-/O tags; a stray I- begins one."""
    found: list[tuple[int, int, str]] = []
    for i, tag in enumerate(tags):
        if tag == "O":
            continue
        label = tag[2:]
        if tag[0] == "I" and i > 0 and found and found[-1][1] == i - 1 and found[-1][2] == label:
            found[-1] = (found[-1][0], i, label)
        else:
            found.append((i, i, label))
    return found


@cache
def load_model() -> CrfModel:
    """Return this process's tagger, from the files in the package.

    Raises FileNotFoundError when the installation lacks them: they ship with every wheel and sdist.
    """
    data = resources.files("transforms.enrich") / "data"
    weights = data / WEIGHTS
    if not weights.is_file():
        raise FileNotFoundError(
            f"{weights} is missing from this installation of newsbeam; install it again, "
            "or in a checkout make it with scripts/train_entities"
        )
    return CrfModel(weights.read_bytes(), load_lexicon())


@cache
def load_lexicon() -> Lexicon:
    """Return the lists that the features look names and words up in."""
    data = resources.files("transforms.enrich") / "data"
    first, last = _read_names(data / NAMES)
    return Lexicon(
        first_names=first,
        last_names=last,
        names=_read_listed(data / LISTED),
        clusters=_read_clusters(data / CLUSTERS),
    )


def _read_names(path: Traversable) -> tuple[frozenset[str], frozenset[str]]:
    """Each line is a folded name behind `1` (given), `2` (family) or `3` (both)."""
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    first = frozenset(line[1:] for line in lines if line[0] in "13")
    return first, frozenset(line[1:] for line in lines if line[0] in "23")


def _read_listed(path: Traversable) -> dict[str, str]:
    """Each line is a folded name behind its kind and a tab."""
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    return {name: kind for kind, _, name in (line.partition("\t") for line in lines)}


def _read_clusters(path: Traversable) -> dict[str, tuple[str, ...]]:
    """Each line is a word and its clusters, coarse first, separated by spaces."""
    if not path.is_file():
        return {}
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    return {word: tuple(clusters) for word, *clusters in (line.split(" ") for line in lines)}

"""The trained name tagger: text in, spans with a label and a confidence out."""

import gzip
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import pycrfsuite

from transforms.enrich.crf_features import FeatureMaker, Lexicon
from transforms.enrich.crf_tokens import Sentence, tokenize
from transforms.enrich.known_names import known_names
from transforms.enrich.name_span import Span

WEIGHTS, NAMES, CLUSTERS = "entities.crfsuite", "person_names.txt.gz", "word_clusters.txt.gz"

# Below, a span is noise: F1 on the tuning parts of GUM and CrossNER 67.8 and 80.2 without, 68.6 and 80.3 with 0.4,
# tried 0.2..0.6. A name that is sure elsewhere in the document is found again by the document pass.
MIN_CONFIDENCE = 0.4


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
        written_lower = {word for sentence in sentences for word in sentence.words if word.islower()}
        found: list[Span] = []
        for sentence in sentences:
            if any(word[0].isupper() or word[0].isdigit() for word in sentence.words):
                found += self._tag(sentence, written_lower)
        return found

    def _tag(self, sentence: Sentence, written_lower: set[str]) -> list[Span]:
        rows = self._features.features(sentence.words, written_lower)
        tags: list[str] = self._tagger.tag(rows)
        found: list[Span] = []
        for first, last, label in runs(tags):
            sure = min(self._tagger.marginal(tags[i], i) for i in range(first, last + 1))
            if sure >= MIN_CONFIDENCE:
                found.append(Span(sentence.starts[first], sentence.ends[last], label, round(sure, 3)))
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
        names=known_names(),
        clusters=_read_clusters(data / CLUSTERS),
    )


def _read_names(path: Traversable) -> tuple[frozenset[str], frozenset[str]]:
    """Each line is a folded name behind `1` (given), `2` (family) or `3` (both)."""
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    first = frozenset(line[1:] for line in lines if line[0] in "13")
    return first, frozenset(line[1:] for line in lines if line[0] in "23")


def _read_clusters(path: Traversable) -> dict[str, tuple[str, ...]]:
    """Each line is a word and its clusters, coarse first, separated by spaces."""
    if not path.is_file():
        return {}
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    return {word: tuple(clusters) for word, *clusters in (line.split(" ") for line in lines)}

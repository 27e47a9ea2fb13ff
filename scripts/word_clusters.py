"""Word clusters from plain text: words that keep the same company get the same number.

Positive pointwise mutual information with the words one and two places to the left and right, reduced by its main
directions, grouped by k-means at three granularities. numpy only, float64, fixed seed: the same texts give the same
clusters with the same numpy wheel.
"""

import gzip
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

MIN_COUNT = 5
CONTEXT_WORDS = 700
OFFSETS = (-2, -1, 1, 2)
DIMENSIONS = 80
SIZES = (64, 256, 1000)
ROUNDS = 25
SEED = 1

_DIGIT = re.compile(r"\d")


def write_clusters(sentences: Iterable[list[str]], target: Path) -> None:
    """Write `word coarse middle fine` lines, gzipped, for every word seen `MIN_COUNT` times."""
    lowered = [[_DIGIT.sub("0", word.lower()) for word in sentence] for sentence in sentences]
    counts = Counter(word for sentence in lowered for word in sentence)
    vocabulary = sorted((word for word, n in counts.items() if n >= MIN_COUNT), key=lambda w: (-counts[w], w))
    vectors = _vectors(lowered, vocabulary)
    labels = [_k_means(vectors, size) for size in SIZES]
    lines = [f"{word} {' '.join(str(label[i]) for label in labels)}" for i, word in enumerate(vocabulary)]
    target.write_bytes(gzip.compress("\n".join(sorted(lines)).encode("utf-8"), 9, mtime=0))


def _vectors(sentences: list[list[str]], vocabulary: list[str]) -> np.ndarray:
    index = {word: i for i, word in enumerate(vocabulary)}
    seen = np.zeros((len(vocabulary), len(OFFSETS) * CONTEXT_WORDS))
    for sentence in sentences:
        ids = [index.get(word, -1) for word in sentence]
        for order, offset in enumerate(OFFSETS):
            for at, word in enumerate(ids):
                other = at + offset
                if word >= 0 and 0 <= other < len(ids) and 0 <= ids[other] < CONTEXT_WORDS:
                    seen[word, order * CONTEXT_WORDS + ids[other]] += 1
    expected = seen.sum(1, keepdims=True) * seen.sum(0, keepdims=True) / seen.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        association = np.where(seen > 0, np.log(seen / expected), 0.0)
    association = np.maximum(association, 0.0)
    _, directions = np.linalg.eigh(association.T @ association)
    vectors = association @ directions[:, -DIMENSIONS:]
    unit: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


def _k_means(vectors: np.ndarray, size: int) -> np.ndarray:
    randomly = np.random.default_rng(SEED)
    centres = vectors[np.sort(randomly.choice(len(vectors), size, replace=False))]
    labels = np.zeros(len(vectors), dtype=int)
    for _ in range(ROUNDS):
        labels = np.argmax(vectors @ centres.T, axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, labels, vectors)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 1e-9, sums / np.maximum(lengths, 1e-9), centres)
    return labels

"""Corpora for training and scoring the name tagger, brought to one guideline.

Files and licences: README.md of the data folder (JSON Lines: text, spans, split, and the labels that the source really
annotates). The texts stay where they are; only weights trained on them enter the project.
"""

import gzip
import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from transforms.enrich.reading import name_lists

GOLD = ("crossner", "gum", "redocred", "uner_ewt_dev", "wikigold")
SILVER = ("voa_silver",)
# How often a corpus is read beside the silver. F1 on held-out quarters of gum, wikigold, uner_ewt_dev and parts of
# crossner and redocred, with a fifth of the silver and 50 iterations, once each: 71.6 75.7 68.2 81.0 74.5; gum,
# wikigold and uner_ewt_dev twice: 72.8 77.8 66.1 81.4 74.9; as here, and with wider features: 71.1 77.9 69.9 82.1 75.6.
TIMES = {"gum": 2, "uner_ewt_dev": 3, "wikigold": 3}
PIECE_WORDS = 250  # long documents are cut here: a news article's length, and the tagger's view of "the document"
DATELINE_SHARE, UPPER_SHARE, TITLE_SHARE = 0.05, 0.015, 0.03

AnnotatedSpan = tuple[int, int, str]


class Document(NamedTuple):
    """A text with its names; `known` are the labels whose absence means something."""

    id: str
    text: str
    spans: list[AnnotatedSpan]
    known: frozenset[str]
    split: str
    genre: str


def default_data() -> Path:
    """Return `$NEWSBEAM_NER_DATA`, else the folder of shared data beside the repository."""
    given = os.environ.get("NEWSBEAM_NER_DATA")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "shared" / "data" / "ner"


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of one gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_corpus(data: Path, name: str) -> Iterator[Document]:
    """Yield the corpus's documents in file order, spans sorted."""
    for record in read_lines(data / f"{name}.jsonl.gz"):
        spans = sorted((start, end, label) for start, end, label in record["spans"])
        yield Document(
            record["id"], record["text"], spans, frozenset(record["known"]), record["split"], record["genre"]
        )


def training_documents(
    data: Path, *, seed: int, share: float = 1.0, times: Mapping[str, int] = TIMES
) -> list[Document]:
    """Return what the tagger learns from: gold and silver, never a test or development split, in a fixed order.

    `share` below 1 keeps that part of every corpus (to try the recipe out); `times` says how often one is read.
    The same inputs and seed give the same list.
    """
    randomly = random.Random(seed)
    found: list[Document] = []
    for name in GOLD + SILVER:
        documents = [d for d in read_corpus(data, name) if d.split == "train" and randomly.random() < share]
        documents = [document for document in documents for _ in range(times.get(name, 1))]
        if name == "crossner":
            documents = _joined(documents, randomly)
        found += [piece for document in documents for piece in _pieces(to_guideline(document))]
    places = sorted({d.text[a:b] for d in found for a, b, label in d.spans if label == "LOC" and b - a < 20})
    return [_varied(document, places, randomly) for document in found]


# --- one guideline --------------------------------------------------------------------------------------------------

_ARTICLE = re.compile(r"(?:the|The|a|an)\s+")
_DEMONYM = re.compile(
    r"(?<![\w-])(?:"
    + "|".join(map(re.escape, sorted(name_lists.SURE_DEMONYMS, key=lambda w: (-len(w), w))))
    + r")(?!\w)"
)
_CAPITAL_FOLLOWS = re.compile(r"[ -][A-Z][a-z]+")


def to_guideline(document: Document) -> Document:
    """Return the document as our labels want it: no articles and titles in spans, FAC and EVENT by head words,
    demonyms NORP also where the source does not annotate them.
    """
    text, spans = document.text, []
    for start, end, label in document.spans:
        if label in ("LOC", "ORG", "NORP") and (article := _ARTICLE.match(text, start, end)):
            start = article.end()
        if label == "PERSON":
            start = _behind_titles(text, start, end)
        surface = text[start:end]
        if surface and not surface.islower():
            spans.append((start, end, _label_by_words(surface, label)))
    if "NORP" not in document.known:
        spans += _demonyms(text, spans)
    return document._replace(spans=sorted(spans))


def _behind_titles(text: str, start: int, end: int) -> int:
    while (space := text.find(" ", start, end)) > 0 and text[start:space].lower().rstrip(".") in name_lists.TITLES:
        start = space + 1
    return start


def _label_by_words(surface: str, label: str) -> str:
    head = surface.rsplit(" ", 1)[-1].lower()
    if surface in name_lists.SURE_DEMONYMS and label != "NORP":
        return "NORP"
    if " " in surface and head in name_lists.FACILITY_HEADS:
        if label in ("LOC", "MISC") or (label == "ORG" and head not in name_lists.FACILITIES_THAT_ACT):
            return "FAC"
    elif label == "MISC" and " " in surface and head in name_lists.EVENT_HEADS:
        return "EVENT"
    return label


def _demonyms(text: str, spans: list[AnnotatedSpan]) -> list[AnnotatedSpan]:
    found = []
    for match in _DEMONYM.finditer(text):
        start, end = match.span()
        inside = any(a < end and start < b for a, b, _ in spans)
        if not inside and not _CAPITAL_FOLLOWS.match(text, end):
            found.append((start, end, "NORP"))
    return found


# --- pieces of an article's length ----------------------------------------------------------------------------------


def _joined(documents: list[Document], randomly: random.Random) -> list[Document]:
    """Join single sentences into paragraphs of one to six, so that the tagger sees documents."""
    found: list[Document] = []
    while documents:
        size = randomly.randint(1, 6)
        part, documents = documents[:size], documents[size:]
        text, spans = "", []
        for document in part:
            spans += [(a + len(text), b + len(text), label) for a, b, label in document.spans]
            text += document.text + "\n"
        found.append(part[0]._replace(text=text, spans=spans))
    return found


def _pieces(document: Document) -> Iterator[Document]:
    """Cut a document at line breaks into pieces of about `PIECE_WORDS` words."""
    start = words = 0
    for line in re.finditer(r"[^\n]*\n?", document.text):
        words += len(line.group().split())
        if words >= PIECE_WORDS:
            yield _part(document, start, line.end())
            start, words = line.end(), 0
    if document.text[start:].strip():
        yield _part(document, start, len(document.text))


def _part(document: Document, start: int, end: int) -> Document:
    spans = [(a - start, b - start, label) for a, b, label in document.spans if a >= start and b <= end]
    return document._replace(text=document.text[start:end], spans=spans)


# --- what news looks like and corpora do not --------------------------------------------------------------------------

_SMALL_WORDS = frozenset(
    ["a", "an", "the", "of", "in", "on", "at", "to", "for", "and", "or", "but", "by", "with", "from", "as", "is"]
)


def _varied(document: Document, places: list[str], randomly: random.Random) -> Document:
    """Return the document, a few of them with a dateline, in capitals, or with a first line in Title Case."""
    chance = randomly.random()
    if chance < DATELINE_SHARE:
        return _with_dateline(document, places, randomly)
    if chance < DATELINE_SHARE + UPPER_SHARE:
        upper = document.text.upper()
        return document._replace(text=upper) if len(upper) == len(document.text) else document
    if chance < DATELINE_SHARE + UPPER_SHARE + TITLE_SHARE:
        first = document.text.split("\n", 1)[0]
        titled = re.sub(r"\S+", _capitalised, first)
        return document._replace(text=titled + document.text[len(first) :])
    return document


def _capitalised(word: re.Match[str]) -> str:
    text = word.group()
    return text if text in _SMALL_WORDS or not text[0].isascii() else text[0].upper() + text[1:]


def _with_dateline(document: Document, places: list[str], randomly: random.Random) -> Document:
    """Put `NAIROBI, Kenya (AP) - ` and the like in front."""
    prefix, spans = "", []

    def add(text: str, label: str | None = None) -> None:
        nonlocal prefix
        if label:
            spans.append((len(prefix), len(prefix) + len(text), label))
        prefix += text

    city = randomly.choice(places).upper()
    add(city, "LOC")
    if randomly.random() < 0.6:
        add(", ")
        add(randomly.choice(sorted(name_lists.COUNTRIES)), "LOC")
    if randomly.random() < 0.7:
        add(" (")
        add(randomly.choice(("AP", "AFP", "Reuters", "Xinhua", "dpa", "UPI")), "ORG")
        add(")")
    add(randomly.choice((" - ", " — ", " – ", ": ")))
    shifted = [(a + len(prefix), b + len(prefix), label) for a, b, label in document.spans]
    return document._replace(text=prefix + document.text, spans=spans + shifted)

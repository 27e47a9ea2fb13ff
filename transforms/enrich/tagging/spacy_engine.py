"""Names by a spaCy pipeline that the user has installed: the tagger of `enrich.engine: spacy`, an optional extra.

Nothing is downloaded. Only the pipeline's name recogniser runs, and what that needs; everything behind the tagger
(document pass, coreference, labels) is the same as with our own.
"""

from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from transforms.enrich.reading.name_span import Span
from transforms.errors import ConfigurationError

# A statistical recogniser gives no probabilities. Below 0.8, the confidence from which our lists do not correct a tag.
CONFIDENCE = 0.75
BATCH = 64  # lines at a time: memory stays that of a few paragraphs, whatever the article's length
MAX_LINE_CHARS = 100_000  # a longer line is not prose; spaCy would need gigabytes for one of a million characters
# OntoNotes and the two- to four-letter labels of other corpora -> the tagger's labels. Dates, numbers and what is not
# named here are no names.
LABELS = {
    "PERSON": "PERSON", "PER": "PERSON", "PRS": "PERSON",
    "ORG": "ORG",
    "GPE": "LOC", "LOC": "LOC",
    "FAC": "FAC",
    "NORP": "NORP",
    "EVENT": "EVENT", "EVT": "EVENT",
    "WORK_OF_ART": "WORK", "PRODUCT": "PRODUCT",
    "LAW": "MISC", "MISC": "MISC",
}  # fmt: skip
# What stands beside the recogniser in spaCy's pipelines and costs time and memory without a use here.
_EXCLUDED = ("tagger", "parser", "senter", "sentencizer", "morphologizer", "attribute_ruler", "lemmatizer", "textcat")


class _Pipeline(Protocol):
    """What we use of `spacy.Language`."""

    lang: str

    def pipe(self, texts: Iterator[str], *, batch_size: int) -> Iterator[Any]:
        """Yield a document of each text."""


class SpacyTagger:
    """A tagger with a spaCy pipeline behind it; the interface of `CrfModel`. Not thread-safe."""

    def __init__(self, pipeline: _Pipeline) -> None:
        self._pipeline = pipeline

    def spans(self, text: str) -> list[Span]:
        """Return the names in `text`, in order, without overlaps; lines are read one by one."""
        lines, starts, at = [], [], 0
        for line in text.splitlines(keepends=True):
            if line.strip():
                lines.append(line[:MAX_LINE_CHARS].rstrip())
                starts.append(at)
            at += len(line)
        found: list[Span] = []
        for start, document in zip(starts, self._pipeline.pipe(iter(lines), batch_size=BATCH), strict=True):
            found += [
                Span(start + name.start_char, start + name.end_char, LABELS[name.label_], CONFIDENCE)
                for name in document.ents
                if name.label_ in LABELS
            ]
        return found


def load_spacy(pipeline: str) -> SpacyTagger:
    """Return a tagger with an installed pipeline's name, a folder of one, or "" for the only installed English one.

    Raises `ConfigurationError` as `check_pipeline` does, and for a pipeline that cannot be loaded, is not of English
    or recognises no names.
    """
    name = check_pipeline(pipeline)
    import spacy  # only here: half a second, and an optional extra

    try:
        loaded = spacy.load(name, exclude=list(_EXCLUDED))
    except (OSError, ValueError, ImportError) as err:  # missing files, another version's format, a part's own library
        raise ConfigurationError(f"the spaCy pipeline {name} does not load: {err}") from err
    if loaded.lang != "en":
        raise ConfigurationError(
            f"the spaCy pipeline {name} is of the language {loaded.lang!r}; the steps behind it know English only"
        )
    if not {"ner", "entity_ruler", "span_ruler"} & set(loaded.pipe_names):
        parts = ", ".join(loaded.pipe_names) or "nothing"
        raise ConfigurationError(f"the spaCy pipeline {name} recognises no names; it holds {parts}, not `ner`")
    return SpacyTagger(loaded)


def check_engine(engine: str) -> str:
    """Return the engine if it can be had here, without loading it. Raises `ConfigurationError`."""
    kind, _, pipeline = engine.partition(":")
    if kind == "spacy":
        check_pipeline(pipeline)
    elif engine != "crf":
        raise ConfigurationError(f"unknown engine {engine!r}; there are: crf, spacy, spacy:PIPELINE")
    return engine


def check_pipeline(pipeline: str) -> str:
    """Return the pipeline to load, without loading it or spaCy.

    Raises `ConfigurationError` when spaCy is missing, no such pipeline is installed, or "" has several to choose from.
    """
    if find_spec("spacy") is None:
        raise ConfigurationError("spaCy is not installed; `pip install 'newsbeam[spacy]'`, or write `engine: crf`")
    installed = installed_pipelines()
    if pipeline in installed or (pipeline and (Path(pipeline) / "config.cfg").is_file()):
        return pipeline
    english = [name for name in installed if name.startswith("en_")]
    if pipeline:
        there_are = f"installed: {', '.join(installed)}" if installed else "none is installed"
        raise ConfigurationError(
            f"no spaCy pipeline {pipeline!r}; {there_are} (a folder with a config.cfg will do, too)"
        )
    if len(english) != 1:
        which = f"several are installed: {', '.join(english)}" if english else "no English pipeline is installed"
        raise ConfigurationError(f"{which}; write `engine: spacy:NAME` (for instance spacy:en_core_web_sm)")
    return english[0]


def installed_pipelines() -> Sequence[str]:
    """Return the names of the installed pipelines, sorted: packages say so by an entry point."""
    return sorted({entry.name for entry in entry_points(group="spacy_models")})

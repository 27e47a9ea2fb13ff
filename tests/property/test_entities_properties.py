"""Whatever the text, entities keep the span rule, raise nothing and cost time in proportion to it."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.elements import make_article
from transforms.elements import Entity
from transforms.enrich.entities import load
from transforms.enrich.naming.document_pass import document_pass
from transforms.enrich.naming.name_coreference import coreferent
from transforms.enrich.reading.name_span import Span
from transforms.enrich.reading.words import words
from transforms.enrich.tagging.crf_tokens import MAX_SENTENCE_TOKENS, tokenize
from transforms.enrich.tagging.entity_labels import label_spans

WORDS = st.sampled_from(
    sorted(
        words(
            """Ann Lee Lee's Mr. Gen. U.N. UN IDF the of and “Old Port” (UN) Kenya Kenyan said crossing Sea Office OCHA
            12 F-16 ’s ÅSA İstanbul ß ﬁ 东京 , . —"""
        )
        | {"\n", "\n\n", "\u00ad", "\u202e"}
    )
)
PROSE = st.lists(WORDS, max_size=60).map(" ".join)
TEXTS = st.one_of(st.text(max_size=300), PROSE)
LABELS = st.sampled_from(["PERSON", "ORG", "LOC", "NORP", "FAC", "EVENT", "MISC"])


@st.composite
def tagged_texts(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """A text with any spans a tagger could return: in order, without overlaps, not empty."""
    text = draw(PROSE)
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=20)))
    spans = [
        Span(start, end, draw(LABELS), draw(st.floats(0, 1)))
        for start, end in zip(borders[::2], borders[1::2], strict=False)
    ]
    return text, spans


@settings(max_examples=150, deadline=None)
@given(title=TEXTS, body=TEXTS)
def test_every_mention_is_a_piece_of_its_field(title: str, body: str) -> None:
    article = make_article(title=title, body=body, url="https://gazette.example/a")
    entities = load()(article, {})["entities"]
    assert isinstance(entities, tuple)
    seen: set[tuple[str, int]] = set()
    for entity in entities:
        assert isinstance(entity, Entity)
        assert entity.count >= len(entity.mentions) > 0
        assert entity.name
        assert 0 <= entity.salience <= 1
        for mention in entity.mentions:
            assert getattr(article, mention.field)[mention.start_char : mention.end_char] == mention.text
            places = {(mention.field, at) for at in range(mention.start_char, mention.end_char)}
            assert not places & seen
            seen |= places
    assert len({entity.id for entity in entities}) == len(entities)


@settings(max_examples=200, deadline=None)
@given(tagged_texts())
def test_no_step_makes_overlaps_or_empty_names(tagged: tuple[str, list[Span]]) -> None:
    text, spans = tagged
    passed = label_spans(text, document_pass(text, spans), {})
    assert all(0 <= span.start < span.end <= len(text) for span in passed)
    assert all(one.end <= other.start for one, other in pairwise(passed))
    grouped = [span for thing in coreferent(text, passed) for span in thing.spans]
    assert set(grouped) <= set(passed)
    assert len(grouped) == len(set(grouped))


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_tokens_are_pieces_of_the_text_in_order(text: str) -> None:
    at = 0
    for sentence in tokenize(text):
        assert 0 < len(sentence.words) <= MAX_SENTENCE_TOKENS
        for word, start, end in zip(*sentence, strict=True):
            assert at <= start < end
            assert text[start:end] == word
            at = end


@pytest.mark.parametrize(
    "text",
    [
        "A" * 200_000,
        "A " * 100_000,
        "A. " * 60_000,
        "Ann Lee " * 30_000,
        " ".join(f"Ann{i} Lee" for i in range(15_000)),
        " ".join(f"The X{i} Office for the Y{i} Council (XO)." for i in range(4_000)),
        "“A B” " * 20_000,
        "Kenyan-" * 30_000,
        "\n" * 200_000,
        "(" * 200_000,
        ", the head of" * 20_000,
    ],
    ids=lambda text: f"{text[:12]!r}x{len(text)}",
)
def test_hostile_text_ends(text: str) -> None:
    names = load()(make_article(title="t", body=text), {})["names"]
    assert isinstance(names, tuple)

"""The words of `words.py` are those that Elasticsearch's `standard` analyzer makes, asked of a real node."""

from collections.abc import Iterator
from functools import partial
from unicodedata import normalize

import pytest
from elasticsearch import Elasticsearch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import elasticsearch_node
from transforms.index.words import spellings, words_of

pytestmark = pytest.mark.elasticsearch

# The scripts of the news that we read. Left out is where the two are known to differ: marks and joiners without a
# letter in front, the one dot leader, katakana behind digits and an underscore, three apostrophes in one word,
# Devanagari digits behind a colon.
RANGES = ((0x20, 0x26), (0x28, 0xAC), (0xAE, 0x24F), (0x370, 0x3FF), (0x400, 0x45F), (0x5D0, 0x5EA), (0x620, 0x64A),
          (0x660, 0x669), (0x2010, 0x2017), (0x201A, 0x2022), (0x2026, 0x2026),
          (0x20A0, 0x20BF), (0x3041, 0x3096), (0x4E00, 0x4FFF))  # fmt: skip
LETTERS = st.one_of(*(st.characters(min_codepoint=low, max_codepoint=high) for low, high in RANGES))
PIECES = st.sampled_from(
    ["U.S.-led", "don't", "Gaza’s", "1,200.50", "covid-19", "e.g.", "@", "#tag", "a_b", "a:b", "3.5%", "£4bn", "’s",
     "'", "東京", "カタカナ", "ひらがな", "中東情勢", "naïve", "É", "ΣΑΣ", "İzmir", "straße", "км²", "שלום", "سلام",
     "हिन्दी", "می\u200cخواهم", "so\u00adft", "…", "—", "/", "x" * 300, "O'Brien's", "rock'n'roll", "1.2.3", "a.1",
     "1a", "١٢٣", "tel.: 5", "a;b", "1;2", "«x»", "‘y’", "__", "_a", "🔥", "ไทย"]
)  # fmt: skip


@pytest.fixture(scope="module")
def node() -> Iterator[Elasticsearch]:
    with elasticsearch_node.client() as client:
        yield client


def tokens(node: Elasticsearch, text: str) -> list[str]:
    """What the analyzer makes of a text; emoji are words to it, and to nobody who searches."""
    found = node.indices.analyze(analyzer="standard", text=text)["tokens"]
    return [token["token"] for token in found if token["type"] != "<EMOJI>"]


def assert_same_words(node: Elasticsearch, text: str) -> None:
    words, indexed = words_of(text), tokens(node, text)
    assert len(words) == len(indexed), (words, indexed)
    for word, token in zip(words, indexed, strict=True):
        assert token in spellings(word), (word, token)


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PIECES, min_size=1, max_size=6), st.sampled_from([" ", "-", ". ", "/", ", "]))
def test_words_of_news_text_are_those_of_the_analyzer(node: Elasticsearch, pieces: list[str], between: str) -> None:
    assert_same_words(node, between.join(pieces))


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(LETTERS, max_size=40).map(partial(normalize, "NFC")))
def test_words_of_any_letters_are_those_of_the_analyzer(node: Elasticsearch, text: str) -> None:
    assert_same_words(node, text)

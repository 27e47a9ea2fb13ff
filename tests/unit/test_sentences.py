"""Sentence borders: what ends one, what does not, and that every word lies in exactly one."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.enrich.reading.sentences import sentence_at, sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \n\n ", []),
        ("Mr. Bell left. He won.", ["Mr. Bell left.", "He won."]),
        ("Gen. J. K. Okoro of the U.S. Army spoke.", ["Gen. J. K. Okoro of the U.S. Army spoke."]),
        ("He lives in the U.S. The court sat. It rose.", ["He lives in the U.S.", "The court sat.", "It rose."]),
        ("It began at 5 p.m. Monday. Rain fell.", ["It began at 5 p.m. Monday.", "Rain fell."]),
        ("Flight No. 3 left on Sept. 4. Nobody came.", ["Flight No. 3 left on Sept. 4.", "Nobody came."]),
        ("It rose 3.5 percent. 14 people died.", ["It rose 3.5 percent.", "14 people died."]),
        ("“We go.” He left.", ["“We go.”", "He left."]),
        ('"We go." He left.', ['"We go."', "He left."]),
        ("“Stop!” Mayor Okoro said.", ["“Stop!” Mayor Okoro said."]),
        ("“Why?” he asked. Nobody knew.", ["“Why?” he asked.", "Nobody knew."]),
        ("(It rained.) They left.", ["(It rained.)", "They left."]),
        ("Floods kill four\n\nFour people died.", ["Floods kill four", "Four people died."]),
        ("One line\nanother line", ["One line", "another line"]),
        ("Wait... and see. Then...", ["Wait... and see.", "Then..."]),
        ("We love modern art. The city pays.", ["We love modern art.", "The city pays."]),
        ("Er kam am 3. Mai an. Dann ging er.", ["Er kam am 3. Mai an.", "Dann ging er."]),
        ("结束了。他走了。", ["结束了。", "他走了。"]),
        ("Acme Inc. shares fell.", ["Acme Inc. shares fell."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@settings(deadline=None)
@given(st.text(alphabet="aB .!?…\n“”\"'1。U", max_size=200) | st.text(max_size=100))
def test_every_character_lies_in_one_sentence(text: str) -> None:
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
    covered = {position for start, end in spans for position in range(start, end)}
    assert all(text[position].isspace() for position in range(len(text)) if position not in covered)


@pytest.mark.parametrize("piece", [".", ". ", ".”", "A. ", "\n", " ", "a"])
def test_a_megabyte_of_one_pattern_is_split(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert all(text[start:end] == text[start:end].strip() for start, end in sentences(text)[:100])


def test_sentence_at_joins_the_sentences_of_a_span() -> None:
    text = "One came. Two left. Three stayed."
    spans = sentences(text)
    assert sentence_at(spans, 10, 13) == (10, 19)
    assert sentence_at(spans, 4, 13) == (0, 19)
    assert sentence_at((), 3, 5) == (3, 5)

"""The document's labels from the tagger's."""

import pytest

from transforms.enrich.reading.name_span import Span
from transforms.enrich.tagging.entity_labels import label_spans

KNOWN = {"kenya": "country", "lisbon": "city", "europe": "region", "new york": "city", "white house": "body"}


def labels(text: str, *tagged: tuple[str, str]) -> list[str]:
    spans = [Span(text.index(name), text.index(name) + len(name), label, 0.9) for name, label in tagged]
    return [span.label for span in label_spans(text, spans, KNOWN)]


@pytest.mark.parametrize(
    ("text", "name", "label", "expected"),
    [
        ("in Kenya today", "Kenya", "LOC", "GPE"),
        ("in Europe today", "Europe", "LOC", "LOC"),
        ("in Oberwald today", "Oberwald", "LOC", "GPE"),
        ("near Lake Orda", "Lake Orda", "LOC", "LOC"),
        ("the Orda River rose", "Orda River", "LOC", "LOC"),
        ("near the Turia river", "Turia", "LOC", "LOC"),
        ("at Orda Airport", "Orda Airport", "LOC", "FAC"),
        ("the Bela Voda crossing", "Bela Voda", "LOC", "FAC"),
        ("the New York airport", "New York", "LOC", "GPE"),
        ("at the White House", "White House", "LOC", "ORG"),
        ("the Winter Games", "Winter Games", "MISC", "EVENT"),
        ("Hurricane Delia", "Hurricane Delia", "MISC", "EVENT"),
        ("an F-16 fell", "F-16", "MISC", "PRODUCT"),
        ("the Clean Rivers Act", "Clean Rivers Act", "MISC", "WORK"),
        ("the Treaty of Orda", "Treaty of Orda", "MISC", "WORK"),
        ("in “Cold Harbour,” a film", "Cold Harbour", "MISC", "WORK"),
        ("Ann Lee", "Ann Lee", "PERSON", "PERSON"),
    ],
)
def test_label_by_words(text: str, name: str, label: str, expected: str) -> None:
    assert labels(text, (name, label)) == [expected]


def test_sentence_in_quotation_marks_is_no_title() -> None:
    assert labels("“We love Orda,” she said", ("We love Orda", "MISC")) == []


def test_name_of_no_known_kind_is_left_out() -> None:
    assert labels("the Zorb fell", ("Zorb", "MISC")) == []


def test_kind_by_words_is_less_sure() -> None:
    (span,) = label_spans("an F-16 fell", [Span(3, 7, "MISC", 0.95)], KNOWN)
    assert span.confidence < 0.7

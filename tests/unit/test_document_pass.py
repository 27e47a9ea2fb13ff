"""One name, one label: what the document pass makes of a tagger's spans. No weights needed."""

import pytest

from transforms.enrich.naming.document_pass import acronyms_of, document_pass
from transforms.enrich.reading.name_span import Span


def spans_of(text: str, *tagged: tuple[str, str]) -> list[Span]:
    """Return a span for each (surface, label), each found behind the one before."""
    found, at = [], 0
    for surface, label in tagged:
        start = text.index(surface, at)
        found.append(Span(start, start + len(surface), label, 0.9))
        at = start + len(surface)
    return found


def passed(text: str, *tagged: tuple[str, str]) -> list[tuple[str, str]]:
    return [(text[s.start : s.end], s.label) for s in document_pass(text, spans_of(text, *tagged))]


@pytest.mark.parametrize(
    ("text", "tagged", "expected"),
    [
        ("He met Mr. Okafor.", ("Mr. Okafor", "ORG"), ("Okafor", "PERSON")),
        ("He met the Red Crescent.", ("the Red Crescent", "ORG"), ("Red Crescent", "ORG")),
        ("It is Kenya's turn.", ("Kenya's", "ORG"), ("Kenya", "LOC")),
        ("a call on “Marta Kowalska,”", ("“Marta Kowalska,", "PERSON"), ("Marta Kowalska", "PERSON")),
        ("an Osh assault is near", ("Osh assault", "EVENT"), ("Osh", "EVENT")),
        ("the Tunis health ministry said", ("Tunis health ministry", "ORG"), ("Tunis health ministry", "ORG")),
        ("The Osh Crossing is shut", ("Osh", "LOC"), ("Osh Crossing", "FAC")),
        ("The Osh Market Fund is shut", ("Osh", "LOC"), ("Osh", "LOC")),
        ("Peruvian voters", ("Peruvian", "LOC"), ("Peruvian", "NORP")),
        ("She joined General Motors.", ("General Motors", "ORG"), ("General Motors", "ORG")),
    ],
)
def test_single_names_get_their_borders_and_obvious_labels(
    text: str, tagged: tuple[str, str], expected: tuple[str, str]
) -> None:
    assert passed(text, tagged) == [expected]


def test_surname_of_a_full_name_is_that_person_everywhere() -> None:
    text = "Lena Brandt spoke first. Brandt left early. Critics of Brandt stayed."
    assert passed(text, ("Lena Brandt", "PERSON"), ("Brandt", "ORG")) == [
        ("Lena Brandt", "PERSON"),
        ("Brandt", "PERSON"),
        ("Brandt", "PERSON"),
    ]


def test_surname_inside_a_longer_name_is_left_alone() -> None:
    text = "Lena Brandt spoke. The Brandt Foundation paid."
    assert passed(text, ("Lena Brandt", "PERSON")) == [("Lena Brandt", "PERSON")]


def test_majority_label_wins_for_one_spelling() -> None:
    text = "Ledra Bank grew. Ledra Bank fell. Ledra Bank closed."
    tagged = [("Ledra Bank", "ORG"), ("Ledra Bank", "LOC"), ("Ledra Bank", "ORG")]
    assert {label for _, label in passed(text, *tagged)} == {"ORG"}


def test_name_of_several_words_is_found_again() -> None:
    text = "The Coral Bay Trust was praised. Later the Coral Bay Trust paid."
    assert passed(text, ("Coral Bay Trust", "ORG")) == [("Coral Bay Trust", "ORG")] * 2


def test_demonyms_are_groups_even_when_the_tagger_saw_nothing() -> None:
    text = "The Kenyan team met South Korean and Dutch guests."
    assert passed(text) == [("Kenyan", "NORP"), ("South Korean", "NORP"), ("Dutch", "NORP")]


def test_known_and_defined_acronyms_are_bodies() -> None:
    text = "The Lake Basin Water Board (LBWB) met. The LBWB and NATO agreed; XQZ did not."
    assert passed(text, ("Lake Basin Water Board", "ORG")) == [
        ("Lake Basin Water Board", "ORG"),
        ("LBWB", "ORG"),
        ("LBWB", "ORG"),
        ("NATO", "ORG"),
    ]


def test_capitals_everywhere_make_no_acronyms() -> None:
    assert passed("WHO WILL PAY FOR THE NEW BRIDGE NEAR THE PORT") == []


def test_word_behind_the_name_makes_it_a_place() -> None:
    text = "The Bela Voda crossing reopened. Bela Voda had closed in May."
    assert passed(text, ("Bela Voda", "ORG"), ("Bela Voda", "PERSON")) == [("Bela Voda", "LOC")] * 2


def test_halves_of_a_long_body_are_joined() -> None:
    text = "the U.N. Office for the Coordination of Humanitarian Affairs said"
    whole = "U.N. Office for the Coordination of Humanitarian Affairs"
    halves = [("U.N. Office", "ORG"), ("Coordination of Humanitarian Affairs", "ORG")]
    assert passed(text, *halves) == [(whole, "ORG")]


def test_quoted_title_behind_its_owner_is_a_name_and_a_scare_quote_is_not() -> None:
    text = "She told CBS’ “Face The Morning,” that the “Great Plan” failed."
    assert passed(text) == [("CBS", "ORG"), ("Face The Morning", "MISC")]


@pytest.mark.parametrize(
    ("name", "acronym"),
    [
        ("World Food Programme", "WFP"),
        ("U.N. Office for the Coordination of Humanitarian Affairs", "OCHA"),
        ("Ministry of Foreign Affairs", "MFA"),
        ("Ministry of Foreign Affairs", "MOFA"),
    ],
)
def test_acronyms_of_a_long_name(name: str, acronym: str) -> None:
    assert acronym in acronyms_of(name)


def test_one_word_has_no_acronym() -> None:
    assert acronyms_of("Hamas") == frozenset()


def test_a_state_behind_a_town_keeps_its_full_stop() -> None:
    for text in ("Officials in Naples, Fla., ordered it.", "It is based in Naples, Fla."):
        assert surfaces(text, [Span(text.index("Naples"), text.index(","), "LOC", 0.9)]) == ["Naples", "Fla."]


def test_initials_and_both_halves_are_one_person_s() -> None:
    text = "R.E. Glenn and Muhammed Sheikh Khalil met on Sunday."
    halves = ("Glenn", "Muhammed Sheikh", "Khalil")
    spans = [Span(at := text.index(half), at + len(half), "PERSON", 0.9) for half in halves]
    assert surfaces(text, spans) == ["R.E. Glenn", "Muhammed Sheikh Khalil"]


def test_half_a_title_is_no_body() -> None:
    text = "Israeli Defense Minister Yoav Gallant spoke."
    spans = [Span(8, 15, "ORG", 0.5), Span(25, 37, "PERSON", 0.9)]
    assert surfaces(text, spans) == ["Israeli", "Yoav Gallant"]


def surfaces(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.end] for span in document_pass(text, spans)]

"""Places found by list: what the tagger missed or mistook, and what stays a name of something else."""

import pytest

from transforms.enrich.document_pass import document_pass
from transforms.enrich.name_span import Span


def marked(text: str, *tagged: tuple[str, str, float]) -> list[tuple[str, str]]:
    spans = [
        Span(text.index(name), text.index(name) + len(name), label, confidence) for name, label, confidence in tagged
    ]
    return [(text[span.start : span.end], span.label) for span in document_pass(text, spans)]


@pytest.mark.parametrize(
    ("text", "tagged", "expected"),
    [
        ("A mine collapsed near Kolwezi on Monday.", [], [("Kolwezi", "LOC")]),
        ("Tanks pushed into Khan Younis again.", [("Khan Younis", "PERSON", 0.99)], [("Khan Younis", "LOC")]),
        ("Jets struck Qamishli overnight.", [("Qamishli", "PERSON", 0.6)], [("Qamishli", "LOC")]),
        ("A ship was hit in the Strait of Hormuz.", [("Hormuz", "PERSON", 0.7)], [("Strait of Hormuz", "LOC")]),
        ("The Bab al-Hawa crossing was shut.", [], [("Bab al-Hawa", "LOC")]),
        ("Cholera has reached Cox's Bazar now.", [], [("Cox's Bazar", "LOC")]),
        ("Shells hit the main city, Stepanakert.", [], [("Stepanakert", "LOC")]),
        ("It left Gaza's ports.", [], [("Gaza", "LOC")]),
    ],
)
def test_words_around_make_a_place(
    text: str, tagged: list[tuple[str, str, float]], expected: list[tuple[str, str]]
) -> None:
    assert marked(text, *tagged) == expected


@pytest.mark.parametrize(
    ("text", "tagged", "expected"),
    [
        ("Sydney Brown wrote to him.", [("Sydney Brown", "PERSON", 0.9)], [("Sydney Brown", "PERSON")]),
        ("Kingston said it was late.", [("Kingston", "PERSON", 0.97)], [("Kingston", "PERSON")]),
        (
            "Michael Jordan left. It was a gift from Jordan.",
            [("Michael Jordan", "PERSON", 0.9)],
            [("Michael Jordan", "PERSON"), ("Jordan", "PERSON")],
        ),
        ("He phoned from Mobile Phone Exchange.", [], []),
        ("The method of Santos (1989) is known from Santos (1989).", [], []),
        ("She works at Oxford University Press.", [("Oxford University Press", "ORG", 0.9)], [
            ("Oxford University Press", "ORG")]),
    ],
)  # fmt: skip
def test_a_person_or_body_of_the_same_name_stays(
    text: str, tagged: list[tuple[str, str, float]], expected: list[tuple[str, str]]
) -> None:
    assert marked(text, *tagged) == expected


def test_a_page_of_place_names_takes_linear_time() -> None:
    text = "the Strait of Hormuz and Khan Younis, " * 3000
    assert len(document_pass(text, [])) == 6000

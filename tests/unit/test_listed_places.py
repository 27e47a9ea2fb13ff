"""Places and bodies found by list: what the tagger missed or mistook, and what stays a name of something else."""

from importlib import resources

import pytest

from transforms.enrich.naming.document_pass import document_pass
from transforms.enrich.reading.name_span import Span


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


@pytest.mark.parametrize(
    ("text", "tagged", "expected"),
    [
        ("He works for the International Labour Organization now.", [], [("International Labour Organization", "ORG")]),
        ("A ruling against Facebook is due.", [], [("Facebook", "ORG")]),
        ("He paid by PayPal.", [("PayPal", "MISC", 0.5)], [("PayPal", "ORG")]),
        ("The World Health Organization met.", [("World", "LOC", 0.5)], [("World Health Organization", "ORG")]),
        ("An apple for Target practice.", [], []),
        ("Facebook Live is new.", [("Facebook Live", "MISC", 0.9)], []),
    ],
)
def test_bodies_of_the_list(text: str, tagged: list[tuple[str, str, float]], expected: list[tuple[str, str]]) -> None:
    assert [pair for pair in marked(text, *tagged) if pair[1] == "ORG"] == expected


def test_the_list_of_bodies_is_clean() -> None:
    lines = (resources.files("transforms.enrich") / "data" / "bodies.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(set(lines))
    assert all(line == line.strip() and line[0].isalnum() and not line.startswith("The ") for line in lines)

"""Quotations: what is one, who says it, and what only looks like one."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.enriching import article_of, entity_of
from transforms.enrich.quotes import ENRICHER, find_quotes


def quotes_of(body: str, *entities: tuple[Any, ...]) -> list[Any]:
    found = {"entities": tuple(entity_of(body, *entity) for entity in entities)}
    quotes = find_quotes(article_of(body), found)
    assert all(body[quote.start_char : quote.end_char] == quote.text for quote in quotes)
    return list(quotes)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("“We will stay,” said Mara Okoro.", [("We will stay,", "Mara Okoro", "said", False)]),
        ('"We will stay," Mara Okoro said.', [("We will stay,", "Mara Okoro", "said", False)]),
        ("Okoro told the Gazette: “We need more boats.”", [("We need more boats.", "Okoro", "told", False)]),
        ("“Stop!” Mayor Okoro said.", [("Stop!", "Mayor Okoro", "said", False)]),
        ("“We need help”, the port agency warned.", [("We need help", "the port agency", "warned", False)]),
        ("“I am tired,” a senior official said.", [("I am tired,", "a senior official", "said", False)]),
        ("Police said the bridge was “a total loss.”", [("a total loss.", "Police", "said", True)]),
        ("According to Okoro, the dam is “beyond repair.”", [("beyond repair.", "Okoro", "according to", True)]),
        ("Okoro called the plan “outrageous” on Sunday.", [("outrageous", "Okoro", "called", True)]),
        (
            "“I will go,” Okoro said, “and you will stay.”",
            [("I will go,", "Okoro", "said", False), ("and you will stay.", "Okoro", "said", False)],
        ),
        (
            "“We left,” Okoro said. “It was late. We ran.”",
            [("We left,", "Okoro", "said", False), ("It was late. We ran.", "Okoro", None, False)],
        ),
        (
            "“It was the worst night.\n\n“We lost all.\n\n“It was gone,” Okoro said.",
            [
                ("It was the worst night.", "Okoro", None, False),
                ("We lost all.", "Okoro", None, False),
                ("It was gone,", "Okoro", "said", False),
            ],
        ),
        ("„Wir gehen nicht“, sagte Bell.", [("Wir gehen nicht", "Bell", "sagte", False)]),
        ("« Nous partons demain matin, mes amis », a dit Bell.", [
            ("Nous partons demain matin, mes amis", None, None, False)]),
        ("»Wir gehen morgen früh nach Hause«, sagte Bell.", [
            ("Wir gehen morgen früh nach Hause", "Bell", "sagte", False)]),
        ("“He said ‘go away’ to me,” Okoro recalled.", [
            ("He said ‘go away’ to me,", "Okoro", "recalled", False)]),
        ("‘We will go,’ Okoro said, ‘but it’s late.’", [
            ("We will go,", "Okoro", "said", False), ("but it’s late.", "Okoro", "said", False)]),
        ("The mission told a broadcaster there was a “full-blown shortage” of beds.", [
            ("full-blown shortage", "The mission", "told", True)]),
        # no quotations
        ("The so-called “experts” left, Okoro said.", []),
        ("They opened the “Western Gate” crossing, the army said.", []),
        ("In remarks on the programme “Meet the Town,” nothing was said.", []),
        ("The book “A Long Way Home” won a prize.", []),
        ('A 12" pipe and a 5\'10" man were seen.', []),
        ("The word “of” is short.", []),
        ("It’s the farmers’ market, the town’s pride.", []),
        ("“An unclosed mark goes nowhere, he said.", []),
        ("The “cheap rate” ended.", []),
        ("", []),
    ],
)  # fmt: skip
def test_quotations_and_their_speakers(body: str, expected: list[tuple[Any, ...]]) -> None:
    assert [(got.text, got.speaker_text, got.verb, got.partial) for got in quotes_of(body)] == expected


def test_speaker_is_the_canonical_name_of_the_entity_named_there() -> None:
    body = "“We will stay,” said Mayor Okoro, who lives in Dunmore."
    (quote,) = quotes_of(body, ("Mara Okoro", "PERSON", "Okoro"), ("Dunmore", "GPE"))
    assert (quote.speaker, quote.speaker_text, quote.speaker_role) == ("Mara Okoro", "Mayor Okoro", "Mayor")


def test_without_entities_there_is_no_canonical_speaker() -> None:
    (quote,) = find_quotes(article_of("“We will stay,” said Mara Okoro."), {})
    assert (quote.speaker, quote.speaker_text) == (None, "Mara Okoro")


def test_the_head_of_a_body_is_not_the_body() -> None:
    body = "“We have no food left,” the head of the World Grain Fund said."
    (quote,) = quotes_of(body, ("World Grain Fund", "ORG"))
    assert quote.speaker is None
    assert quote.speaker_text == "the head of the World Grain Fund"
    assert quote.speaker_role == "head of the World Grain Fund"


def test_a_body_speaks_for_itself() -> None:
    body = "“We have no food left,” the World Grain Fund said."
    assert quotes_of(body, ("World Grain Fund", "ORG"))[0].speaker == "World Grain Fund"


def test_a_pronoun_is_the_last_speaker_with_less_confidence() -> None:
    body = "“We left early,” said Mara Okoro.\n\n“Nobody stopped us,” she added."
    first, second = quotes_of(body, ("Mara Okoro", "PERSON"))
    assert (second.speaker, second.speaker_text) == ("Mara Okoro", "she")
    assert second.confidence < first.confidence


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ("“We left,” said Mara Okoro, head of the port mission in Dunmore.", "head of the port mission in Dunmore"),
        ("Mara Okoro, a nurse, said the ward was “a real mess.”", "a nurse"),
        ("“It is late,” foreign minister Mara Okoro said.", "foreign minister"),
        ("“We left,” said Mara Okoro, who was there.", None),
    ],
)
def test_the_role_that_the_text_states(body: str, role: str | None) -> None:
    (quote,) = quotes_of(body, ("Mara Okoro", "PERSON"))
    assert (quote.speaker, quote.speaker_role) == ("Mara Okoro", role)


def test_flat_speakers_are_sorted_and_unique() -> None:
    body = "“We left,” said Mara Okoro. “It was late,” said Abel Dunn. “We ran,” said Mara Okoro."
    entities = (entity_of(body, "Mara Okoro", "PERSON"), entity_of(body, "Abel Dunn", "PERSON"))
    result = ENRICHER.load()(article_of(body), {"entities": entities})
    assert result["quote_speakers"] == ("Abel Dunn", "Mara Okoro")
    assert set(result) == set(ENRICHER.fields)


@pytest.mark.parametrize(
    ("body", "speaker"),
    [
        ("The finance minister, Mara Okoro, told reporters: “We pay.”", "Mara Okoro"),
        ("“We paid too much,” said the finance minister, Mara Okoro.", "Mara Okoro"),
        ("“We paid too much,” one of them, Mara Okoro, said.", "Mara Okoro"),
        ("“We paid too much,” vowed Mara Okoro.", "Mara Okoro"),
        ("“We paid too much,” nurse Mara Okoro said by phone.", "Mara Okoro"),
        ("Mara Okoro put it simply: “We pay.”", "Mara Okoro"),
        ("As Mara Okoro put it, “we have no choice.”", "Mara Okoro"),
        ("“It is dark,” said Abel Dunn. His deputy, Mara Okoro, was calm. “It will pass,” she said.", "Mara Okoro"),
        ("“It is dark now,” said Mara Okoro, the mayor.\n\n“It will pass,” the mayor went on.", "Mara Okoro"),
        ("'It is dark now,' Mara Okoro said.", "Mara Okoro"),
        ("The mayor was blunt: “We pay.”", None),
    ],
)
def test_who_is_meant(body: str, speaker: str | None) -> None:
    named = [entity_of(body, name, "PERSON") for name in ("Mara Okoro", "Abel Dunn") if name in body]
    assert quotes_with_roles(body, named)[-1].speaker == speaker


def quotes_with_roles(body: str, named: list[Any]) -> list[Any]:
    entities = tuple(replace(entity, role="mayor") if entity.name == "Mara Okoro" else entity for entity in named)
    return list(find_quotes(article_of(body), {"entities": entities}))


@pytest.mark.parametrize(
    ("language", "body", "speaker"),
    [
        ("de", "„Wir gehen nicht“, kritisierte Jens Bell im Landtag.", "Jens Bell"),
        ("de", "Trainer Bell sagte nach dem Spiel: „Wir gehen.“", "Trainer Bell"),
        ("fr", "« Nous partons », a déclaré Awa Bell, infirmière à Dunmore.", "Awa Bell"),
        ("fr", "Selon le procureur, c'est un « acte isolé ».", "le procureur"),
        ("es", "«No vamos», dijo la alcaldesa de Dunmore.", "la alcaldesa de Dunmore"),
        ("es", "La ministra aseguró: “No habrá más.”", "La ministra"),
    ],
)
def test_speakers_in_other_languages(language: str, body: str, speaker: str) -> None:
    (quote,) = find_quotes(article_of(body, language=language), {})
    assert (quote.speaker, quote.speaker_text) == (None, speaker)


def test_a_language_without_rules_has_no_quotes() -> None:
    assert find_quotes(article_of("“We will stay,” said Mara Okoro.", language="ar"), {}) == ()

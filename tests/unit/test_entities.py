"""Entities of whole articles, with the shipped weights. The sentences are written for these tests."""

import pickle
from itertools import pairwise

import pytest

from tests.support.elements import make_article
from transforms.elements import Entity
from transforms.enrich.entities import ENRICHER, entity_enrich, load
from transforms.enrich.reading.name_span import Span
from transforms.enrich.tagging import crf_model

STRIKE = make_article(
    title="Kenya warns of new ferry strike as Otieno meets unions",
    body=(
        "NAIROBI, Kenya (AP) — President Daniel Otieno said on Monday that Kenya would not raise ferry wages before "
        "July, a day after he met leaders of the Dock Workers Union (DWU).\n\n"
        "“We have no money left,” Otieno told reporters in Mombasa. His finance minister, Grace Wanjiru, called the "
        "talks useful. The DWU said it had heard nothing new.\n\n"
        "The United Nations and the World Health Organization urged both sides to keep the port open. “Aid for South "
        "Sudan goes through Mombasa,” said Petra Lindqvist, head of the U.N. mission in Nairobi.\n\n"
        "Kenyan officials expect the ferries to sail on Tuesday. Wanjiru flies to London this week."
    ),
)


@pytest.fixture(scope="module")
def found() -> dict[str, Entity]:
    annotations = load()(STRIKE, {})
    entities = annotations["entities"]
    assert isinstance(entities, tuple)
    return {entity.name: entity for entity in entities}


@pytest.mark.parametrize(
    ("name", "label", "count"),
    [
        ("Daniel Otieno", "PERSON", 3),
        ("Grace Wanjiru", "PERSON", 2),
        ("Petra Lindqvist", "PERSON", 1),
        ("Dock Workers Union", "ORG", 3),
        ("United Nations", "ORG", 2),
        ("World Health Organization", "ORG", 1),
        ("Kenya", "GPE", 3),
        ("Mombasa", "GPE", 2),
        ("South Sudan", "GPE", 1),
        ("London", "GPE", 1),
        ("Kenyan", "NORP", 1),
    ],
)
def test_names_of_a_report(found: dict[str, Entity], name: str, label: str, count: int) -> None:
    assert (found[name].label, found[name].count) == (label, count)


def test_roles_are_those_of_the_text(found: dict[str, Entity]) -> None:
    assert found["Daniel Otieno"].role == "President"
    assert found["Petra Lindqvist"].role == "head of the U.N. mission in Nairobi"
    assert found["Kenya"].role is None


def test_title_and_body_are_one_document(found: dict[str, Entity]) -> None:
    assert {mention.field for mention in found["Daniel Otieno"].mentions} == {"title", "body"}
    assert found["Daniel Otieno"].in_title
    assert not found["Grace Wanjiru"].in_title


def test_spans_lie_in_their_fields(found: dict[str, Entity]) -> None:
    for entity in found.values():
        for mention in entity.mentions:
            assert getattr(STRIKE, mention.field)[mention.start_char : mention.end_char] == mention.text
            assert 0 <= mention.confidence <= 1


def test_most_salient_first(found: dict[str, Entity]) -> None:
    saliences = [entity.salience for entity in found.values()]
    assert all(first >= second for first, second in pairwise(saliences))
    assert next(iter(found)) in ("Kenya", "Daniel Otieno")


def test_flat_names_follow_the_entities() -> None:
    annotations = load()(STRIKE, {})
    assert set(annotations) == set(ENRICHER.fields)
    assert annotations["people"] == ("Daniel Otieno", "Grace Wanjiru", "Petra Lindqvist")
    assert annotations["groups"] == ("Kenyan",)
    assert "Dock Workers Union" in annotations["organizations"]  # type: ignore[operator]
    assert set(annotations["people"]) <= set(annotations["names"])  # type: ignore[call-overload]


def test_ids_are_unique_and_the_same_every_time(found: dict[str, Entity]) -> None:
    ids = [entity.id for entity in found.values()]
    assert len(set(ids)) == len(ids)
    assert found["Daniel Otieno"].id == "person:daniel-otieno"
    assert load()(STRIKE, {}) == load()(STRIKE, {})


def test_title_case_headline_gives_no_names_that_the_body_writes_small() -> None:
    article = make_article(
        title="Heavy Rain Floods Market Hall While Traders Sleep",
        body="The heavy rain flooded the market hall on Friday. No traders were hurt while it rained.",
    )
    assert load()(article, {})["names"] == ()


@pytest.mark.parametrize("language", ["de", "ar", "zh-Hans"])
def test_other_languages_get_no_english_rules(language: str) -> None:
    article = make_article(title="Besuch", body="Lena Brandt besuchte Berlin.", language=language)
    annotations = load()(article, {})
    assert annotations == dict.fromkeys(ENRICHER.fields, ())


def test_place_in_a_dateline_is_written_as_elsewhere() -> None:
    article = make_article(title="t", body="CAIRO (AP) — The port was shut.")

    def tagger(text: str) -> list[Span]:
        start = text.index("CAIRO")
        return [Span(start, start + 5, "LOC", 0.9)]

    entity, *_ = entity_enrich(tagger, {"cairo": "city"})(article, {})["entities"]  # type: ignore[misc]
    assert (entity.name, entity.mentions[0].text) == ("Cairo", "CAIRO")


def test_acronym_of_a_known_body_stays_in_capitals() -> None:
    article = make_article(title="t", body="It is UNICEF (the fund).")
    assert entity_enrich(lambda _: [], {"unicef": "body"})(article, {})["names"] == ("UNICEF",)


def test_pronouns_are_not_people() -> None:
    article = make_article(title="t", body="He met Aro there.")

    def tagger(text: str) -> list[Span]:
        he, aro = text.index("He"), text.index("Aro")
        return [Span(he, he + 2, "PERSON", 0.9), Span(aro, aro + 3, "PERSON", 0.9)]

    assert entity_enrich(tagger, {})(article, {})["people"] == ("Aro",)


def test_article_without_text_has_no_entities() -> None:
    empty = make_article(title="", body="")
    assert load()(empty, {}) == dict.fromkeys(ENRICHER.fields, ())


def test_result_survives_pickling() -> None:
    annotations = load()(STRIKE, {})
    assert pickle.loads(pickle.dumps(annotations)) == annotations


def test_missing_weights_are_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crf_model, "WEIGHTS", "nowhere.crfsuite")
    with pytest.raises(FileNotFoundError, match="scripts/train_entities"):
        crf_model.load_model.__wrapped__()


def test_same_name_of_two_labels_gets_two_ids() -> None:
    article = make_article(title="t", body="Sofia met Ann in Sofia.")

    def tagger(text: str) -> list[Span]:
        first, last = text.index("Sofia"), text.rindex("Sofia")
        return [Span(first, first + 5, "PERSON", 0.9), Span(last, last + 5, "NORP", 0.9)]

    entities = entity_enrich(tagger, {})(article, {})["entities"]
    assert [entity.id for entity in entities] == ["person:sofia", "norp:sofia"]  # type: ignore[attr-defined]

"""One contract for every engine of the entities: our tagger, and a spaCy pipeline that a user has installed."""

from pathlib import Path

import pytest

from pipeline.config import load_config
from tests.support.elements import make_article
from transforms.elements import Article, Entity
from transforms.enrich import enricher, load_enrichers
from transforms.enrich.base import Enrich
from transforms.enrich.tagging.spacy_engine import check_pipeline
from transforms.errors import ConfigurationError

BODY = (
    "GENEVA (AP) — Antony Blinken met Benjamin Netanyahu in Israel on Monday.\n\n"
    "Blinken said the World Health Organization (WHO) would send doctors to Kenya. The WHO did not comment.\n\n"
    "“We are ready,” Mr. Netanyahu told French reporters. 😀 Kenyan doctors work in Nairobi."
)
ARTICLE = make_article(title="Blinken in Israel", body=BODY)


@pytest.fixture(scope="module", params=["crf", "spacy"])
def enrich(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Enrich:
    choice = "crf"
    if request.param == "spacy":
        choice = f"spacy:{ruled_pipeline(tmp_path_factory.mktemp('spacy') / 'pipeline')}"
    ((_, loaded),) = load_enrichers([f"entities:{choice}"])
    return loaded


def ruled_pipeline(folder: Path, *, language: str = "en", ruler: bool = True) -> Path:
    """Write a spaCy pipeline that knows a few names by rule: what trained weights would know, without weights."""
    spacy = pytest.importorskip("spacy")
    pipeline = spacy.blank(language)
    if ruler:
        rules = pipeline.add_pipe("entity_ruler")
        rules.add_patterns(
            [
                {"label": "PERSON", "pattern": "Antony Blinken"},
                {"label": "PERSON", "pattern": "Benjamin Netanyahu"},
                {"label": "GPE", "pattern": "Israel"},
                {"label": "GPE", "pattern": "Nairobi"},
                {"label": "ORG", "pattern": "the World Health Organization"},
                {"label": "DATE", "pattern": "Monday"},
            ]
        )
    pipeline.to_disk(folder)
    return folder


def entities(enrich: Enrich, article: Article = ARTICLE) -> tuple[Entity, ...]:
    found = enrich(article, {})["entities"]
    assert isinstance(found, tuple)
    return found


def test_each_mention_is_the_text_at_its_place(enrich: Enrich) -> None:
    mentions = [mention for entity in entities(enrich) for mention in entity.mentions]
    assert len(mentions) >= 10
    for mention in mentions:
        assert getattr(ARTICLE, mention.field)[mention.start_char : mention.end_char] == mention.text
        assert 0 < mention.confidence <= 1


def test_people_bodies_places_and_groups_have_their_labels(enrich: Enrich) -> None:
    labels = {entity.name: entity.label for entity in entities(enrich)}
    assert labels["Antony Blinken"] == labels["Benjamin Netanyahu"] == "PERSON"
    assert labels["World Health Organization"] == "ORG"
    assert labels["Israel"] == labels["Nairobi"] == "GPE"
    assert labels["French"] == "NORP"  # no engine's: the document pass knows demonyms
    assert "Monday" not in labels


def test_a_surname_and_an_acronym_are_the_full_name_s(enrich: Enrich) -> None:
    by_name = {entity.name: entity for entity in entities(enrich)}
    assert [mention.text for mention in by_name["Antony Blinken"].mentions] == ["Blinken", "Antony Blinken", "Blinken"]
    assert by_name["Antony Blinken"].in_title
    assert [m.text for m in by_name["World Health Organization"].mentions] == [
        "World Health Organization",
        "WHO",
        "WHO",
    ]


def test_the_same_article_gives_the_same_entities_again(enrich: Enrich) -> None:
    assert entities(enrich) == entities(enrich)


def test_an_article_without_text_has_no_entities(enrich: Enrich) -> None:
    assert entities(enrich, make_article(title="", body="")) == ()


def test_the_engine_stands_in_the_enricher_s_version(tmp_path: Path) -> None:
    ours = enricher("entities")
    assert enricher("entities:crf") == ours
    other = enricher("entities:spacy:en_core_web_sm")
    assert other.version == f"{ours.version}+spacy:en_core_web_sm"
    assert other.fields == ours.fields


def test_a_pipeline_that_is_not_installed_is_refused_with_the_remedy() -> None:
    pytest.importorskip("spacy")
    with pytest.raises(ConfigurationError, match=r"no spaCy pipeline 'en_none_such'.*folder"):
        check_pipeline("en_none_such")


@pytest.mark.parametrize(
    ("language", "ruler", "message"),
    [("de", True, "of the language 'de'"), ("en", False, "recognises no names")],
)
def test_a_pipeline_of_another_language_or_without_names_is_refused(
    tmp_path: Path, language: str, ruler: bool, message: str
) -> None:
    folder = ruled_pipeline(tmp_path / "pipeline", language=language, ruler=ruler)
    with pytest.raises(ConfigurationError, match=message):
        load_enrichers([f"entities:spacy:{folder}"])


def test_a_broken_pipeline_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("spacy")
    (tmp_path / "config.cfg").write_text("[nlp]\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="does not load"):
        load_enrichers([f"entities:spacy:{tmp_path}"])


def test_without_spacy_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.enrich.tagging.spacy_engine.find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match=r"spaCy is not installed; `pip install 'newsbeam\[spacy\]'`"):
        load_enrichers(["entities:spacy"])


def test_an_unknown_engine_is_refused_with_the_choices() -> None:
    with pytest.raises(ConfigurationError, match="unknown engine 'stanza'; there are: crf, spacy"):
        load_enrichers(["entities:stanza"])


def test_the_configuration_names_the_engine(tmp_path: Path) -> None:
    folder = ruled_pipeline(tmp_path / "pipeline")
    (tmp_path / "newsbeam.yaml").write_text(f"enrich: {{engine: 'spacy:{folder}'}}\n", encoding="utf-8")
    settings = load_config(environ={}, cwd=tmp_path).settings
    assert settings.enrich.enable[:2] == (f"entities:spacy:{folder}", "places")


def test_an_engine_that_cannot_be_had_is_a_problem_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "newsbeam.yaml").write_text("enrich: {engine: stanza}\n", encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=r"enrich\.engine .*received 'stanza'; valid: crf, spacy, spacy:PIPELINE"
    ):
        load_config(environ={}, cwd=tmp_path)

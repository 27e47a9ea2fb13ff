"""What a desk's names.yaml does to an article's entities, and what may stand in it."""

from pathlib import Path

import pytest

from pipeline.config import load_config
from pipeline.names_file import parse_names, read_names
from pipeline.plans import config_sha256, graph_settings, new_run_id
from tests.support.enriching import article_of, entity_of
from transforms.elements import Article, Entity
from transforms.enrich import load_enrichers, wanted_enrichers
from transforms.enrich.naming.declared_entities import declare
from transforms.enrich.naming.declared_names import Company, DeclaredName, DeclaredNames, key_of
from transforms.enrich_article import enrich_article
from transforms.errors import ConfigurationError

BLINKEN = DeclaredName(name="Antony Blinken", label="PERSON", also=("Blinken",), near=("U.S.", "State Department"))


def named(article: Article, entities: tuple[Entity, ...], *entries: DeclaredName) -> dict[str, Entity]:
    """Return the article's entities by name; every mention stands where it says."""
    found = declare(article, entities, DeclaredNames(entries))
    for entity in found:
        for mention in entity.mentions:
            assert getattr(article, mention.field)[mention.start_char : mention.end_char] == mention.text
    assert len({entity.id for entity in found}) == len(found)
    return {entity.name: entity for entity in found}


def test_a_surname_alone_gets_the_declared_name() -> None:
    text = "Blinken flew to Cairo. The U.S. envoy said little; Blinken waved."
    found = named(article_of(text), (entity_of(text, "Blinken", "PERSON"),), BLINKEN)
    assert found["Antony Blinken"].count == 2
    assert found["Antony Blinken"].id == "person:antony-blinken"


def test_without_its_company_a_name_stays_as_it_is() -> None:
    text = "Blinken won the chess cup in Sydney."
    assert list(named(article_of(text), (entity_of(text, "Blinken", "PERSON"),), BLINKEN)) == ["Blinken"]


def test_a_fuller_different_name_is_somebody_else() -> None:
    text = "Alan Blinken, once U.S. ambassador to Belgium, spoke. Blinken smiled."
    entity = entity_of(text, "Alan Blinken", "PERSON", "Alan Blinken", "Blinken smiled"[:7])
    assert list(named(article_of(text), (entity,), BLINKEN)) == ["Alan Blinken"]


def test_a_fuller_form_of_the_same_person_is_that_person() -> None:
    text = "Antony J. Blinken spoke for the U.S. side. Blinken smiled."
    entity = entity_of(text, "Antony J. Blinken", "PERSON", "Antony J. Blinken", "Blinken smiled"[:7])
    assert list(named(article_of(text), (entity,), BLINKEN)) == ["Antony Blinken"]


def test_the_first_entry_whose_company_is_there_is_meant() -> None:
    other = DeclaredName(name="Donald Blinken", label="PERSON", also=("Blinken",), near=("Hungary",))
    anyone = DeclaredName(name="Some Blinken", label="PERSON", also=("Blinken",))
    for text, expected in (
        ("Blinken left Hungary.", "Donald Blinken"),
        ("Blinken left the State Department.", "Antony Blinken"),
        ("Blinken left the State Department for Hungary.", "Antony Blinken"),  # the first in the file
        ("Blinken left.", "Some Blinken"),
    ):
        entities = (entity_of(text, "Blinken", "PERSON"),)
        assert list(named(article_of(text), entities, anyone, BLINKEN, other)) == [expected], text


def test_two_entities_of_one_entry_become_one() -> None:
    text = "The State Department said so. DOS officials agreed, the State Department added."
    entry = DeclaredName(name="U.S. Department of State", label="ORG", also=("State Department", "DOS"))
    entities = (entity_of(text, "State Department", "ORG"), entity_of(text, "DOS", "ORG"))
    found = named(article_of(text), entities, entry)
    assert list(found) == ["U.S. Department of State"]
    assert [each.text for each in found["U.S. Department of State"].mentions] == [
        "State Department", "DOS", "State Department",
    ]  # fmt: skip
    assert found["U.S. Department of State"].count == 3


def test_a_declared_form_that_nobody_tagged_is_found_with_its_role() -> None:
    text = "Talks were led by Defense Minister Ox Byrd and his aides."
    entry = DeclaredName(name="Oxana Byrd", label="PERSON", also=("Ox Byrd",))
    found = named(article_of(text, title="Ox Byrd leads"), (), entry)
    assert found["Oxana Byrd"].role == "Defense Minister"
    assert (found["Oxana Byrd"].count, found["Oxana Byrd"].in_title) == (2, True)


def test_a_declared_form_takes_the_pieces_that_were_tagged_within_it() -> None:
    text = "Guards closed Kerem Shalom Crossing today."
    entry = DeclaredName(name="Kerem Shalom", label="FAC", also=("Kerem Shalom Crossing",))
    pieces = (entity_of(text, "Kerem", "PERSON"), entity_of(text, "Shalom", "ORG"))
    found = named(article_of(text), pieces, entry)
    assert [(each.name, each.label, each.mentions[0].text) for each in found.values()] == [
        ("Kerem Shalom", "FAC", "Kerem Shalom Crossing")
    ]


def test_pieces_of_one_entry_that_a_longer_form_of_another_covers_are_gone() -> None:
    text = "The Bank of Gazelle closed."
    entries = (
        DeclaredName(name="Gazelle Town", label="GPE", also=("Gazelle",)),
        DeclaredName(name="Bank of Gazelle", label="ORG"),
    )
    assert list(named(article_of(text), (entity_of(text, "Gazelle", "GPE"),), *entries)) == ["Bank of Gazelle"]


def test_part_of_a_longer_tagged_name_is_left() -> None:
    text = "The Blinken Group of the U.S. grew."
    found = named(article_of(text), (entity_of(text, "Blinken Group", "ORG"),), BLINKEN)
    assert list(found) == ["Blinken Group"]


def test_a_single_word_that_the_article_also_writes_small_is_no_name_by_itself() -> None:
    text = "Will he go? He will. The U.S. waits."
    assert named(article_of(text), (), DeclaredName(name="Will Novak", label="PERSON", also=("Will",))) == {}


def test_another_kind_of_thing_needs_company() -> None:
    text = "Ford cut 400 jobs in Detroit."
    ford = DeclaredName(name="Harrison Ford", label="PERSON", also=("Ford",))
    assert list(named(article_of(text), (entity_of(text, "Ford", "ORG"),), ford)) == ["Ford"]
    actor = DeclaredName(name="Harrison Ford", label="PERSON", also=("Ford",), near=("Detroit",))
    assert list(named(article_of(text), (entity_of(text, "Ford", "ORG"),), actor)) == ["Harrison Ford"]


def test_company_in_capitals_is_not_the_pronoun() -> None:
    assert not Company(article_of("They told us so.")).has(["US"])
    assert Company(article_of("They told the US so.")).has(["US"])
    assert Company(article_of("They told the U.S. so.")).has(["U.S."])
    assert Company(article_of("At the state department's door")).has(["State Department"])
    assert not Company(article_of("At the understate departments")).has(["State Department"])


@pytest.mark.parametrize(
    ("language", "body"),
    [
        ("de", "Außenministerin Anna Kowalska traf in Bonn ihren Kollegen. Die USA schwiegen."),
        ("ar", "التقى وزير الخارجية آنا كوالسكا بالصحفيين في القاهرة اليوم وقال إنه متفائل."),
    ],
)
def test_declared_names_are_found_in_any_language(language: str, body: str) -> None:
    entry = DeclaredName(name="Anna Kowalska", label="PERSON", also=("آنا كوالسكا",))
    enriched = enrich_article(article_of(body, language=language), load_enrichers(("entities", "quotes"), (entry,)))
    assert enriched.annotations["people"] == ("Anna Kowalska",)
    assert f"enricher_language:entities:{language}" in enriched.warnings
    assert "names@1.0" in enriched.enrichers


def test_quotes_and_flat_fields_say_the_declared_name() -> None:
    text = "“We are leaving the city tonight,” Blinken told reporters in Cairo. The U.S. delegation packed."
    names = (BLINKEN, DeclaredName(name="Al-Qahira", label="GPE", also=("Cairo",)))
    enriched = enrich_article(article_of(text, language="en"), load_enrichers(("entities", "places", "quotes"), names))
    (quote,) = enriched.annotations["quotes"]  # type: ignore[misc]
    assert quote.speaker == "Antony Blinken"
    assert enriched.annotations["people"] == ("Antony Blinken",)
    assert "Al-Qahira" in enriched.annotations["places"]  # type: ignore[operator]
    place = next(each for each in enriched.annotations["entities"] if each.name == "Al-Qahira")  # type: ignore[attr-defined]
    assert place.country == "EG"  # found by what the article calls it


def test_they_stand_behind_the_entities_and_before_all_others() -> None:
    enabled = ("places", "quotes", "entities")
    assert [each.name for each in wanted_enrichers(enabled, (BLINKEN,))] == ["entities", "names", "places", "quotes"]
    assert [each.name for each in wanted_enrichers(enabled)] == ["entities", "places", "quotes"]
    assert [each.name for each in wanted_enrichers(("figures",), (BLINKEN,))] == ["names", "figures"]


# --- the file ---------------------------------------------------------------------------------------------------------


def test_an_entry_reads_as_it_is_written() -> None:
    text = "- {name: Antony Blinken, label: PERSON, also: [Blinken, Blinken], near: [U.S., State Department]}\n"
    assert parse_names(text, shown="names.yaml") == (BLINKEN,)
    assert parse_names("# nothing yet\n", shown="names.yaml") == ()


def test_all_problems_are_told_at_once_with_place_value_and_choices() -> None:
    text = (
        "- {name: Antony Blinken, label: Person}\n"
        "- {name: '', label: ORG}\n"
        "- {name: Ok, label: ORG, allso: [x]}\n"
        "- {label: ORG}\n"
        "- {name: Ok, label: ORG, near: US}\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        parse_names(text, shown="names.yaml")
    message = str(caught.value)
    for part in (
        "names.0.label (names.yaml:1): received 'Person'", "'PERSON', 'ORG'",
        "names.1.name (names.yaml:2): received ''",
        "names.2.allso (names.yaml:3): unknown key; did you mean also?",
        "names.3.name (names.yaml:4): is missing",
        "names.4.near (names.yaml:5): received 'US'; valid: a list",
    ):  # fmt: skip
        assert part in message, message


def test_the_same_name_twice_asks_for_company() -> None:
    with pytest.raises(ConfigurationError, match=r"already entry 1 \(names.yaml:1\)"):
        parse_names("- {name: The WHO, label: ORG}\n- {name: WHO, label: ORG}\n", shown="names.yaml")
    parse_names("- {name: Kim, label: PERSON}\n- {name: Kim, label: PERSON, near: [Seoul]}\n", shown="names.yaml")


def test_a_mapping_is_told_what_a_list_looks_like() -> None:
    with pytest.raises(ConfigurationError, match="must be a list of entries"):
        parse_names("names: []\n", shown="names.yaml")


def test_a_list_in_another_format_names_its_first_problems_only() -> None:
    with pytest.raises(ConfigurationError, match="and 4,980 more"):
        parse_names("- Blinken\n" * 5_000, shown="names.yaml")


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    assert read_names(load_config(cwd=tmp_path, environ={}).settings) == ()
    with pytest.raises(ConfigurationError, match=r"there is no file .*people\.yaml"):
        read_names(load_config(cwd=tmp_path, environ={}, assignments=["names=people.yaml"]).settings)


def test_the_names_travel_with_the_job_and_change_its_provenance(tmp_path: Path) -> None:
    (tmp_path / "newsbeam.yaml").write_text("contact: desk@example.org\n")
    file = tmp_path / "names.yaml"
    settings = load_config(cwd=tmp_path, environ={}).settings
    before = graph_settings(settings, new_run_id(), ())
    assert (before.names, before.index.config_sha256) == ((), settings.sha256)
    file.write_text("- {name: Antony Blinken, label: PERSON, also: [Blinken], near: [U.S., State Department]}\n")
    after = graph_settings(settings, new_run_id(), ())
    assert after.names == (BLINKEN,)
    assert after.index.config_sha256 == config_sha256(settings, (BLINKEN,)) != settings.sha256
    file.write_text("- {name: Antony Blinken, label: PERSON}\n")
    assert graph_settings(settings, new_run_id(), ()).index.config_sha256 not in (
        settings.sha256,
        after.index.config_sha256,
    )


# --- sizes and shapes -------------------------------------------------------------------------------------------------


def test_a_form_that_many_entries_share_and_many_sentences_have_is_settled_once() -> None:
    entries = [DeclaredName(name=f"Ann {i}", label="PERSON", also=("Kim",), near=(f"town{i}",)) for i in range(300)]
    text = "Kim spoke. " * 5_000  # 1.5 million questions, or 300
    assert named(article_of(text), (), *entries) == {}
    assert named(article_of(text + "In Town299."), (), *entries)["Ann 299"].count == 5_000


@pytest.mark.parametrize("form", ["The U.N.", "u n", "U.N.'s", "the u.n"])
def test_forms_are_compared_without_case_dots_and_article(form: str) -> None:
    assert key_of(form) == "u n"

"""Entries that `names suggest` proposes: from what the store has, readable back, and none that is declared."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.names_file import parse_names
from pipeline.names_suggest import Suggestion, as_json, as_yaml, count_names, suggestions
from transforms.enrich.naming.declared_names import DeclaredName


def article(number: int, *names: tuple[str, str]) -> dict[str, Any]:
    entities = [{"name": name, "label": label, "mentions": [{"text": name}]} for label, name in names]
    return {"id": f"a1{number:030x}", "entities": entities}


def suggested(*articles: list[tuple[str, str]], declared: tuple[DeclaredName, ...] = ()) -> list[Suggestion]:
    documents = [article(number, *names) for number, names in enumerate(articles)]
    return suggestions(count_names(documents), declared, limit=50)


def entries(found: list[Suggestion]) -> dict[str, tuple[str, ...]]:
    return {each.seen.name: tuple(variant.name for variant in each.variants) for each in found}


BLINKEN = ("PERSON", "Antony Blinken")


def test_a_family_name_that_stands_alone_elsewhere() -> None:
    found = suggested([BLINKEN], [BLINKEN], [("PERSON", "Blinken")], [("ORG", "Blinken")])
    assert entries(found) == {"Antony Blinken": ("Blinken",)}
    assert found[0].variants[0].articles == 1


def test_what_one_article_alone_says_is_not_enough() -> None:
    assert suggested([BLINKEN], [("PERSON", "Blinken")]) == []


def test_an_acronym_and_its_full_name() -> None:
    full = ("ORG", "World Food Programme")
    assert entries(suggested([full], [full], [("ORG", "WFP")], [("ORG", "W.F.P.")], [("ORG", "WHO")])) == {
        "World Food Programme": ("WFP", "W.F.P.")
    }


def test_other_spellings_join_the_most_frequent_one() -> None:
    names = ("Volodymyr Zelensky", "Volodymyr Zelensky", "Volodymyr Zelenskyy", "Volodymyr Zelenskiy")
    assert entries(suggested(*[[("PERSON", name)] for name in names])) == {
        "Volodymyr Zelensky": ("Volodymyr Zelenskyy", "Volodymyr Zelenskiy")
    }
    places = ("Kharkiv", "Kharkiv", "Kharkov", "Kherson")
    assert entries(suggested(*[[("GPE", name)] for name in places])) == {"Kharkiv": ("Kharkov",)}


def test_people_of_one_family_are_no_spellings_of_each_other() -> None:
    names = ("Ann Novak", "Ann Novak", "Anton Novak", "Anton Novak", "Ivan Novak", "Iwan Novakov")
    assert suggested(*[[("PERSON", name)] for name in names]) == []


def test_a_family_name_of_two_people_asks_for_company() -> None:
    names = ("Ann Novak", "Ann Novak", "Anton Novak", "Novak")
    found = suggested(*[[("PERSON", name), ("ORG", "Ports Board")] for name in names])
    assert entries(found)["Ann Novak"] == ("Novak",)
    assert (found[0].rivals, found[0].near) == (("Anton Novak",), ("Ports Board",))
    assert "may also be Anton Novak: check `near`" in as_yaml(found)
    assert as_json(found[0])["may_also_be"] == ["Anton Novak"]


def test_what_is_declared_is_not_proposed() -> None:
    articles = ([BLINKEN], [BLINKEN], [("PERSON", "Blinken")])
    assert (
        suggested(*articles, declared=(DeclaredName(name="Antony Blinken", label="PERSON", also=("Blinken",)),)) == []
    )
    pasted = parse_names(as_yaml(suggested(*articles)), shown="names.yaml")
    assert pasted == (DeclaredName(name="Antony Blinken", label="PERSON", also=("Blinken",)),)
    assert suggested(*articles, declared=pasted) == []


@given(st.lists(st.tuples(st.sampled_from(["PERSON", "ORG"]), st.text(min_size=1, max_size=40)), max_size=12))
def test_whatever_strangers_wrote_it_reads_back(names: list[tuple[str, str]]) -> None:
    short = [(label, name.split()[-1]) for label, name in names if name.split()]
    text = as_yaml(suggested(names, names, short))
    assert len(parse_names(text, shown="names.yaml")) == text.count("\n- {") + text.startswith("- {")


def test_the_same_store_gives_the_same_entries_in_any_order() -> None:
    names = ("Kharkiv", "Kharkiv", "Kharkov", "Jaffa", "Jaffa", "Yaffa")
    articles = [[("GPE", name)] for name in names]
    assert entries(suggested(*articles)) == entries(suggested(*reversed(articles)))

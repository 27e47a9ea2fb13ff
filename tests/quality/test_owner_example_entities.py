"""The names of the owner's example article. Its text stays outside the repository: here are only short names."""

from pathlib import Path

import pytest

from tests.support.elements import make_article
from transforms.elements import Entity
from transforms.enrich.entities import load

EXAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "seed" / "article.txt"
pytestmark = pytest.mark.skipif(not EXAMPLE.is_file(), reason="the example article is not part of the repository")


@pytest.fixture(scope="module")
def entities() -> tuple[Entity, ...]:
    title, _, body = EXAMPLE.read_text(encoding="utf-8").partition("\n\n")
    found = load()(make_article(title=title, body=body.partition("\n\nLeave A Reply")[0]), {})["entities"]
    assert isinstance(found, tuple)
    return found


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("PERSON", {"Blinken": 3, "Joe Biden": 2, "Yoav Gallant": 1, "Georgios Petropoulos": 1}),
        (
            "ORG",
            {
                "Hamas": 4,
                "Israel Defense Forces": 5,
                "United Nations": 3,
                "State Department": 1,
                "CBS": 1,
                "NBC News": 2,
                "U.N. Office for the Coordination of Humanitarian Affairs": 2,
                "Palestinian Crossings Authority": 1,
                "World Food Programme": 1,
            },
        ),
        ("GPE", {"Gaza": 12, "Israel": 7, "Rafah": 5, "U.S.": 3, "Jabaliya": 1, "Zeitoun": 1, "Gaza City": 1}),
        ("NORP", {"Israeli": 2, "Palestinian": 1}),
        ("FAC", {"Rafah Crossing": 1, "Kerem Shalom": 2, "Western Erez": 1}),
        ("WORK", {"Face The Nation": 1}),
    ],
)
def test_names_and_how_often(entities: tuple[Entity, ...], label: str, names: dict[str, int]) -> None:
    assert {entity.name: entity.count for entity in entities if entity.label == label} == names


def test_stated_roles(entities: tuple[Entity, ...]) -> None:
    roles = {entity.name: entity.role for entity in entities if entity.role}
    assert roles.keys() == {"Joe Biden", "Yoav Gallant", "Georgios Petropoulos"}
    assert (roles["Joe Biden"], roles["Yoav Gallant"]) == ("President", "Defense Minister")
    assert str(roles["Georgios Petropoulos"]).startswith("head of the U.N. Office")

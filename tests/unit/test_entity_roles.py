"""A person's role as the text states it."""

import pytest

from transforms.enrich.naming.roles import role_before, role_behind


@pytest.mark.parametrize(
    ("before", "role"),
    [
        ("Israeli Defense Minister ", "Defense Minister"),
        ("and President ", "President"),
        ("U.S. Secretary of State ", "Secretary of State"),
        ("former Prime Minister ", "former Prime Minister"),
        ("Russia's Minister of Foreign Affairs ", "Minister of Foreign Affairs"),
        ("the army spokesman ", "army spokesman"),
        ("the union's foreign policy chief, ", "foreign policy chief"),
        ("U.S. Senate Majority Leader ", "Senate Majority Leader"),
        ("said Gen. ", "Gen."),
        ("said Mr. ", None),
        ("said ", None),
        ("the state ", None),
        ("", None),
    ],
)
def test_title_before_the_name(before: str, role: str | None) -> None:
    text = before + "Ada Novak said"
    assert role_before(text, len(before)) == role


@pytest.mark.parametrize(
    ("behind", "role"),
    [
        (", head of the U.N. mission in Gaza. The crossing", "head of the U.N. mission in Gaza"),
        (", the bank's chief economist, said", "chief economist"),
        (", a lawyer who defended him, left", "lawyer"),
        (", who spoke with the minister", None),
        (", in front of the president", None),
        (", will meet the foreign minister", None),
        (", 43, said", None),
        (" said the director", None),
        ("", None),
    ],
)
def test_description_behind_the_name(behind: str, role: str | None) -> None:
    assert role_behind("Ada Novak" + behind, len("Ada Novak")) == role

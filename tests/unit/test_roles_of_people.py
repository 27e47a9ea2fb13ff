"""Roles as articles state them: in front of a name, behind it, and never those of the sentence before."""

import pytest

from transforms.enrich.naming.roles import role_before, role_behind


def before(text: str, name: str) -> str | None:
    return role_before(text, text.index(name))


def behind(text: str, name: str) -> str | None:
    return role_behind(text, text.index(name) + len(name))


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("said Josep Borrell, the EU's foreign policy chief. Karim Khan, a judge, agreed.", "Karim", None),
        ("They met the president. Ada Novak left.", "Ada", None),
        ("Sgt. Lee Moore was hurt.", "Lee", "Sgt."),
        ("then Rear Adm. Daniel Hagari spoke.", "Daniel", "Rear Adm."),
        ("WHO Director-General Tedros Adhanom spoke.", "Tedros", "Director-General"),
        ("Attorney-General Mark Dreyfus spoke.", "Mark", "Attorney-General"),
        ("House Speaker Mike Johnson left.", "Mike", "House Speaker"),
        ("met ex-President Evo Morales.", "Evo", "ex-President"),
        ("and then-Prime Minister Liz Truss met", "Liz", "then-Prime Minister"),
        ("Vice-President Sara Duterte left.", "Sara", "Vice-President"),
        ("Striker Marcus Rashford scored.", "Marcus", "Striker"),
        ("Lord Mayor Anna Kent spoke.", "Anna", "Lord Mayor"),
        ("Lord Cameron spoke.", "Cameron", None),
        ("Mr. Cameron spoke.", "Cameron", None),
        ("Former U.S. President Jimmy Carter died.", "Jimmy", "President"),
        ("Pope Francis prayed.", "Francis", "Pope"),
        ("the bank's chief economist, Ada Novak, said", "Ada", "chief economist"),
        ("the committee chair. Ada Novak said", "Ada", None),
    ],
)
def test_a_title_in_front_of_the_name(text: str, name: str, role: str | None) -> None:
    assert before(text, name) == role


@pytest.mark.parametrize(
    ("text", "name", "role"),
    [
        ("John Smith, 45, a farmer from Ohio, won.", "John Smith", "farmer from Ohio"),
        ("John Smith, aged 45, a farmer from Ohio, won.", "John Smith", "farmer from Ohio"),
        ("Jane Roe (52), director of the museum, left.", "Jane Roe", "director of the museum"),
        (
            "Cindy McCain, the head of the World Food Programme, said",
            "Cindy McCain",
            "head of the World Food Programme",
        ),
        ("Ada Novak, who heads the city's fire service, said", "Ada Novak", "heads the city's fire service"),
        ("Ada Novak, who leads the mission, said", "Ada Novak", "leads the mission"),
        ("Ada Novak, who left on Monday, said", "Ada Novak", None),
        ("Jens Stoltenberg, NATO's secretary general, spoke.", "Jens Stoltenberg", "secretary general"),
        ("John Smith, 45, said so.", "John Smith", None),
        ("Ada Novak, in front of the president, said", "Ada Novak", None),
    ],
)
def test_a_description_behind_the_name(text: str, name: str, role: str | None) -> None:
    assert behind(text, name) == role

"""Dates named in German, French and Spanish articles published on Monday, 13 May 2024."""

import pytest

from tests.support.enriching import article_of
from transforms.enrich.dates import find_dates

CASES = [
    ("de", "Es geschah am Montag.", "Montag", "2024-05-13", True),
    ("de", "Es geschah vor drei Tagen.", "vor drei Tagen", "2024-05-10", True),
    ("de", "Es geschah letzte Woche.", "letzte Woche", "2024-05-06", True),
    ("de", "Am 12. Mai fiel Regen.", "12. Mai", "2024-05-12", False),
    ("de", "Am 3. Mai 2019 fiel Regen.", "3. Mai 2019", "2019-05-03", False),
    ("de", "Im Dezember fiel Regen.", "Dezember", "2023-12", False),
    ("de", "Es war im Jahr 2015.", "2015", "2015", False),
    ("de", "Am Dienstag wird gewählt.", "Dienstag", "2024-05-14", True),
    ("de", "Es soll am kommenden Freitag beginnen.", "kommenden Freitag", "2024-05-17", True),
    ("de", "Es regnete in den vergangenen Tagen.", "in den vergangenen Tagen", None, True),
    ("de", "Am 30. Februar 2024 war nichts.", "30. Februar 2024", None, False),
    ("de", "Es war im Juni 2023.", "Juni 2023", "2023-06", False),
    ("fr", "C'était lundi dernier.", "lundi dernier", "2024-05-06", True),
    ("fr", "C'était il y a trois jours.", "il y a trois jours", "2024-05-10", True),
    ("fr", "C'était la semaine dernière.", "la semaine dernière", "2024-05-06", True),
    ("fr", "Le 1er mai 2019, il pleuvait.", "1er mai 2019", "2019-05-01", False),
    ("fr", "Le vote aura lieu vendredi.", "vendredi", "2024-05-17", True),
    ("fr", "C'était hier.", "hier", "2024-05-12", True),
    ("fr", "L'an dernier, il pleuvait.", "L'an dernier", "2023", True),
    ("fr", "Il pleuvait en décembre.", "décembre", "2023-12", False),
    ("es", "Fue el lunes pasado.", "lunes pasado", "2024-05-06", True),
    ("es", "Fue hace tres días.", "hace tres días", "2024-05-10", True),
    ("es", "Fue la semana pasada.", "la semana pasada", "2024-05-06", True),
    ("es", "El 3 de mayo de 2019 llovió.", "3 de mayo de 2019", "2019-05-03", False),
    ("es", "Será el próximo viernes.", "próximo viernes", "2024-05-17", True),
    ("es", "Fue ayer.", "ayer", "2024-05-12", True),
    ("es", "Llovió en junio de 2023.", "junio de 2023", "2023-06", False),
    ("es", "Llueve hace unos pocos días.", "hace unos pocos días", None, True),
]


@pytest.mark.parametrize(("language", "body", "text", "date", "relative"), CASES)
def test_a_date_is_found_and_resolved(language: str, body: str, text: str, date: str | None, relative: bool) -> None:
    (found,) = find_dates(article_of(body, language=language))
    assert (found.text, found.date, found.relative) == (text, date, relative)


def test_without_a_day_of_publication_only_full_dates_resolve() -> None:
    found = find_dates(article_of("Am Montag, am 12. Mai und am 12. Mai 2024.", language="de", published=None))
    assert [mention.date for mention in found] == [None, None, "2024-05-12"]

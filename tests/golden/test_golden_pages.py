"""Pages that we wrote, in the markup of real themes, and the articles they must become.

`scripts/update_golden` shows the difference and writes the expected files anew; read it.
"""

import json

import pytest

from tests.support.golden import EXPECTED, PAGES, article_of, names, summary_of

# Beginnings of lines, in any case, that no body may have. Each stands on at least one of the pages.
BOILERPLATE = (
    "leave a reply", "your email address", "required fields", "save my name", "share this:",
    "click to share", "read also", "related", "more from author", "newsletter", "sign up for our newsletter", "photo:",
    "copyright", "© 20", "please enter your comment", "cancel reply", "kommentar", "ihre e-mail-adresse",
    "lesen sie auch", "facebook", "advertisement", "story continues", "article continues", "continue reading",
    "subscribe now", "download our", "we use cookies", "privacy policy", "terms of use", "write to", "updated:",
    "keep an eye on your inbox", "why the old bridge", "school roofs", "reply", "i have lived on the island",
    "already a subscriber", "à lire aussi", "la suite après", "laisser un", "votre adresse", "partager", "crédit",
    "lea también", "publicidad", "deja una", "tu dirección", "leggi anche", "pubblicità", "lascia un", "il tuo ind",
    "riproduzione", "leia também", "continua após", "deixe um", "o seu endereço", "compartilhe", "lees ook",
    "tekst gaat", "geef een", "het e-mailadres", "deel dit", "czytaj też", "dalsza część", "dodaj", "twój adres",
    "udostępnij", "читайте также", "реклама", "поделиться", "оставить", "ваш адрес", "関連記事", "広告",
    "コメントを残す", "メールアドレス", "写真：", "無断転載",
)  # fmt: skip

pages = pytest.mark.parametrize("name", names())


@pages
def test_page_becomes_the_expected_article(name: str) -> None:
    expected = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))
    assert summary_of(article_of(name)) == expected


@pages
def test_no_boilerplate_is_left_in_the_body(name: str) -> None:
    lines = article_of(name).body.lower().split("\n")
    assert [(line, start) for line in lines for start in BOILERPLATE if line.startswith(start)] == []


def test_each_kind_of_boilerplate_stands_on_a_page() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES.glob("*.html")).lower()
    assert [start for start in BOILERPLATE if start not in text] == []


def test_there_are_pages_of_many_languages_and_an_expected_file_for_each() -> None:
    assert sorted(path.stem for path in EXPECTED.glob("*.json")) == names()
    assert len(names()) >= 30
    assert {article_of(name).language for name in names()} >= {
        "en",
        "de",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "pl",
        "ru",
        "ja",
    }

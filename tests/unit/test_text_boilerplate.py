"""The line filter and its phrase files."""

import pickle

import pytest

from transforms.errors import ConfigurationError
from transforms.text.boilerplate import PageClues, filter_lines
from transforms.text.phrases import Phrases, load_phrases, parse_phrases

STORY = "The council approved the plan for the harbour on Tuesday night, after a debate of three years."


@pytest.mark.parametrize(
    ("line", "language", "rule"),
    [
        ("Leave A Reply", "en", "comment-form"),
        ("LEAVE A REPLY Cancel reply", "en", "comment-form"),
        ("Leave a Comment", None, "comment-form"),
        ("Your email address will not be published.", "en", "comment-form"),
        ("Your e-mail address will not be published. Required fields are marked *", "en", "comment-form"),
        ("Save my name, email, and website in this browser for the next time I comment.", "en", "comment-form"),
        ("3 thoughts on “Harbour plan approved”", "en", "comment-form"),
        ("Notify me of follow-up comments by email.", "en", "comment-form"),
        ("You must be logged in to post a comment.", "en", "comment-form"),
        ("Share this:", "en", "share"),
        ("Click to share on X (Opens in new window)", "en", "share"),
        ("Facebook Twitter WhatsApp", "en", "share"),
        ("READ ALSO: Ferry fares to rise in May", "en", "read-also"),
        ("MORE FROM AUTHOR", "en", "read-also"),
        ("* Don’t miss *", "en", "read-also"),
        ("Advertisement", "en", "advertisement"),
        ("Story continues below advertisement", "en", "advertisement"),
        ("Photo: John Doe / Example Press", "en", "credit"),
        ("Sign up for our newsletter and get the news in your inbox every morning.", "en", "newsletter"),
        ("© 2025 The Gazette. All rights reserved.", "en", "copyright"),
        ("Schreibe einen Kommentar", "de", "comment-form"),
        (
            "Deine E-Mail-Adresse wird nicht veröffentlicht. Erforderliche Felder sind mit * markiert",
            "de",
            "comment-form",
        ),
        ("Lesen Sie auch: Die neue Brücke", "de", "read-also"),
        ("Laisser un commentaire", "fr", "comment-form"),
        (
            "Votre adresse e-mail ne sera pas publiée. Les champs obligatoires sont indiqués avec *",
            "fr",
            "comment-form",
        ),
        ("À lire aussi : Le port rénové", "fr", "read-also"),
        ("Deja una respuesta", "es", "comment-form"),
        ("Tu dirección de correo electrónico no será publicada.", "es", "comment-form"),
        ("Il tuo indirizzo email non sarà pubblicato. I campi obbligatori sono contrassegnati *", "it", "comment-form"),
        ("Leggi anche: Il porto riapre", "it", "read-also"),
        ("Riproduzione riservata", "it", "copyright"),
        ("Deixe um comentário", "pt", "comment-form"),
        ("Continua após a publicidade", "pt", "advertisement"),
        ("Leia também: O porto reabre", "pt", "read-also"),
        ("Geef een reactie", "nl", "comment-form"),
        ("Tekst gaat verder onder de foto", "nl", "advertisement"),
        ("Lees ook: De haven gaat open", "nl", "read-also"),
        ("Dodaj komentarz", "pl", "comment-form"),
        ("Dalsza część artykułu pod materiałem wideo", "pl", "advertisement"),
        ("Czytaj też: Port otwarty", "pl", "read-also"),
        ("Ваш адрес email не будет опубликован. Обязательные поля помечены *", "ru", "comment-form"),
        ("Читайте также: Порт открыт", "ru", "read-also"),
        ("Подписывайтесь на наш канал", "ru", "follow"),
        ("コメントを残す", "ja", "comment-form"),
        ("関連記事", "ja", "read-also"),
        ("写真：共同", "ja", "credit"),
        ("Leave a Reply", "de", "comment-form"),
        ("Deja una respuesta", "fi", "comment-form"),
    ],
)
def test_line_of_the_page_is_named(line: str, language: str | None, rule: str) -> None:
    assert load_phrases().rule_of(line, language) == rule


@pytest.mark.parametrize(
    "line",
    [
        STORY,
        "Leave a message for your neighbour, the mayor advised.",
        "Share this advice with those who have no telephone, she said.",
        "Readers who subscribe to the newsletter of the port were told first.",
        "Your email address will tell them who you are, so the spies used none, the court heard on its third day.",
        "Related to the king by marriage, he was never trusted at court.",
        "Read more books, the minister told the children.",
        "More on that will be known when the report is published in the spring of next year, the ministry said.",
        "There was an error in the count, the minister said.",
        "You like him or you do not.",
        "By Friday the water had gone.",
        "Photographs of the harbour hung in his office.",
        "Der Verlag verschickte seinen Newsletter an alle Kunden.",
        "Publié à Paris en 1950, le livre fut traduit dans une vingtaine de langues en quelques années seulement.",
        "Two comments by the judge made the lawyers smile.",
        "Name",
    ],
)
def test_sentence_of_the_author_stays(line: str) -> None:
    assert filter_lines([STORY, line], clues=PageClues(), phrases=load_phrases(), language=None).lines == (STORY, line)


def test_form_labels_go_only_beside_a_form() -> None:
    form = ["Leave a Reply", "Comment *", "Name *", "Email *"]
    found = filter_lines([STORY, *form], clues=PageClues(), phrases=load_phrases(), language="en")
    assert found.lines == (STORY,)
    assert [removed.rule for removed in found.removed] == ["comment-form", *["comment-field"] * 3]
    far = filter_lines(
        ["Name", *[STORY] * 6, "Leave a Reply"], clues=PageClues(), phrases=load_phrases(), language="en"
    )
    assert far.lines == ("Name", *[STORY] * 6)


def test_repeated_headline_goes_from_the_first_lines_only() -> None:
    headline = "Harbour plan approved after long debate"
    lines = ["HARBOUR PLAN APPROVED – after long debate!", STORY, STORY, headline]
    found = filter_lines(lines, clues=PageClues(headlines=[headline]), phrases=load_phrases(), language="en")
    assert found.lines == (STORY, STORY, headline)
    assert found.removed[0].rule == "headline"


def test_paragraph_that_begins_like_the_headline_stays() -> None:
    line = "Harbour plan approved after long debate: the council voted at midnight, with nine votes to eight."
    found = filter_lines(
        [line],
        clues=PageClues(headlines=["Harbour plan approved after long debate"]),
        phrases=load_phrases(),
        language="en",
    )
    assert found.lines == (line,)


def test_lines_longer_than_the_cap_stay_whatever_they_say() -> None:
    line = "Read more: " + "the plan of the council " * 20
    assert load_phrases().rule_of(line, "en") is None


def test_format_has_groups_numbers_gaps_and_comments() -> None:
    table = parse_phrases(
        "# head\n[share]\n(tell|ask) (a)? friend  # why\n<n> shares\n... on chat\nmore on ..\n", name="x.txt"
    )
    phrases = Phrases({"en": table})
    hits = ["Tell friend", "ASK a friend!", "12 shares", "Find us on chat", "More on", "More on the harbour"]
    misses = ["Tell the friend", "shares", "on chat now", "More on " + "harbour " * 6]
    assert [phrases.rule_of(line, "en") for line in hits] == ["share"] * len(hits)
    assert [phrases.rule_of(line, "en") for line in misses] == [None] * len(misses)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("share this", "before the first"),
        ("[share]\n...", "no word in it is required"),
        ("[share]\n(a|b)?", "no word in it is required"),
        ("[share]\nshare (a|", "has no meaning"),
        ("[share]\nshare (a|)", "alternative is empty"),
    ],
)
def test_unreadable_phrase_is_named_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as raised:
        parse_phrases(text, name="en.txt")
    assert f"en.txt:{len(text.splitlines())}" in str(raised.value)


def test_packaged_phrases_cover_four_languages_and_survive_pickling() -> None:
    phrases = load_phrases()
    assert {"en", "de", "fr", "es"} <= set(phrases.by_language)
    assert pickle.loads(pickle.dumps(phrases)).rule_of("Leave a reply", "en") == "comment-form"


def test_headline_of_another_story_that_is_a_paragraph_goes() -> None:
    clues = PageClues(links={"ferry fares to rise in may"})
    found = filter_lines(
        [STORY, "FERRY FARES TO RISE IN MAY", STORY], clues=clues, phrases=load_phrases(), language="en"
    )
    assert [(removed.rule, removed.text) for removed in found.removed] == [("story-link", "FERRY FARES TO RISE IN MAY")]


def test_authors_biography_goes_from_the_end_only() -> None:
    bio = "Ann Lee is a reporter who covers the port and its people."
    clues = PageClues(authors=["Ann Lee"])
    lines = [bio, *[STORY] * 5, "Ann Lee was not told, the council said later.", bio]
    found = filter_lines(lines, clues=clues, phrases=load_phrases(), language="en")
    assert found.lines == tuple(lines[:6])
    assert filter_lines([bio], clues=clues, phrases=load_phrases(), language="en").lines == (bio,)


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("La pubblicità è l'anima del commercio, disse il sindaco.", "it"),
        ("Leggi severe non fermano chi pesca di notte nel porto, e il comune lo sa da anni.", "it"),
        ("O comentário do prefeito irritou os pescadores do porto.", "pt"),
        ("De reactie van de burgemeester liet twee dagen op zich wachten.", "nl"),
        ("Komentarz burmistrza rozgniewał rybaków.", "pl"),
        ("Комментарий мэра рассердил рыбаков порта.", "ru"),
        ("市長のコメントに漁師たちは怒った。", "ja"),
    ],
)
def test_sentences_with_the_same_words_stay(line: str, language: str) -> None:
    assert load_phrases().rule_of(line, language) is None


def test_phrases_of_one_publisher_count_on_its_site_alone() -> None:
    phrases = Phrases({"en": {}}, {"gazette.example": parse_phrases("[share]\nthe gazette is yours", name="site")})
    assert phrases.rule_of("The Gazette is yours!", "en", "gazette.example") == "share"
    assert phrases.rule_of("The Gazette is yours!", "en", "other.example") is None
    assert phrases.rule_of("The Gazette is yours!", "en") is None
    assert load_phrases().rule_of("Our Standards: The Trust Principles.", "en", "reuters.com") == "copyright"

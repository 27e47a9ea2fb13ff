"""Passages that show why an article was found."""

import pytest

from transforms.index.query_parser import parse_query
from transforms.index.snippets import END, SNIPPET_CHARS, START, snippets

FILLER = "Nothing of note was said in the long hours of that meeting by anybody who was there. " * 12


def shown(document: dict[str, object], query: str) -> list[str]:
    return [text.replace(START, "[").replace(END, "]") for text in snippets(document, parse_query(query))]


def test_every_matching_word_of_a_passage_is_marked() -> None:
    document = {"title": "T", "body": "Gaza’s port and the port of Gaza."}
    assert shown(document, "gaza port") == ["[Gaza’s] [port] and the [port] of [Gaza]."]


def test_phrase_is_marked_as_one_and_its_words_elsewhere_are_not() -> None:
    assert shown({"body": "Peace talks, not talks of peace."}, '"peace talks"') == [
        "[Peace talks], not talks of peace."
    ]


def test_passages_with_most_terms_come_first_and_are_short() -> None:
    body = f"{FILLER}Grain arrives. {FILLER}Ships with grain leave the harbour. {FILLER}The harbour rests. {FILLER}"
    texts = shown({"body": body}, "grain harbour")
    assert len(texts) == 3
    assert "Ships with [grain] leave the [harbour]." in texts[0]
    for text in texts:
        assert text.startswith("…")
        assert text.endswith("…")
        assert len(text.replace("[", "").replace("]", "")) <= SNIPPET_CHARS + 2


def test_passage_stays_within_its_paragraph() -> None:
    assert shown({"body": "First paragraph.\n\nThe second has grain.\n\nThird."}, "grain") == [
        "The second has [grain]."
    ]


def test_title_shows_only_when_nothing_else_matches() -> None:
    document = {"title": "Grain prices", "body": "Grain is dear. Bread too."}
    assert shown(document, "prices") == ["Grain [prices]"]
    assert shown(document, "grain") == ["[Grain] is dear. Bread too."]


def test_figures_that_satisfy_the_query_are_marked() -> None:
    figures = [
        {"field": "body", "start_char": 0, "end_char": 9, "kind": "count", "value": 12, "event": "killed"},
        {"field": "body", "start_char": 14, "end_char": 21, "kind": "count", "value": 3, "event": "killed"},
    ]
    document = {"body": "12 people and 3 ships", "figures": figures}
    assert shown(document, "killed:>=10") == ["[12 people] and 3 ships"]
    assert shown(document, "killed:") == ["[12 people] and [3 ships]"]


@pytest.mark.parametrize(
    ("language", "body", "query", "expected"),
    [
        ("en", "A ceasefire, then more ceasefires.", "ceasefires", "A [ceasefire], then more [ceasefires]."),
        ("en", "A ceasefire, then more ceasefires.", '"ceasefires"', "A ceasefire, then more [ceasefires]."),
        ("en", "They negotiated; negotiating goes on.", "negotiate", "They [negotiated]; [negotiating] goes on."),
        ("en", "Peace talk of the peace talks.", "peace-talk", "[Peace talk] of the [peace talks]."),
        ("de", "Die Flüchtlinge warteten.", "fluchtling", "Die [Flüchtlinge] warteten."),
        ("sv", "Elden i Malmö är släckt.", "malmo", "Elden i [Malmö] är släckt."),
        ("sv", "Elden i Malmö är släckt.", '"malmo"', None),
        ("fr", "La députée et le député.", "députée", "La [députée] et le [député]."),
        ("fr", "La députée et le député.", "depute", "La [députée] et le [député]."),
        ("xx", "Elden i Malmö, malmoes eld.", "malmo", "Elden i [Malmö], malmoes eld."),
        (None, "One ceasefire.", "ceasefires", None),
    ],
)
def test_inflected_and_accented_words_are_marked_as_the_article_writes_them(
    language: str | None, body: str, query: str, expected: str | None
) -> None:
    document = {"title": "T", "language": language, "body": body}
    assert shown(document, query) == ([expected] if expected else [])


def test_names_are_marked_without_accents_but_not_in_other_inflections() -> None:
    document = {"title": "T", "language": "en", "body": "José Muñoz spoke, the Munozes left."}
    assert shown(document, 'person:"jose munoz"') == ["[José Muñoz] spoke, the Munozes left."]


@pytest.mark.parametrize("query", ["Malmo\u0308", '"malmo\u0308"', "place:Malmo\u0308"])
def test_a_query_with_decomposed_accents_marks_the_composed_ones_of_articles(query: str) -> None:
    document = {"title": "T", "language": "sv", "body": "I Malmö brann det."}
    assert shown(document, query) == ["I [Malmö] brann det."]


@pytest.mark.parametrize("query", ["", "tag:uk", "-grain", "site:g.example"])
def test_query_without_words_shows_nothing(query: str) -> None:
    assert shown({"title": "T", "body": "Grain."}, query) == []


def test_marks_in_the_text_itself_are_not_taken_for_ours() -> None:
    (text,) = snippets({"body": f"evil {START}grain{END} here"}, parse_query("grain"))
    assert (text.count(START), text.count(END)) == (1, 1)


def test_same_passage_in_summary_and_body_shows_once() -> None:
    assert shown({"summary": "Grain arrives.", "body": "Grain arrives."}, "grain") == ["[Grain] arrives."]


def test_word_repeated_a_hundred_thousand_times_is_handled() -> None:
    texts = snippets({"body": "grain " * 100_000}, parse_query("grain"))
    assert len(texts) == 2  # the second and third passage read the same
    assert all(len(text) < 3 * SNIPPET_CHARS for text in texts)

"""What the pages of `newsbeam browse` make of a document: marked text, safe links, the next question."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.browse.asked import MAX_HITS, Asked, read_asked, term_of
from pipeline.browse.marked_text import MAX_SPANS, marked, number_text
from pipeline.browse.shown import article_context, safe_link, snippet_parts
from pipeline.config import load_config
from transforms.errors import ConfigurationError
from transforms.index.base import Document
from transforms.index.queries import FieldIs
from transforms.index.query_parser import parse_query

TEXT = "Ada Noor said: four people\n\nwere killed.\n\n\nIt was loud."


def span(text: str, **values: object) -> dict[str, object]:
    start = TEXT.index(text)
    return {"field": "body", "text": text, "start_char": start, "end_char": start + len(text)} | values


def document(**values: object) -> Document:
    return {"id": "a1", "title": "Loud", "body": TEXT, **values}


def test_text_without_findings_is_its_paragraphs() -> None:
    paragraphs = marked(document(), "body")
    assert [[piece.text for piece in each] for each in paragraphs] == [
        ["Ada Noor said: four people"], ["were killed."], ["It was loud."],
    ]  # fmt: skip
    assert {piece.kinds for each in paragraphs for piece in each} == {""}
    assert marked(document(), "subtitle") == ()


def test_findings_that_overlap_are_cut_where_one_begins_or_ends() -> None:
    quote = span("Noor said: four people", speaker="Ada Noor")
    figure = span("four people", kind="count", value=4.0, event="killed")
    entity = {"name": "Ada Noor", "label": "PERSON", "mentions": [span("Ada Noor")]}
    first = marked(document(quotes=[quote], figures=[figure], entities=[entity]), "body")[0]
    assert [(piece.text, piece.kinds) for piece in first] == [
        ("Ada ", "entity"), ("Noor", "entity quote"), (" said: ", "quote"), ("four people", "figure quote"),
    ]  # fmt: skip
    assert first[3].about == "count, 4, killed; quote, Ada Noor"


def test_a_finding_across_paragraphs_marks_both() -> None:
    figure = span("four people\n\nwere killed", kind="count", value=4.0)
    found = [[piece.text for piece in each if piece.kinds] for each in marked(document(figures=[figure]), "body")]
    assert found == [["four people"], ["were killed"], []]


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_char": 1}, {"end_char": 10_000}, {"start_char": -5}, {"start_char": "0"}, {"end_char": None},
        {"text": "Bob"}, {"field": "title"}, {"start_char": 8, "end_char": 0},
    ],
)  # fmt: skip
def test_a_span_that_is_not_its_text_marks_nothing(wrong: dict[str, object]) -> None:
    quote = span("Ada Noor") | wrong
    assert {piece.kinds for each in marked(document(quotes=[quote]), "body") for piece in each} == {""}


@given(st.text(alphabet="ab \n", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8))
def test_the_pieces_are_the_text_and_every_character_has_its_marks(text: str, edges: list[tuple[int, int]]) -> None:
    spans = [(start, end) for start, end in edges if start < end <= len(text)]
    quotes = [{"field": "body", "text": text[s:e], "start_char": s, "end_char": e} for s, e in spans]
    paragraphs = marked({"body": text, "quotes": quotes}, "body")
    characters = [(char, bool(piece.kinds)) for each in paragraphs for piece in each for char in piece.text]
    gaps = {at for at in range(len(text)) if text[at] == "\n" and "\n" in (text[at - 1 : at], text[at + 1 : at + 2])}
    expected = [
        (char, any(start <= at < end for start, end in spans)) for at, char in enumerate(text) if at not in gaps
    ]
    assert characters == expected


def test_many_findings_are_bounded() -> None:
    quotes = [span("Ada", speaker=str(number)) for number in range(MAX_SPANS * 3)]
    assert len(marked(document(quotes=quotes), "body")[0][0].about.split(";")) == MAX_SPANS


def test_documents_of_other_shapes_are_shown_as_far_as_they_go() -> None:
    odd = {
        "title": None, "body": ["x"], "url": {"full": 7}, "entities": "e", "quotes": {}, "publisher": None,
        "figures": [1, {"value": None}], "authors": [1], "@timestamp": "soon",
        "content": {"removed": [{"text": "gone"}, 3]},
    }  # fmt: skip
    shown = article_context(odd, UTC)
    assert (shown["title"], shown["body"], shown["link"], shown["removed"]) == ("(no title)", (), None, [("", "gone")])


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "vbscript:x",
        "data:text/html,x", "//evil.example", "http://", "http://[", "file:///etc/passwd", "", None, 5,
        "https:\x00//a.example",
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_become_links(url: object) -> None:
    assert safe_link(url) is None


@pytest.mark.parametrize("value", [4.0, 1e300, -2.5, float("inf"), float("nan"), True, None, "12"])
def test_every_number_can_be_shown(value: object) -> None:
    assert isinstance(number_text(value), str)


def test_what_matched_in_a_snippet_is_apart() -> None:
    assert snippet_parts("a \x02b\x03 c") == [("a ", False), ("b", True), (" c", False)]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_value_of_a_facet_is_asked_for_as_one_term_whatever_it_holds(value: str) -> None:
    term = term_of("person", value)
    if (term is not None and max(term) < "\ud800") or (term and max(term) > "\udfff"):
        (found,) = parse_query(term).terms
        assert isinstance(found.clause, FieldIs)
        assert found.clause.field == "person"


def test_narrowing_can_be_taken_back() -> None:
    asked = Asked(q="ferry", since="7d", limit=60)
    narrowed = asked.narrowed("place", 'Manila "Bay"')
    assert narrowed == Asked(q='ferry place:"Manila Bay"', since="7d")
    assert narrowed is not None
    assert narrowed.without("place", "Manila Bay") == Asked(q="ferry", since="7d")
    assert narrowed.without("place", "Manila") is None
    assert asked.narrowed("place", '"!"') is None


def test_links_carry_only_what_was_asked() -> None:
    assert Asked().href("/") == "/"
    assert Asked(q="a&b", sort="relevance").href("/map", view="world") == "/map?q=a%26b&sort=relevance&view=world"
    assert Asked().on_day("2026-02-28").href("/") == "/?since=2026-02-28T00%3A00Z&until=2026-03-01T00%3A00Z"


def test_more_hits_end_at_the_limit() -> None:
    asked: Asked | None = Asked()
    limits = []
    while asked is not None:
        limits.append(asked.limit)
        asked = asked.more()
    assert limits[0] == 20
    assert limits[-1] == MAX_HITS


@pytest.mark.parametrize(
    "given", [{"sort": "random"}, {"limit": "0"}, {"limit": "-1"}, {"limit": "1e9"}, {"limit": "²"}]
)
def test_parameters_that_there_are_not_are_named(given: dict[str, str]) -> None:
    (name, value), *_ = given.items()
    with pytest.raises(ConfigurationError, match=f"{name}: received '{value}'"):
        read_asked({name: value})


def test_a_page_asks_what_the_command_asks() -> None:
    settings = load_config(None, options={}, assignments=()).settings
    asked = read_asked({"q": " killed:>=3 ", "since": "2026-01-01", "until": "2026-01-02", "sort": "", "limit": ""})
    search = asked.search(settings)
    assert (search.query, search.limit, search.sort) == (parse_query("killed:>=3"), 20, "newest")
    assert search.since is not None
    assert search.until is not None
    assert (search.until - search.since).days == 2

"""The query language: what each text means, and what is said about a text that means nothing."""

import pytest

from transforms.elements import FigureKind
from transforms.errors import ConfigurationError
from transforms.index.queries import EVENTS, Clause, FieldIs, FigureIs, Operator, Query, Term, Words
from transforms.index.query_parser import FIELDS, KINDS, parse_query


def only(text: str) -> Term:
    (term,) = parse_query(text).terms
    return term


def figure(name: str, operator: Operator, number: float, *, is_event: bool = True) -> FigureIs:
    return FigureIs(name=name, is_event=is_event, operator=operator, number=number)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_empty_text_asks_for_every_article(text: str) -> None:
    assert parse_query(text) == Query(terms=(), text=text)


def test_terms_are_read_in_order_with_their_negation() -> None:
    query = parse_query('ceasefire  "a phrase" -not -"no phrase" person:"Yoav Gallant" -place:Rafah killed:>=10')
    assert query.terms == (
        Term(clause=Words(words=("ceasefire",))),
        Term(clause=Words(words=("a", "phrase"), exact=True)),
        Term(clause=Words(words=("not",)), negated=True),
        Term(clause=Words(words=("no", "phrase"), exact=True), negated=True),
        Term(clause=FieldIs(field="person", value="Yoav Gallant")),
        Term(clause=FieldIs(field="place", value="Rafah"), negated=True),
        Term(clause=figure("killed", ">=", 10)),
    )


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("Gaza's", Words(words=("gaza",))),
        ("covid-19", Words(words=("covid", "19"))),
        ("U.S.", Words(words=("u.s",))),
        ("12:30", Words(words=("12", "30"))),
        ("https://example.org/a", Words(words=("https", "example.org", "a"))),
        ('"killed:>=10"', Words(words=("killed", "10"), exact=True)),
        ("“curly quotes”", Words(words=("curly", "quotes"), exact=True)),
        ('title:"talks stall"', FieldIs(field="title", value="talks stall", exact=True)),
        ("unit:USD", FieldIs(field="unit", value="USD")),
        ("PERSON:Blinken", FieldIs(field="person", value="Blinken")),
        ("speaker:O’Brien", FieldIs(field="speaker", value="O’Brien")),
        ('tag:"two words"', FieldIs(field="tag", value="two words")),
        ("tag:uk:local", FieldIs(field="tag", value="uk:local")),
        ("site:https://Gazette.example/world", FieldIs(field="site", value="gazette.example")),
        ("kind:money", FieldIs(field="kind", value="money")),
        ("event:killed", FieldIs(field="event", value="killed")),
        ("injured:", FieldIs(field="event", value="injured")),
        ("money:", FieldIs(field="kind", value="money")),
        ('figure:"border crossings"', FieldIs(field="figure", value="border crossings")),
        ("killed:5", figure("killed", "=", 5)),
        ("killed:=5", figure("killed", "=", 5)),
        ("killed:<5", figure("killed", "<", 5)),
        ("killed:≤5", figure("killed", "<=", 5)),
        ("displaced:>100k", figure("displaced", ">", 100_000)),
        ("displaced:>=1,200", figure("displaced", ">=", 1_200)),
        ('displaced:">= 1,200"', figure("displaced", ">=", 1_200)),
        ("money:>1bn", figure("money", ">", 1e9, is_event=False)),
        ("money:>1.5BN", figure("money", ">", 1.5e9, is_event=False)),
        ("money:2tn", figure("money", "=", 2e12, is_event=False)),
        ("money:3m", figure("money", "=", 3e6, is_event=False)),
        ("percent:>5%", figure("percent", ">", 5, is_event=False)),
    ],
)
def test_term_means(text: str, clause: Clause) -> None:
    assert only(text) == Term(clause=clause)


@pytest.mark.parametrize("name", [*EVENTS, *KINDS])
def test_every_event_and_kind_takes_a_number(name: str) -> None:
    assert only(f"{name}:>=3").clause == figure(name, ">=", 3, is_event=name in EVENTS)


def test_events_and_kinds_and_fields_have_names_of_their_own() -> None:
    names = (*EVENTS, *KINDS, *FIELDS)
    assert len(names) == len(set(names))
    assert set(KINDS) == set(FigureKind.__args__)


@pytest.mark.parametrize(
    ("text", "position", "value", "remedy"),
    [
        ("good persn:x", 6, "persn", "did you mean person:?"),
        ("kiled:>5", 1, "kiled", "did you mean killed:?"),
        ("zzz:1", 1, "zzz", "fields are person, place, org"),
        ('a "open phrase', 3, "open phrase", 'close it with "'),
        ("killed:many", 1, "many", "killed:>=10"),
        ("killed:>=", 1, ">=", "killed:>=10"),
        ("killed:10xy", 1, "10xy", "k, m, bn, tn"),
        ("killed:-5", 1, "-5", "killed:>=10"),
        ("killed:1e5", 1, "1e5", "killed:>=10"),
        ("killed:nan", 1, "nan", "killed:>=10"),
        ("killed:>=" + "9" * 400, 1, "999", "killed:>=10"),
        ("tag:", 1, "tag", "tag:value"),
        ('person:""', 1, "person", "person:value"),
        ('person:"?!"', 1, "?!", "write a word"),
        ("kind:mony", 1, "mony", "kinds are count, money"),
        ("event:party", 1, "party", "events are killed, injured"),
        ("war -", 5, "-", "write a word"),
        ("flood OR fire", 7, "OR", 'every term must hold; write "OR" for the word itself'),
        ("flood AND fire", 7, "AND", "every term must hold"),
        ("flood NOT fire", 7, "NOT", "-word leaves out"),
        ("country:Germany", 1, "Germany", "ISO 3166-1 code, such as country:PS"),
        ("lang:english", 1, "english", "such as lang:en"),
        ("...", 1, "...", "write a word"),
        ('""', 1, '""', "write a word"),
        ("site:\udcff", 6, "\\udcff", "UTF-8"),
    ],
)
def test_mistake_is_named_with_position_value_and_remedy(text: str, position: int, value: str, remedy: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_query(text)
    message = str(caught.value)
    assert f"position {position}:" in message
    assert value in message
    assert remedy in message
    assert len(message) < 700


@pytest.mark.parametrize("text", ["or", "and", '"OR"', "ORE", "lang:pt-BR", "lang:zh-Hant", "country:ps"])
def test_what_only_looks_like_an_operator_or_a_wrong_code_is_read(text: str) -> None:
    assert len(parse_query(text).terms) == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x" * 1_000_000, "1,000,000 characters"),
        ("a " * 1_999, "more than 64 terms"),
        ('"' + "w " * 65 + '"', "a phrase of 65 words"),
        ("-" * 4_001, "4,001 characters"),
    ],
)
def test_query_beyond_the_limits_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        parse_query(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Gda*", "wildcard"),
        ("person:Bou*", "wildcard"),
        ("killed :>10", "without its field"),
        (">=10", "without its field"),
    ],
)
def test_what_would_quietly_find_nothing_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parse_query(text)


def test_quoted_signs_are_text() -> None:
    assert parse_query('"5 * 4 > 10"').terms

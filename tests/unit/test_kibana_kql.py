"""The part of KQL that the pack uses: what it means, and that everything else is refused with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.kibana.kql import All, Any, Exists, KqlError, Match, Not, Range, fields_in, parse_kql
from pipeline.kibana.sources import load_sources

A, B, C = (Match(field=name, value="1") for name in "abc")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("", None),
        ("  ", None),
        ("a: 1", A),
        ("a:1", A),
        ('title: "two words"', Match(field="title", value="two words", phrase=True)),
        (r'title: "a \"quoted\" word"', Match(field="title", value='a "quoted" word', phrase=True)),
        ("a: *", Exists(field="a")),
        ("a >= 5", Range(field="a", operator=">=", value="5")),
        ("a < 2026-01-05", Range(field="a", operator="<", value="2026-01-05")),
        ("not a: 1", Not(part=A)),
        ("a: 1 and b: 1", All(parts=(A, B))),
        ("a: 1 AND b: 1", All(parts=(A, B))),
        ("a: 1 or b: 1 and c: 1", Any(parts=(A, All(parts=(B, C))))),
        ("(a: 1 or b: 1) and c: 1", All(parts=(Any(parts=(A, B)), C))),
        ("not a: 1 and b: 1", All(parts=(Not(part=A), B))),
        ("not (a: 1 or b: 1)", Not(part=Any(parts=(A, B)))),
        ("@timestamp > now-1d", Range(field="@timestamp", operator=">", value="now-1d")),
    ],
)
def test_a_query_means_what_kibana_takes_it_to_mean(text: str, meaning: object) -> None:
    assert parse_kql(text) == meaning


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("killed", "words without a field"),
        ("a: 1 b: 1", "expected `and`, `or` or the end, found 'b' at 5"),
        ("a:", "a value of a, found the end"),
        ("a: (1 or 2)", "a value of a, found '(' at 3"),
        ("(a: 1", "found the end"),
        ("a: 1)", "found ')' at 4"),
        ("and a: 1", "'and' stands where a field should"),
        ("a: 1 and", "a field, found the end"),
        ("a: or", "'or' stands where a value"),
        ('a: "open', "not understood"),
        ("figures: { kind: money }", "not understood"),
        ("a: jo*", "'jo*' stands where a value"),
        ("*: 1", "'*' stands where a field should"),
        ("a > *", "nothing to compare a with"),
        ("not not a: 1", "'not' stands where a field should"),
    ],
)
def test_what_is_not_used_here_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(KqlError) as caught:
        parse_kql(text)
    assert said in str(caught.value)


def test_parentheses_without_end_are_refused_before_they_exhaust_the_stack() -> None:
    with pytest.raises(KqlError, match="nested more than 20 deep"):
        parse_kql("(" * 5_000 + "a: 1" + ")" * 5_000)


@given(st.text(alphabet=st.sampled_from('ab:()"*<>= andornt\\{}1'), max_size=40))
def test_any_text_is_a_query_or_a_kql_error(text: str) -> None:
    try:
        condition = parse_kql(text)
    except KqlError:
        return
    assert all(name for name, _ in fields_in(condition))


def test_every_query_of_the_pack_parses() -> None:
    sources = load_sources()
    queries = [each.query for group in (sources.searches, sources.maps, sources.rules) for each in group.values()]
    queries += [each.query for each in sources.charts]
    queries += [value.where for chart in sources.charts for value in chart.values]
    written = [query for query in queries if query]
    assert len(written) > 25
    assert all(parse_kql(query) is not None for query in written)

"""YAML as people expect it."""

import pytest

from pipeline.yaml_text import YamlError, parse_yaml


def test_words_that_old_yaml_bends_stay_words() -> None:
    text = "country: NO\nfeed: on\ntime: 1:30\nday: 2024-05-01\n404: gone\nflag: true\ncount: 12\nratio: 0.5\nnone:\n"
    assert parse_yaml(text).data == {
        "country": "NO",
        "feed": "on",
        "time": "1:30",
        "day": "2024-05-01",
        "404": "gone",
        "flag": True,
        "count": 12,
        "ratio": 0.5,
        "none": None,
    }


def test_every_key_and_item_knows_its_line() -> None:
    lines = parse_yaml("# a comment\na:\n  b: 1\nlist:\n  - x: 1\n    y: 2\n").lines
    assert (lines[("a",)], lines[("a", "b")], lines[("list", 0)], lines[("list", 0, "y")]) == (2, 3, 5, 6)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: 'a' is given twice"),
        ("a: &x {b: 1}\nc: *x\n", "line 1: aliases"),
        ("a: [1, 2\n", "line 2: "),
        ("a: !!python/object:os.system x\n", "line 1: could not determine a constructor"),
        ("a: 1\n---\nb: 2\n", "line 2: "),
        ("[" * 100_000, "nested too deeply"),
        ("a" * 5_000_001, "too large"),
    ],
)
def test_what_is_refused_says_where_and_why(text: str, problem: str) -> None:
    with pytest.raises(YamlError) as caught:
        parse_yaml(text)
    assert str(caught.value).startswith(problem) or problem in str(caught.value)

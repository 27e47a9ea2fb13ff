"""Units and YAML against any text: a value, or the one error that callers expect."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.units import (
    format_duration,
    format_size,
    parse_duration,
    parse_moment,
    parse_size,
)
from pipeline.yaml_text import YamlError, parse_yaml


@given(st.integers(min_value=0, max_value=31_536_000_000))
def test_a_duration_survives_writing_and_reading(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.integers(min_value=1, max_value=999_999))
def test_a_fraction_of_a_second_survives_writing_and_reading(microseconds: int) -> None:
    assert parse_duration(format_duration(microseconds / 1e6)) == pytest.approx(microseconds / 1e6, abs=1e-9)


@given(st.integers(min_value=0, max_value=999_999_999))
def test_a_size_survives_writing_and_reading(size: int) -> None:
    assert parse_size(format_size(size)) == size


@given(st.text(max_size=30) | st.from_regex(r"[0-9.]{1,12} ?[smhdyKMGB]{1,2}", fullmatch=True))
def test_any_text_is_a_value_or_a_value_error(text: str) -> None:
    for parse in (parse_duration, parse_size):
        with contextlib.suppress(ValueError):
            assert parse(text) >= 0
    with contextlib.suppress(ValueError):
        assert parse_moment(text, now=datetime(2026, 1, 1, tzinfo=UTC), zone=UTC).tzinfo is not None


@given(st.text(alphabet=st.sampled_from("a: -[]{}&*!|>'\"#\n\t0.~<é\x00\u2028"), max_size=60) | st.text(max_size=60))
@example("[" * 100_000)  # libyaml's own composer dies of this with a segmentation fault
@example("a: " * 50_000)
@example("a: &x [1]\nb: [*x, *x]")
@example("a: !!python/object/apply:os.getcwd []")
@example("? [a]\n: 1")
def test_any_text_is_a_document_or_a_yaml_error(text: str) -> None:
    with contextlib.suppress(YamlError):
        parse_yaml(text)

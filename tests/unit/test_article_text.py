"""An article as people read it."""

from datetime import UTC
from typing import Any

from pipeline.article_text import article_text


def shown(**fields: Any) -> list[str]:
    """Return the lines of an article with these fields, without its title."""
    return article_text(
        {"title": "Talks resume", "@timestamp": "2026-01-01T12:00:00.000Z"} | fields, zone=UTC
    ).splitlines()[1:]


def test_a_bare_document_is_readable() -> None:
    assert shown() == ["2026-01-01 12:00 UTC", "", ""]


def test_lines_keep_within_the_width_but_break_no_word() -> None:
    figures = [
        {"text": "at least twelve", "subject": "passengers of the ferry", "event": "killed", "place": "Port Ellis"}
    ]
    document = {"title": "T", "body": "seven words " * 30 + "\n\n" + "w" * 70, "figures": figures}
    text = article_text(document, zone=UTC, width=50)
    assert max(len(line) for line in text.splitlines() if "ww" not in line) <= 50
    assert "w" * 70 in text


def test_what_is_said_twice_is_shown_once() -> None:
    lines = shown(figures=[{"text": "two crossings", "subject": "crossings"}] * 2, dates=[{"text": "Monday"}])
    assert [line for line in lines if "two crossings" in line] == ["figures   two crossings"]
    assert not any("Monday" in line for line in lines)  # not resolved: the sentence says as much


def test_a_speaker_who_is_named_by_the_role_has_no_role_beside_it() -> None:
    quotes = [
        {"speaker_text": "the head of the agency", "speaker_role": "head of the agency", "text": "Famine"},
        {"text": "No"},
    ]
    lines = shown(quotes=quotes)
    assert 'quotes    the head of the agency: "Famine"' in lines
    assert '          unknown: "No"' in lines


def test_a_figure_says_what_its_text_leaves_open() -> None:
    figure = {
        "text": "at least 12",
        "subject": "people",
        "event": "killed",
        "place": "Port Ellis",
        "attribution": "police",
    }
    assert "figures   at least 12 people killed, Port Ellis, according to police" in shown(figures=[figure])


def test_long_items_and_paragraphs_are_wrapped() -> None:
    lines = shown(body="word " * 100 + "\n\nlast", quotes=[{"speaker": "Ann", "text": "word " * 60}])
    assert max(map(len, lines)) <= 110
    assert lines[-2:] == ["", "last"]

"""Figures and quotes of the owner's example article. Its text stays outside the repository: here are short strings."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.elements import make_article
from transforms.enrich import ENRICHERS, load_enrichers
from transforms.enrich_article import enrich_article

EXAMPLE = Path(__file__).resolve().parents[3] / "shared" / "data" / "seed" / "article.txt"
pytestmark = pytest.mark.skipif(not EXAMPLE.is_file(), reason="the example article is not part of the repository")


@pytest.fixture(scope="module")
def found() -> Any:
    title, _, body = EXAMPLE.read_text(encoding="utf-8").partition("\n\n")
    article = make_article(title=title, body=body.partition("\n\nLeave A Reply")[0])
    return enrich_article(article, load_enrichers(ENRICHERS)).annotations


def test_every_number_and_no_other(found: Any) -> None:
    told = [(f.value, f.value_max, f.kind, f.comparator, f.subject_head, f.event) for f in found["figures"]]
    assert told == [
        (2, None, "count", "exact", "allies", None),
        (360_000, None, "count", "nearly", "people", "displaced"),
        (2, None, "count", "exact", "crossings", "closed"),
        (2, 5, "duration", "exact", None, None),
        (4, None, "count", "exact", "soldiers", "killed"),
        (2, 11, "duration", "exact", None, None),
    ]
    assert [f.attribution for f in found["figures"] if f.value == 360_000] == ["the United Nations"]
    assert [f.place for f in found["figures"] if f.event in ("displaced", "killed")] == ["Rafah", "Kerem Shalom"]


def test_every_quote_has_its_speaker(found: Any) -> None:
    assert [(q.speaker or q.speaker_text, q.partial) for q in found["quotes"]] == [
        ("Blinken", False),
        ("State Department", True),
        ("Blinken", True),
        ("the Gaza health ministry", False),
        ("Georgios Petropoulos", False),
        ("the head of the World Food Programme", True),
        ("Israel Defense Forces", True),
        ("Israel Defense Forces", True),
    ]


def test_nothing_is_added_to_the_names(found: Any) -> None:
    assert sum(entity.count for entity in found["entities"]) == 65
    assert found["focus"]["country"] == "PS"

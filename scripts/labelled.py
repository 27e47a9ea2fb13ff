"""What the scripts that score our own labelled sets share: reading a set, an article around a text, the floors."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from transforms.elements import Article, Publisher

QUALITY = Path(__file__).resolve().parents[1] / "tests" / "quality"
FLOORS = QUALITY / "enrich_floors.json"
NOON = datetime(2024, 5, 13, 12, tzinfo=UTC)


def read_labels(path: Path) -> list[dict[str, Any]]:
    """Return the labelled texts of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def article_of(text: str, *, language: str | None = "en", country: str | None = None) -> Article:
    """Return an article of 13 May 2024 with this body; `country` is its publisher's."""
    url = "https://gazette.example/a"
    return Article(
        id="a", requested_url=url, site="gazette.example", url=url, original_url=url, title="", body=text,
        language=language, publisher=Publisher(country=country), fetched_at=NOON, published=NOON, version=1,
        extractor="score", raw_sha256="", sha256="",
    )  # fmt: skip


def f1(tally: Counter[str]) -> float:
    """Return F1 in percent of a tally of `right`, `asked` (labels) and `answered` (found)."""
    return round(200 * tally["right"] / max(1, tally["asked"] + tally["answered"]), 1)


def share(tally: Counter[str]) -> float:
    """Return the percentage of labels that are right."""
    return round(100 * tally["right"] / max(1, tally["asked"]), 1)


def judge(name: str, scores: dict[str, float]) -> int:
    """Print what fell below the set's floors, return the exit code: 1 if anything did."""
    floors: dict[str, float] = json.loads(FLOORS.read_text(encoding="utf-8"))[name]
    missed = [f"{name}: {key} {scores[key]} is below {floor}" for key, floor in floors.items() if scores[key] < floor]
    print("\n".join(missed) if missed else f"all {len(floors)} floors of {name} hold")
    return int(bool(missed))

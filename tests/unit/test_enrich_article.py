"""The chain of enrichers over one article: what a failing, slow or foreign one costs."""

import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.enriching import article_of
from transforms.elements import Article
from transforms.enrich.base import Enrich, Enricher, Found
from transforms.enrich.cut_off import CutOffError, within
from transforms.enrich_article import enrich_article
from transforms.errors import ConfigurationError
from transforms.try_each import FaultLimit

ARTICLE = article_of("The dam broke.", language="en")


def plug_in(name: str, work: Callable[[], Any], **more: Any) -> tuple[Enricher, Enrich]:
    def enrich(article: Article, found: Found) -> Found:
        return {name: work()}

    return Enricher(name=name, version="1.0", fields=(name,), load=lambda: enrich, **more), enrich


def fail() -> None:
    raise ValueError("no")


def hang() -> None:
    for _ in itertools.count():
        pass


def hang_and_swallow() -> str:
    try:
        hang()
    except BaseException:  # as bad as a plug-in may be
        return "late"
    return "never"


def test_a_failing_enricher_costs_its_own_fields() -> None:
    counted: list[str] = []
    chain = [plug_in("first", lambda: ("a",)), plug_in("broken", fail), plug_in("last", lambda: ("b",))]
    enriched = enrich_article(ARTICLE, chain, FaultLimit(5), count=counted.append)
    assert dict(enriched.annotations) == {"first": ("a",), "broken": (), "last": ("b",)}
    assert enriched.enrichers == ("first@1.0", "last@1.0")
    (warning,) = enriched.warnings
    assert warning.startswith("enricher_failed:broken:")
    assert counted == ["failed.broken"]


def test_without_a_limit_the_fault_is_raised() -> None:
    with pytest.raises(ValueError, match="no"):
        enrich_article(ARTICLE, [plug_in("broken", fail)])


@pytest.mark.parametrize("work", [hang, hang_and_swallow])
def test_a_slow_enricher_is_cut_off_and_counted(work: Callable[[], Any]) -> None:
    counted: list[str] = []
    chain = [plug_in("slow", work), plug_in("last", lambda: ("b",))]
    enriched = enrich_article(ARTICLE, chain, FaultLimit(5), max_s=0.05, count=counted.append)
    assert dict(enriched.annotations) == {"slow": (), "last": ("b",)}
    assert (enriched.warnings, counted) == (("enricher_slow:slow",), ["slow.slow"])


def test_an_article_in_another_language_is_not_handed_over() -> None:
    chain = [plug_in("english", fail, languages=("en",)), plug_in("any", lambda: ("b",))]
    enriched = enrich_article(article_of("Der Damm brach.", language="de-AT"), chain, FaultLimit(0))
    assert dict(enriched.annotations) == {"english": (), "any": ("b",)}
    assert (enriched.warnings, enriched.enrichers) == (("enricher_language:english:de",), ("any@1.0",))


def test_a_field_that_is_not_declared_is_named() -> None:
    def enrich(article: Article, found: Found) -> Found:
        return {"other": ()}

    each = Enricher(name="odd", version="1.0", fields=("odd",), load=lambda: enrich)
    with pytest.raises(ConfigurationError, match="'odd' returned the field 'other'"):
        enrich_article(ARTICLE, [(each, enrich)], FaultLimit(5))


def test_what_ends_in_time_is_never_cut_off_later() -> None:
    assert [within(0.2, lambda: "done") for _ in range(1000)] == ["done"] * 1000
    deadline = time.monotonic() + 0.5
    while time.monotonic() < deadline:  # an exception that were still on its way would end this loop
        sum(range(100))


def test_a_fault_of_the_call_stays_that_fault() -> None:
    with pytest.raises(ValueError, match="no"):
        within(5, fail)
    with pytest.raises(CutOffError):
        within(0.01, hang)

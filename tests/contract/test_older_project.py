"""A project on a server that an older version made, of the same schema but without the fields that came since."""

from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.support.elements import NOON, make_article, make_enriched
from tests.support.projects import only_articles, opened
from transforms.elements import Rights
from transforms.errors import StoreError
from transforms.index.base import SearchRequest, Step, Write
from transforms.index.documents import article_writes
from transforms.index.elasticsearch import migrate
from transforms.index.elasticsearch.indices import Indices
from transforms.index.elasticsearch.mapping import Names, component_body
from transforms.index.elasticsearch.store import ElasticsearchStore
from transforms.index.query_parser import parse_query

pytestmark = pytest.mark.elasticsearch

LICENCE = "https://gazette.example/licence.xml"


@pytest.fixture(autouse=True)
def _only_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    only_articles(monkeypatch.setattr)


@pytest.fixture
def index(names: Names, client: Elasticsearch) -> str:
    """The index as it was: strict, without what is searched by now, the rights, and the site's profile."""
    body: dict[str, Any] = deepcopy(component_body("articles")["template"])
    del body["mappings"]["_source"], body["mappings"]["properties"]["search"]
    for field in ("tdm_reserved", "tdm_policy", "licenses", "signals"):
        del body["mappings"]["properties"]["rights"]["properties"][field]
    del body["mappings"]["properties"]["pipeline"]["properties"]["site_profile"]
    client.indices.create(
        index=names.index("articles"), aliases={names.alias("articles"): {}}, mappings=body["mappings"]
    )
    return names.index("articles")


@pytest.fixture
def store(names: Names, index: str) -> Iterator[ElasticsearchStore]:
    with closing(opened(names)) as store:
        yield store


def article(number: int) -> Write:
    enriched = make_enriched(
        make_article(
            "Talks resumed",
            url=f"https://gazette.example/{number}",
            language="en",
            rights=Rights(licenses=(LICENCE,)),
            site_profile=3,
        )
    )
    return article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON)[0]


def total(store: ElasticsearchStore, words: str) -> int:
    store.refresh()
    return store.search(SearchRequest(query=parse_query(words))).total


def test_documents_with_newer_fields_are_taken(store: ElasticsearchStore) -> None:
    assert [result.status for result in store.bulk([article(1)])] == ["written"]

    stored = store.get("articles", article(1).id)
    assert stored is not None
    assert stored.source["rights"]["licenses"] == [LICENCE]
    assert stored.source["pipeline"]["site_profile"] == 3


def test_a_key_that_may_not_add_fields_is_told_the_remedy(
    store: ElasticsearchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise migrate.RefusalError("action [indices:admin/mapping/put] is unauthorized", status=403, type="security")

    monkeypatch.setattr(Indices, "_put_fields", refuse)

    with pytest.raises(StoreError, match=r"lacks pipeline\.site_profile, .*`newsbeam index migrate`"):
        store.bulk([article(1)])


def test_migrate_makes_it_anew_and_finds_words_in_another_form(
    store: ElasticsearchStore, names: Names, index: str
) -> None:
    store.bulk([article(1), article(2)])
    assert (total(store, "resumed"), total(store, "resuming")) == (2, 0)

    store.migrate()

    assert store.check() == ()
    assert store.migrate() == ()
    assert store.old_generations() == (index,)
    assert (total(store, "resumed"), total(store, "resuming")) == (2, 2)


def test_what_waited_while_the_alias_moved_is_found_like_all(names: Names, store: ElasticsearchStore) -> None:
    store.bulk([article(1)])
    with closing(opened(names)) as migrating:
        taken: list[str] = []
        send = store._writer._bulk.send

        def send_after_a_migration(prepared: Any) -> Any:
            if not taken:
                taken.append("migrated")
                migrating.migrate()
            return send(prepared)

        store._writer._bulk.send = send_after_a_migration  # type: ignore[method-assign]
        assert [result.status for result in store.bulk([article(2)])] == ["written"]

    assert total(store, "resuming") == 2


def test_a_step_in_place_is_told_once(store: ElasticsearchStore) -> None:
    steps: list[Step] = []
    store.migrate(tell=steps.append)

    assert [step.action for step in steps if "-articles-v" in step.index and step.action != "template"] == [
        "copy", "catch up", "block", "swap", "finish",
    ]  # fmt: skip

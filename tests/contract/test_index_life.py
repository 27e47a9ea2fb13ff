"""The life of the indices on a real server: made, compared, changed in place, copied into new ones while others write.

Kills are kills: a process of its own that ends itself with SIGKILL at the step that is named.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from tests.support.elements import NOON, make_article, make_enriched
from tests.support.projects import only_articles, opened
from transforms.errors import ConfigurationError, SchemaVersionError, StoreError
from transforms.index.base import KINDS, SCHEMA_VERSION, SearchRequest, Step, Write
from transforms.index.documents import article_writes
from transforms.index.elasticsearch import copying, migrate
from transforms.index.elasticsearch.mapping import Names, component_body
from transforms.index.elasticsearch.store import ElasticsearchStore
from transforms.index.queries import Query

pytestmark = pytest.mark.elasticsearch

ARTICLES = 25


@pytest.fixture
def store(names: Names) -> Iterator[ElasticsearchStore]:
    with closing(opened(names)) as store:
        store.create()
        yield store


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    small_batches(monkeypatch.setattr)


def small_batches(change: Callable[[Any, str, int], None]) -> None:
    """So that 25 documents are several batches, several notes and several passes."""
    change(copying, "BATCH", 4)
    change(copying, "_IDS", 10)
    change(migrate, "NOTED_EVERY", 4)
    change(migrate, "FEW", 0)


@pytest.fixture
def _articles(monkeypatch: pytest.MonkeyPatch) -> None:
    only_articles(monkeypatch.setattr)


def article(number: int, title: str = "Talks resume") -> Write:
    enriched = make_enriched(make_article(title, url=f"https://gazette.example/{number}"))
    return article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON)[0]


def newer(write: Write, title: str | None) -> Write:
    source = None if title is None else {**(write.source or {}), "title": title}
    return Write(kind=write.kind, id=write.id, version=write.version + 1, source=source)


def older_index(client: Elasticsearch, names: Names, *, version: int = SCHEMA_VERSION - 1) -> tuple[str, list[Write]]:
    """Make the articles of an older newsbeam: another definition of one field, another schema version."""
    body = component_body("articles")["template"]
    properties = {**body["mappings"]["properties"], "word_count": {"type": "keyword"}}
    index = f"{names.alias('articles')}-v{version}-000001"
    client.indices.create(
        index=index,
        aliases={names.alias("articles"): {}},
        mappings={**body["mappings"], "properties": properties, "_meta": {"schema_version": version}},
    )
    writes = [article(number) for number in range(ARTICLES)]
    for write in writes:
        document = {"id": write.id, **(write.source or {}), "schema_version": version}
        client.index(index=index, id=write.id, version=write.version, version_type="external_gte", document=document)
    client.indices.refresh(index=index)
    return index, writes


def behind(client: Elasticsearch, names: Names) -> list[str]:
    return list(client.indices.get_alias(name=names.alias("articles")))


def actions(steps: tuple[Step, ...], kind: str = "articles") -> list[str]:
    return [step.action for step in steps if f"-{kind}" in step.index and step.action != "template"]


# --- create and check


def test_create_gives_back_templates_and_aliases_that_were_lost(
    store: ElasticsearchStore, client: Elasticsearch, names: Names
) -> None:
    client.indices.delete_index_template(name=names.alias("quotes"))
    client.indices.delete_alias(index=names.index("runs"), name=names.alias("runs"))

    with closing(opened(names)) as again:
        made = again.create()

        assert made == (names.alias("quotes"), f"{names.alias('runs')} -> {names.index('runs')}")
        assert again.create() == ()
        assert again.check() == ()


def test_check_names_templates_that_differ_or_are_missing(
    store: ElasticsearchStore, client: Elasticsearch, names: Names
) -> None:
    template = component_body("runs")["template"]
    mappings = {**template["mappings"], "dynamic": "true"}
    meta = component_body("runs")["_meta"]
    client.cluster.put_component_template(
        name=names.component("runs"), template={**template, "mappings": mappings}, meta=meta
    )
    client.indices.delete_index_template(name=names.alias("quotes"))

    assert [(each.index, each.field, each.found) for each in store.check()] == [
        (names.component("runs"), "template mapping dynamic", "true"),
        (names.alias("quotes"), "template", "absent"),
    ]


def test_migrate_puts_templates_right_and_keeps_what_the_operator_has_chosen(
    store: ElasticsearchStore, client: Elasticsearch, names: Names
) -> None:
    body = component_body("settings")
    settings = {**body["template"]["settings"], "index.number_of_shards": "3", "index.gc_deletes": "60s"}
    client.cluster.put_component_template(name=names.component("settings"), template={"settings": settings})

    store.migrate()

    assert store.check() == ()
    live = client.cluster.get_component_template(name=names.component("settings"), flat_settings=True)
    found = live["component_templates"][0]["component_template"]["template"]["settings"]
    assert (found["index.number_of_shards"], found["index.gc_deletes"]) == ("3", "1h")


# --- in place


@pytest.mark.usefixtures("_articles")
def test_what_can_be_changed_in_place_is_and_old_documents_are_found_by_new_fields(
    client: Elasticsearch, names: Names
) -> None:
    index = names.index("articles")
    mappings = component_body("articles")["template"]["mappings"]
    properties = {**mappings["properties"], "title": {"type": "text"}}
    properties.pop("gone_at")
    client.indices.create(
        index=index,
        aliases={names.alias("articles"): {}},
        settings={"index.gc_deletes": "60s"},
        mappings={**mappings, "properties": properties},
    )
    for number in range(ARTICLES):
        write = article(number)
        client.index(
            index=index, id=write.id, version=write.version, version_type="external_gte",
            document={"id": write.id, **(write.source or {})},
        )  # fmt: skip
    with closing(opened(names)) as store:
        planned = store.migrate(dry_run=True)
        assert store.check() != ()

        assert store.migrate() == planned

        assert actions(planned) == ["change", "change", "fill"]
        assert planned[-1].documents == ARTICLES
        assert store.check() == ()
        assert store.migrate() == ()
        store.refresh()
        found = client.count(index=index, query={"term": {"title.keyword": "Talks resume"}})["count"]
        assert found == ARTICLES
        assert store.versions([article(3).id]) == {article(3).id: article(3).version}


# --- a new generation


@pytest.mark.usefixtures("_articles")
def test_an_older_schema_is_refused_with_the_remedy_and_copied_under_its_versions(
    client: Elasticsearch, names: Names
) -> None:
    old, writes = older_index(client, names)
    with closing(opened(names)) as store:
        with pytest.raises(SchemaVersionError, match=r"schema version 0.*`newsbeam index migrate`"):
            store.get("articles", writes[0].id)

        planned = store.migrate(dry_run=True)
        assert actions(planned) == ["copy", "swap"]
        assert next(step for step in planned if step.action == "copy").documents == ARTICLES
        assert behind(client, names) == [old]
        assert list(client.indices.get(index=f"{names.prefix}-*")) == [old]

        steps = store.migrate()

        assert actions(steps)[0] == "copy"
        assert actions(steps)[-3:] == ["block", "swap", "finish"]
        assert behind(client, names) == [names.index("articles", 2)]
        stored = {each.id: (each.version, each.source) for each in store.scan("articles")}
        assert stored == {write.id: (write.version, write.source) for write in writes}
        assert store.check() == ()
        assert store.migrate() == ()
        assert store.old_generations() == (old,)
        assert client.count(index=old)["count"] == ARTICLES
        assert store.drop_old_generations() == (old,)
        assert not client.indices.exists(index=old)


@pytest.mark.usefixtures("_articles")
def test_a_field_that_cannot_be_changed_leads_to_a_new_generation_of_its_kind_alone(
    client: Elasticsearch, names: Names
) -> None:
    older_index(client, names, version=SCHEMA_VERSION)
    with closing(opened(names)) as store:
        steps = store.migrate()
        assert "other definition of word_count" in next(step.detail for step in steps if step.action == "copy")
        assert store.old_generations() == (f"{names.alias('articles')}-v{SCHEMA_VERSION}-000001",)
        assert store.check() == ()


@pytest.mark.usefixtures("_articles")
def test_a_document_that_does_not_fit_stops_it_and_nothing_is_taken_out_of_use(
    client: Elasticsearch, names: Names
) -> None:
    old, writes = older_index(client, names)
    document = {"id": "a1odd", **(writes[0].source or {}), "word_count": "very many"}
    client.index(index=old, id="a1odd", version=1, version_type="external_gte", document=document)
    with closing(opened(names)) as store:
        with pytest.raises(StoreError, match=r"1 of \d documents do not fit.*a1odd: .*word_count.*nothing was taken"):
            store.migrate()
        assert behind(client, names) == [old]
        client.delete(index=old, id="a1odd")
        store.migrate()
        assert store.check() == ()
        assert len(list(store.scan("articles"))) == ARTICLES


@pytest.mark.usefixtures("_articles")
def test_what_is_written_and_deleted_meanwhile_is_not_lost(client: Elasticsearch, names: Names) -> None:
    old, writes = older_index(client, names)
    late = {"copy": [], "catch up": [], "block": []}  # type: dict[str, list[Write]]
    late["copy"] = [newer(writes[0], "Newer while it was copied"), newer(writes[1], None), article(100)]
    late["catch up"] = [newer(writes[2], "Newer after the copy"), newer(writes[20], None), article(101)]
    late["block"] = [newer(writes[3], "Newer at the last moment"), newer(writes[21], None), article(102)]

    def write(step: Step) -> None:
        for each in late.pop(step.action, []):
            at: dict[str, Any] = {"index": old, "id": each.id, "version": each.version, "version_type": "external_gte"}
            if each.source is None:
                client.delete(**at)
            else:
                client.index(**at, document={"id": each.id, **each.source})

    expected = {each.id: each.version for each in writes}
    for each in [each for some in late.values() for each in some]:
        expected.pop(each.id, None)
        if each.source is not None:
            expected[each.id] = each.version
    with closing(opened(names)) as store:
        store.migrate(tell=write)
        assert late == {}
        store.refresh()
        assert {each.id: each.version for each in store.scan("articles")} == expected


@pytest.mark.usefixtures("_articles")
def test_a_writer_that_goes_on_all_the_time_loses_nothing(
    client: Elasticsearch, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes through the alias, waits behind the block, and goes on with the new generation."""
    monkeypatch.setattr(copying, "BATCH", 500)  # a copy that is slower than the writer would never catch up
    older_index(client, names, version=SCHEMA_VERSION)
    moved = threading.Event()
    written: list[Write] = []

    def write() -> None:
        with closing(opened(names)) as writer:
            rounds_after = 0
            while rounds_after < 5:
                rounds_after += moved.is_set()
                each = article(1_000 + len(written))
                assert [result.status for result in writer.bulk([each])] == ["written"]
                written.append(each)

    thread = threading.Thread(target=write)
    thread.start()
    with closing(opened(names)) as store:
        try:
            store.migrate()
        finally:
            moved.set()
            thread.join()
        store.refresh()
        ids = {each.id for each in store.scan("articles")}
        assert {each.id for each in written} <= ids
        assert len(ids) == ARTICLES + len(written)
        assert store.check() == ()


POINTS = [("copy", 0), ("noted", 3), ("catch up", 0), ("block", 0), ("swap", 0), ("finish", 0)]


@pytest.mark.slow
@pytest.mark.parametrize(("point", "after"), POINTS)
@pytest.mark.usefixtures("_articles")
def test_killed_at_any_point_it_goes_on_where_it_was(
    client: Elasticsearch, names: Names, point: str, after: int
) -> None:
    _, writes = older_index(client, names)
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=die_at, args=(elasticsearch_node.node_url(), names.project, point, after))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL

    with closing(opened(names)) as store:
        steps = store.migrate()
        if point in ("noted", "catch up"):
            assert names.index("articles", 2) in {step.index for step in steps}
        assert store.check() == ()
        stored = {each.id: (each.version, each.source) for each in store.scan("articles")}
        assert stored == {write.id: (write.version, write.source) for write in writes}
        assert behind(client, names) == [names.index("articles", 2)]
        assert [result.status for result in store.bulk([article(500)])] == ["written"]


def die_at(url: str, project: str, point: str, after: int) -> None:
    """Migrate, and end this process at a step, or after a note of how far the copy is, the `after`-th time."""
    small_batches(setattr)
    only_articles(setattr)
    left = [after]

    def passed(action: str) -> None:
        if action == point:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    store = ElasticsearchStore(url, project=project, environ={})
    noting = migrate.Indices.note

    def note_then(*arguments: Any) -> None:
        noting(*arguments)
        passed("noted")

    migrate.Indices.note = note_then  # type: ignore[method-assign]
    store.migrate(tell=lambda step: passed(step.action))


@pytest.mark.usefixtures("_articles")
def test_one_that_gives_up_lets_the_writers_go_on(client: Elasticsearch, names: Names) -> None:
    old, writes = older_index(client, names)

    def stop(step: Step) -> None:
        if step.action == "swap":
            raise KeyboardInterrupt

    with closing(opened(names)) as store:
        with pytest.raises(KeyboardInterrupt):
            store.migrate(tell=stop)
        assert behind(client, names) == [old]
        client.index(
            index=old, id=writes[0].id, version=writes[0].version, version_type="external_gte",
            document={"id": writes[0].id, **(writes[0].source or {})},
        )  # fmt: skip
        store.migrate()
        assert store.check() == ()


@pytest.mark.usefixtures("_articles")
def test_two_migrations_at_once_end_as_one_would(client: Elasticsearch, names: Names) -> None:
    _, writes = older_index(client, names)
    met = threading.Barrier(2, timeout=300)
    problems: list[Exception] = []

    def run() -> None:
        with closing(opened(names)) as store:
            meeting = [lambda: met.wait()]

            def meet(step: Step) -> None:
                if step.action == "catch up" and meeting:
                    meeting.pop()()

            try:
                store.migrate(tell=meet)
            except StoreError as err:
                problems.append(err)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(opened(names)) as store:
        assert [str(each) for each in problems if "another migration" not in str(each)] == []
        store.migrate()
        assert store.check() == ()
        assert {each.id for each in store.scan("articles")} == {write.id for write in writes}


# --- keys


def test_a_server_without_security_has_no_keys_and_says_why(store: ElasticsearchStore) -> None:
    with pytest.raises(ConfigurationError, match=r"no security switched on.*xpack.security.enabled"):
        store.create_key("desk", access="write")


def test_every_kind_is_made_and_compared(store: ElasticsearchStore, client: Elasticsearch, names: Names) -> None:
    live = client.indices.get_alias(name=f"{names.prefix}-*")
    assert {name for body in live.values() for name in body["aliases"]} == {names.alias(kind) for kind in KINDS}
    assert store.search(SearchRequest(query=Query())).total == 0

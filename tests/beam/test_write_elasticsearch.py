"""WriteToElasticsearch in pipelines, on a real node."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.window import FixedWindows, GlobalWindows, IntervalWindow, TimestampedValue
from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from tests.support.scripted_elasticsearch import refusal, scripted_elasticsearch
from transforms.errors import ConfigurationError
from transforms.write_elasticsearch import Batching, BulkAction, ConnectionSettings, WriteToElasticsearch

pytestmark = pytest.mark.elasticsearch

SECRET = "c2VjcmV0OmtleQ=="
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def client() -> Iterator[Elasticsearch]:
    with elasticsearch_node.client() as elasticsearch:
        yield elasticsearch


@pytest.fixture
def index(client: Elasticsearch) -> Iterator[str]:
    with elasticsearch_node.project() as project:
        name = f"newsbeam-{project}-sink"
        properties = {"id": {"type": "keyword"}, "n": {"type": "integer"}, "version": {"type": "long"}}
        client.indices.create(index=name, mappings={"dynamic": "strict", "properties": properties})
        yield name


def here() -> ConnectionSettings:
    return ConnectionSettings(url=elasticsearch_node.node_url())


def document(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": f"d{number}", "n": number, "version": 1, **changes}


def by_id(element: dict[str, Any]) -> str:
    return str(element["id"])


def by_version(element: dict[str, Any]) -> int:
    return int(element["version"])


def run(elements: list[Any], index: str | None, **options: Any) -> dict[str, int]:
    """Write, and return the counters."""
    pipeline = beam.Pipeline()
    _ = pipeline | beam.Create(elements) | WriteToElasticsearch(index, connection=here(), **options)
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query(beam.metrics.MetricsFilter().with_namespace("elasticsearch"))
    counted = {each.key.metric.name: each.committed for each in found["counters"] if each.committed}
    assert {each.key.metric.name for each in found["distributions"]} >= {"bulk_ms", "bulk_actions", "bulk_bytes"}
    return counted


def test_each_element_is_in_exactly_one_output(index: str) -> None:
    newer = BulkAction(index=index, id="d2", version=9, source=document(2))
    run([newer], None)
    with beam.Pipeline() as pipeline:
        outcome = (
            pipeline
            | beam.Create([document(1), document(2), document(3, n="three")])
            | WriteToElasticsearch(index, id_of=by_id, version_of=by_version, connection=here())
        )
        assert_that(outcome.written | "W" >> beam.Map(lambda each: (each.id, each.index, each.version)),
                    equal_to([("d1", index, 1)]), "written")  # fmt: skip
        assert_that(outcome.stale | "S" >> beam.Map(lambda each: (each.id, each.reason)),
                    equal_to([("d2", "version_conflict")]), "stale")  # fmt: skip
        assert_that(outcome.failed | "F" >> beam.Map(lambda each: (each.id, each.reason, each.element)),
                    equal_to([("d3", "mapping_conflict", document(3, n="three"))]), "failed")  # fmt: skip
        assert_that(outcome.unchanged, equal_to([]), "unchanged")


def test_counters_and_latencies_tell_what_happened(index: str) -> None:
    options: dict[str, Any] = {"id_of": by_id, "version_of": by_version}
    elements = [*(document(number) for number in range(20)), document(99, n="x")]
    assert run(elements, index, **options) == {"written": 20, "failed": 1, "failed.mapping_conflict": 1}
    assert run([document(5, version=0)], index, **options) == {"stale": 1}


def test_the_same_bundle_again_changes_nothing(index: str, client: Elasticsearch) -> None:
    for _ in range(2):
        run([document(number) for number in range(30)], index, id_of=by_id, version_of=by_version)
    client.indices.refresh(index=index)
    assert client.count(index=index)["count"] == 30
    assert client.get(index=index, id="d7")["_version"] == 1


def test_action_index_and_routing_may_depend_on_the_element(index: str, client: Elasticsearch) -> None:
    run([document(1), document(2)], index, id_of=by_id)
    counted = run(
        [document(1, n=5), document(2), document(3)],
        lambda _element: index,  # type: ignore[arg-type]
        id_of=by_id,
        action=lambda element: {"d1": "update", "d2": "delete"}.get(element["id"], "create"),
        routing_of=lambda element: "desk" if element["id"] == "d3" else None,
        source_of=lambda element: {"n": element["n"]},
    )
    assert counted == {"written": 3}
    assert client.get(index=index, id="d1")["_source"] == document(1, n=5)
    assert not client.exists(index=index, id="d2")
    assert client.get(index=index, id="d3", routing="desk")["_source"] == {"n": 3}


def test_outcomes_keep_the_windows_and_timestamps_of_their_elements(index: str) -> None:
    with beam.Pipeline() as pipeline:
        outcome = (
            pipeline
            | beam.Create([document(number) for number in range(4)])
            | beam.Map(lambda each: TimestampedValue(each, 10 * each["n"] + 1))
            | beam.WindowInto(FixedWindows(20))
            | WriteToElasticsearch(index, id_of=by_id, connection=here())
        )
        seen = outcome.written | beam.Map(
            lambda each, at=beam.DoFn.TimestampParam, window=beam.DoFn.WindowParam: (each.id, float(at), window)
        )
        windows = [IntervalWindow(0, 20), IntervalWindow(20, 40)]
        expected = [(f"d{number}", 10 * number + 1.0, windows[number // 2]) for number in range(4)]
        assert_that(seen | "Global" >> beam.WindowInto(GlobalWindows()), equal_to(expected))


def test_bulks_go_by_count_and_bytes(index: str) -> None:
    batching = Batching(max_actions=10, max_bytes=1_000_000, in_flight=1, max_age_s=600)
    pipeline = beam.Pipeline()
    _ = (
        pipeline
        | beam.Create([document(number) for number in range(25)], reshuffle=False)
        | WriteToElasticsearch(index, id_of=by_id, connection=here(), batching=batching)
    )
    result = pipeline.run()
    result.wait_until_finish()
    found = result.metrics().query(beam.metrics.MetricsFilter().with_name("bulk_actions"))["distributions"]
    [sizes] = [each.committed for each in found]
    assert (sizes.count, sizes.sum, sizes.max) == (3, 25, 10)


def test_wrong_credentials_stop_the_run_with_one_line_and_no_secret() -> None:
    with scripted_elasticsearch([refusal(401, "security_exception", "unable to authenticate")] * 9) as scripted:
        settings = ConnectionSettings(url=scripted.url, variables=lambda: {"ES_API_KEY": SECRET})
        pipeline = beam.Pipeline()
        _ = pipeline | beam.Create([document(1)]) | WriteToElasticsearch("a", id_of=by_id, connection=settings)
        with pytest.raises(Exception, match=r"does not know us .* check ES_API_KEY") as caught:
            pipeline.run().wait_until_finish()
    assert SECRET not in str(caught.value)


def test_graph_and_settings_hold_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ES_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ES_API_KEY", SECRET)
    settings = ConnectionSettings()
    pipeline = beam.Pipeline()
    _ = pipeline | beam.Create([document(1)]) | WriteToElasticsearch("news", id_of=by_id, connection=settings)
    graph = pipeline.to_runner_api().SerializeToString()
    assert SECRET.encode() not in graph + pickle.dumps(settings) + repr(settings).encode()
    connection = settings.connect()
    assert SECRET not in repr(connection) + repr(vars(connection))
    connection.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"index": "News"}, "lower case"),
        ({"index": "news", "action": "upsert"}, "none of index, create, update, delete"),
        ({"index": "news", "action": "delete"}, "needs id_of"),
        ({"index": "news", "action": "update", "id_of": by_id, "version_of": by_version}, "external versions"),
    ],
)
def test_what_cannot_work_is_refused_when_the_pipeline_is_made(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        WriteToElasticsearch(**arguments)


def test_credentials_in_an_address_are_refused_without_repeating_them() -> None:
    with pytest.raises(ConfigurationError, match="credentials do not belong") as caught:
        ConnectionSettings(url="https://elastic:s3cret@127.0.0.1:9200")
    assert "s3cret" not in str(caught.value)


def test_the_example_writes_its_file(index: str, client: Elasticsearch, tmp_path: Path) -> None:
    lines = tmp_path / "documents.jsonl"
    lines.write_text("".join(json.dumps(each) + "\n" for each in [document(1), document(2), document(3, n="x")]))
    done = subprocess.run(
        [sys.executable, "examples/write_to_elasticsearch.py", str(lines), index],
        cwd=ROOT,
        env={**os.environ, "ES_URL": elasticsearch_node.node_url(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stdout.startswith("d3 mapping_conflict [1:")
    client.indices.refresh(index=index)
    assert client.count(index=index)["count"] == 2

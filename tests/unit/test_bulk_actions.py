"""How an action is encoded, and what is refused before it is sent."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from transforms.elastic.bulk_actions import ActionError, BulkAction, encode, index_problem
from transforms.elastic.bulk_queue import Line, Queue, waves


def action(**changes: Any) -> BulkAction:
    return BulkAction(**({"index": "news", "id": "a1", "source": {"n": 1}} | changes))


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, [{"index": {"_index": "news", "_id": "a1"}}, {"n": 1}]),
        (
            {"version": 7},
            [{"index": {"_index": "news", "_id": "a1", "version": 7, "version_type": "external_gte"}}, {"n": 1}],
        ),
        ({"operation": "create", "id": None}, [{"create": {"_index": "news"}}, {"n": 1}]),
        ({"operation": "delete", "routing": "r"}, [{"delete": {"_index": "news", "_id": "a1", "routing": "r"}}]),
        (
            {"operation": "update"},
            [
                {"update": {"_index": "news", "_id": "a1", "retry_on_conflict": 3}},
                {"doc": {"n": 1}, "doc_as_upsert": True},
            ],
        ),
        (
            {"operation": "update", "upsert": False, "if_seq_no": 4, "if_primary_term": 1},
            [{"update": {"_index": "news", "_id": "a1", "if_seq_no": 4, "if_primary_term": 1}}, {"doc": {"n": 1}}],
        ),
        (
            {"source": {"at": datetime(2026, 1, 1, tzinfo=UTC), "odd": float("nan"), "text": "a\nb"}},
            [
                {"index": {"_index": "news", "_id": "a1"}},
                {"at": "2026-01-01T00:00:00+00:00", "odd": None, "text": "a\nb"},
            ],
        ),
    ],
)
def test_action_travels_as_lines(changes: dict[str, Any], lines: list[Any]) -> None:
    assert [orjson.loads(line) for line in encode(action(**changes)).splitlines()] == lines


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"operation": "upsert"}, "none of index, create, update, delete"),
        ({"id": ""}, "id of 1 to 512 bytes"),
        ({"id": "ü" * 257}, "id of 1 to 512 bytes expected, not of 514"),
        ({"id": "\ud800"}, "surrogates"),
        ({"id": 17}, "a text is needed, not int"),
        ({"operation": "delete", "id": None}, "delete needs an id"),
        ({"routing": ""}, "routing of 1 to 512"),
        ({"version": -1}, "version: a whole number from 0"),
        ({"version": 2**63}, "version: a whole number from 0"),
        ({"version": 1, "version_type": "internal"}, "none of external, external_gte"),
        ({"version": 1, "id": None}, "external version"),
        ({"version": 1, "operation": "create"}, "external version"),
        ({"version": 1, "operation": "update"}, "external version"),
        ({"if_seq_no": 1}, "go together"),
        ({"if_seq_no": 1, "if_primary_term": 0}, "if_primary_term: a whole number from 1"),
        ({"if_seq_no": 1, "if_primary_term": 1, "operation": "update"}, "upsert=False"),
        ({"operation": "update", "retry_on_conflict": -1}, "retry_on_conflict"),
        ({"source": [1]}, "a JSON object"),
        ({"source": None}, "a JSON object"),
        ({"source": {"n": 2**64}}, "Integer"),
        ({"source": {"secret": "\ud800"}}, "surrogates"),
        ({"source": {1: "n"}}, "str"),
        ({"index": "a,b"}, "no name of an index"),
    ],
)
def test_what_would_cost_a_whole_request_is_refused_without_the_documents_text(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ActionError, match=said) as caught:
        encode(action(**changes))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["News", "", None, "_a", "-a", "+a", ".", "..", "a b", "a#b", "a:b", "x" * 256, "a/b"])
def test_names_that_no_index_has(name: object) -> None:
    assert "no name of an index" in (index_problem(name) or "")


@pytest.mark.parametrize("name", ["news", ".ds-news-000001", "news-2026.01", "nachrichten_ü"])
def test_names_that_an_index_may_have(name: str) -> None:
    assert index_problem(name) is None


def line(position: int, id: str, **changes: Any) -> Line:
    return Line(position=position, action=action(id=id, **changes), data=b"x" * 10)


def test_document_without_version_is_once_in_a_wave_and_in_order() -> None:
    lines = [line(0, "a"), line(1, "b"), line(2, "a"), line(3, "a"), line(4, "c"), line(5, "b")]
    assert [[each.position for each in wave] for wave in waves(lines)] == [[0, 1, 4], [2, 5], [3]]


def test_external_versions_need_no_waves() -> None:
    lines = [line(number, "a", version=number) for number in range(5)]
    assert len(list(waves(lines))) == 1


def test_chunks_keep_count_bytes_and_order() -> None:
    queue = Queue([line(number, str(number)) for number in range(10)])
    first = queue.take(3, 1_000)
    assert [each.position for each in first] == [0, 1, 2]
    queue.put_back(first[1:])
    assert [each.position for each in queue.take(10, 25)] == [1, 2]
    assert [each.position for each in queue.take(10, 1)] == [3]
    assert len(queue.take(100, 1_000)) == 6
    assert not queue

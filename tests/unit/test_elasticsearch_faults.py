"""What Elasticsearch's errors mean for us; bodies as nodes of 8.19 and 9.5 gave them."""

import pickle

import pytest

from transforms.elastic.faults import (
    MAX_REASON_CHARS,
    RefusalError,
    Verdict,
    cut,
    explain,
    read_error,
    rejection_reason,
    unread,
    verdict,
)

FLOOD = (
    "index [a] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, "
    "index has read-only-allow-delete block];"
)


@pytest.mark.parametrize(
    ("status", "word", "reason", "expected"),
    [
        (409, "version_conflict_engine_exception", "current version [10] is higher than the one provided [9]", "stale"),
        (400, "strict_dynamic_mapping_exception", "dynamic introduction of [nope] is not allowed", "rejected"),
        (400, "document_parsing_exception", "failed to parse field [d]", "rejected"),
        (400, "illegal_argument_exception", "Document contains at least one immense term", "rejected"),
        (400, "illegal_argument_exception", "no write index is defined for alias [a]", "stop"),
        (400, "index_closed_exception", "closed", "stop"),
        (403, "cluster_block_exception", "index [a] blocked by: [FORBIDDEN/8/index write (api)];", "stop"),
        (403, "security_exception", "action [indices:data/write/index] is unauthorized", "stop"),
        (404, "index_not_found_exception", "no such index [a]", "stop"),
        (413, "", "", "rejected"),
        (429, "cluster_block_exception", FLOOD, "stop"),
        (429, "es_rejected_execution_exception", "rejected execution of coordinating operation", "again"),
        (429, "circuit_breaking_exception", "[inflight_requests] Data too large", "again"),
        (503, "unavailable_shards_exception", "[a][0] primary shard is not active Timeout: [1s]", "again"),
        (
            503,
            "cluster_block_exception",
            "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];",
            "again",
        ),
        (502, "", "<html>Bad Gateway</html>", "again"),
        (401, "security_exception", "missing authentication credentials for REST request [/a]", "stop"),
    ],
)
def test_verdict(status: int, word: str, reason: str, expected: Verdict) -> None:
    assert verdict(status, word, reason) == expected


@pytest.mark.parametrize(
    ("status", "word", "reason", "said"),
    [
        (429, "cluster_block_exception", FLOOD, "the disk of Elasticsearch at HERE is full"),
        (403, "cluster_block_exception", "index [a] blocked by: [FORBIDDEN/8/index write (api)];", "lift the block"),
        (401, "security_exception", "unable to authenticate user [elastic] for REST request [/a]", "ES_API_KEY"),
        (403, "security_exception", "this action is granted by the index privileges [read,all]", "[read,all]"),
        (404, "index_not_found_exception", "no such index [newsbeam-articles]", "newsbeam index create"),
        (503, "unavailable_shards_exception", "", "unavailable_shards_exception"),
    ],
)
def test_explanation_names_place_cause_and_remedy(status: int, word: str, reason: str, said: str) -> None:
    message = explain(status, word, reason, where="HERE")
    assert said in message
    assert "HERE" in message


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"type": "t", "reason": "r"}, "status": 400}, ("t", "r")),
        (
            {"type": "t", "reason": "r", "additional_unsuccessful_credentials": "API key: expired"},
            ("t", "r; API key: expired"),
        ),
        ({"type": "t", "reason": "r", "caused_by": {"type": "c", "reason": "deeper"}}, ("t", "r; deeper")),
        ({"type": "t", "reason": "says deeper", "caused_by": {"reason": "deeper"}}, ("t", "says deeper")),
        ({"error": "no handler found for uri [/_ilm/status]"}, ("", "no handler found for uri [/_ilm/status]")),
        ("<html>Bad\nGateway</html>", ("", "<html>Bad Gateway</html>")),
        (None, ("", "")),
        ({"_id": "a", "found": False}, ("", "")),
    ],
)
def test_error_bodies_of_every_shape_are_read(body: object, expected: tuple[str, str]) -> None:
    assert read_error(body) == expected


def test_reasons_are_short_and_on_one_line() -> None:
    assert cut("a\nb  c") == "a b c"
    assert len(cut("x" * 40_000)) == MAX_REASON_CHARS
    assert len(explain(400, "t", "x" * 40_000, where="HERE")) < MAX_REASON_CHARS + 100


def test_rejections_have_reasons_of_the_closed_list() -> None:
    assert rejection_reason(400, "strict_dynamic_mapping_exception") == "mapping_conflict"
    assert rejection_reason(400, "illegal_argument_exception") == "rejected_by_store"
    assert rejection_reason(413, "") == "document_too_large"


def test_refusal_survives_pickling() -> None:
    refusal = RefusalError("no such index", status=404, type="index_not_found_exception")
    copy = pickle.loads(pickle.dumps(refusal))
    assert (str(copy), copy.status, copy.index_is_missing) == ("no such index", 404, True)


def test_a_server_that_is_something_else_is_told_as_such() -> None:
    message = explain(404, "", "no such page", where="http://h:80")
    assert message == "http://h:80 answered 404 (no such page), not as Elasticsearch does: is the address right?"


def test_our_own_request_line_is_not_repeated() -> None:
    reason = "unable to authenticate user [elastic] for REST request [/a,b?filter_path=*.aliases]"
    assert "(unable to authenticate user [elastic])" in explain(401, "security_exception", reason, where="HERE")


def test_a_read_of_many_ids_on_a_node_that_starts_lacks_some_for_a_moment() -> None:
    there = {"_id": "a", "found": True}
    away = {"_id": "b", "error": {"type": "no_shard_available_action_exception", "reason": "No shard available"}}
    gone = {"_id": "c", "error": {"type": "index_not_found_exception", "reason": "no such index"}}
    assert unread({"docs": [there, away]}) == "no_shard_available_action_exception"
    assert unread({"docs": [there, gone]}) == ""
    assert unread({"hits": {}}) == ""

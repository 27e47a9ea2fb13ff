"""A bulk of deletes of which Elasticsearch refuses some is never taken for done."""

import pytest

from transforms.errors import StoreError
from transforms.index.elasticsearch.keeping import deleted

DONE = {"delete": {"result": "deleted"}}
NOT_THERE = {"delete": {"result": "not_found"}}


def test_what_was_there_is_counted() -> None:
    assert deleted({"items": [DONE, NOT_THERE, DONE]}, 3) == 2


@pytest.mark.parametrize("answer", [{}, {"items": [DONE]}], ids=["all refused", "one refused"])
def test_what_was_refused_is_told(answer: dict[str, object]) -> None:
    """`items.*.result` leaves out what has no result, and the whole list where nothing has one."""
    with pytest.raises(StoreError, match=r"refused \d of 2 deletes"):
        deleted(answer, 2)

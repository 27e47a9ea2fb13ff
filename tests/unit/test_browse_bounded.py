"""Queries of `newsbeam browse` end, and their connection is of use afterwards."""

import sqlite3
from collections.abc import Iterator

import pytest

from pipeline.browse.bounded import rows_within_limits

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(":memory:")
    yield db
    db.close()


@pytest.mark.parametrize("limits", [{"cpu_s": 0.05}, {"cpu_s": 1e9, "wall_s": 0.05}])
def test_a_query_without_end_is_given_up(limits: dict[str, float], db: sqlite3.Connection) -> None:
    assert rows_within_limits(db, ENDLESS, (), **limits) is None
    assert rows_within_limits(db, "SELECT ? + 1", (1,)) == [(2,)]
    assert db.execute(ENDLESS.replace("FROM n)", "FROM n LIMIT 90000)")).fetchone() == (90_000,)


def test_what_is_wrong_with_a_query_is_raised(db: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        rows_within_limits(db, "SELECT * FROM missing", ())

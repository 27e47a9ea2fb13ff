"""The tables of the embedded store, their version, and the way from older ones.

Every kind is a table of JSON documents; the columns beside `source` are computed from it by SQLite, so that people can
write plain SQL (`SELECT event, sum(value) FROM figures GROUP BY event`) and nothing can disagree. A row without a
source is a deleted document: its version stays, so that a late writer cannot bring it back.

Articles are searched through three tables: `article_words` holds their words (by the rule of `words.py`, separated by
spaces: the `ascii` tokenizer with the marks below then splits at nothing else), `article_terms` the exact fields,
`article_figures` the numbers. All are made of `source` and can be made again.
"""

import sqlite3

from transforms.index.base import LATER_KINDS, SCHEMA_VERSION, Difference, Kind

TABLES: dict[Kind, str] = {
    "articles": "articles",
    "figures": "figures",
    "quotes": "quotes",
    "dead-letters": "dead_letters",
    "runs": "runs",
    "requests": "requests",
    "revisions": "revisions",
    "suppressed": "suppressed",
}

# Column of `article_words` -> the document fields in it, and how much a match weighs when sorting by relevance.
WORD_COLUMNS: dict[str, tuple[tuple[str, ...], float]] = {
    "title": (("title",), 4.0),
    "subtitle": (("subtitle",), 2.0),
    "summary": (("summary",), 2.0),
    "body": (("body",), 1.0),
    "people": (("people",), 1.0),
    "places": (("places",), 1.0),
    "organizations": (("organizations",), 1.0),
    "speakers": (("quote_speakers",), 1.0),
    "authors": (("authors",), 1.0),
    "publisher": (("publisher.name",), 1.0),
    "figures": (("figures.subject", "figures.text"), 1.0),
}

_COMPUTED: dict[str, dict[str, str]] = {
    "articles": {
        "timestamp": '$."@timestamp"', "ingested": "$.event.ingested", "url": "$.url.full",
        "original_url": "$.url.original", "requested_url": "$.url.requested", "run_id": "$.pipeline.run_id",
        "title": "$.title", "language": "$.language", "publisher": "$.publisher.name", "word_count": "$.word_count",
    },
    "figures": {
        "article_id": "$.article.id", "timestamp": '$."@timestamp"', "kind": "$.kind", "event": "$.event",
        "value": "$.value", "value_max": "$.value_max", "unit": "$.unit", "subject": "$.subject", "place": "$.place",
        "sentence": "$.sentence",
    },
    "quotes": {
        "article_id": "$.article.id", "timestamp": '$."@timestamp"', "speaker": "$.speaker", "verb": "$.verb",
        "text": "$.text",
    },
    "dead_letters": {"timestamp": '$."@timestamp"', "stage": "$.stage", "reason": "$.reason", "url": "$.url"},
    "runs": {"timestamp": '$."@timestamp"', "command": "$.command"},
    "requests": {
        "timestamp": '$."@timestamp"', "why": "$.why", "site": "$.site", "url": "$.url.full",
        "status_code": "$.status_code", "wire_bytes": "$.wire_bytes", "saved_bytes": "$.saved_bytes",
        "waited_s": "$.waited_s",
    },
    "revisions": {
        "timestamp": '$."@timestamp"', "article_id": "$.article.id", "url": "$.url.full", "title": "$.title",
        "sha256": "$.content.sha256", "revision": "$.content.revision",
    },
    "suppressed": {"timestamp": '$."@timestamp"', "of": "$.of", "reason": "$.reason"},
}  # fmt: skip

_INDEXES = {
    "articles": ("timestamp", "ingested", "url", "original_url", "requested_url", "run_id"),
    "figures": ("article_id",),
    "quotes": ("article_id",),
    "requests": ("timestamp",),
    "revisions": ("article_id",),
}


_SORTED_BY = ("timestamp", "ingested")


def found_version(db: sqlite3.Connection) -> int | None:
    """Return the schema version written in a file, None for a file without our tables."""
    if not _exists(db, "newsbeam_store"):
        return None
    return int(db.execute("SELECT value FROM newsbeam_store WHERE key = 'schema_version'").fetchone()[0])


def foreign_tables(db: sqlite3.Connection) -> tuple[str, ...]:
    """Return the tables that have our names in a file that we did not make."""
    return tuple(name for name in TABLES.values() if _exists(db, name))


def create_tables(db: sqlite3.Connection) -> tuple[str, ...]:
    """Make all tables in an open transaction and return their names."""
    for statement in _statements():
        db.execute(statement)
    db.execute("CREATE TABLE IF NOT EXISTS newsbeam_store(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    db.execute("INSERT OR REPLACE INTO newsbeam_store VALUES('schema_version', ?)", (str(SCHEMA_VERSION),))
    return (*TABLES.values(), "article_words", "article_terms", "article_figures")


def add_missing(db: sqlite3.Connection) -> tuple[str, ...]:
    """Make the tables that came without a change of the others, in an open transaction; return their names."""
    missing = [name for name in TABLES.values() if not _exists(db, name)]
    for name in missing:
        db.execute(_table(name, _COMPUTED[name]))
        for column in _INDEXES.get(name, ()):
            db.execute(f"CREATE INDEX {name}_by_{column} ON {name}({column})")
    return tuple(missing)


def has(db: sqlite3.Connection, kind: Kind) -> bool:
    """Say whether a file has the table of a kind; that of `LATER_KINDS` may come with the next write."""
    return kind not in LATER_KINDS or _exists(db, TABLES[kind])


def differences(db: sqlite3.Connection) -> tuple[Difference, ...]:
    """Compare every table, column and index of ours with what this version makes."""
    expected_db = sqlite3.connect(":memory:")
    try:
        create_tables(expected_db)
        expected, found = _layout(expected_db), _layout(db)
    finally:
        expected_db.close()
    return tuple(
        Difference(index=table, field=field, expected=wanted, found=found.get((table, field), "missing"))
        for (table, field), wanted in expected.items()
        if found.get((table, field)) != wanted
    )


def _layout(db: sqlite3.Connection) -> dict[tuple[str, str], str]:
    layout: dict[tuple[str, str], str] = {}
    for kind, name, table, sql in db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"):
        if kind == "index" and sql:
            layout[table, name] = sql
        elif kind == "table" and name in _OURS:
            for _, column, declared, not_null, _, key, hidden in db.execute(f"PRAGMA table_xinfo({name})"):
                layout[name, column] = f"{declared or 'any'} not_null={not_null} key={key} computed={int(hidden > 1)}"
            if name == "article_words":
                layout[name, "(definition)"] = sql
    return layout


def _exists(db: sqlite3.Connection, table: str) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone() is not None


_OURS = (*TABLES.values(), "article_words", "article_terms", "article_figures", "newsbeam_store")


def _table(name: str, columns: dict[str, str]) -> str:
    # What searches sort by is kept, before the long `source`: 5,000 matches are sorted in 27 ms instead of 80.
    computed = {
        column: f"{column} GENERATED ALWAYS AS (json_extract(source, '{path}')) {_kept(column)}"
        for column, path in columns.items()
    }
    lines = [
        "number INTEGER PRIMARY KEY",
        "id TEXT NOT NULL UNIQUE",
        "version INTEGER NOT NULL",
        *(line for column, line in computed.items() if column in _SORTED_BY),
        "source TEXT",
        *(line for column, line in computed.items() if column not in _SORTED_BY),
    ]
    return f"CREATE TABLE {name}(\n  " + ",\n  ".join(lines) + ")"


def _kept(column: str) -> str:
    return "STORED" if column in _SORTED_BY else "VIRTUAL"


def _statements() -> list[str]:
    return [
        *(_table(name, columns) for name, columns in _COMPUTED.items()),
        *(
            f"CREATE INDEX {table}_by_{column} ON {table}({column})"
            for table, columns in _INDEXES.items()
            for column in columns
        ),
        f"CREATE VIRTUAL TABLE article_words USING fts5({', '.join(WORD_COLUMNS)}, "
        """tokenize = "ascii tokenchars '_.:,;'''")""",
        "CREATE TABLE article_terms("
        "field TEXT, value TEXT, article INTEGER, PRIMARY KEY (field, value, article)) WITHOUT ROWID",
        "CREATE INDEX article_terms_by_article ON article_terms(article)",
        "CREATE TABLE article_figures(article INTEGER, name TEXT, is_event INTEGER, low REAL, high REAL)",
        "CREATE INDEX article_figures_by_article ON article_figures(article)",
        "CREATE INDEX article_figures_by_name ON article_figures(name, is_event, high, low)",
    ]

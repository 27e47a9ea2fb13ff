"""The tables that articles are searched through; all are made of `articles.source` and can be made again.

`article_words` holds words (by the rule of `words.py`) and keys (`stems.py`), separated by spaces: the `ascii`
tokenizer with the marks below then splits at nothing else. `article_terms` holds the exact fields, `article_figures`
the numbers, `article_facets` what is counted.
"""

import sqlite3

from transforms.index.lookups import COLUMNS, EXACT_WEIGHT, TEXTS, WEIGHTS

# Column of `article_words` -> how much a match weighs: the words of texts, then the keys of all columns.
WORD_COLUMNS: dict[str, float] = {
    **{name: WEIGHTS.get(name, 1.0) * EXACT_WEIGHT for name in TEXTS["articles"]},
    **{f"{name}_keys": WEIGHTS.get(name, 1.0) for name in COLUMNS["articles"]},
}
SEARCH_TABLES = ("article_words", "article_terms", "article_figures", "article_facets")
SEARCH_STATEMENTS = (
    f"CREATE VIRTUAL TABLE article_words USING fts5({', '.join(WORD_COLUMNS)}, "
    """tokenize = "ascii tokenchars '_.:,;|'''")""",
    "CREATE TABLE article_terms("
    "field TEXT, value TEXT, article INTEGER, PRIMARY KEY (field, value, article)) WITHOUT ROWID",
    "CREATE INDEX article_terms_by_article ON article_terms(article)",
    "CREATE TABLE article_figures(article INTEGER, name TEXT, is_event INTEGER, low REAL, high REAL)",
    "CREATE INDEX article_figures_by_article ON article_figures(article)",
    "CREATE INDEX article_figures_by_name ON article_figures(name, is_event, high, low)",
    "CREATE TABLE article_facets("
    "field TEXT, value TEXT, article INTEGER, PRIMARY KEY (field, value, article)) WITHOUT ROWID",
    "CREATE INDEX article_facets_by_article ON article_facets(article, field)",
)


def are_current(db: sqlite3.Connection) -> bool:
    """Say whether articles can be searched as this version does: a file may have the tables of an older one."""
    found = {row[1] for row in db.execute("PRAGMA table_info(article_words)")}
    return found == set(WORD_COLUMNS) and bool(list(db.execute("PRAGMA table_info(article_facets)")))


def make_again(db: sqlite3.Connection) -> None:
    """Replace the tables by empty ones of this version, in an open transaction."""
    for name in SEARCH_TABLES:
        db.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in SEARCH_STATEMENTS:
        db.execute(statement)

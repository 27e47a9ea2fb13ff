"""The document store in one SQLite file: `store.py` is the way in, `schema`, `rows` and `query` are its SQL."""

"""The ledger in SQLite, for one machine: `ledger.py` has the steps of the protocol, the others their SQL."""

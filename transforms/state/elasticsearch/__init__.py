"""The ledger in Elasticsearch, shared by machines: `ledger.py` has the steps of the protocol, the others their work."""

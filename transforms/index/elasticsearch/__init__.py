"""The document store in Elasticsearch: `store.py` is the way in, `bulk` writes, `query` asks, `mapping` names."""

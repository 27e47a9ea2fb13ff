"""The one home of the Elasticsearch client: address, connection, what answers mean, reading page by page."""

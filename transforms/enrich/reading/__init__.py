"""Words, sentences and spans: what every enricher reads a text with."""

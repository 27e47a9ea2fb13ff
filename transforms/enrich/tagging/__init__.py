"""Which words are names: the tagger, its features, and what its labels become."""

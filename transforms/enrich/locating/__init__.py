"""Which place a name means: the gazetteer and the evidence in the article."""

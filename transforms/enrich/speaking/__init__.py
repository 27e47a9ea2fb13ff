"""Who says something: verbs of saying, quotation marks, speakers."""

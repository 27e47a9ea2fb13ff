"""The grammars that read the tables in languages/: figures, quotes' verbs and dates of other languages."""

"""Word lists as people write them: one string, white space between."""


def words(text: str) -> frozenset[str]:
    """Return the set of the words of `text`.

    >>> sorted(words("one two one"))
    ['one', 'two']
    """
    return frozenset(text.split())

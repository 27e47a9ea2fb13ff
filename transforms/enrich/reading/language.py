"""Which language an article is in, as far as rules ask."""

from transforms.elements import Article


def language_of(article: Article) -> str:
    """Return the primary subtag of the article's language in lower case; unknown counts as English."""
    return (article.language or "en").lower().split("-")[0]


def is_english(article: Article) -> bool:
    """Tell whether the article is in English, or its language is not known."""
    return language_of(article) == "en"

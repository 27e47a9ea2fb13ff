"""Which articles the English rules may read."""

from transforms.elements import Article


def is_english(article: Article) -> bool:
    """Tell whether the article is in English, or its language is not known."""
    return article.language is None or article.language.lower().split("-")[0] == "en"

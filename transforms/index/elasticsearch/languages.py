"""What Kibana's search bar finds words by: the texts once more, under Elasticsearch's analyzer of their language.

`search.de.body` is the body of an article in German, for the built-in analyzer `german`; an article has the fields of
its own language only. They stand in `index.query.default_field`, so that words without a field find their inflections
(KQL `Streik`, Lucene `Streik*` too), and KQL's `*body: Streik` looks into `body` and all of them. newsbeam's own
searches go by keys (`search_fields.py`) and use none of them.

Why one field per language and no sub-fields (`body.de`, filled from every article): a sub-field analyses the texts of
all languages with its own rules, and each of the 37 would hold the whole text.
"""

from typing import Any

from transforms.index.base import Document
from transforms.index.lookups import Searched, field_values

# Language (first part of its BCP 47 tag) -> Elasticsearch's built-in analyzer; all of them but `brazilian`.
ANALYZERS: dict[str, str] = {
    "ar": "arabic", "bg": "bulgarian", "bn": "bengali", "ca": "catalan", "ckb": "sorani", "cs": "czech", "da": "danish",
    "de": "german", "el": "greek", "en": "english", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "gl": "galician", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "ja": "cjk", "ko": "cjk", "lt": "lithuanian",
    "lv": "latvian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
    "sr": "serbian", "sv": "swedish", "th": "thai", "tr": "turkish", "zh": "cjk",
}  # fmt: skip
_SAME = {"nb": "no", "nn": "no"}  # written languages that share an analyzer

# The fields of each language, and what of a document goes into them. Rows repeat the title of their article, which is
# found there.
TEXTS_OF: dict[Searched, dict[str, tuple[str, ...]]] = {
    "articles": {"title": ("title",), "summary": ("subtitle", "summary"), "body": ("body",)},
    "figures": {"sentence": ("sentence",)},
    "quotes": {"sentence": ("sentence",)},
}


def language_fields(kind: Searched) -> dict[str, Any]:
    """Return the mapping of the fields of all languages for documents of a kind.

    >>> language_fields("quotes")["de"]
    {'properties': {'sentence': {'type': 'text', 'analyzer': 'german'}}}
    """
    return {
        language: {"properties": {name: {"type": "text", "analyzer": analyzer} for name in TEXTS_OF[kind]}}
        for language, analyzer in ANALYZERS.items()
    }


def language_texts(kind: Searched, document: Document) -> Document:
    """Return a document's texts under its language; nothing for one without an analyzer.

    >>> language_texts("articles", {"language": "de-AT", "title": "Streik", "summary": "Bahnen stehen"})
    {'de': {'title': ['Streik'], 'summary': ['Bahnen stehen']}}
    """
    short = str(document.get("language") or "").split("-")[0].lower()
    language = _SAME.get(short, short)
    if language not in ANALYZERS:
        return {}
    texts = {
        name: [text for path in paths for text in field_values(document, path)]
        for name, paths in TEXTS_OF[kind].items()
    }
    return {language: given} if (given := {name: values for name, values in texts.items() if values}) else {}

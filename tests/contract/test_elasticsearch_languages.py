"""What a person finds who types words into Kibana's search bar: the queries that Kibana makes of them, on a real node.

KQL without a field becomes a `multi_match` without fields, Lucene's syntax a `query_string`: both look into
`index.query.default_field`.
"""

from collections.abc import Iterator
from contextlib import closing
from copy import deepcopy
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from tests.support.elements import NOON, make_article, make_enriched, make_figure, make_quote
from tests.support.projects import only_articles, opened
from transforms.index.base import SearchRequest, Step, Write
from transforms.index.documents import article_writes
from transforms.index.elasticsearch.languages import ANALYZERS
from transforms.index.elasticsearch.mapping import Names, component_body
from transforms.index.query_parser import parse_query

pytestmark = pytest.mark.elasticsearch

TEXTS = {
    "de": ("Streiks der Lokführer", "Die Gewerkschaften riefen zu Warnstreiks auf, die Verhandlungen scheiterten."),
    "en": ("Strikes halt trains", "Unions called for walkouts as negotiations failed in several cities."),
    "fr": ("Grèves des cheminots", "Les syndicats appelèrent à des négociations nationales avec les ministres."),
    "es": ("Huelgas ferroviarias", "Los sindicatos convocaron manifestaciones en varias ciudades."),
    "ru": ("Забастовки машинистов", "Профсоюзы объявили новые переговоры в разных городах."),
    "it": ("Scioperi dei treni", "I sindacati convocarono manifestazioni nelle città."),
    "pt": ("Greves dos ferroviários", "Os sindicatos convocaram manifestações em várias cidades."),
    "nl": ("Stakingen bij het spoor", "De vakbonden riepen op tot nieuwe onderhandelingen in de steden."),
    "sv": ("Strejkerna på järnvägen", "Fackförbunden kallade till nya förhandlingar i städerna."),
    "tr": ("Demiryolu grevleri", "Sendikalar yeni görüşmeleri duyurdu."),
    "ar": ("إضرابات القطارات", "دعت النقابات إلى مفاوضات جديدة في المدن."),
    "zh": ("铁路工人罢工", "工会呼吁在多个城市重新谈判。"),
}
# language -> words of a headline and of a body in another form than they stand there
FORMS = {
    "de": ("Streik", "Verhandlung", "Gewerkschaft"),
    "en": ("strike", "negotiation", "walkout", "city"),
    "fr": ("grève", "négociation", "syndicat", "ministre"),
    "es": ("huelga", "manifestación", "ciudad"),
    "ru": ("забастовка", "переговоров"),
    "it": ("sciopero", "manifestazione", "sindacato"),
    "pt": ("greve", "manifestação", "cidade"),
    "nl": ("staking", "onderhandeling", "vakbond"),
    "sv": ("strejk", "förhandling"),
    "tr": ("grev", "sendika"),
    "ar": ("نقابة", "المفاوضات"),
    "zh": ("罢工", "谈判"),
}
LAST = "Sonderzugverbindungen"  # the last word of a text longer than any limit of a keyword field


def writes_of(language: str, number: int, title: str, body: str) -> tuple[Write, ...]:
    article = make_article(title, body, url=f"https://gazette.example/{number}", language=language)
    enriched = make_enriched(article)
    return article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON)


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    """The alias of a project that has an article in each language, and a very long one in German."""
    with elasticsearch_node.project() as project, closing(opened(Names(project=project))) as store:
        writes = [each for n, (tag, text) in enumerate(TEXTS.items()) for each in writes_of(tag, n, *text)]
        long = "Der Zug fuhr ab. " * 20_000 + LAST
        results = store.bulk([*writes, *writes_of("de-AT", 99, "Fahrplan", long)])
        assert {result.status for result in results} == {"written"}
        store.refresh()
        yield Names(project=project).alias("articles")


@pytest.fixture(scope="module")
def node() -> Iterator[Elasticsearch]:
    with elasticsearch_node.client() as client:
        yield client


def found(node: Elasticsearch, index: str, query: dict[str, Any]) -> set[str]:
    """Return the languages of the articles found."""
    return {hit["_source"]["language"] for hit in node.search(index=index, query=query, size=100)["hits"]["hits"]}


@pytest.mark.parametrize(
    ("language", "word"), [(language, word) for language, words in FORMS.items() for word in words]
)
def test_other_forms_of_a_word_are_found_by_kql_and_by_lucenes_syntax(
    node: Elasticsearch, index: str, language: str, word: str
) -> None:
    assert word.lower() not in " ".join(TEXTS[language]).lower().replace(".", "").split()
    kql = {"multi_match": {"type": "best_fields", "query": word, "lenient": True}}
    lucene = {"query_string": {"query": word, "analyze_wildcard": True, "time_zone": "UTC"}}
    assert language in found(node, index, kql)
    assert language in found(node, index, lucene)


@pytest.mark.parametrize(
    ("field", "word", "language"), [("title", "Streik", "de"), ("body", "Verhandlung", "de"), ("body", "city", "en")]
)
def test_kql_for_a_field_finds_other_forms_behind_a_star(
    node: Elasticsearch, index: str, field: str, word: str, language: str
) -> None:
    # KQL `*body: word`: a `match` for every field of the data view that the pattern names
    named = {"multi_match": {"type": "best_fields", "query": word, "lenient": True, "fields": [f"*{field}"]}}
    assert found(node, index, named) == {language}
    assert found(node, index, {"match": {f"search.{language}.{field}": {"query": word}}}) == {language}
    assert found(node, index, {"match": {field: {"query": word}}}) == set(), "without it, the word as it was typed"


def test_phrases_and_words_that_must_all_be_there_are_found_in_other_forms(node: Elasticsearch, index: str) -> None:
    phrase = {"multi_match": {"type": "phrase", "query": "neue Verhandlung", "lenient": True}}
    assert found(node, index, phrase) == set()
    phrase = {"multi_match": {"type": "phrase", "query": "unions call for walkout", "lenient": True}}
    assert found(node, index, phrase) == {"en"}
    every = {"query_string": {"query": "in AND strike AND (city OR village)", "analyze_wildcard": True}}
    assert found(node, index, every) == {"en"}


def test_no_text_is_cut(node: Elasticsearch, index: str) -> None:
    for word in (LAST, "Sonderzugverbindung"):
        query = {"multi_match": {"type": "best_fields", "query": word, "lenient": True}}
        assert found(node, index, query) == {"de-AT"}


def test_what_is_stored_is_the_document_alone(node: Elasticsearch, index: str) -> None:
    hits = node.search(index=index, size=100)["hits"]["hits"]
    assert len(hits) == len(TEXTS) + 1
    assert not any("search" in hit["_source"] for hit in hits)


def test_every_language_has_an_analyzer_that_the_server_knows(node: Elasticsearch) -> None:
    for analyzer in sorted(set(ANALYZERS.values())):
        assert node.indices.analyze(analyzer=analyzer, text="1999")["tokens"], analyzer


def test_rows_are_found_by_other_forms_of_the_words_of_their_sentence(node: Elasticsearch) -> None:
    body = "Die Behörden zählten 12 Verletzte in den Dörfern. “Wir brauchen Ärzte,” said Ann Blake."
    article = make_article("Überschwemmungen", body, language="de")
    figures = (make_figure(article, "12", 12, sentence="Die Behörden zählten 12 Verletzte in den Dörfern."),)
    quotes = (
        make_quote(article, "Wir brauchen Ärzte,", "Ann Blake", sentence="“Wir brauchen Ärzte,” said Ann Blake."),
    )
    enriched = make_enriched(article, figures=figures, quotes=quotes)
    with elasticsearch_node.project() as project, closing(opened(Names(project=project))) as store:
        store.bulk(article_writes(enriched, run_id="r", pipeline_version="0.1", config_sha256="0", now=NOON))
        store.refresh()
        for kind, word in (("figures", "Behörde"), ("figures", "Dorf"), ("quotes", "Arzt")):
            query = {"multi_match": {"type": "best_fields", "query": word, "lenient": True}}
            answer = node.search(index=f"newsbeam-{project}-{kind}", query=query)
            assert answer["hits"]["total"]["value"] == 1, (kind, word)


# --- a project of before


@pytest.fixture
def older(names: Names, client: Elasticsearch, monkeypatch: pytest.MonkeyPatch) -> str:
    """An index that has keys, but no fields for languages."""
    only_articles(monkeypatch.setattr)
    body: dict[str, Any] = deepcopy(component_body("articles")["template"])
    search = body["mappings"]["properties"]["search"]["properties"]
    for language in ANALYZERS:
        del search[language]
    client.indices.create(
        index=names.index("articles"), aliases={names.alias("articles"): {}}, mappings=body["mappings"]
    )
    return names.alias("articles")


def test_an_index_of_before_takes_articles_with_their_keys_and_gets_the_rest_in_place(
    names: Names, older: str, client: Elasticsearch
) -> None:
    kql = {"multi_match": {"type": "best_fields", "query": "Verhandlung", "lenient": True}}
    with closing(opened(names)) as store:
        article = writes_of("de", 1, *TEXTS["de"])[0]
        assert [result.status for result in store.bulk([article])] == ["written"]
        store.refresh()
        assert store.search(SearchRequest(query=parse_query("verhandlung"))).total == 1
        assert found(client, older, kql) == set()
        steps: list[Step] = []
        store.migrate(tell=steps.append)
        assert [step.action for step in steps if step.index == names.index("articles")] == ["change", "change", "fill"]
        store.refresh()
        assert found(client, older, kql) == {"de"}
        assert store.check() == ()
        stored = store.get("articles", article.id)
        assert stored is not None
        assert stored.version == article.version
        later = writes_of("de", 2, "Zweitens", "Weitere Verhandlungen.")[0]
        store.bulk([later])  # the same process, which knew the index as it was
        store.refresh()
        assert client.count(index=older, query=kql)["count"] == 2

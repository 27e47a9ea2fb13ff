"""Fixtures of the contract suites: each runs over every backend of `tests/support/stores.py`."""

from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch

from tests.support import elasticsearch_node
from tests.support.stores import BACKENDS, MARKS, StoreUnderTest
from transforms.index.base import DocumentStore
from transforms.index.elasticsearch.mapping import Names

_PARAMETERS = [
    pytest.param(name, marks=getattr(pytest.mark, MARKS[name]) if name in MARKS else ()) for name in BACKENDS
]


@pytest.fixture(params=_PARAMETERS)
def store_under_test(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StoreUnderTest]:
    """Give an empty document store of each backend, with the way to open it again."""
    with BACKENDS[request.param](tmp_path_factory.mktemp("store")) as under_test:
        yield under_test


@pytest.fixture
def document_store(store_under_test: StoreUnderTest) -> DocumentStore:
    """Give an empty document store of each backend."""
    return store_under_test.store


@pytest.fixture
def names() -> Iterator[Names]:
    """Give a project on the real node of which nothing has been made."""
    with elasticsearch_node.project() as project:
        yield Names(project=project)


@pytest.fixture
def client() -> Iterator[Elasticsearch]:
    """Give a client of the real node, for what a store cannot do."""
    with elasticsearch_node.client() as elasticsearch:
        yield elasticsearch


@pytest.fixture(scope="module", params=_PARAMETERS)
def corpus_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentStore]:
    """Give a store that holds the small corpus of `tests/support/corpus.py`; tests only read it."""
    from tests.support.corpus import corpus_writes

    with BACKENDS[request.param](tmp_path_factory.mktemp("corpus")) as under_test:
        results = under_test.store.bulk(corpus_writes())
        assert {result.status for result in results} == {"written"}, results
        under_test.store.refresh()
        yield under_test.store

"""A node with security: TLS by an authority of its own, keys that may too little or nothing; each said in one line."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from elasticsearch import AuthenticationException, Elasticsearch

from tests.support.commands import newsbeam
from tests.support.newsweb import NewsWeb
from tests.support.own_node import OwnNode
from tests.support.own_node_runs import World, fetched_once, world
from tests.support.processes import wait_for
from tests.support.secure_node import ca_fingerprint, foreign_authority, make_key, secure_node

pytestmark = [pytest.mark.elasticsearch, pytest.mark.full, pytest.mark.slow]

ALL = {"newsbeam-*": ["all"]}
TEMPLATES = ("monitor", "manage_index_templates")


@pytest.fixture(scope="module")
def node() -> Iterator[OwnNode]:
    with secure_node() as made:
        yield made


@pytest.fixture
def web() -> Iterator[NewsWeb]:
    with NewsWeb.big(pages=10, sites=2) as made:
        yield made


@pytest.fixture
def here(node: OwnNode, web: NewsWeb, tmp_path: Path) -> World:
    return world(tmp_path, node, web)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> "Use":
    for name in ("ES_URL", "ES_API_KEY", "ES_USERNAME", "ES_PASSWORD", "ES_CA_CERT", "ES_CA_FINGERPRINT"):
        monkeypatch.delenv(name, raising=False)
    return Use(monkeypatch)


class Use:
    """Sets what newsbeam takes from the environment."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, values: Mapping[str, str]) -> None:
        for name, value in values.items():
            self._monkeypatch.setenv(name, value)


def by_file(node: OwnNode) -> dict[str, str]:
    return {"ES_CA_CERT": node.environ["ES_CA_CERT"]}


def told(here: World, *command: str, code: int = 1) -> str:
    """Return the one line on standard error of a command that fails."""
    lines = newsbeam(here.folder, *command, code=code).stderr.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_a_password_and_the_authority_in_a_file(here: World, node: OwnNode, web: NewsWeb, use: Use) -> None:
    use(node.environ)
    with here.run("ingest", "--json") as run:
        assert run.report()["ended"] == 10
        assert node.environ["ES_PASSWORD"] not in run.said
    here.assert_whole(web.article_urls())
    fetched_once(web)


def test_a_key_and_the_fingerprint_of_the_authority(here: World, node: OwnNode, web: NewsWeb, use: Use) -> None:
    key = make_key(node, indices=ALL, cluster=TEMPLATES)
    use({"ES_API_KEY": key, "ES_CA_FINGERPRINT": ca_fingerprint(node)})
    with here.run("ingest", "--json", "--state", node.url) as run:
        assert run.report()["ended"] == 10
        assert key not in run.said
    assert newsbeam(here.folder, "index", "check").returncode == 0
    assert {row["outcome"] for row in here.documents("state-urls")} == {"created"}
    assert len(here.documents("articles")) == 10


def test_keys_that_are_wrong_expired_or_invalidated_are_told_apart(
    here: World, node: OwnNode, web: NewsWeb, use: Use
) -> None:
    use(by_file(node))
    use({"ES_API_KEY": "bm9ib2R5OmtleQ=="})
    said = told(here, "index", "create")
    assert f"{node.url} does not know us" in said
    assert "unable to find apikey" in said
    assert "check ES_API_KEY" in said
    assert told(here, "ingest") == said
    assert web.requests() == []

    use({"ES_API_KEY": make_key(node, indices=ALL, name="short", expiration="1s")})
    wait_for("the key's end", lambda: _is_refused(node))
    assert "api key is expired" in told(here, "index", "create")

    use({"ES_API_KEY": make_key(node, indices=ALL, name="withdrawn")})
    with node.client() as client:
        client.security.invalidate_api_key(name="withdrawn")
    assert "has been invalidated" in told(here, "index", "create")


def _is_refused(node: OwnNode) -> bool:
    client = Elasticsearch(node.url, api_key=os.environ["ES_API_KEY"], ca_certs=node.environ["ES_CA_CERT"])
    try:
        client.security.authenticate()
    except AuthenticationException:
        return True
    finally:
        client.close()
    return False


def test_without_credentials_nobody_is_known(here: World, node: OwnNode, use: Use) -> None:
    use(by_file(node))
    assert "missing authentication credentials" in told(here, "index", "create")
    use({"ES_USERNAME": "elastic", "ES_PASSWORD": "not-the-password"})
    said = told(here, "index", "create")
    assert "unable to authenticate user [elastic]" in said
    assert "not-the-password" not in said


def test_a_missing_privilege_is_named_and_no_page_is_asked_for(
    here: World, node: OwnNode, web: NewsWeb, use: Use
) -> None:
    use(by_file(node))
    use({"ES_API_KEY": make_key(node, indices={"newsbeam-*": ["read", "view_index_metadata"]})})
    said = told(here, "ingest")
    assert "a privilege is missing" in said
    assert "this action is granted by the" in said
    assert "privileges [" in said
    assert web.requests() == []
    use({"ES_API_KEY": make_key(node, indices=ALL, cluster=TEMPLATES)})
    newsbeam(here.folder, "index", "create")
    use({"ES_API_KEY": make_key(node, indices={"newsbeam-*": ["read", "view_index_metadata"]}, cluster=TEMPLATES)})
    with here.run("ingest", "--json") as run:
        assert run.code() == 1
        assert "a privilege is missing" in run.said
        assert "index privileges [" in run.said
    assert [letter["reason"] for letter in here.documents("dead-letters")] == []
    use({"ES_API_KEY": make_key(node, indices=ALL, cluster=TEMPLATES)})
    with here.run("ingest", "--json", name="again") as again:
        again.report()
    here.assert_whole(web.article_urls())


def test_an_authority_that_is_not_the_nodes_is_told_in_one_line(here: World, node: OwnNode, use: Use) -> None:
    use({name: node.environ[name] for name in ("ES_USERNAME", "ES_PASSWORD")})
    said = told(here, "index", "create")
    assert "no TLS connection" in said
    assert "CERTIFICATE_VERIFY_FAILED" in said
    assert "name its certificate authority in ES_CA_CERT (a file) or ES_CA_FINGERPRINT" in said
    use({"ES_CA_CERT": str(foreign_authority(here.folder))})
    assert "CERTIFICATE_VERIFY_FAILED" in told(here, "index", "create")


def test_a_fingerprint_that_is_not_the_nodes_is_told_in_one_line(here: World, node: OwnNode, use: Use) -> None:
    use({name: node.environ[name] for name in ("ES_USERNAME", "ES_PASSWORD")})
    use({"ES_CA_FINGERPRINT": "00" * 32})
    assert "Fingerprints did not match" in told(here, "index", "create")
    use({"ES_CA_FINGERPRINT": "abcd"})
    assert "ES_CA_FINGERPRINT (SHA-256 in hexadecimal)" in told(here, "index", "create", code=2)


def test_an_address_without_tls_is_told_so(here: World, node: OwnNode, use: Use) -> None:
    use({name: node.environ[name] for name in ("ES_USERNAME", "ES_PASSWORD")})
    plain = node.url.replace("https://", "http://")
    assert "A server that wants TLS needs https:// here" in told(here, "index", "create", "--store", plain)
    use(by_file(node))
    assert "ES_CA_CERT and ES_CA_FINGERPRINT go with https://" in told(
        here, "index", "create", "--store", plain, code=2
    )

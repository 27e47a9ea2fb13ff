"""Where Elasticsearch is and who we are, from the environment."""

import pytest

from transforms.elastic.address import find_address
from transforms.errors import ConfigurationError

SECRET = "s3cret-Wort"


@pytest.mark.parametrize(
    ("url", "environ", "hosts"),
    [
        (None, {"ES_URL": "http://es.example:9200"}, ("http://es.example:9200",)),
        (None, {"ES_URL": " https://a.example:9200/es/ , https://b.example:9200 "},
         ("https://a.example:9200/es", "https://b.example:9200")),
        (None, {"ES_LOCAL_URL": "http://localhost:9200"}, ("http://localhost:9200",)),
        (None, {"ES_URL": "http://a.example:1", "ES_LOCAL_URL": "http://b.example:2"}, ("http://a.example:1",)),
        ("http://b.example:2", {"ES_URL": "http://a.example:1", "ES_CLOUD_ID": "x:y"}, ("http://b.example:2",)),
        (None, {"ES_URL": f"https://elastic:{SECRET}@es.example:9200"}, ("https://es.example:9200",)),
    ],
)  # fmt: skip
def test_address_comes_from_the_option_then_the_environment(
    url: str | None, environ: dict[str, str], hosts: tuple[str, ...]
) -> None:
    address = find_address(url, environ)
    assert (address.hosts, address.cloud_id) == (hosts, None)
    assert address.shown == ", ".join(hosts)


@pytest.mark.parametrize(
    ("environ", "api_key", "basic_auth"),
    [
        ({}, None, None),
        ({"ES_API_KEY": SECRET}, SECRET, None),
        ({"ES_API_KEY": SECRET, "ES_USERNAME": "u", "ES_PASSWORD": "p"}, SECRET, None),
        ({"ES_USERNAME": "u", "ES_PASSWORD": SECRET}, None, ("u", SECRET)),
        ({"ES_LOCAL_API_KEY": SECRET}, SECRET, None),
        ({"ES_LOCAL_API_KEY": "other", "ES_USERNAME": "u", "ES_PASSWORD": SECRET}, None, ("u", SECRET)),
        ({"ES_URL": f"http://elastic:{SECRET}%21@h:1"}, None, ("elastic", f"{SECRET}!")),
        ({"ES_API_KEY": "  "}, None, None),
    ],
)
def test_credentials_come_from_the_environment(
    environ: dict[str, str], api_key: str | None, basic_auth: tuple[str, str] | None
) -> None:
    address = find_address(None, {"ES_URL": "http://h:1", **environ})
    assert (address.api_key, address.basic_auth) == (api_key, basic_auth)
    assert SECRET not in repr(address)
    assert SECRET not in address.shown


def test_certificates_and_cloud_id_are_taken_over() -> None:
    environ = {"ES_CLOUD_ID": f"name:{SECRET}", "ES_CA_CERT": "/ca.pem", "ES_CA_FINGERPRINT": "AA:BB"}
    address = find_address(None, environ)
    assert (address.hosts, address.cloud_id) == ((), f"name:{SECRET}")
    assert (address.ca_certs, address.fingerprint) == ("/ca.pem", "AA:BB")
    assert SECRET not in repr(address) + address.shown


@pytest.mark.parametrize(
    ("url", "environ", "said"),
    [
        (None, {}, "ES_URL"),
        (None, {}, "--store or --state http://localhost:9200"),
        ("http://localhost", {}, "store or state: 'http://localhost'"),
        ("localhost", {}, "'localhost' is no address"),
        ("http://localhost", {}, "such as http://localhost:9200"),
        ("ftp://h:1", {}, "'ftp://h:1'"),
        ("http://h:99999", {}, "'http://h:99999'"),
        ("http://[::1:9200", {}, "no address"),
        (None, {"ES_URL": ","}, "ES_URL holds no address"),
        (None, {"ES_LOCAL_URL": "nonsense"}, "ES_LOCAL_URL: 'nonsense'"),
        (None, {"ES_URL": f"http://u:{SECRET}@h"}, "ES_URL: 'h'"),
        (f"http://u:{SECRET}@h:1", {}, "credentials do not belong in options"),
        (None, {"ES_URL": "http://h:1", "ES_USERNAME": "u"}, "ES_PASSWORD is missing"),
        (None, {"ES_URL": "http://h:1", "ES_PASSWORD": SECRET}, "ES_USERNAME is missing"),
    ],
)
def test_unusable_settings_are_named_without_secrets(url: str | None, environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        find_address(url, environ)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)

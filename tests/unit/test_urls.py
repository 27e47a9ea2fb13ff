"""What counts as the same URL, the same site, the same document."""

import pytest

from transforms.errors import StageError
from transforms.web.urls import believable_canonical, document_id, normalize_url, origin, site_key, url_parts


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTP://Gazette.Example:80", "http://gazette.example/"),
        ("https://gazette.example:443/a#part", "https://gazette.example/a"),
        ("https://gazette.example:8443/a", "https://gazette.example:8443/a"),
        ("https://gazette.example./a", "https://gazette.example/a"),
        ("\n  https://gazette.example/a \t", "https://gazette.example/a"),
        ("https://gazette.example/a?utm_source=rss&b=2&fbclid=x&a=1", "https://gazette.example/a?b=2&a=1"),
        ("https://gazette.example/a?utm_source=rss", "https://gazette.example/a"),
        ("https://gazette.example/%7euser/%e4%f6?x=%2b+", "https://gazette.example/~user/%E4%F6?x=%2B+"),
        ("https://gazette.example/a b/100%", "https://gazette.example/a%20b/100%25"),
        ("https://gazette.example/a/./b/../c/..", "https://gazette.example/a/"),
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4"),
        ("https://straße.de/", "https://xn--strae-oqa.de/"),
        ("http://[0:0::1]:81/", "http://[::1]:81/"),
    ],
)
def test_normal_form(url, normal):
    assert normalize_url(url) == normal
    assert normalize_url(normal) == normal


def test_base_resolves_relative_urls():
    assert normalize_url("../b?x=1", base="https://gazette.example/a/c/d") == "https://gazette.example/a/b?x=1"
    assert normalize_url("//other.example/b", base="https://gazette.example/") == "https://other.example/b"


@pytest.mark.parametrize(
    "url",
    [
        "", "gazette.example/a", "//gazette.example/a", "javascript:alert(1)", "mailto:a@b.example", "file:///etc/passwd",
        "ftp://gazette.example/", "http://", "http:///a", "http://user:secret@gazette.example/", "http://a b.example/",
        "http://gazette.example:99999/", "http://gazette.example:0/", "http://gazette.example:x/", "http://[::1/",
        "http://[fe80::1%25eth0]/", "http://gaz\nette.example/", "http://gazette.example/a\x00b", "http://127.1/",
        "http://0x7f.0.0.1/", "http://2130706433/", "http://0177.0.0.01/", "http://good.example\\@evil.example/",
        "http://.example/", "http://a..example/", f"http://{'a' * 64}.example/", "http://gazette.example/" + "a" * 2048,
        "http://gazette.example/\ud800",
    ],
)  # fmt: skip
def test_everything_else_is_a_bad_url(url):
    with pytest.raises(StageError) as caught:
        normalize_url(url)
    assert caught.value.reason == "bad_url"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.gazette.example/a", "gazette.example"),
        ("https://news.gazette.co.uk/", "gazette.co.uk"),
        ("https://evil.blogspot.com/", "evil.blogspot.com"),
        ("https://a.github.io:8443/", "a.github.io"),
        ("http://co.uk/", "co.uk"),
        ("http://feeds.desk.corp.internal/", "corp.internal"),
        ("http://localhost:8080/", "localhost:8080"),
        ("http://localhost/", "localhost:80"),
        ("https://192.0.2.7/", "192.0.2.7:443"),
        ("http://[2001:db8::1]:81/", "[2001:db8::1]:81"),
        ("https://münchen.de/", "xn--mnchen-3ya.de"),
    ],
)
def test_site_is_the_registrable_domain_or_host_and_port(url, site):
    assert site_key(url) == site


def test_parts_and_origin():
    url = "https://news.gazette.co.uk:8443/world/a?b=1"
    assert origin(url) == "https://news.gazette.co.uk:8443"
    assert url_parts(url) == (url, "news.gazette.co.uk", "gazette.co.uk", "/world/a")
    assert url_parts("http://127.0.0.1:80/").registered_domain == "127.0.0.1"


PAGE = "https://www.gazette.example/world/2026/05/ferry-service-resumes-after-storm"


@pytest.mark.parametrize(
    ("claimed", "believed"),
    [
        ("https://gazette.example/world/ferry-service-resumes?utm_source=x", "https://gazette.example/world/ferry-service-resumes"),
        ("/2026/05/ferry", "https://www.gazette.example/2026/05/ferry"),
        ("https://gazette.example/12345", "https://gazette.example/12345"),
        (PAGE, PAGE),
        (None, None),
        ("", None),
        ("https://other.example/world/2026/05/ferry-service-resumes-after-storm", None),
        ("https://gazette.example/", None),
        ("https://gazette.example/?lang=en", None),
        ("https://gazette.example/world", None),
        ("https://gazette.example/world/middle-east/", None),
        ("javascript:void(0)", None),
        ("http://[broken/", None),
    ],
)  # fmt: skip
def test_canonical_claim_is_believed_only_for_a_page_of_the_site(claimed, believed):
    assert believable_canonical(claimed, PAGE) == believed


def test_document_id_names_its_algorithm():
    assert document_id(PAGE) == document_id(PAGE)
    assert document_id(PAGE) != document_id(PAGE + "x")
    assert document_id(PAGE).startswith("a1")
    assert len(document_id(PAGE)) == 32

"""robots.txt, pauses, addresses and encodings."""

from datetime import UTC, datetime

import pytest

from transforms.errors import ConfigurationError, StageError
from transforms.web.addresses import is_public
from transforms.web.charset import decode_page, sniff_kind
from transforms.web.politeness import back_off_s, freshness_s, retry_after_s, site_delay_s
from transforms.web.robots import read_robots

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


# --- robots.txt (RFC 9309)


def test_longest_rule_wins_and_our_token_beats_the_star():
    rules = read_robots(
        200,
        b"User-agent: *\nDisallow: /\n\n"
        b"User-agent: NewsBeam\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 7\n",
        "newsbeam",
    )
    assert rules.allowed("https://gazette.example/a")
    assert not rules.allowed("https://gazette.example/private/a")
    assert rules.allowed("https://gazette.example/private/open/a")
    assert rules.crawl_delay_s == 7
    assert rules.rule("https://gazette.example/private/a") == "Disallow: /private"
    assert rules.rule("https://gazette.example/private/open/a") == "Allow: /private/open"
    assert rules.rule("https://gazette.example/a") == "allow"


@pytest.mark.parametrize(
    ("status", "body", "allowed"),
    [
        (200, b"", True),
        (200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n", False),
        (200, b"<html>not a robots.txt</html>", True),
        (404, None, True),
        (403, b"User-agent: *\nDisallow: /", True),
        (429, None, False),
        (500, None, False),
        (503, b"", False),
        (302, None, False),
        (None, None, False),
    ],
)
def test_what_an_answer_for_robots_means(status, body, allowed):
    rules = read_robots(status, body, "newsbeam")
    assert rules.allowed("https://gazette.example/a") is allowed


def test_only_the_first_500_kib_count():
    body = b"User-agent: *\n" + b"# filler\n" * 60_000 + b"Disallow: /\n"
    assert len(body) > 500 * 1024
    assert read_robots(200, body, "newsbeam").allowed("https://gazette.example/a")


def test_product_token_is_not_a_user_agent_header():
    with pytest.raises(ConfigurationError):
        read_robots(200, b"", "newsbeam/1.0 (+desk@example.org)")


# --- pauses


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 120 "}, 120),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "1.5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "99999999"}, 30 * 86_400),
        ({"retry-after": "Thu, 01 Jan 2026 12:10:00 GMT"}, 600),
        ({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, None),
        ({"retry-after": "Thu, 01 Jan 2026 15:10:00 GMT", "date": "Thu, 01 Jan 2026 15:00:00 GMT"}, 600),
        ({"retry-after": "Thu, 01 Jan 2099 00:00:00 GMT"}, 30 * 86_400),
    ],
)
def test_retry_after(headers, seconds):
    assert retry_after_s(headers, now=NOON) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=600", "age": "700"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "max-age=600", "expires": "Thu, 01 Jan 2026 15:00:00 GMT"}, 600),
        ({"expires": "Thu, 01 Jan 2026 13:00:00 GMT"}, 3600),
        ({"expires": "Thu, 01 Jan 2026 13:00:00 GMT", "date": "Thu, 01 Jan 2026 12:30:00 GMT"}, 1800),
        ({"expires": "0"}, None),
    ],
)
def test_freshness(headers, seconds):
    assert freshness_s(headers, now=NOON) == seconds


def test_back_off_doubles_to_a_day_and_obeys_the_server():
    assert [back_off_s(n) for n in (1, 2, 3)] == [60, 120, 240]
    assert back_off_s(10_000) == 86_400
    assert back_off_s(1, retry_after_s=500_000) == 500_000
    assert back_off_s(5, retry_after_s=1) == 960


def test_crawl_delay_slows_us_and_never_speeds_us_up():
    assert site_delay_s(1.0, None) == 1
    assert site_delay_s(1.0, 0.2) == 1
    assert site_delay_s(1.0, 10) == 10
    assert site_delay_s(1.0, 100_000) == 300
    assert site_delay_s(900.0, 100_000) == 900


# --- addresses


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_public_addresses(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd00::1", "ff02::1", "fec0::1", "2001:db8::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "nonsense", "",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(address):
    assert not is_public(address)


# --- encodings


TEXT = "<p>Die Fähre läuft wieder aus, hieß es: „genügend Plätze“ für 120 € je Person.</p>"


@pytest.mark.parametrize(
    ("body", "content_type", "charset", "source"),
    [
        (TEXT.encode(), None, "utf-8", "utf-8"),
        (TEXT.encode(), "text/html; charset=utf-8", "utf-8", "http"),
        (TEXT.encode(), "text/html; charset=iso-8859-1", "utf-8", "utf-8"),
        (TEXT.encode("utf-8-sig"), "text/html; charset=iso-8859-1", "utf-8", "bom"),
        (TEXT.encode("utf-16"), "text/html", "utf-16-le", "bom"),
        (TEXT.encode("cp1252"), "text/html; charset=ISO-8859-1", "cp1252", "http"),
        (b"<meta charset='windows-1252'>" + TEXT.encode("cp1252"), "text/html", "cp1252", "meta"),
        (b"<meta charset='windows-1252'>" + TEXT.encode("cp1252"), "text/html; charset=utf-8", "cp1252", "meta"),
        ("<meta charset=koi8-r><p>Паром</p>".encode("koi8-r"), "text/html; charset=iso-8859-1", "koi8-r", "meta"),
        ("<p>渡し船が再開した</p>".encode("iso-2022-jp"), "text/html; charset=iso-2022-jp", "iso2022_jp", "http"),
        ("<p>渡し船が再開した</p>".encode("shift_jis"), "text/html; charset=Shift_JIS", "cp932", "http"),
    ],
)  # fmt: skip
def test_page_is_decoded_by_what_it_is(body, content_type, charset, source):
    page = decode_page(body, content_type)
    assert (page.charset, page.source) == (charset, source)
    assert page.text == body.decode(charset).removeprefix("\ufeff")


def test_unlabelled_legacy_page_is_detected():
    body = ("<p>Паром снова ходит через пролив, сообщили власти города во вторник.</p>" * 20).encode("cp1251")
    page = decode_page(body, "text/html")
    assert "Паром снова ходит" in page.text
    assert page.source == "detected"


@pytest.mark.parametrize(
    ("sentence", "encoding"),
    [
        ("Власти города сообщили, что мост откроют для движения в пятницу утром.", "cp1251"),
        ("Οι αρχές της πόλης ανακοίνωσαν ότι η γέφυρα θα ανοίξει την Παρασκευή το πρωί.", "cp1253"),
        ("市当局は金曜日の朝に橋を開通すると発表した。", "cp932"),
    ],
)
def test_one_sentence_of_a_legacy_encoding_in_an_english_page_is_read(sentence, encoding):
    english = "<p>The ferry returned to the port on Tuesday after a night at sea with a broken engine.</p>"
    body = f"<html><body>{english * 8}<p>{sentence}</p>{english * 8}</body></html>".encode(encoding)
    assert sentence in decode_page(body, "text/html").text


def test_damaged_page_keeps_its_label():
    body = (TEXT * 40).encode() + b"\xff\xfe broken"
    page = decode_page(body, "text/html; charset=utf-8")
    assert (page.charset, page.source) == ("utf-8", "http")
    assert "genügend" in page.text


@pytest.mark.parametrize("charset", ["punycode", "idna", "hex", "rot13", "undefined", "utf-7", "no-such-thing"])
def test_label_that_is_no_encoding_is_ignored(charset):
    assert decode_page(TEXT.encode(), f"text/html; charset={charset}").charset == "utf-8"


@pytest.mark.parametrize(
    "body", [b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n\x00", b"\x7fELF\x02\x01\x00\x00", b"\x1f\x8b\x08\x00\x01"]
)
def test_binary_is_undecodable(body):
    with pytest.raises(StageError) as caught:
        decode_page(body, "text/html")
    assert caught.value.reason == "undecodable"


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        (b"<!DOCTYPE html><html>", "application/pdf", "html"),
        (b"\n<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "text/xml", "html"),
        (b"<?xml version='1.0'?><rss version='2.0'>", "text/html", "xml_feed"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'>", None, "xml_feed"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "application/json", "json"),
        (b"%PDF-1.4", "text/html", "pdf"),
        (b"\xff\xd8\xff\xe0", "text/html", "image"),
        (b"Plain words of an article.", "text/plain", "text"),
        (b"Plain words of a page.", "text/html", "html"),
        (b"PK\x03\x04\x00\x00", None, "binary"),
        ("<html>".encode("utf-16"), None, "html"),
    ],
)
def test_kind_of_a_body(body, content_type, kind):
    assert sniff_kind(body, content_type) == kind

"""Conditional requests, and what answers to them mean."""

import pytest

from transforms.feeds.polling import Validators, conditional_headers, read_poll

URL = "https://gazette.example/rss"
STORED = Validators(etag='W/"a b"', last_modified="yesterday, as the server says", url=URL, body_sha256="0" * 64)
SENT = {"If-None-Match": 'W/"a b"'}


def read(status, headers=None, body=b"", *, sent=SENT, stored=STORED):
    return read_poll(status, headers or {}, body, url=URL, sent=sent, stored=stored)


def test_validators_are_sent_back_as_they_came():
    assert conditional_headers(STORED, URL) == {
        "If-None-Match": 'W/"a b"',
        "If-Modified-Since": "yesterday, as the server says",
    }


def test_validators_of_another_url_are_not_sent():
    assert conditional_headers(STORED, URL + "?moved") == {}
    assert conditional_headers(Validators(), URL) == {}


@pytest.mark.parametrize("etag", ["a\r\nX-Injected: 1", "\x00", "x" * 5000, "\u20ac", ""])
def test_validator_that_no_header_can_carry_is_left_out(etag):
    assert conditional_headers(Validators(etag=etag, url=URL), URL) == {}


def test_new_edition_replaces_both_validators_and_clears_absent_ones():
    answer = read(200, {"etag": "new"}, b"<rss/>")
    assert (answer.outcome, answer.validators.etag, answer.validators.last_modified) == ("parse", "new", None)


def test_same_body_is_unchanged_and_still_updates_validators():
    first = read(200, {"etag": "one"}, b"<rss/>").validators
    again = read(200, {"etag": "two"}, b"<rss/>", stored=first)
    assert (again.outcome, again.validators.etag) == ("unchanged", "two")


@pytest.mark.parametrize(
    ("headers", "etag", "last_modified"),
    [
        ({}, STORED.etag, STORED.last_modified),
        ({"etag": "new"}, "new", STORED.last_modified),
        ({"last-modified": "new"}, STORED.etag, "new"),
    ],
)
def test_304_updates_each_validator_by_itself(headers, etag, last_modified):
    answer = read(304, headers)
    assert (answer.outcome, answer.error) == ("unchanged", None)
    assert (answer.validators.etag, answer.validators.last_modified) == (etag, last_modified)
    assert answer.validators.body_sha256 == STORED.body_sha256


def test_304_to_an_unconditional_request_is_an_error():
    answer = read(304, sent={"Accept": "*/*"})
    assert (answer.outcome, answer.error, answer.validators) == ("failed", "empty_response", STORED)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"", "http_401"), (403, b"", "http_403"), (404, b"", "http_404"), (410, b"", "http_410"),
        (418, b"", "http_4xx"), (429, b"", "http_429"), (500, b"", "http_5xx"), (503, b"", "http_5xx"),
        (200, b" \n", "empty_response"), (204, b"", "empty_response"), (206, b"<rss/>", "empty_response"),
        (302, b"", "bad_redirect"),
    ],
)  # fmt: skip
def test_failure_keeps_the_stored_validators_and_asks_again(status, body, error):
    answer = read(status, {"etag": "of the error page"}, body)
    assert (answer.outcome, answer.error, answer.validators, answer.retryable) == ("failed", error, STORED, True)

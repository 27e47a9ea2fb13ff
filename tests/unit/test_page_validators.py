"""With which validators a stored page is asked for again: its own, verbatim, and only where a 304 means the same."""

from dataclasses import replace

import pytest

from transforms.elements import History
from transforms.page_validators import conditions, validators_of
from transforms.settings import GENERATION_BITS
from transforms.web.client import HttpResponse

URL = "http://gazette.example/ferry"
GENERATION = 3


def answer(**headers: str) -> HttpResponse:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return HttpResponse(url=URL, status_code=200, headers=named, body=b"<p>", elapsed_ms=0, wire_bytes=900)


def stored(validators: str | None, *, generation: int = GENERATION) -> History:
    return replace(History(), version=(1_800_000_000_000 << GENERATION_BITS) | generation, validators=validators)


def test_both_validators_come_back_as_they_were_with_the_bytes_that_a_304_spares() -> None:
    odd = {"etag": 'W/"3-gzip"', "last_modified": "Thu, 1 Jan 2026 0:00:00 (local)"}
    headers, spared = conditions(stored(validators_of(answer(**odd))), URL, generation=GENERATION)
    assert headers == {"If-None-Match": odd["etag"], "If-Modified-Since": odd["last_modified"]}
    assert spared == 900


@pytest.mark.parametrize("headers", [{}, {"etag": ""}, {"etag": '"' + "x" * 5_000 + '"'}, {"etag": '"\r\nX-Evil: 1"'}])
def test_a_server_that_gives_nothing_to_ask_with_is_asked_in_full(headers: dict[str, str]) -> None:
    assert validators_of(answer(**headers)) is None
    assert conditions(stored(None), URL, generation=GENERATION) == ({}, None)


def test_where_a_304_would_mean_something_else_the_page_is_asked_for_in_full() -> None:
    kept = validators_of(answer(etag='"1"'))
    in_full: tuple[dict[str, str], None] = ({}, None)
    assert conditions(stored(kept, generation=GENERATION - 1), URL, generation=GENERATION) == in_full, "read otherwise"
    assert conditions(stored(kept), f"{URL}-moved", generation=GENERATION) == in_full, "it belongs to another URL"
    assert conditions(replace(stored(kept), version=0), URL, generation=GENERATION) == in_full, "nothing is stored"


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"etag": 5}', '{"url": null}', '"text"', "null"])
def test_validators_that_another_newsbeam_left_are_none(text: str) -> None:
    assert conditions(stored(text), URL, generation=GENERATION) == ({}, None)

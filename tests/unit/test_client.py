"""The HTTP client against servers that do not behave."""

import gzip
import pickle
import random
import zlib

import pytest

from tests.support.raw_server import Exchange, answer, serve
from transforms.errors import ConfigurationError, StageError
from transforms.web.client import FetchSettings, HttpClient, HttpResponse

OPEN = FetchSettings(allow_private=True, timeout_s=10)


def fetch(script, *, settings=OPEN, max_bytes=10_000, **options) -> HttpResponse:
    with serve(script) as server, HttpClient(settings) as client:
        return client.get(server.url("/a?b=1"), max_bytes=max_bytes, **options)


def failure(script, **options) -> StageError:
    with pytest.raises(StageError) as caught:
        fetch(script, **options)
    return caught.value


def test_answer_comes_as_it_is():
    response = fetch(answer(b"hello", 'ETag: W/"x"', "X-One: 1", "x-one: 2"))
    assert (response.status_code, response.body, response.truncated) == (200, b"hello", False)
    assert response.header("etag") == 'W/"x"'
    assert [value for name, value in response.headers if name.lower() == "x-one"] == ["1", "2"]
    assert response.header("X-ONE") == "1"


def test_request_is_plain_and_names_us():
    settings = FetchSettings(
        allow_private=True, user_agent="newsbeam/1 (+desk@example.org)", from_email="desk@example.org"
    )
    with serve(answer(b"x")) as server, HttpClient(settings) as client:
        client.get(server.url("/a?b=1"), headers={"If-None-Match": 'W/"é"'}, max_bytes=10)
    lines = server.requests[0].decode("latin-1").split("\r\n")
    assert lines[0] == "GET /a?b=1 HTTP/1.1"
    assert "User-Agent: newsbeam/1 (+desk@example.org)" in lines
    assert "From: desk@example.org" in lines
    assert 'If-None-Match: W/"é"' in lines
    assert not [line for line in lines if line.lower().startswith(("cookie", "referer", "pragma", "authorization"))]


def test_redirect_is_handed_back_and_not_followed():
    with serve(answer(b"", "Location: /b", status="301 Moved")) as server, HttpClient(OPEN) as client:
        response = client.get(server.url(), max_bytes=10)
    assert (response.status_code, response.header("location"), len(server.requests)) == (301, "/b", 1)


@pytest.mark.parametrize("status", ["404 Not Found", "304 Not Modified", "503 Busy"])
def test_body_of_an_error_is_not_read(status):
    assert fetch(answer(b"x" * 50_000, status=status), max_bytes=10).body == b""


@pytest.mark.parametrize(
    "encode", [(gzip.compress, "gzip"), (zlib.compress, "deflate"), (lambda data: data, "identity")]
)
def test_body_is_decoded(encode):
    compress, name = encode
    assert fetch(answer(compress(b"words " * 100), f"Content-Encoding: {name}")).body == b"words " * 100


def test_gzip_bomb_ends_at_the_decoded_limit():
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 60_000
    assert failure(answer(bomb, "Content-Encoding: gzip"), max_bytes=100_000).reason == "too_large"


def test_announced_size_is_refused_before_it_is_read():
    error = failure(answer(b"x", length=200_000_000), max_bytes=5_000_000)
    assert (error.reason, error.retryable) == ("too_large", False)


def test_endless_body_ends_at_the_limit():
    def endless(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            exchange.send(b"x" * 65_536)

    assert failure(endless).reason == "too_large"
    response = fetch(endless, truncate=True)
    assert (len(response.body), response.truncated) == (10_000, True)


def test_endless_framing_counts_too():
    def endless(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            exchange.send(b"1;" + b"e" * 1000 + b"\r\nx\r\n")

    assert failure(endless).reason == "too_large"


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 100 Continue\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    ],
    ids=["headers", "interim answers", "trailers"],
)
def test_header_flood_ends(start):
    def flood(exchange: Exchange) -> None:
        exchange.send(start)
        while True:
            exchange.send(b"X-Flood: " + b"y" * 500 + b"\r\n")

    assert failure(flood).reason in ("too_large", "broken_answer")


def test_endless_interim_answers_end():
    def flood(exchange: Exchange) -> None:
        while True:
            exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    assert failure(flood).reason == "too_large"


def test_three_hundred_headers_are_fine():
    assert len(fetch(answer(b"x", *[f"X-{n}: {n}" for n in range(300)])).headers) >= 300


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"],
    ids=["silence", "headers", "body"],
)
def test_slow_loris_ends_at_the_deadline(start):
    def slow(exchange: Exchange) -> None:
        exchange.send(start)
        exchange.trickle(b"x" * 1000, every_s=0.05)

    error = failure(slow, settings=FetchSettings(allow_private=True, timeout_s=0.5))
    assert (error.reason, error.retryable) == ("timeout", True)


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"",
        b"\r\n",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_broken_answer_is_a_retryable_failure(bytes_sent):
    error = failure(bytes_sent)
    assert error.reason in ("connection_failed", "broken_answer", "too_large")
    assert error.retryable or error.reason == "too_large"


def test_no_connection_is_left_open_by_a_refused_answer():
    closed = []

    def refuse(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n")
        closed.append(exchange.socket.recv(1))

    assert failure(refuse).reason == "broken_answer"
    assert closed == [b""]


def test_wrong_content_encoding_is_undecodable():
    assert failure(answer(b"plain words", "Content-Encoding: gzip")).reason == "undecodable"


def test_encoding_we_did_not_offer_is_undecodable():
    assert failure(answer(b"x", "Content-Encoding: compress")).reason == "undecodable"


def test_random_answers_raise_nothing_else():
    seed = 20_261_124
    pick = random.Random(seed)
    pieces = [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 206\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n", b"\r\n",
        b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b"Content-Encoding: deflate\r\n", b": \r\n",
        b"5\r\n", b"hello", b"0\r\n", b"\x1f\x8b\x08\x00", b"\x00", b" folded\r\n", b"Set-Cookie: a=\xff\r\n", b"\n",
    ]  # fmt: skip

    def noise(exchange: Exchange) -> None:
        exchange.send(b"".join(pick.choices(pieces, k=pick.randint(1, 12))))

    reasons = set()
    with serve(noise) as server, HttpClient(OPEN) as client:
        for _ in range(150):
            try:
                client.get(server.url(), max_bytes=1000)
            except StageError as err:
                reasons.add(err.reason)
    assert "broken_answer" in reasons, seed
    assert reasons <= {"connection_failed", "broken_answer", "undecodable", "too_large"}, seed


def test_private_address_is_refused_where_we_connect():
    with serve(answer(b"secret")) as server:
        for url in (server.url(), f"http://localhost:{server.port}/"):
            with pytest.raises(StageError) as caught:
                HttpClient(FetchSettings()).get(url, max_bytes=10)
            assert caught.value.reason == "private_address"
            assert "--allow-private" in caught.value.message
    assert server.requests == []


def test_resolve_leads_a_name_to_an_address_and_port():
    with serve(answer(b"x")) as server:
        settings = FetchSettings(resolve=(("gazette.example", None, "127.0.0.1", server.port),))
        with HttpClient(settings) as client:
            client.get("http://gazette.example/a", max_bytes=10)
    assert b"Host: gazette.example\r\n" in server.requests[0]


def test_resolve_of_one_port_leaves_the_others():
    settings = FetchSettings(resolve=(("127.0.0.1", 81, "127.0.0.1", 82),))
    with pytest.raises(StageError) as caught:
        HttpClient(settings).get("http://127.0.0.1:80/", max_bytes=10)
    assert caught.value.reason == "private_address"


def test_closed_port_is_a_retryable_failure():
    with serve(b"") as server:
        url = server.url()
    with pytest.raises(StageError) as caught:
        HttpClient(OPEN).get(url, max_bytes=10)
    assert (caught.value.reason, caught.value.retryable) == ("connection_failed", True)


def test_plain_server_at_https_is_tls_failed():
    with serve(b"HTTP/1.1 400 Bad Request\r\n\r\n") as server, pytest.raises(StageError) as caught:
        HttpClient(OPEN).get(server.url().replace("http:", "https:"), max_bytes=10)
    assert caught.value.reason == "tls_failed"


def test_silent_server_at_https_ends_at_the_deadline():
    settings = FetchSettings(allow_private=True, timeout_s=0.5)
    with serve(lambda exchange: exchange.hang()) as server, pytest.raises(StageError) as caught:
        HttpClient(settings).get(server.url().replace("http:", "https:"), max_bytes=10)
    assert caught.value.reason == "timeout"


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "http://u:p@a.example/", "file:///etc/passwd", "http://127.1/", "x"]
)
def test_what_is_no_web_address_is_bad_url(url):
    with pytest.raises(StageError) as caught:
        HttpClient(OPEN).get(url, max_bytes=10)
    assert caught.value.reason == "bad_url"


def test_settings_survive_pickling_and_refuse_unsendable_headers():
    assert pickle.loads(pickle.dumps(OPEN)) == OPEN
    with pytest.raises(ConfigurationError, match="plain ASCII"):
        FetchSettings(user_agent="news\r\nbeam")

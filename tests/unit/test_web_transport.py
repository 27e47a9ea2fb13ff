"""Kept connections, compressed bodies, the proxy of the environment, certificates, and names that change their mind."""

import gzip
import shutil
import socket
import ssl
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd

from tests.support.raw_server import Exchange, answer, serve
from transforms.errors import ConfigurationError, StageError
from transforms.web import connections
from transforms.web.client import FetchSettings, HttpClient, HttpResponse
from transforms.web.connections import BudgetSocket
from transforms.web.proxies import Proxy, is_private_name, proxy_for

OPEN = FetchSettings(allow_private=True, timeout_s=10)
CODECS = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstd.compress,
}


def fetch(script, *, max_bytes: int = 10_000_000, settings: FetchSettings = OPEN) -> HttpResponse:
    with serve(script) as server, HttpClient(settings) as client:
        return client.get(server.url(), max_bytes=max_bytes)


def refusal(script, **options: Any) -> StageError:
    with pytest.raises(StageError) as caught:
        fetch(script, **options)
    return caught.value


# --- kept connections


def several(exchange: Exchange, *answers: bytes) -> None:
    """Answer request after request on one connection."""
    for number, each in enumerate(answers):
        if number:
            exchange.read_request()
        exchange.send(each)


def test_two_requests_to_a_host_share_a_connection() -> None:
    served = []

    def script(exchange: Exchange) -> None:
        served.append(exchange)
        several(exchange, answer(b"one"), answer(b"", status="304 Not Modified"), answer(b"two"))

    with serve(script) as server, HttpClient(OPEN) as client:
        bodies = [client.get(server.url(f"/{n}"), max_bytes=10).body for n in range(3)]
    assert bodies == [b"one", b"", b"two"]
    assert len(served) == 1


def test_a_connection_that_the_server_closed_in_the_meantime_is_no_failure_of_the_page() -> None:
    with serve(answer(b"x")) as server, HttpClient(OPEN) as client:  # closes after each answer, without saying so
        assert [client.get(server.url(), max_bytes=10).body for _ in range(3)] == [b"x"] * 3
    assert len(server.requests) == 3


def test_a_request_lost_with_its_kept_connection_is_sent_once_more() -> None:
    def script(exchange: Exchange) -> None:
        exchange.send(answer(b"x"))
        exchange.read_request()  # and close without a word

    with serve(script) as server, HttpClient(OPEN) as client:
        assert [client.get(server.url(), max_bytes=10).body for _ in range(2)] == [b"x", b"x"]


def test_half_an_answer_on_a_kept_connection_is_a_failure_and_not_asked_again() -> None:
    def script(exchange: Exchange) -> None:
        exchange.send(answer(b"x"))
        exchange.read_request()
        exchange.send(b"HTTP/1.1 20")

    with serve(script) as server, HttpClient(OPEN) as client:
        client.get(server.url(), max_bytes=10)
        with pytest.raises(StageError) as caught:
            client.get(server.url(), max_bytes=10)
    assert caught.value.reason == "broken_answer"
    assert len(server.requests) == 1


def test_what_a_server_sends_unasked_is_never_taken_for_an_answer() -> None:
    """A second answer behind the first one would be read as that of the next request."""

    def script(exchange: Exchange) -> None:
        several(exchange, answer(b"asked") + answer(b"unasked"), answer(b"asked"))

    with serve(script) as server, HttpClient(OPEN) as client:
        assert client.get(server.url("/a"), max_bytes=10).body == b"asked"
        assert client.get(server.url("/b"), max_bytes=10).body == b"asked"


def test_a_body_that_was_refused_leaves_no_connection_to_go_on_with() -> None:
    with serve(answer(b"x" * 100_000)) as server, HttpClient(OPEN) as client:
        for _ in range(2):
            with pytest.raises(StageError):
                client.get(server.url(), max_bytes=1000)
        assert len(client._idle._kept) == 0


def test_cookies_are_never_kept_or_sent() -> None:
    def script(exchange: Exchange) -> None:
        several(exchange, *[answer(b"x", "Set-Cookie: id=1; Domain=example")] * 2)
        sent.append(exchange.last_request)

    sent: list[bytes] = []
    with serve(script) as server:
        settings = FetchSettings(
            resolve=(("a.example", None, "127.0.0.1", server.port), ("b.example", None, "127.0.0.1", server.port))
        )
        with HttpClient(settings) as client:
            for url in ("http://a.example/", "http://a.example/2", "http://b.example/"):
                client.get(url, max_bytes=10)
    assert b"GET /2" in sent[0]
    assert not [request for request in [*server.requests, *sent] if b"cookie" in request.lower()]


def test_the_time_limit_of_a_kept_connection_starts_anew() -> None:
    def script(exchange: Exchange) -> None:
        exchange.send(answer(b"x"))
        exchange.read_request()
        exchange.hang()

    settings = FetchSettings(allow_private=True, timeout_s=1.0)
    with serve(script) as server, HttpClient(settings) as client:
        client.get(server.url(), max_bytes=10)
        with pytest.raises(StageError) as caught:
            client.get(server.url(), max_bytes=10)
    assert caught.value.reason == "timeout"


# --- compressed bodies


@pytest.mark.parametrize("name", CODECS)
def test_body_is_unpacked(name: str) -> None:
    words = b"words of an article " * 100
    response = fetch(answer(CODECS[name](words), f"Content-Encoding: {name}"))
    assert response.body == words
    assert response.wire_bytes < len(words)


@pytest.mark.parametrize("name", CODECS)
def test_bomb_ends_at_the_decoded_limit(name: str) -> None:
    bomb = CODECS[name](b"\0" * 50_000_000)
    assert refusal(answer(bomb, f"Content-Encoding: {name}"), max_bytes=500_000).reason == "too_large"


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_bomb_ends_by_its_ratio_long_before_a_generous_limit(name: str) -> None:
    error = refusal(answer(CODECS[name](b"\0" * 50_000_000), f"Content-Encoding: {name}"), max_bytes=500_000_000)
    assert error.reason == "too_large"
    assert "bomb" in error.message


@pytest.mark.parametrize("chain", [("gzip", "gzip"), ("br", "gzip"), ("gzip", "zstd"), ("gzip", "gzip", "gzip")])
def test_bomb_in_a_bomb_ends_too(chain: tuple[str, ...]) -> None:
    bomb = b"\0" * 100_000_000
    for name in chain:
        bomb = CODECS[name](bomb)
    error = refusal(answer(bomb, f"Content-Encoding: {', '.join(chain)}"), max_bytes=5_000_000)
    assert error.reason == "too_large"


def test_chain_of_many_encodings_is_refused() -> None:
    error = refusal(answer(b"x", "Content-Encoding: " + ", ".join(["gzip"] * 50)))
    assert error.reason == "undecodable"


@pytest.mark.parametrize("name", CODECS)
def test_bytes_that_are_not_what_they_are_called_are_undecodable(name: str) -> None:
    assert refusal(answer(b"<html>plain words, longer than any header of a codec</html>" * 9,
                          f"Content-Encoding: {name}")).reason == "undecodable"  # fmt: skip


def test_page_that_shrinks_well_is_no_bomb() -> None:
    page = b"".join(b"<li><a href='/2026/%d'>Story number %d of the archive</a></li>" % (n, n) for n in range(60_000))
    assert fetch(answer(gzip.compress(page), "Content-Encoding: gzip")).body == page


# --- addresses: the one that is connected to is the one that was judged


class Resolver:
    """Answers a name's first question with one address, and every later one with another."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
        self.answers, self.asked, self.connected = list(addresses), 0, []
        monkeypatch.setattr(connections.socket, "getaddrinfo", self.answer)
        monkeypatch.setattr(BudgetSocket, "connect", self.connect)

    def answer(self, host: str, port: int, **_: object) -> list[Any]:
        address = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(self, target: tuple[str, int]) -> None:
        self.connected.append(target[0])
        raise ConnectionRefusedError(111, "nobody there")


def test_a_name_that_leads_elsewhere_when_it_is_asked_again_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch, "93.184.215.14", "127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1")
    reasons = []
    with HttpClient(FetchSettings()) as client:
        for _ in range(4):
            with pytest.raises(StageError) as caught:
                client.get("http://rebinding.example/", max_bytes=10)
            reasons.append(caught.value.reason)
    assert reasons == ["connection_failed", "private_address", "private_address", "private_address"]
    assert resolver.connected == ["93.184.215.14"]
    assert resolver.asked == 4  # once for each connection: nothing is judged by one answer and reached by another


def test_one_private_address_among_public_ones_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch)
    mixed = [(socket.AF_INET, 1, 6, "", (address, 80)) for address in ("10.0.0.1", "93.184.215.14", "127.0.0.1")]
    monkeypatch.setattr(connections.socket, "getaddrinfo", lambda *_, **__: mixed)
    with HttpClient(FetchSettings()) as client, pytest.raises(StageError) as caught:
        client.get("http://mixed.example/", max_bytes=10)
    assert caught.value.reason == "connection_failed"
    assert resolver.connected == ["93.184.215.14"]


# --- the proxy of the environment


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Give a proxy that answers what it is asked for, with its requests."""

    def script(exchange: Exchange) -> None:
        if exchange.request.startswith(b"CONNECT"):
            exchange.send(b"HTTP/1.1 403 Forbidden\r\n\r\n")
        else:
            exchange.send(answer(b"through the proxy"))

    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with serve(script) as server:
        monkeypatch.setenv("http_proxy", f"http://user:s%40cret@127.0.0.1:{server.port}")
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("no_proxy", "direct.example")
        yield server


def test_public_names_go_through_the_proxy_with_its_password(proxied: Any) -> None:
    with HttpClient(FetchSettings()) as client:
        response = client.get("http://gazette.example/a?b=1", max_bytes=100)
    assert response.body == b"through the proxy"
    request = proxied.requests[0]
    assert request.startswith(b"GET http://gazette.example/a?b=1 HTTP/1.1\r\nHost: gazette.example\r\n")
    assert b"Proxy-Authorization: Basic dXNlcjpzQGNyZXQ=" in request


def test_https_goes_through_a_tunnel_and_a_refusal_is_told_without_the_password(proxied: Any) -> None:
    with HttpClient(FetchSettings()) as client, pytest.raises(StageError) as caught:
        client.get("https://gazette.example/a", max_bytes=100)
    assert caught.value.reason == "broken_answer"
    assert proxied.requests[0].startswith(b"CONNECT gazette.example:443 HTTP/1.")
    assert "s@cret" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "printer.local"])
def test_private_names_never_reach_the_proxy(proxied: Any, host: str) -> None:
    with HttpClient(FetchSettings()) as client, pytest.raises(StageError) as caught:
        client.get(f"http://{host}/", max_bytes=100)
    assert caught.value.reason in ("private_address", "dns_failed")
    assert proxied.requests == []


def test_exceptions_and_named_addresses_go_directly(proxied: Any) -> None:
    assert proxy_for("http", "direct.example", 80, {"http": "http://p.example:3128", "no": "direct.example"}) is None
    with serve(answer(b"direct")) as server:
        settings = FetchSettings(resolve=(("gazette.example", None, "127.0.0.1", server.port),))
        with HttpClient(settings) as client:
            assert client.get("http://gazette.example/", max_bytes=100).body == b"direct"
    assert proxied.requests == []


def test_proxies_we_cannot_use_are_named_without_their_password() -> None:
    with pytest.raises(ConfigurationError, match="no http:// address") as caught:
        proxy_for("https", "gazette.example", 443, {"https": "socks5://user:secret@p.example:1080"})
    assert "secret" not in str(caught.value)
    proxy = proxy_for("http", "gazette.example", 80, {"http": "p.example:3128"})
    assert proxy == Proxy("p.example", 3128)
    assert "secret" not in repr(Proxy("p.example", 3128, "Basic secret"))


def test_which_names_are_private() -> None:
    assert is_private_name("metadata.google.internal")
    assert is_private_name("router.home.arpa.")
    assert not is_private_name("internal.example")


# --- certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a certificate of gazette.example that nobody but itself vouches for, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    key, cert = path.with_name("key.pem"), path.with_name("cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=gazette.example", "-addext", "subjectAltName=DNS:gazette.example",
         "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(key.read_bytes() + cert.read_bytes())
    return path


def over_tls(certificate: Path, script) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return serve(script, tls=context)


def settings_for(name: str, port: int) -> FetchSettings:
    return FetchSettings(resolve=((name, None, "127.0.0.1", port),), timeout_s=20)


def test_a_certificate_nobody_vouches_for_is_refused(certificate: Path) -> None:
    with over_tls(certificate, answer(b"x")) as server:
        client = HttpClient(settings_for("gazette.example", server.port))
        with client, pytest.raises(StageError) as caught:
            client.get("https://gazette.example/", max_bytes=10)
    assert (caught.value.reason, server.requests) == ("tls_failed", [])


def test_a_trusted_certificate_serves_kept_connections_of_its_own_name_only(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    answers = [answer(CODECS["br"](b"one" * 50), "Content-Encoding: br"), answer(b"two")]
    with over_tls(certificate, lambda exchange: several(exchange, *answers)) as server:
        with HttpClient(settings_for("gazette.example", server.port)) as client:
            bodies = [client.get("https://gazette.example/", max_bytes=1000).body for _ in range(2)]
        with HttpClient(settings_for("other.example", server.port)) as client, pytest.raises(StageError) as caught:
            client.get("https://other.example/", max_bytes=10)
    assert bodies == [b"one" * 50, b"two"]
    assert len(server.requests) == 1  # connections, here
    assert caught.value.reason == "tls_failed"

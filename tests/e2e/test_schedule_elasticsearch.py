"""A scheduler whose Elasticsearch is away at first: it fetches nothing, waits, and goes on when the node is back."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support import elasticsearch_node
from tests.support.killing import Harness
from tests.support.newsweb import NewsWeb
from tests.support.own_node import reserved_port
from tests.support.scheduling import created, scheduling, wait_for
from transforms.index import open_store

pytestmark = [pytest.mark.elasticsearch, pytest.mark.full, pytest.mark.slow]


@contextmanager
def forwarding(port: int, target: str) -> Iterator[None]:
    """Forward a port to a server for a `with` block; before and after it refuses connections."""
    to = (urlsplit(target).hostname or "", urlsplit(target).port or 0)

    def copy(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def serve(client: socket.socket) -> None:
        with client, socket.create_connection(to) as server:
            back = threading.Thread(target=copy, args=(server, client), daemon=True)
            back.start()
            copy(client, server)
            back.join()

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):  # closed at the end
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", port)) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        yield


def test_a_node_that_is_away_is_waited_for(tmp_path: Path) -> None:
    node = elasticsearch_node.node_url()
    with (
        reserved_port() as port,
        elasticsearch_node.project() as project,
        NewsWeb.big(pages=4, sites=2) as web,
    ):
        address = f"http://127.0.0.1:{port}"
        harness = Harness(tmp_path)
        harness.configure(web.resolve, web.feed_urls[:2], delay="0s")
        arguments = ("--store", address, "--state", "newsbeam.db", "--set", f"project={project}")
        with scheduling(harness, *arguments) as scheduler:
            scheduler.says("no run: ")
            assert web.requests() == [], "nothing is fetched that could not be stored"
            with forwarding(port, node):
                wait_for(lambda: created(tmp_path) == 4)
                scheduler.says("Books balance")
                assert scheduler.stop() == 0
        with closing(open_store(node, project=project)) as store:
            store.refresh()
            assert len(list(store.scan("articles"))) == 4

"""The process that serves: a socket of loopback, Datasette behind it, until a signal."""

import errno
import os
import signal
import socket
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import uvicorn
import yaml

from pipeline import stores
from pipeline.browse.pages import Pages
from pipeline.browse.plugin import datasette_of
from pipeline.output import note, print_text
from pipeline.settings import Settings
from transforms.errors import ConfigurationError, StoreError

FINISH_S = 5  # for pages under way when a signal comes


def serve(settings: Settings, path: Path, *, host: str, port: int, sql: bool, open_browser: bool) -> None:
    """Serve a store's file until SIGINT or SIGTERM, and print its address once it listens.

    Raises `ConfigurationError` for an address that cannot be had, `SchemaVersionError` and `StoreError` for a file that
    cannot be read.
    """
    with (
        stores.stored_documents(settings) as store,
        as_file(files("configs.browse")) as data,
        closing(_listen(host, port)) as listening,
    ):
        store.versions([])  # opens the file: what is wrong with it is said now, not on the first page
        metadata = yaml.safe_load((data / "metadata.yaml").read_text(encoding="utf-8"))
        datasette = datasette_of(path, Pages(settings, store), host=host, sql=sql, metadata=metadata, data=data)
        server = uvicorn.Server(
            uvicorn.Config(
                datasette.app(),
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=FINISH_S,
            )
        )
        url = _url(host, listening.getsockname()[1])
        print_text(f"{url}  shows {path}, read only; Ctrl-C ends it")
        with _ended_by_signals(server):
            if open_browser and _has_desktop():
                webbrowser.open(url)
            server.run(sockets=[listening])
        if not server.started:
            raise StoreError(f"{path}: the server did not start; the lines above say why")


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except OSError as err:
        raise _no_address(host, err) from err
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen()
    except OSError as err:
        listening.close()
        if err.errno == errno.EADDRNOTAVAIL:
            raise _no_address(host, err) from err
        raise ConfigurationError(
            f"--port: received {port}; {host} port {port} cannot be had ({err.strerror}): something else may listen "
            "there; name another port, or 0 for a free one"
        ) from err
    return listening


def _no_address(host: str, err: OSError) -> ConfigurationError:
    return ConfigurationError(f"--host: received {host!r}; valid: an address of this machine ({err.strerror})")


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _has_desktop() -> bool:
    """Say whether a browser would be a window; a text browser would take over the terminal."""
    return sys.platform in ("darwin", "win32") or any(name in os.environ for name in ("DISPLAY", "WAYLAND_DISPLAY"))


@contextmanager
def _ended_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGINT and SIGTERM end the server, from before it starts until after it has ended.

    uvicorn hears them while it runs and then raises them once more for the handlers that were there before: these.
    """

    def end(_number: int, _frame: Any) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def warn_if_public(host: str) -> None:
    """Say on stderr who can read the store when it is not served to this machine alone."""
    if host not in ("127.0.0.1", "::1", "localhost"):
        note(f"whoever reaches {host} can read this store: there is no password")

"""A server that answers bulk requests from a script, for what a real node does only by chance: rejections, bad answers.

Shapes of answers are those of real nodes of 8.19 and 9.5. After the script every action succeeds.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Action = tuple[str, dict[str, Any]]  # operation, its line
Item = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is said to a request: a status with headers and a body, or one item per action made by `item`."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    item: Callable[[int, Action], Item] | None = None


@dataclass
class Scripted:
    """`url` is where it listens; `requests` what it was sent, as (actions, bytes)."""

    url: str
    script: list[Answer]
    requests: list[tuple[list[Action], int]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ids(self) -> list[list[str]]:
        """The ids of each request."""
        return [[line["_id"] for _, line in actions] for actions, _ in self.requests]


def written(_position: int, action: Action) -> Item:
    """Return the item of an action that succeeded."""
    return {"status": 201, "result": "created", "_version": action[1].get("version", 1)}


def error(status: int, type: str, reason: str = "because") -> Item:
    """Return the item of an action that did not."""
    return {"status": status, "error": {"type": type, "reason": reason}}


def refusal(status: int, type: str, reason: str = "because", **headers: str) -> Answer:
    """Return an answer that refuses a whole request; `retry_after` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"error": {"type": type, "reason": reason}, "status": status}
    return Answer(status=status, headers=named, body=body)


@contextmanager
def scripted_elasticsearch(script: Sequence[Answer]) -> Iterator[Scripted]:
    """Serve until the block ends."""
    scripted = Scripted("", list(script))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            actions = _actions(data)
            with scripted.lock:
                scripted.requests.append((actions, len(data)))
                answer = scripted.script.pop(0) if scripted.script else Answer()
            body = answer.body
            if body is None and answer.status == 200:
                made = answer.item or written
                items = [{action[0]: made(position, action)} for position, action in enumerate(actions)]
                body = {"errors": False, "items": items}
            encoded = b"" if body is None else json.dumps(body).encode()
            self.send_response(answer.status)
            headers = {"X-Elastic-Product": "Elasticsearch", "Content-Type": "application/json", **answer.headers}
            for name, value in (headers | {"Content-Length": str(len(encoded))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(encoded)

        do_POST = do_PUT

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        scripted.url = f"http://127.0.0.1:{server.server_port}"
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield scripted
        finally:
            server.shutdown()
            serving.join()


def _actions(data: bytes) -> list[Action]:
    lines = iter(data.decode().splitlines())
    found: list[Action] = []
    for line in lines:
        [(operation, meta)] = json.loads(line).items()
        if operation != "delete":
            next(lines)
        found.append((operation, meta))
    return found

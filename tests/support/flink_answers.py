"""A server that says what Flink's REST interface says (1.19), or what it would not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

Answers = dict[str, list[tuple[int, Any]]]  # by path: status and body, one after the other
Asked = list[tuple[str, str, Any]]  # method, path, body

JOBS = {
    "jobs": [
        {"jid": "a1", "name": "newsbeam-1", "state": "FINISHED", "start-time": 5},
        {"jid": "b2", "name": "newsbeam-1", "state": "RUNNING", "start-time": 4},
        {"jid": "c3", "name": "another", "state": "RUNNING", "start-time": 9},
    ]
}


@contextmanager
def flink_saying(answers: Answers) -> Iterator[tuple[str, Asked]]:
    """Give the address of a server that answers each path with what is listed, the last one for ever; what it heard."""
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            asked.append((self.command, self.path, json.loads(self.rfile.read(length)) if length else None))
            listed = answers[self.path]
            status, body = listed.pop(0) if len(listed) > 1 else listed[0]
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

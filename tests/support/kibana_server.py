"""A server on loopback that answers as Kibana's routes do, with objects, alerts and spaces of its own.

Written after Kibana's sources (core/saved-objects/server-internal/src/routes, spaces, data_views, alerting; 8.19): the
header against forged requests, the form and file name of an import, all or nothing of an export, per-object errors.
`refusals` says which route answers something else, once or for good.
"""

import base64
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

API_KEY = "c2VjcmV0LWtleQ=="
USER, PASSWORD = "elastic", "geheim-ß"
Key = tuple[str, str, str]  # space, type, id


@dataclass
class FakeKibana:
    """The server's state, for a test to look at and to change."""

    url: str = ""
    version: str = "8.19.8"
    level: str = "available"
    spaces: set[str] = field(default_factory=lambda: {"default", "desk"})
    objects: dict[Key, dict[str, Any]] = field(default_factory=dict)
    rules: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    default_view: dict[str, str] = field(default_factory=dict)
    import_errors: dict[str, dict[str, Any]] = field(default_factory=dict)  # title -> error
    refusals: dict[str, tuple[int, Any]] = field(default_factory=dict)  # part of "METHOD path" -> answer
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def writes(self) -> list[str]:
        """Requests that change something."""
        reads = ("GET ", "POST /api/saved_objects/_export")
        return [each for each in self.requests if not each.replace("/s/desk", "").startswith(reads)]


def refusal(status: int, error: str, message: str) -> tuple[int, dict[str, Any]]:
    """Return an error in the form of Kibana's server (Boom)."""
    return status, {"statusCode": status, "error": error, "message": message}


@contextmanager
def fake_kibana() -> Iterator[FakeKibana]:
    """Serve until the block ends."""
    kibana = FakeKibana()
    handler = type("Handler", (_Handler,), {"kibana": kibana})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    kibana.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield kibana
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    kibana: FakeKibana

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.kibana.requests.append(f"{method} {self.path}")
        self.kibana.headers.append({name.lower(): value for name, value in self.headers.items()})
        status, answer = self._answer(method, body)
        if isinstance(answer, list):
            content, kind = "\n".join(map(json.dumps, answer)).encode(), "application/ndjson"
        elif isinstance(answer, bytes):
            content, kind = answer, "text/html"
        else:
            content, kind = json.dumps(answer).encode() if answer is not None else b"", "application/json"
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("location", "/login?next=%2Fapi")
        self.send_header("content-type", f"{kind}; charset=utf-8")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _answer(self, method: str, body: bytes) -> tuple[int, Any]:
        path = urlsplit(self.path).path
        for part, answer in self.kibana.refusals.items():
            if part in f"{method} {self.path}":
                return answer
        if method != "GET" and "kbn-xsrf" not in self.headers:
            return refusal(400, "Bad Request", "Request must contain a kbn-xsrf header.")
        known = self.headers.get("authorization") in _credentials()
        if path == "/api/status":
            return self._status(known=known)
        if not known:
            return refusal(401, "Unauthorized", "[security_exception]: missing authentication credentials")
        space = "default"
        if found := re.match(r"/s/([a-z0-9_-]+)(/.*)", path):
            space, path = found[1], found[2]
        for pattern, route in _ROUTES:
            if matched := re.fullmatch(pattern, f"{method} {path}"):
                return route(self, space, body, *matched.groups())
        return refusal(404, "Not Found", "Not Found")

    def _status(self, *, known: bool) -> tuple[int, Any]:
        status = {"overall": {"level": self.kibana.level, "summary": ""}}
        answer: dict[str, Any] = {"status": status}
        if known:
            answer |= {"name": "kibana", "version": {"number": self.kibana.version, "build_snapshot": False}}
        return (200 if self.kibana.level in ("available", "degraded") else 503), answer

    def _space(self, _: str, __: bytes, wanted: str) -> tuple[int, Any]:
        if wanted not in self.kibana.spaces:
            return refusal(404, "Not Found", "Not Found")
        return 200, {"id": wanted, "name": wanted}

    def _export(self, space: str, body: bytes) -> tuple[int, Any]:
        wanted = [(each["type"], each["id"]) for each in json.loads(body)["objects"]]
        missing = [key for key in wanted if (space, *key) not in self.kibana.objects]
        if missing:
            objects = [{"type": kind, "id": one, "error": {"statusCode": 404}} for kind, one in missing]
            status, answer = refusal(400, "Bad Request", "Error fetching objects to export")
            return status, answer | {"attributes": {"objects": objects}}
        return 200, [self.kibana.objects[(space, *key)] for key in wanted]

    def _import(self, space: str, body: bytes) -> tuple[int, Any]:
        asked = parse_qs(urlsplit(self.path).query)
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = BytesParser().parsebytes(head + body).get_payload()
        assert isinstance(parts, list), "an import is a form"
        (part,) = parts
        if not (part.get_filename() or "").endswith(".ndjson"):
            return refusal(400, "Bad Request", f"Invalid file extension {part.get_filename()}")
        payload = part.get_payload(decode=True)
        lines = [json.loads(line) for line in payload.decode().splitlines() if line.strip()]
        keys = [(each["type"], each["id"]) for each in lines]
        if len(set(keys)) != len(keys):
            return refusal(400, "Bad Request", f"Non-unique import objects detected: {keys}")
        errors = []
        for each in lines:
            title = each["attributes"]["title"].partition(": ")[2]
            there = (space, each["type"], each["id"]) in self.kibana.objects
            if title in self.kibana.import_errors:
                errors.append(self._failure(each, self.kibana.import_errors[title]))
            elif there and asked.get("overwrite") != ["true"]:
                errors.append(self._failure(each, {"type": "conflict"}))
            else:
                self.kibana.objects[(space, each["type"], each["id"])] = each
        answer = {"success": not errors, "successCount": len(lines) - len(errors), "warnings": []}
        return 200, answer | ({"errors": errors} if errors else {})

    def _failure(self, each: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
        title = each["attributes"]["title"]
        return {"id": each["id"], "type": each["type"], "title": title, "meta": {"title": title}, "error": error}

    def _bulk_delete(self, space: str, body: bytes) -> tuple[int, Any]:
        statuses = []
        for each in json.loads(body):
            found = self.kibana.objects.pop((space, each["type"], each["id"]), None)
            error = {"error": {"statusCode": 404, "error": "Not Found", "message": "not found"}}
            statuses.append({**each, "success": found is not None, **({} if found else error)})
        return 200, {"statuses": statuses}

    def _rule_get(self, space: str, _: bytes, rule: str) -> tuple[int, Any]:
        if (space, rule) not in self.kibana.rules:
            return refusal(404, "Not Found", f"Saved object [alert/{rule}] not found")
        return 200, {"id": rule, **self.kibana.rules[(space, rule)]}

    def _rule_post(self, space: str, body: bytes, rule: str) -> tuple[int, Any]:
        if (space, rule) in self.kibana.rules:
            return refusal(409, "Conflict", f"Saved object [alert/{rule}] conflict")
        self.kibana.rules[(space, rule)] = json.loads(body)
        return 200, {"id": rule}

    def _rule_delete(self, space: str, _: bytes, rule: str) -> tuple[int, Any]:
        if self.kibana.rules.pop((space, rule), None) is None:
            return refusal(404, "Not Found", f"Saved object [alert/{rule}] not found")
        return 204, None

    def _default_view(self, space: str, body: bytes) -> tuple[int, Any]:
        asked = json.loads(body)
        if asked["force"] or space not in self.kibana.default_view:
            self.kibana.default_view[space] = asked["data_view_id"]
        return 200, {"acknowledged": True}


_Route = Callable[..., tuple[int, Any]]
_ROUTES: tuple[tuple[str, _Route], ...] = (
    (r"GET /api/spaces/space/(.+)", _Handler._space),
    (r"POST /api/saved_objects/_export", _Handler._export),
    (r"POST /api/saved_objects/_import", _Handler._import),
    (r"POST /api/saved_objects/_bulk_delete", _Handler._bulk_delete),
    (r"GET /api/alerting/rule/(.+)", _Handler._rule_get),
    (r"POST /api/alerting/rule/(.+)", _Handler._rule_post),
    (r"DELETE /api/alerting/rule/(.+)", _Handler._rule_delete),
    (r"POST /api/data_views/default", _Handler._default_view),
)


def _credentials() -> tuple[str, str]:
    basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    return f"ApiKey {API_KEY}", f"Basic {basic}"

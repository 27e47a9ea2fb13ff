"""Requests to Kibana: the few routes that the pack needs, each failure one line with its remedy.

Every request may be made twice without harm. Nothing is tried again by itself: setup is a command that a person
repeats, and a Kibana that is still starting is waited for where that is asked for (`--wait`).
"""

import base64
import json
import ssl
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError, SSLError

from pipeline.kibana.address import KibanaAddress
from pipeline.kibana.answers import (
    MAX_SAID,
    Deleted,
    Exported,
    Imported,
    Key,
    NotExported,
    body_of,
    import_error,
    read,
    said_in,
)
from pipeline.kibana.pack import DEFAULT_SPACE
from pipeline.kibana.readiness import NotReadyError, version_in
from transforms.errors import ConfigurationError, StoreError

CONNECT_S, READ_S = 10.0, 120.0  # an import of 70 objects is validated one by one
MAX_ANSWER_BYTES = 50_000_000
_BOUNDARY = "newsbeam-objects"  # stands behind two dashes at the start of a line; every line of ours starts with {


class RefusedError(StoreError):
    """Kibana answered no. `status` is the answer's."""

    def __init__(self, message: str, *, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status, self.body = status, body


class Kibana:
    """A Kibana and one of its spaces."""

    def __init__(self, address: KibanaAddress, *, space: str = DEFAULT_SPACE) -> None:
        self.where, self.space = address.url, space
        self._base = address.url if space == DEFAULT_SPACE else f"{address.url}/s/{space}"
        self._root = address.url
        # The second lets `_bulk_delete` through where Kibana 9 counts it among its inner routes.
        self._headers = {"kbn-xsrf": "newsbeam", "x-elastic-internal-origin": "newsbeam", "accept": "application/json"}
        if address.api_key:
            self._headers["authorization"] = f"ApiKey {address.api_key}"
        elif address.basic_auth:
            told = base64.b64encode(":".join(address.basic_auth).encode()).decode()
            self._headers["authorization"] = f"Basic {told}"
        self._pool = urllib3.PoolManager(
            ssl_context=_tls(address) if address.url.startswith("https") else None,
            timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
            retries=False,
        )

    def version(self) -> str:
        """Return Kibana's version when it is ready, known to us and knows us.

        Raises `NotReadyError` for one that is away or starting, `ConfigurationError` for one of the wrong version,
        `StoreError` for what is no Kibana or refuses us.
        """
        status, body = self._answer("GET", f"{self._root}/api/status")
        if status not in (200, 503) and "statusCode" in body:  # a refusal in Kibana's own form
            self._refuse(status, body, "to see its status")
        return version_in(status, body, where=self.where)

    def check_space(self) -> None:
        """Raise `ConfigurationError` when the space is not there."""
        if self.space == DEFAULT_SPACE:
            return
        status, body = self._answer("GET", f"{self._root}/api/spaces/space/{self.space}")
        if status == 404:
            raise ConfigurationError(
                f"--space: Kibana at {self.where} has no space {self.space!r}; make it there (Stack Management, Spaces)"
            )
        self._refuse(status, body, f"to show the space {self.space}")

    def installed(self, keys: Sequence[Key]) -> dict[Key, dict[str, Any]]:
        """Return the attributes of those objects that are there."""
        wanted = list(keys)
        for _ in range(2):  # Kibana exports all or nothing; its refusal lists what is missing
            if not wanted:
                return {}
            body = {
                "objects": [{"type": kind, "id": object_id} for kind, object_id in wanted],
                "excludeExportDetails": True,
            }
            status, answer = self._answer("POST", f"{self._base}/api/saved_objects/_export", body=body)
            missing = _missing(answer, self.where) if status == 400 else set()
            if not missing:
                break
            wanted = [key for key in wanted if key not in missing]
        self._refuse(status, answer, "to export saved objects")
        lines = read(Exported, answer, where=self.where).lines
        return {(each.type, each.id): each.attributes for each in lines}

    def import_objects(self, ndjson: str) -> dict[Key, str]:
        """Put objects into the space, over those of the same id; return Kibana's words for each that it refused."""
        body = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="newsbeam.ndjson"\r\n'
            f"Content-Type: application/ndjson\r\n\r\n{ndjson}\r\n--{_BOUNDARY}--\r\n"
        ).encode()
        status, answer = self._answer(
            "POST",
            f"{self._base}/api/saved_objects/_import?overwrite=true",
            data=body,
            content_type=f"multipart/form-data; boundary={_BOUNDARY}",
        )
        self._refuse(status, answer, "to import saved objects")
        errors = read(Imported, answer, where=self.where).errors
        return {each.key: import_error(each) for each in errors}

    def delete_objects(self, keys: Sequence[Key]) -> dict[Key, str]:
        """Delete objects; return Kibana's words for each that stays."""
        if not keys:
            return {}
        body = [{"type": kind, "id": object_id} for kind, object_id in keys]
        status, answer = self._answer("POST", f"{self._base}/api/saved_objects/_bulk_delete?force=true", body=body)
        self._refuse(status, answer, "to delete saved objects")
        statuses = read(Deleted, answer, where=self.where).statuses
        return {
            each.key: said_in({"message": each.error.message})
            for each in statuses
            if not each.success and each.error.statusCode != 404
        }

    def has_rule(self, rule_id: str) -> bool:
        """Say whether an alert is there."""
        status, answer = self._answer("GET", self._rule(rule_id))
        if status != 404:
            self._refuse(status, answer, "to show alerts")
        return status != 404

    def create_rule(self, rule_id: str, body: Mapping[str, Any]) -> None:
        """Make an alert. Raises `RefusedError`; one that somebody else made meanwhile is as good."""
        status, answer = self._answer("POST", self._rule(rule_id), body=body)
        if status != 409:
            self._refuse(status, answer, "to make an alert")

    def delete_rule(self, rule_id: str) -> None:
        """Delete an alert; one that is gone already is as good. Raises `RefusedError`."""
        status, answer = self._answer("DELETE", self._rule(rule_id))
        if status != 404:
            self._refuse(status, answer, "to delete an alert")

    def set_default_view(self, view_id: str) -> None:
        """Make a data view the one that Discover opens with, where none is chosen."""
        body = {"data_view_id": view_id, "force": False}
        status, answer = self._answer("POST", f"{self._base}/api/data_views/default", body=body)
        self._refuse(status, answer, "to choose the data view to open with")

    def link(self, path: str) -> str:
        """Return the address of a page in the space."""
        return f"{self._base}/app/{path}"

    def close(self) -> None:
        """Release connections."""
        self._pool.clear()

    def _rule(self, rule_id: str) -> str:
        return f"{self._base}/api/alerting/rule/{quote(rule_id, safe='')}"

    def _answer(
        self, method: str, url: str, *, body: object = None, data: bytes | None = None, content_type: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Return the status and the body of an answer (`body_of`)."""
        headers = dict(self._headers)
        if body is not None:
            data, content_type = json.dumps(body).encode(), "application/json"
        if content_type:
            headers["content-type"] = content_type
        try:
            answer = self._pool.request(method, url, body=data, headers=headers, redirect=False, preload_content=False)
            try:
                text = answer.read(MAX_ANSWER_BYTES + 1, decode_content=True)
            finally:
                answer.release_conn()
        except HTTPError as err:
            raise self._unreachable(err) from err
        if len(text) > MAX_ANSWER_BYTES:
            raise StoreError(f"{self.where} answers with more than {MAX_ANSWER_BYTES:,} bytes: is that Kibana?")
        return answer.status, body_of(text, answer.headers.get("content-type", ""), answer.headers.get("location"))

    def _refuse(self, status: int, body: Mapping[str, Any], what: str) -> None:
        if status in (200, 204):
            return
        said = said_in(body)
        if status == 401:
            message = f"Kibana at {self.where} does not know us: check ES_API_KEY, or ES_USERNAME and ES_PASSWORD"
        elif status == 403:
            message = f"Kibana at {self.where} does not allow us {what}: the key or user lacks a privilege ({said})"
        elif 300 <= status < 400:
            message = f"{self.where} sends us on to {said}: KIBANA_URL should be where Kibana itself answers"
        elif status == 404:
            message = (
                f"Kibana at {self.where} has no such route: is the path in KIBANA_URL its server.basePath? ({said})"
            )
        elif status == 503:
            raise NotReadyError(f"Kibana at {self.where} is not ready yet ({said}): try --wait 2m")
        else:
            message = f"Kibana at {self.where} refused {what} ({status}: {said})"
        raise RefusedError(message, status=status, body=body)

    def _unreachable(self, err: HTTPError) -> StoreError:
        said = str(err).rpartition(": ")[2][:MAX_SAID]
        if isinstance(err, SSLError):
            remedy = (
                "it speaks no TLS there: write http://"
                if "WRONG_VERSION_NUMBER" in str(err) or "record layer" in str(err)
                else "name its certificate authority in ES_CA_CERT, a PEM file"
            )
            return StoreError(f"no TLS connection to Kibana at {self.where} ({said}): {remedy}")
        if isinstance(err, (ReadTimeoutError, ConnectTimeoutError)) and not isinstance(err, NewConnectionError):
            return NotReadyError(f"Kibana at {self.where} did not answer in time")
        remedy = "is it running, and is KIBANA_URL right? One that starts can be waited for: --wait 2m"
        return NotReadyError(f"Kibana at {self.where} cannot be reached ({said}): {remedy}")


def _tls(address: KibanaAddress) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if address.ca_certs:
        try:
            context.load_verify_locations(address.ca_certs)
        except OSError as err:
            raise ConfigurationError(f"ES_CA_CERT: {address.ca_certs} cannot be read; name a PEM file") from err
    return context


def _missing(answer: Mapping[str, Any], where: str) -> set[Key]:
    objects = read(NotExported, answer, where=where).attributes.objects
    return {each.key for each in objects if each.error.statusCode == 404}

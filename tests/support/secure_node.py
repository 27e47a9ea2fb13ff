"""A real Elasticsearch node with security: TLS by an authority of its own, users and API keys.

with secure_node() as node:
    monkeypatch.setenv("ES_CA_CERT", node.environ["ES_CA_CERT"])
    monkeypatch.setenv("ES_API_KEY", make_key(node, indices={"newsbeam-*": ["read"]}))
"""

import hashlib
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.own_node import OwnNode, own_node


@contextmanager
def secure_node() -> Iterator[OwnNode]:
    """Give a fresh node; `url` is https, `environ` has ES_USERNAME, ES_PASSWORD and ES_CA_CERT of who may do all."""
    with own_node(secure=True) as node:
        yield node


def make_key(
    node: OwnNode,
    *,
    indices: Mapping[str, Sequence[str]],
    cluster: Sequence[str] = (),
    name: str = "test",
    expiration: str | None = None,
) -> str:
    """Return a new API key, encoded, with these privileges: index pattern -> privileges, and the cluster's."""
    role = {
        "cluster": list(cluster),
        "indices": [{"names": [pattern], "privileges": list(given)} for pattern, given in indices.items()],
    }
    with node.client() as client:
        made = client.security.create_api_key(name=name, role_descriptors={"test": role}, expiration=expiration)
    return str(made["encoded"])


def ca_fingerprint(node: OwnNode) -> str:
    """Return the SHA-256 of the authority's certificate, in hexadecimal."""
    pem = Path(node.environ["ES_CA_CERT"]).read_text()
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def foreign_authority(folder: Path) -> Path:
    """Return the certificate of an authority that has signed nothing here."""
    made, key = folder / "foreign-ca.crt", folder / "foreign-ca.key"
    subject = ("-subj", "/CN=somebody else")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, "-keyout", key, "-out", made],
        check=True,
        capture_output=True,
    )
    return made

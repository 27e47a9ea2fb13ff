"""API keys with no more than is needed: for a run, or for reading."""

from collections.abc import Sequence
from typing import Any

from transforms.elastic.connection import Connection
from transforms.elastic.faults import RefusalError
from transforms.errors import ConfigurationError, StoreError
from transforms.index.base import KINDS, Access, AccessKey
from transforms.index.elasticsearch.mapping import Names

# A run writes, deletes rows, reads versions and makes its writes visible (`maintenance` is _refresh). It does not make
# indices: `newsbeam index create` has done that, under an account that may.
_STORE: dict[Access, Sequence[str]] = {
    "write": ("read", "write", "maintenance", "view_index_metadata"),
    "read": ("read", "view_index_metadata"),
}
_LEDGER = ("read", "write", "maintenance", "view_index_metadata", "create_index", "manage")  # makes its own indices


def role(names: Names, access: Access) -> dict[str, Any]:
    """Return the role descriptor of a key for one project: its own indices by name, and nobody else's."""
    mine = [name for kind in KINDS for name in (names.alias(kind), f"{names.alias(kind)}-v*")]
    indices: list[dict[str, Any]] = [{"names": mine, "privileges": list(_STORE[access])}]
    if access == "write":
        indices.append({"names": [f"{names.prefix}-state-*"], "privileges": list(_LEDGER)})
    return {"cluster": ["monitor"], "indices": indices}


def create_key(connection: Connection, names: Names, name: str, access: Access) -> AccessKey:
    """Make a key and return it. Raises `ConfigurationError` for a server without security, `StoreError` else."""
    try:
        made = connection.ask(
            lambda client: client.security.create_api_key(
                name=name,
                role_descriptors={f"newsbeam_{access}": role(names, access)},
                metadata={"product": "newsbeam", "project": names.project, "access": access},
            )
        )
    except RefusalError as refused:
        if refused.status in (401, 403):
            raise
        if "derived api keys" in str(refused):
            raise StoreError(
                f"{connection.where}: a key cannot make a key with privileges; "
                "use ES_USERNAME and ES_PASSWORD of somebody who may manage keys, and unset ES_API_KEY"
            ) from refused
        if _no_security(refused):
            raise ConfigurationError(
                f"{connection.where} has no security switched on, so there are no keys, and anybody who reaches it "
                "may do anything: set xpack.security.enabled: true there, or go on without a key"
            ) from refused
        raise
    return AccessKey(id=made["id"], name=made["name"], encoded=made["encoded"])


def _no_security(refused: RefusalError) -> bool:
    """A server without security does not know the path, or says that it is switched off."""
    said = str(refused).lower()
    return (
        "no handler found" in said
        or "incorrect http method" in said
        or "security is not enabled" in said
        or ("security must be explicitly enabled" in said)
    )

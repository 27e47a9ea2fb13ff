"""A stored document of an older schema version as this version writes it. Pure, and the same for every store.

Version 0 had the fields of version 1; only the tables and indices around its documents were others.
"""

from transforms.index.base import SCHEMA_VERSION, Document


def upgraded(document: Document) -> Document:
    """Return a document in this version's form; one that has it already comes back as it is."""
    if document.get("schema_version", SCHEMA_VERSION) == SCHEMA_VERSION:
        return document
    return {**document, "schema_version": SCHEMA_VERSION}

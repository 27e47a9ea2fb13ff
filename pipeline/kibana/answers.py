"""What Kibana's answers say: bodies of whatever kind, read by models. They come from whoever listens at the address."""

import json
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from transforms.errors import StoreError

MAX_SAID = 300  # characters of somebody's words in a message of ours
Key = tuple[str, str]  # type, id


class Why(BaseModel):
    """An error of one object; `type` in imports, `statusCode` elsewhere."""

    type: str = "unknown"
    statusCode: int = 0  # noqa: N815  # Kibana's name
    message: str = ""
    references: list[dict[str, str]] = []


class Named(BaseModel):
    """An object that an answer names, with its error if it has one."""

    type: str
    id: str
    error: Why = Why()
    success: bool = False

    @property
    def key(self) -> Key:
        return self.type, self.id


class Exported(BaseModel):
    """Objects of an export."""

    class Line(BaseModel):
        """An object as it is in Kibana."""

        type: str
        id: str
        attributes: dict[str, Any]

    lines: list[Line]


class NotExported(BaseModel):
    """Why nothing was exported (`SavedObjectsExportError.objectFetchError`)."""

    class Objects(BaseModel):
        """The objects at fault."""

        objects: list[Named] = []

    attributes: Objects = Objects()


class Imported(BaseModel):
    """The errors of an import (`SavedObjectsImportFailure`); that it was a success, its objects tell."""

    success: bool
    errors: list[Named] = []


class Deleted(BaseModel):
    """What became of each object to delete."""

    statuses: list[Named]


class Level(BaseModel):
    """How Kibana says it is, and its version, which it tells only to whom it knows."""

    class Status(BaseModel):
        """A part of the status."""

        class Overall(BaseModel):
            """Of the whole."""

            level: Literal["available", "degraded", "unavailable", "critical"]

        overall: Overall

    class Version(BaseModel):
        """Which Kibana it is."""

        number: str = ""

    status: Status
    version: Version = Version()


Answer = TypeVar("Answer", bound=BaseModel)


def read(model: type[Answer], body: Mapping[str, Any], *, where: str) -> Answer:
    """Return an answer as a model. Raises `StoreError` for one of another form."""
    try:
        return model.model_validate(body)
    except ValidationError as err:
        first = err.errors(include_url=False, include_input=False)[0]
        at = ".".join(map(str, first["loc"]))
        raise StoreError(f"{where} gave an answer that cannot be read ({at}: {first['msg']}): is that Kibana?") from err


def body_of(text: bytes, content_type: str, location: str | None) -> dict[str, Any]:
    """Return an answer's body as a mapping: a JSON object as it is, lines under `lines`, everything else as `said`."""
    if location:
        return {"said": location}
    try:
        if "ndjson" in content_type:
            return {"lines": [json.loads(line) for line in text.splitlines() if line.strip()]}
        found = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    return {"said": text[:MAX_SAID].decode(errors="replace")}


def said_in(body: Mapping[str, Any]) -> str:
    """Return somebody's own words of why, on one line, cut."""
    said = body.get("message") or body.get("error") or body.get("said") or "no word of why"
    return " ".join(str(said).split())[:MAX_SAID]


def import_error(each: Named) -> str:
    """Return an object's error of an import in words."""
    if each.error.type == "missing_references":
        wanted = ", ".join(f"{one.get('type')} {one.get('id')}" for one in each.error.references)
        return f"refers to what is not in Kibana: {wanted}"[:MAX_SAID]
    if each.error.type == "unsupported_type":
        return f"this Kibana has no objects of type {each.type}, or the key may not use them"
    if each.error.type in ("conflict", "ambiguous_conflict"):
        return f"clashes with another object ({each.error.type}): delete that one in Stack Management, Saved Objects"
    return said_in({"message": each.error.message})

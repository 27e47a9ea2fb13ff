"""`names.yaml`, the names that a desk declares: read once per job, by its driver, all problems at once.

- {name: Antony Blinken, label: PERSON, also: [Blinken], near: [U.S., State Department]}
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from pipeline.config import read_text
from pipeline.problems import Problem, problems_of, report
from pipeline.settings import Section, Settings
from pipeline.yaml_text import KeyPath, YamlError, parse_yaml
from transforms.elements import Label
from transforms.enrich.naming.declared_names import MAX_FORM_CHARS, DeclaredName, key_of
from transforms.errors import ConfigurationError

DEFAULT_NAME = "names.yaml"  # need not be there; a file that the configuration names otherwise must
MAX_CHARS = 20_000_000  # 200,000 entries of usual length
MAX_ENTRIES = 200_000
MAX_LIST = 200  # other forms, and words for `near`, of one entry
MAX_PROBLEMS = 20


def check_form(text: str) -> str:
    """Return a name as it is looked for. Raises `ValueError`."""
    text = " ".join(text.split())
    if not key_of(text) or len(text) > MAX_FORM_CHARS or not text.isprintable():
        raise ValueError(f"a name of 1 to {MAX_FORM_CHARS} printable characters, with a letter or digit in it")
    return text


Form = Annotated[str, AfterValidator(check_form)]
Forms = Annotated[tuple[Form, ...], Field(max_length=MAX_LIST)]


class NameBlock(Section):
    """One entry as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    name: Form
    label: Literal["PERSON", "ORG", "GPE", "LOC", "NORP", "FAC", "EVENT", "WORK", "PRODUCT"]
    also: Forms = ()
    near: Forms = ()

    def entry(self) -> DeclaredName:
        """Return the entry as an element; a form that is given twice once."""
        also = tuple(form for form in dict.fromkeys(self.also) if form != self.name)
        return DeclaredName(name=self.name, label=self.label, also=also, near=tuple(dict.fromkeys(self.near)))


class NamesFile(Section):
    """The whole file."""

    names: Annotated[tuple[NameBlock, ...], Field(max_length=MAX_ENTRIES)] = ()


def parse_names(text: str, *, shown: str) -> tuple[DeclaredName, ...]:
    """Return the entries of a file's text. Raises `ConfigurationError` with every problem and its line."""
    try:
        data, lines = parse_yaml(text, max_chars=MAX_CHARS)
    except YamlError as err:
        raise ConfigurationError(f"{shown}: {err}") from err

    def locate(path: KeyPath) -> str:
        path = path[1:]
        return next((f"{shown}:{lines[path[:end]]}" for end in range(len(path), 0, -1) if path[:end] in lines), shown)

    if data is None:
        return ()
    if not isinstance(data, list):
        raise ConfigurationError(
            f"{shown}: must be a list of entries, such as - {{name: Antony Blinken, label: PERSON, also: [Blinken]}}"
        )
    try:
        blocks = NamesFile.model_validate({"names": data}).names
    except ValidationError as err:
        problems = problems_of(err, NamesFile, {"names": data}, locate)
        raise ConfigurationError(_report(problems, shown)) from err
    entries = tuple(block.entry() for block in blocks)
    if repeated := _repeated(entries, locate):
        raise ConfigurationError(_report(repeated, shown))
    return entries


def read_names(settings: Settings) -> tuple[DeclaredName, ...]:
    """Return what the desk declares, () without a file. Raises `ConfigurationError`, also for a missing named one."""
    path = settings.names
    try:
        found = path.stat()
    except FileNotFoundError:
        if path.name == DEFAULT_NAME:
            return ()
        raise ConfigurationError(
            f"names: there is no file {path}; write it (`newsbeam names suggest` helps), or leave the key out"
        ) from None
    if found.st_size > 4 * MAX_CHARS:
        raise ConfigurationError(f"{path.name}: {found.st_size:,} bytes; at most {MAX_CHARS:,} characters are read")
    return _read(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int, size: int) -> tuple[DeclaredName, ...]:
    """Read a file; `changed_ns` and `size` tell one edition of it from the next."""
    del changed_ns, size
    with _without_collections():
        return parse_names(read_text(path, path.name), shown=path.name)


@contextmanager
def _without_collections() -> Iterator[None]:
    """Make many small objects without looking for cycles among them: 100,000 entries take 10 s of CPU, not 21."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _repeated(entries: tuple[DeclaredName, ...], locate: Any) -> list[Problem]:
    first: dict[tuple[str, str, tuple[str, ...]], int] = {}
    problems = []
    for index, entry in enumerate(entries):
        before = first.setdefault((key_of(entry.name), entry.label, entry.near), index)
        if before != index:
            text = (
                f"{entry.name!r} is already entry {before + 1} ({locate(('names', before))}); put its forms there, or"
                " tell the two apart by `near`"
            )
            problems.append(Problem(path=f"names.{index}.name", origin=locate(("names", index, "name")), text=text))
    return problems


def _report(problems: Any, shown: str) -> str:
    """Return the problems, the first of very many: a list in another format has one in every line."""
    more = len(problems) - MAX_PROBLEMS
    text = report(problems[:MAX_PROBLEMS], heading=shown)
    return f"{text}\n  ... and {more:,} more" if more > 0 else text


assert get_args(NameBlock.model_fields["label"].annotation) == get_args(Label)

"""Edits of `feeds.yaml` that leave everything else as it was written: comments, order, spacing.

The text is cut and pasted by lines, and what comes out is parsed again: an edit that would change anything but the one
feed is refused, and the user is told to make it by hand.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from pipeline.yaml_text import YamlError, item_marks, parse_yaml
from transforms.errors import ConfigurationError


def add_block(text: str, block: Mapping[str, Any]) -> str:
    """Return the text with a feed appended to its list. Raises `ConfigurationError`."""
    return add_blocks(text, [block])


def add_blocks(text: str, blocks: Sequence[Mapping[str, Any]]) -> str:
    """Return the text with feeds appended to its list, in order. Raises `ConfigurationError`."""
    before = _feeds(text)
    lines = text.splitlines()
    if before:
        marks = _marks(text)
        at = _last_line(lines, marks[-1][0], len(lines))
        new = lines[:at] + _all_written(blocks, indent=marks[-1][1]) + lines[at:]
    else:
        empty = [number for number, line in enumerate(lines) if line.split("#")[0].rstrip() in _EMPTY_LISTS]
        if not empty:
            if _data(text):
                raise _by_hand("its list of feeds is written in an unusual way")
            empty, lines = [len(lines)], [*lines, "feeds:"]
        at = empty[0]
        comment = lines[at][len("feeds:") :].partition("#")
        lines[at] = "feeds:" + (f"  #{comment[2]}" if comment[1] else "")
        new = lines[: at + 1] + _all_written(blocks, indent=2) + lines[at + 1 :]
    return _checked(_joined(new, text), [*before, *map(dict, blocks)])


def remove_block(text: str, index: int) -> str:
    """Return the text without the feed at `index`. Comments between feeds stay. Raises `ConfigurationError`."""
    before = _feeds(text)
    lines = text.splitlines()
    marks = _marks(text)
    start = marks[index][0]
    end = marks[index + 1][0] if index + 1 < len(marks) else len(lines)
    stop = _last_line(lines, start, end)
    new = lines[:start] + lines[stop:]
    if len(before) == 1:
        new = [line.replace("feeds:", "feeds: []", 1) if line.startswith("feeds:") else line for line in new]
    return _checked(_joined(new, text), before[:index] + before[index + 1 :])


_EMPTY_LISTS = ("feeds:", "feeds: []", "feeds: ~", "feeds: null")


def _data(text: str) -> Any:
    try:
        return parse_yaml(text).data
    except YamlError as err:
        raise ConfigurationError(f"the feed list cannot be read: {err}") from err


def _feeds(text: str) -> list[Any]:
    data = _data(text)
    feeds = (data or {}).get("feeds") if isinstance(data, dict | None) else ...
    if feeds is None:
        return []
    if not isinstance(feeds, list):
        raise _by_hand("`feeds:` is not a list")
    return feeds


def _marks(text: str) -> list[tuple[int, int]]:
    """Return (line of the dash, column of the dash) of each feed, from 0."""
    lines = text.splitlines()
    marks = []
    for number, column in item_marks(text, "feeds") or [(0, 0)]:
        dash = lines[number][:column].rstrip()
        if dash.lstrip() != "-":
            raise _by_hand("its feeds are not one `- url: ...` block each")
        marks.append((number, len(dash) - 1))
    return marks


def _last_line(lines: list[str], start: int, end: int) -> int:
    """Return the line behind the last one of the block at `start` that is neither empty nor a comment."""
    dash = len(lines[start]) - len(lines[start].lstrip())
    last = start
    for number in range(start + 1, end):
        line = lines[number]
        if line.strip() and not line.lstrip().startswith("#"):
            if len(line) - len(line.lstrip()) <= dash:
                break  # the next key of the file
            last = number
    return last + 1


def _all_written(blocks: Sequence[Mapping[str, Any]], *, indent: int) -> list[str]:
    return [line for block in blocks for line in _written(block, indent=indent)]


def _written(block: Mapping[str, Any], *, indent: int) -> list[str]:
    lines = []
    for key, value in block.items():
        text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
        line = f"{key}: {text.removesuffix('...' + chr(10)).strip()}"
        if _data(line) != {key: value}:  # 0E0 is text to the writer and a number to a reader of YAML 1.2
            line = f"{key}: {json.dumps(value, ensure_ascii=False)}"
        lines.append(line)
    return [" " * indent + ("- " if number == 0 else "  ") + line for number, line in enumerate(lines)]


def _joined(lines: list[str], text: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    return newline.join(lines) + newline


def _checked(text: str, expected: list[Any]) -> str:
    if _feeds(text) != expected:
        raise _by_hand("the result would not be what was asked for")
    return text


def _by_hand(why: str) -> ConfigurationError:
    return ConfigurationError(f"the feed list cannot be edited: {why}; edit it by hand")

"""Put the pack into a Kibana, compare, take it out again; one result per object, whatever became of the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.kibana.answers import Key
from pipeline.kibana.client import Kibana, RefusedError
from pipeline.kibana.objects import SavedObject, compact, version_of
from pipeline.kibana.pack import Pack

Action = Literal["made", "updated", "unchanged", "kept", "missing", "differs", "removed", "failed"]
LEFT_OUT = "Kibana left it out because of others, or gave it another id"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became (or, when nothing is written, would become) of one object."""

    type: str
    id: str
    title: str
    action: Action
    message: str = ""


def set_up(kibana: Kibana, pack: Pack, *, dry_run: bool = False) -> tuple[Result, ...]:
    """Make what is missing and update what is of another version; the second time nothing changes.

    Only what has to change is written, so that a dashboard that somebody edited in Kibana stays until the pack itself
    has a new version of it. An alert that is there is kept as it is: switched on, given actions, it is its owner's.
    Whether an object arrived is read back: Kibana's answer counts some as taken that it left out because of others.
    """
    before = compare(kibana, pack)
    changing = [each for each in pack.objects if before[_key(each)] != "unchanged"]
    errors: Mapping[Key, str] = {}
    if changing and not dry_run:
        errors = kibana.import_objects("".join(f"{compact(each)}\n" for each in changing))
    after = before if dry_run or not changing else compare(kibana, pack)
    results = []
    for each in pack.objects:
        key = _key(each)
        action: Action = _DOING[before[key]]
        if not dry_run and after[key] != "unchanged":
            results.append(_result(each, "failed", errors.get(key, LEFT_OUT)))
        else:
            results.append(_result(each, action))
    results += [_make_rule(kibana, rule_id, body, dry_run=dry_run) for rule_id, body in pack.rules.items()]
    if changing and not dry_run:
        results += _choose_view(kibana, pack, after)
    return tuple(results)


def compare(kibana: Kibana, pack: Pack) -> dict[Key, Action]:
    """Return what each saved object is against Kibana: `unchanged`, `missing` or `differs`."""
    live = kibana.installed([_key(each) for each in pack.objects])
    found: dict[Key, Action] = {}
    for each in pack.objects:
        key = _key(each)
        if key not in live:
            found[key] = "missing"
        else:
            same = version_of(each["type"], live[key]) == version_of(each["type"], each["attributes"])
            found[key] = "unchanged" if same else "differs"
    return found


def check(kibana: Kibana, pack: Pack) -> tuple[Result, ...]:
    """Compare, and say the same of alerts: there or missing, since what is in them is their owner's."""
    found = compare(kibana, pack)
    results = [_result(each, found[_key(each)]) for each in pack.objects]
    for rule_id, body in pack.rules.items():
        results.append(_rule_result(rule_id, body, "unchanged" if kibana.has_rule(rule_id) else "missing"))
    return tuple(results)


def take_out(kibana: Kibana, pack: Pack, *, dry_run: bool = False) -> tuple[Result, ...]:
    """Delete what is there; what is not is not mentioned. Alerts go first: they read through the data views."""
    results = [
        _delete_rule(kibana, rule_id, body, dry_run=dry_run)
        for rule_id, body in pack.rules.items()
        if kibana.has_rule(rule_id)
    ]
    there = kibana.installed([_key(each) for each in pack.objects])
    stay = {} if dry_run else kibana.delete_objects(list(there))
    for each in reversed(pack.objects):
        key = _key(each)
        if key in there:
            results.append(_result(each, "failed" if key in stay else "removed", stay.get(key, "")))
    return tuple(results)


_DOING: Mapping[Action, Action] = {"missing": "made", "differs": "updated", "unchanged": "unchanged"}


def _make_rule(kibana: Kibana, rule_id: str, body: Mapping[str, Any], *, dry_run: bool) -> Result:
    try:
        if kibana.has_rule(rule_id):
            return _rule_result(rule_id, body, "kept")
        if not dry_run:
            kibana.create_rule(rule_id, body)
    except RefusedError as err:
        return _rule_result(rule_id, body, "failed", str(err))
    return _rule_result(rule_id, body, "made")


def _delete_rule(kibana: Kibana, rule_id: str, body: Mapping[str, Any], *, dry_run: bool) -> Result:
    try:
        if not dry_run:
            kibana.delete_rule(rule_id)
    except RefusedError as err:
        return _rule_result(rule_id, body, "failed", str(err))
    return _rule_result(rule_id, body, "removed")


def _choose_view(kibana: Kibana, pack: Pack, after: Mapping[Key, Action]) -> list[Result]:
    """Make a data view the default where none is chosen; only a refusal is worth a line."""
    view = pack.default_view
    if view is None or after[("index-pattern", view)] != "unchanged":
        return []
    try:
        kibana.set_default_view(view)
    except RefusedError as err:
        return [Result(type="setting", id=view, title="data view to open with", action="failed", message=str(err))]
    return []


def _result(each: SavedObject, action: Action, message: str = "") -> Result:
    attributes = each["attributes"]
    title = attributes.get("name") or attributes["title"]
    return Result(type=each["type"], id=each["id"], title=title, action=action, message=message)


def _rule_result(rule_id: str, body: Mapping[str, Any], action: Action, message: str = "") -> Result:
    return Result(type="rule", id=rule_id, title=body["name"], action=action, message=message)


def _key(each: SavedObject) -> Key:
    return each["type"], each["id"]

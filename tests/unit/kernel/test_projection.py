"""What is withheld of records and events, for every kind and every set of groups."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PUBLIC, Member
from services.kernel.projection import (
    kind_and_region,
    paths_of,
    project,
    project_event,
    withheld_groups,
)

RESTRICTED = sorted(kind for kind in KINDS if paths_of(kind))
GROUPS = sorted({group for kind in KINDS for group in paths_of(kind)})
SOME_GROUPS = st.frozensets(st.sampled_from([PUBLIC, *GROUPS, "of another time"]))


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def record_of(kind, leave_out=()):
    details = {m.name: f"{m.group}·{m.name}" for m in KINDS[kind].members if m.name not in leave_out}
    return {"record_id": "r", "kind": kind, "subject": {"uscc": "u", "name": "n"}, "details": details}


def event_of(kind, record):
    return {"epoch": 1, "seq": 2, "id": "e", "kind": kind, "region": "430100", "withheld": [], "data": record}


def test_some_kinds_have_restricted_members():
    assert RESTRICTED


@given(st.sampled_from(sorted(KINDS)), SOME_GROUPS)
def test_a_projection_holds_what_is_granted_and_nothing_else(kind, groups):
    shown = json.loads(project(compact(record_of(kind)), kind, groups))
    expected = {m.name: f"{m.group}·{m.name}" for m in KINDS[kind].members if m.group in groups | {PUBLIC}}
    assert shown["details"] == expected
    assert shown.get("withheld", []) == sorted({g for g in paths_of(kind) if g not in groups})


@given(st.sampled_from(sorted(KINDS)), SOME_GROUPS)
def test_an_event_is_projected_like_its_record(kind, groups):
    record = record_of(kind)
    shown = json.loads(project_event(compact(event_of(kind, record)), kind, groups))
    inner = json.loads(project(compact(record), kind, groups))
    assert shown["withheld"] == inner.pop("withheld", [])
    assert shown["data"] == inner


@pytest.mark.parametrize("kind", RESTRICTED)
def test_a_projection_does_not_tell_whether_a_value_exists(kind):
    hidden = [path[-1] for paths in paths_of(kind).values() for path in paths]
    with_values, without = record_of(kind), record_of(kind, leave_out=hidden)
    public = frozenset({PUBLIC})
    assert project(compact(with_values), kind, public) == project(compact(without), kind, public)
    assert project_event(compact(event_of(kind, with_values)), kind, public) == project_event(
        compact(event_of(kind, without)), kind, public
    )


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_may_read_every_group_gets_the_stored_bytes(kind):
    text = json.dumps(record_of(kind))  # not even compact: it is not read at all
    every = frozenset({PUBLIC, *paths_of(kind)})
    assert project(text, kind, every) is text
    assert project_event(text, kind, every) is text


def test_events_of_no_kind_of_record_are_left_alone():
    assert withheld_groups("grade", frozenset()) == ()
    assert kind_and_region('{"kind":null,"region":null,"data":{}}') == (None, None)


def test_a_text_that_only_looks_like_a_member_stays():
    kind = RESTRICTED[0]
    hidden = next(path[-1] for paths in paths_of(kind).values() for path in paths)
    record = {"details": {}, "subject": {"name": f'"{hidden}":"x"'}}
    assert json.loads(project(compact(record), kind, frozenset({PUBLIC})))["subject"] == record["subject"]


def test_a_member_is_public_unless_it_says_otherwise():
    assert Member.__dataclass_fields__["group"].default == PUBLIC

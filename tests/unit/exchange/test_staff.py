"""Usernames, passwords, who may manage whom, and the wait after failed logins."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.exchange.domain.login import FORGOTTEN_AFTER, FREE_FAILURES, LONGEST_WAIT, Attempts
from services.exchange.domain.staff import ROLES, is_username, may_manage, password_objections, status_of
from services.exchange.service.totp import address_of, code_at, new_secret, step_of
from services.kernel.access import Role

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


# --- names and states


@pytest.mark.parametrize("name", ["wang.fang", "a-b_c.d1", "abc", "x" * 64])
def test_a_username(name):
    assert is_username(name)


@pytest.mark.parametrize(
    "name",
    ["", "ab", "Wang", "王芳", "1abc", "a..b", ".abc", "abc-", "a b", "x" * 65, "me", "sessions", "abc\n"],
)
def test_no_username(name):
    assert not is_username(name)


def test_the_roles_are_those_of_the_access_table():
    assert set(ROLES) == set(Role)


@pytest.mark.parametrize(
    ("enrolled", "disabled", "status"),
    [(None, None, "invited"), (NOW, None, "active"), (NOW, NOW, "disabled"), (None, NOW, "disabled")],
)
def test_the_state_of_an_account_follows_from_its_instants(enrolled, disabled, status):
    assert status_of(enrolled_at=enrolled, disabled_at=disabled) == status


# --- who manages whom


def test_an_agency_administrator_gives_no_role_of_the_platform():
    given_by = {role for role in ROLES if may_manage("agency_administrator", role)}
    assert given_by == {"inspector", "agency_administrator"}


@pytest.mark.parametrize("role", ["inspector", "auditor", "coordinator", "nobody"])
def test_others_give_none(role):
    assert not any(may_manage(role, other) for other in ROLES)


@given(st.sampled_from(ROLES), st.sampled_from(ROLES), st.sampled_from(ROLES))
def test_nobody_comes_to_a_role_through_another_that_it_could_not_give_itself(first, second, third):
    if may_manage(first, second) and may_manage(second, third):
        assert may_manage(first, third)


# --- passwords


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 12"),
        ("x" * 201, "at most 200"),
        ("abababababab", "different characters"),
        ("my name is Wang.Fang", "username"),
    ],
)
def test_a_password_that_is_not_taken(password, reason):
    assert any(reason in objection for objection in password_objections(password, username="wang.fang"))


def test_a_long_phrase_is_taken_whatever_its_characters():
    assert password_objections("质量信用档案与部门信息交换平台", username="wang.fang") == []


# --- failed logins


def after(failures):
    attempts = Attempts()
    for _ in range(failures):
        attempts = attempts.one_more(NOW)
    return attempts


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (40, 900)]
)
def test_the_wait_doubles_after_five_failures_up_to_a_quarter_of_an_hour(failures, seconds):
    assert after(failures).wait(NOW) == timedelta(seconds=seconds)


@given(st.integers(0, 200), st.floats(0, 90_000))
def test_a_wait_is_never_negative_never_longer_than_the_limit_and_runs_down(failures, seconds):
    attempts, later = after(failures), NOW + timedelta(seconds=seconds)
    assert timedelta(0) <= attempts.wait(later) <= LONGEST_WAIT
    assert attempts.wait(later) <= attempts.wait(NOW)


def test_failures_are_forgotten_after_a_day():
    old = after(FREE_FAILURES + 3)
    assert old.one_more(NOW + FORGOTTEN_AFTER).failures == 1
    assert old.one_more(NOW + FORGOTTEN_AFTER - timedelta(seconds=1)).failures == FREE_FAILURES + 4


# --- the second factor


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")]
)
def test_codes_are_those_of_rfc_6238(seconds, code):
    instant = datetime.fromtimestamp(seconds, UTC)
    assert code_at(RFC_SECRET, instant) == code
    assert step_of(RFC_SECRET, code, instant) == seconds // 30


@pytest.mark.parametrize(("drift", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_may_drift_by_one_step(drift, taken):
    secret = new_secret()
    code = code_at(secret, NOW + timedelta(seconds=drift))
    assert (step_of(secret, code, NOW) is not None) is taken


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", " 12345"])
def test_what_is_not_six_digits_is_no_code(code):
    assert step_of(RFC_SECRET, code, NOW) is None


def test_the_address_for_an_authenticator_names_account_and_system():
    address = address_of(RFC_SECRET, "wang.fang")
    assert address.startswith("otpauth://totp/Zhixin:wang.fang?")
    assert f"secret={RFC_SECRET}" in address

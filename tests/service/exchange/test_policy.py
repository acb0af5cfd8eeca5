"""The policy: one version for one state, seen by every process soon, and never when it is too old."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text

from services.exchange.service.administration import AdministrationRefused, add_grant, end_grant
from services.exchange.service.credentials import revoke_credential
from services.exchange.service.policy import LivePolicy
from services.exchange.store.policy import bump_policy, policy_version, read_policy
from services.kernel.problems import Problem
from tests.factories import FROM, make_agency, make_credential


@pytest.fixture
def agency(exchange_database):
    return make_agency(exchange_database, grants=("push spot_check", "pull *"))


def version(database):
    with database.read() as session:
        return policy_version(session)


def reading(database, clock):
    with database.read() as session:
        return read_policy(session, clock())


def test_the_policy_shows_agencies_credentials_and_grants(
    exchange_database, exchange_settings, agency, clock
):
    issued = make_credential(exchange_database, exchange_settings, agency, clock())
    policy = reading(exchange_database, clock)
    assert policy.agency[agency].level == "province"
    assert policy.credential[issued.client_id].agency == agency
    assert [grant.kind for grant in policy.grants_of(agency, "push", clock().date())] == ["spot_check"]


def test_a_policy_survives_its_wire(exchange_database, agency, clock):
    policy = reading(exchange_database, clock)
    assert msgspec.json.decode(msgspec.json.encode(policy), type=type(policy)) == policy


def test_revoked_and_expired_credentials_are_not_shown(exchange_database, exchange_settings, agency, clock):
    kept, _, revoked = (
        make_credential(exchange_database, exchange_settings, agency, clock(), expires_at=end)
        for end in (None, clock() + timedelta(seconds=1), None)
    )
    with exchange_database.write("test") as session:
        revoke_credential(session, client_id=revoked.client_id, now=clock())
    clock.advance(seconds=1)
    assert set(reading(exchange_database, clock).credential) == {kept.client_id}


def test_every_change_moves_the_version(exchange_database, exchange_settings, agency, clock):
    seen = [version(exchange_database)]
    issued = make_credential(exchange_database, exchange_settings, agency, clock())
    seen.append(version(exchange_database))
    with exchange_database.write("test") as session:
        grant = add_grant(
            session,
            agency=agency,
            direction="pull",
            kind="grade",
            within=["430000"],
            purpose="测试",
            basis="测试依据",
            valid_from=FROM,
        )
    seen.append(version(exchange_database))
    with exchange_database.write("test") as session:
        end_grant(session, grant, last_day=clock().date())
    seen.append(version(exchange_database))
    with exchange_database.write("test") as session:
        revoke_credential(session, client_id=issued.client_id, now=clock())
    seen.append(version(exchange_database))
    assert seen == list(range(seen[0], seen[0] + 5))


def test_a_change_that_is_undone_does_not_move_the_version(exchange_database):
    before = version(exchange_database)
    with pytest.raises(AdministrationRefused), exchange_database.write("test") as session:
        refuse_after_bump(session)
    assert version(exchange_database) == before


def test_a_policy_is_not_read_again_within_half_a_second(exchange_database, agency, clock):
    live = LivePolicy(exchange_database, clock)
    first = live()
    with exchange_database.write("test") as session:
        bump_policy(session)
    clock.advance(seconds=0.4)
    assert live() is first


def test_a_change_is_seen_after_half_a_second(exchange_database, agency, clock):
    live = LivePolicy(exchange_database, clock)
    first = live()
    with exchange_database.write("test") as session:
        bump_policy(session)
    clock.advance(seconds=0.5)
    assert live().version == first.version + 1


def test_an_unchanged_policy_stays_the_same_object(exchange_database, agency, clock):
    live = LivePolicy(exchange_database, clock)
    first = live()
    clock.advance(seconds=10)
    assert live() is first


def test_a_policy_outlasts_a_short_failure_of_the_database(exchange_database, agency, clock):
    live = LivePolicy(exchange_database, clock)
    first = live()
    take_away(exchange_database)
    clock.advance(seconds=3)
    assert live() is first


def test_a_stale_policy_is_not_used(exchange_database, agency, clock):
    live = LivePolicy(exchange_database, clock)
    live()
    take_away(exchange_database)
    clock.advance(seconds=4)
    with pytest.raises(Problem, match="policy_stale"):
        live()


def test_a_policy_that_comes_back_is_used_again(exchange_database, agency, clock):
    live = LivePolicy(exchange_database, clock)
    live()
    take_away(exchange_database)
    clock.advance(seconds=4)
    with pytest.raises(Problem):
        live()
    with exchange_database.writer.begin() as connection:
        connection.execute(text("ALTER TABLE taken_away RENAME TO policy_version"))
    assert live().agencies[0].id == agency


def refuse_after_bump(session):
    bump_policy(session)
    end_grant(session, "no such grant", last_day=FROM)


def take_away(database):
    with database.writer.begin() as connection:
        connection.execute(text("ALTER TABLE policy_version RENAME TO taken_away"))

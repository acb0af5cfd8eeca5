"""Files of made-up firms at random, from a seed: every kind, odd days, shared acts, marks, names that need escaping."""

import os
from datetime import UTC, date, datetime
from random import Random

import msgspec

from services.credit.domain.facts import CERTIFICATIONS, LEVELS, PENALTY_TYPES, Bond, Fact
from services.credit.store.enterprises import ENTERPRISE, EnterpriseState
from services.kernel import uscc
from services.kernel.bulk import insert_rows

AT_FULL_SIZE = bool(os.environ.get("ZHIXIN_TEST_FULL_SIZE"))
"""Whether the large Shows run at their full size; in the suite they are smaller."""

EFFECTS = ("final",) * 30 + ("changed", "not_final", "under_review", "suspended", "revoked", "unlawful")
ASSERTIONS = ("determined",) * 18 + ("self_declared", "third_party")
REGIONS = (
    "430100",
    "430300",
    "430400",
    "430500",
    "430600",
    "430700",
    "430800",
    "430102",
    "430321",
    "430482",
    "431200",
    "100000",
    "440100",
    "110000",
    "469001",
    "999999",
)
NAMES = (
    "演示第{}号制造有限公司",
    '演示"{}"号\\有限公司',
    "演示{}/\u2028😀厂",
    "",
    "演示\u00e9 {} <&'> Co.",
    "演示\ue000{}厂",
)
TODAY = date(2026, 11, 23).toordinal()
"""The day on which the tests grade."""
FIRST, LAST = date(2024, 9, 1).toordinal(), date(2027, 1, 31).toordinal()
ODD_DAYS = tuple(
    date.fromisoformat(day).toordinal()
    for day in (
        "2024-02-29",
        "2025-08-31",
        "2025-11-30",
        "2026-02-28",
        "0001-01-01",
        "9999-06-05",
        "9999-12-31",
    )
)
_encode = msgspec.json.Encoder().encode


def _attributes(kind, dice):
    match kind:
        case "administrative_penalty":
            types = dice.sample(PENALTY_TYPES, dice.randrange(4))
            fine = dice.choice([None, 0, 300_000, 300_001, 99_999_999, 100_000_000, 10**25])
            return {"penalty_types": types} | ({} if fine is None else {"fine_amount": fine})
        case "spot_check":
            return {"result": dice.choice(["pass", "pass", "fail", "refused"])} | _maybe(
                dice, "level", LEVELS
            )
        case "quality_award":
            return _maybe(dice, "level", (*LEVELS, "?"))
        case "recall":
            return _maybe(dice, "initiation", ("voluntary", "ordered"))
        case "quality_accident":
            return {"severity": dice.choice(["general", "major"])} | _maybe(
                dice, "finding", ("under_inquiry", "responsible")
            )
        case "certification":
            return _maybe(dice, "status", ("valid", "revoked")) | _maybe(dice, "category", CERTIFICATIONS)
        case "quality_commitment":
            return _maybe(dice, "fulfilment", ("kept", "broken", "pending"))
        case "random_inspection":
            return {"result": dice.choice(["no_problem", "obstructed"])}
    return {}


def _maybe(dice, name, values):
    return {name: dice.choice(values)} if dice.random() < 0.9 else {}


KINDS = (
    "administrative_penalty", "spot_check", "quality_award", "recall", "quality_accident", "certification",
    "standard_forerunner", "quality_commitment", "random_inspection", "enterprise_registration", "complaint",
)  # fmt: skip


def _day(dice):
    """Any day, an odd one, one about the day of grading, or one whose period ends or fades about then."""
    draw = dice.random()
    if draw < 0.05:
        return dice.choice(ODD_DAYS)
    if draw < 0.4:
        return TODAY - dice.choice([0, 91, 182, 365, 730, 1095]) + dice.randint(-5, 8)
    return dice.randint(FIRST, LAST)


def _bond(dice):
    if dice.random() < 0.85:
        return None
    return Bond(
        dice.random() < 0.5,
        dice.choice([None, None, "act|甲", "linked"]),
        dice.choice([None, "offence", "another"]),
        dice.random() < 0.3,
    )


def random_facts(dice):
    """A file of up to twelve facts; some state the same act, some files are of one kind alone."""
    facts = []
    kinds = dice.sample(KINDS, 1) if dice.random() < 0.15 else KINDS
    for number in range(dice.randrange(13)):
        kind = dice.choice(kinds)
        day = _day(dice)
        until = _day(dice) if dice.random() < 0.2 else None
        fact = Fact(
            f"{dice.getrandbits(64):016x}{number}", kind, day, until, dice.choice(ASSERTIONS), dice.choice(EFFECTS),
            dice.random() < 0.93, dice.choice([None] * 6 + ["act|甲", "act|乙", "c"]), dice.random() < 0.07,
            _attributes(kind, dice), _bond(dice),
        )  # fmt: skip
        facts.append(fact)
    return facts


def random_states(count, seed):
    """So many enterprises, in order of number."""
    dice = Random(seed)
    for number in range(count):
        code = uscc.make(f"91{dice.choice(REGIONS)}", f"KX{number:06d}")
        yield EnterpriseState(
            code, dice.choice(NAMES).format(number), "430100", True, dice.randint(1, 12_000),
            datetime(2026, 11, 1, tzinfo=UTC), _encode(random_facts(dice)).decode(),
            succeeded_by={0: code, 1: f"{code},{code}"}.get(number % 50),
        )  # fmt: skip


def enter(database, states):
    """Store enterprises as they are."""
    columns = ("uscc", "name", "region", "registered", "version", "recorded_at", "facts", "succeeded_by")
    rows = [tuple(getattr(state, column) for column in columns) for state in states]
    with database.write("test_entered") as session:
        insert_rows(session, ENTERPRISE, columns, rows)

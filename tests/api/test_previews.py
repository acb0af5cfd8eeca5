"""Previews: what is foretold is what the push then does, nothing is kept, and nobody foresees what it may not see."""

import json
import random
from datetime import date, timedelta

import pytest

from services.credit.service.record_days import intervals
from services.credit.service.remedy_rules import rules_on
from services.credit.store import records
from services.credit.tables import CreditTable
from services.kernel.clock import shanghai_day
from tests.casework import Casework, problem, pushed, sound
from tests.door import codes_of
from tests.filing import award, check, code_of, name_of, penalty, registration, rows

pytestmark = pytest.mark.anyio
CASES = 500
TYPES = ("警告", "罚款", "没收违法所得", "责令停产停业", "吊销许可证件", "通报批评")


async def previewed(door, record, caller="whole", **headers):
    answer = await door.client.post("/v1/previews", json=record, headers=door.headers(caller) | headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def contents(database):
    """Every row of every table, but the counts of quotas, which are stored by themselves."""
    return {
        table: sorted(map(repr, rows(database, f"SELECT * FROM {table}")))
        for table in CreditTable.metadata.tables
        if table != "firm_read"
    }


# --- equal to the push


class Province:
    """Firms with random files, and a random record about each of them."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        self.files = {number: self.file(number) for number in range(1, CASES + 1)}

    def day(self):
        return (date(2026, 11, 20) - timedelta(days=self.dice.randrange(1200))).isoformat()

    def any_of(self, *choices):
        return self.dice.choice(choices)

    def penalty(self, number, source):
        return penalty(
            number, source, self.day(), types=self.dice.sample(TYPES, self.dice.randint(1, 3)),
            fine=self.any_of(None, "2000.00", "60000.00", "1500000.00"), effect=self.any_of("final", "final", "suspended"),
            published_on=self.any_of(None, "2026-11-01"), product=self.any_of(None, {"name": "米粉", "class": "food"}),
            document_number=f"演示罚〔2026〕{number}-{self.dice.randint(1, 3)}号",
        )  # fmt: skip

    def check(self, number, source):
        made = check(
            number, source, self.day(), result=self.any_of("pass", "fail", "refused"),
            confirmed=self.any_of(True, True, False, None),
        )  # fmt: skip
        made["details"] |= {
            "level": self.any_of("national", "provincial", "county"),
            "is_recheck": self.any_of(True, False),
        }
        return made

    def file(self, number):
        makers = (self.penalty, self.check, lambda n, s: award(n, s, self.day()), registration)
        return [
            self.dice.choice(makers)(number, f"{number}-{place}") for place in range(self.dice.randrange(4))
        ]

    def record(self, number):
        """What an agency would push next about a firm: something new, or something said before and now changed."""
        held = [
            made for made in self.files[number] if made["kind"] in {"administrative_penalty", "spot_check"}
        ]
        fresh = self.dice.choice((self.penalty, self.check))
        turn = self.dice.randrange(10)
        if turn < 5 or not held:
            return fresh(number if turn else number + 2_000, f"{number}-new")
        old = self.dice.choice(held)
        again = self.penalty if old["kind"] == "administrative_penalty" else self.check
        match turn:
            case 5:
                return old
            case 6:
                return again(number, old["source_record_id"]) | {"operation": "correct"}
            case 7:
                return old | {"operation": "withdraw", "reason": "revoked", "details": {}}
            case 8:
                moved = {"uscc": code_of(number + 1_000), "name": name_of(number + 1_000)}
                return old | {"operation": "correct", "subject": moved}
        return old | {"occurred_on": "2026-02-30", "region": "999999"}


async def test_a_preview_equals_the_state_after_the_push_in_500_random_cases(door):
    province = Province(20261125)
    await door.verdicts(*(made for file in province.files.values() for made in file), caller="whole")
    ids = rows(
        door.credit.database, "SELECT record_id FROM record WHERE current_version IS NOT NULL ORDER BY 1"
    )
    objections = Casework(door, "/v1/objections")
    for (record_id,) in ids[::20]:
        await objections.filed("whole", {"record_id": record_id, "ground": "other", "statement": "演示"})

    next_records = [province.record(number) for number in province.files]
    await door.relayed()
    before = contents(door.credit.database)
    foretold = [await previewed(door, made) for made in next_records]
    assert contents(door.credit.database) == before

    verdicts = await door.verdicts(*next_records, caller="whole")
    wrong = []
    for preview, verdict in zip(foretold, verdicts, strict=True):
        came = {name: verdict[name] for name in verdict if name != "index"}
        if {name: preview[name] for name in came} != came:
            wrong.append((preview, verdict))
        for effect in preview["enterprises"]:
            path = f"/v1/enterprises/{effect['uscc']}/grade?explain=true"
            after = await door.get(path, "whole")
            if effect["after"] != (after.json() if after.status_code == 200 else None):
                wrong.append((effect["after"], after.json()))
        if preview["enterprises"] and preview["next_change_on"] != (
            preview["enterprises"][0]["after"] or {}
        ).get("next_change_on"):
            wrong.append(preview)
    assert wrong == []

    kept = dict(
        rows(
            door.credit.database,
            "SELECT v.record_id, v.content FROM record r JOIN record_version v"
            " ON v.record_id = r.record_id AND v.version = r.version",
        )
    )
    rules = rules_on(shanghai_day(door.clock()))
    compared = 0
    with door.credit.database.read() as session:
        for preview in foretold:
            if preview["record"] is not None:
                assert preview["record"] == json.loads(kept[preview["record_id"]])
            if preview["verdict"] in {"accepted", "unchanged"} and preview["consequences"]:
                held = records.find_statement(session, preview["record_id"])
                if held.version != held.current_version:
                    continue
                found = intervals(door.credit, session, held, rules)
                told = preview["consequences"]["intervals"]
                assert told == {
                    name: span and {day: value and value.isoformat() for day, value in span._asdict().items()}
                    for name, span in found._asdict().items()
                }
                compared += 1
    assert compared > CASES / 3
    assert {preview["verdict"] for preview in foretold} == {"accepted", "held", "unchanged", "rejected"}
    changed = sum(
        (e["before"] or {}).get("grade") != (e["after"] or {}).get("grade")
        for p in foretold
        for e in p["enterprises"]
    )
    assert changed > CASES / 10
    assert sum(len(preview["enterprises"]) == 2 for preview in foretold) > 3
    sound(door)


# --- what it tells


async def test_a_heavy_penalty_is_foretold_with_tier_periods_grounds_and_measures(door):
    await pushed(door, registration(1), check(1), caller="whole")
    told = await previewed(
        door,
        penalty(1, types=("吊销许可证件",), fine=None, published_on="2026-03-05", product={"name": "米粉", "class": "food"}),
    )  # fmt: skip
    consequences = told["consequences"]
    assert (told["verdict"], told["version"], told["record"]["record_id"]) == (
        "accepted",
        1,
        told["record_id"],
    )
    assert (consequences["rule"]["id"], consequences["counts"]) == ("penalty_exclusion", True)
    assert (consequences["tier"]["id"], consequences["tier"]["repair_from"]) == ("serious", "2027-03-03")
    assert consequences["intervals"] == {
        "published": {"since": "2026-03-05", "until": "2029-03-02"},
        "shared": {"since": "2026-11-23", "until": None},
        "used": {"since": "2026-03-02", "until": "2029-03-02"},
    }
    assert [(ground["id"], ground["confirmed"]) for ground in told["listing_grounds"]] == [
        ("heavier_penalty_exclusion", True)
    ]
    [effect] = told["enterprises"]
    assert (effect["before"]["grade"], effect["after"]["grade"]) == ("A", "C")
    assert [line["points"] for line in effect["after"]["explanation"]] == ["-30.00", "3.00"]
    assert effect["supervision"]["after"]["measures"][1] == "加严检查"
    assert (effect["supervision"]["after"]["risk"], effect["supervision"]["after"]["confirmed"]) == (
        "I",
        False,
    )


async def test_a_second_failure_after_the_announcement_meets_an_unconfirmed_ground(door):
    first = check(1, "c-1", result="fail", confirmed=True)
    first["details"] |= {"level": "provincial"}
    again = check(1, "c-2", "2026-09-01", result="fail", confirmed=True)
    again["details"] |= {"is_recheck": True}
    assert (await previewed(door, again))["listing_grounds"] == []
    await pushed(door, first, caller="whole")
    [ground] = (await previewed(door, again))["listing_grounds"]
    assert (ground["id"], ground["confirmed"]) == ("failed_again_after_announcement", False)
    assert "待确认" in ground["basis"]


async def test_a_failure_of_an_unconfirmed_producer_is_held_and_changes_nothing(door):
    await pushed(door, registration(1), caller="whole")
    told = await previewed(door, check(1, result="fail", confirmed=False))
    assert (told["verdict"], codes_of(told["faults"])) == ("held", [("producer_unconfirmed", "/parties")])
    assert told["listing_grounds"] == []
    assert told["consequences"]["counts"] is False
    assert told["enterprises"][0]["before"] == told["enterprises"][0]["after"]


async def test_faults_and_measures_are_told_in_the_language_of_the_caller(door):
    wrong = penalty(1) | {"occurred_on": "2026-02-30", "surplus": 1}
    for language, sentence in (("zh", "不是有效日期"), ("en", "Not a date")):
        told = await previewed(door, wrong, **{"Accept-Language": language})
        assert (told["verdict"], told["enterprises"], told["record"]) == ("rejected", [], None)
        assert codes_of(told["faults"]) == [("field_unknown", "/surplus"), ("date_invalid", "/occurred_on")]
        assert sentence in told["faults"][1]["message"]
    english = await previewed(door, penalty(1), **{"Accept-Language": "en"})
    assert english["enterprises"][0]["supervision"]["after"]["name"].isascii()


# --- who may ask


async def test_it_needs_the_right_to_push_and_to_read_files(door):
    refusals = {}
    for caller in ("pusher", "reader", "nobody"):
        answer = await door.client.post("/v1/previews", json=penalty(1), headers=door.headers(caller))
        refusals[caller] = problem(answer)
    assert refusals == dict.fromkeys(("pusher", "reader", "nobody"), (403, "grant_missing"))
    scope = {"Authorization": f"Bearer {door.token('whole', scope='batches:write')}"}
    answer = await door.client.post("/v1/previews", json=penalty(1), headers=scope)
    assert problem(answer) == (403, "scope_missing")


async def test_nobody_foresees_what_its_grants_do_not_cover(door):
    await pushed(door, penalty(1), caller="whole")
    foreign = await previewed(door, penalty(1), "checks")
    assert codes_of(foreign["faults"]) == [("kind_not_granted", "/kind")]
    own = await previewed(door, check(1, "c-9"), "checks")
    assert [(e["before"], e["after"], e["supervision"]) for e in own["enterprises"]] == [(None, None, None)]
    assert "演示违法行为" not in json.dumps([foreign, own], ensure_ascii=False)


async def test_any_json_is_one_record_and_what_is_no_json_is_refused(door):
    async def answered(body):
        return await door.client.post("/v1/previews", content=body, headers=door.headers("whole"))

    whole = json.dumps(penalty(1), ensure_ascii=False, indent=2).encode()
    assert (await answered(whole)).json()["verdict"] == "accepted"
    for other in (b"null", b"[]", b"1", b'{"subject": {"uscc": "\\ud800"}}'):
        answer = await answered(other)
        assert (answer.status_code, answer.json()["verdict"]) == (200, "rejected")
    refusals = {
        b"": (400, "json_malformed"),
        b'{"kind": ': (400, "json_malformed"),
        b"[" * 100_000: (400, "json_malformed"),
        '{"kind": "é"}'.encode("latin-1"): (400, "encoding_invalid"),
        b" " * (257 << 10): (413, "body_too_large"),
    }
    assert {body: problem(await answered(body)) for body in refusals} == refusals

"""What no number tells: possible duplicates wait for an officer, whose decision counts at once, lasts and can be undone."""

import pytest

from tests.casework import Casework, grade_of, problem, pushed, sound, told
from tests.filing import agency, check, code_of, penalty, registration

pytestmark = pytest.mark.anyio
AUTHORITY = {"authority": {"uscc": agency().uscc, "name": agency().name}}
HEAVY = {"types": ["罚款", "没收违法所得"]}


@pytest.fixture
def links(door):
    return Casework(door, "/v1/act-links")


def finding(one, other, relation="same_act", **changed):
    return {
        "record_ids": [one, other], "relation": relation, "officer": "演示·张三", "reason": "演示：同一决定两个文号",
    } | changed  # fmt: skip


async def waiting(door, caller="whole", **params):
    answer = await door.get("/v1/act-candidates", caller, params)
    assert answer.status_code == 200, answer.text
    return {frozenset(pair["record_ids"]): pair["grounds"] for pair in answer.json()["items"]}


async def explained(door, number=1):
    answer = await door.get(f"/v1/enterprises/{code_of(number)}/grade", "whole", {"explain": "true"})
    rows = answer.json()["explanation"]
    scoring = {row["record_id"] for row in rows if row["points"] != "0.00"}
    return scoring, {
        row["record_id"]: (row.get("counted_by"), row.get("reason")) for row in rows
    } if rows else {}


@pytest.fixture
async def twice(door):
    """One decision, told under two numbers: by its authority, and by another agency."""
    (own,) = await pushed(door, penalty(1))
    (other,) = await pushed(
        door, penalty(1, "x-1", document_number="演示罚字一号", **AUTHORITY), caller="whole"
    )
    return own, other


async def test_a_possible_duplicate_waits_and_counts_once_when_it_is_linked(door, links, twice):
    own, other = twice
    assert await waiting(door) == {frozenset(twice): ["same_day", "same_offence"]}
    for caller in (
        "pusher",
        "reader",
        "city",
    ):  # may not read the other record, does not decide, is not concerned
        assert await waiting(door, caller) == {}
    assert (await explained(door))[0] == {own, other}
    before = await grade_of(door, 1)

    link = await links.filed("whole", finding(own, other))
    assert (link["state"], link["relation"], link["officer"]) == ("in_effect", "same_act", "演示·张三")
    scoring, lines = await explained(door)
    assert (scoring, lines[other]) == ({own}, (own, "authority_prevails"))
    assert await waiting(door) == {}
    assert float((await grade_of(door, 1))["score"]) > float(before["score"])
    assert (await links.read("whole", link["id"])).json() == link
    sound(door)

    await pushed(
        door, penalty(1, "x-1", document_number="演示罚字一号", fine="66000.00", **AUTHORITY), caller="whole"
    )
    assert (await explained(door))[0] == {own}
    sound(door)

    undone = await links.stepped(
        "whole", link, "undoing", {"officer": "演示·李四", "reason": "演示：查明是两个决定"}
    )
    assert (undone["state"], undone["undone"]["officer"], undone["reason"]) == (
        "undone",
        "演示·李四",
        link["reason"],
    )
    assert (await explained(door))[0] == {own, other}
    assert await waiting(door) == {frozenset(twice): ["same_day"]}
    assert [item["state"] for item in (await links.listed("whole", uscc=code_of(1)))["items"]] == ["undone"]
    assert problem(await links.step("whole", undone, "undoing", {"officer": "演示", "reason": "演示"})) == (
        409, "step_out_of_order",
    )  # fmt: skip
    assert [type_ for type_, _ in told(door, 1) if type_.startswith("acts")] == [
        "acts_linked",
        "acts_unlinked",
    ]
    sound(door)


async def test_what_was_found_distinct_waits_no_more_however_often_it_is_sent(door, links, twice):
    own, other = twice
    await links.filed("whole", finding(own, other, "distinct"))
    assert await waiting(door) == {}
    assert (await explained(door))[0] == {own, other}
    await pushed(door, penalty(1, valid_until="2027-01-01"))
    assert await waiting(door) == {}
    assert problem(await links.file("whole", finding(own, other))) == (409, "acts_decided")
    sound(door)


async def test_of_two_documents_on_one_offence_the_chosen_one_counts_until_it_falls(door, links):
    first, changed = await pushed(
        door, penalty(1, **HEAVY), penalty(1, "p-2", "2026-04-01", document_number="演示罚〔2026〕p-2号")
    )
    link = finding(first, changed, "same_offence")
    assert problem(await links.file("pusher", link)) == (409, "acts_not_linkable")
    await links.filed("pusher", link | {"leading_record_id": changed})
    scoring, lines = await explained(door)
    assert (scoring, lines[first]) == ({changed}, (changed, "same_offence"))
    withdrawal = penalty(
        1, "p-2", "2026-04-01", document_number="演示罚〔2026〕p-2号", operation="withdraw", reason="unlawful"
    )
    await pushed(door, withdrawal)
    assert (await explained(door))[0] == {first}
    sound(door)


async def test_a_linked_act_that_falls_takes_the_other_number_with_it(door, links, twice):
    own, other = twice
    await links.filed("whole", finding(own, other))
    await pushed(door, penalty(1, operation="withdraw", reason="revoked"))
    assert (await explained(door))[0] == set()
    assert (await grade_of(door, 1))["grade"] == "unrated"
    sound(door)


async def test_only_whose_record_it_is_decides_and_who_may_not_see_it_finds_nothing(door, links, twice):
    own, other = twice
    assert problem(await links.file("reader", finding(own, other))) == (403, "step_not_yours")
    for caller in ("checks", "city", "nobody"):
        assert problem(await links.file(caller, finding(own, other)))[0] in (403, 404)
    link = await links.filed("whole", finding(own, other), key="once")
    assert (await links.file("whole", finding(own, other), key="once")).json() == link
    assert problem(await links.file("whole", finding(other, own), key="once")) == (
        422,
        "idempotency_key_reused",
    )
    assert problem(await links.step("whole", link, "undoing", {"officer": "演示", "reason": "演示"}, tag='"9"')) == (
        412, "precondition_failed",
    )  # fmt: skip
    assert problem(await links.read("checks", link["id"])) == (404, "not_found")


async def test_records_that_cannot_be_one_act_are_not_linked(door, links):
    own, sample, registered, foreign = await pushed(
        door, penalty(1), check(1), registration(1), penalty(2, "p-2", document_number="演示罚〔2026〕p-2号")
    )
    for other in (sample, registered, foreign, own):
        assert problem(await links.file("pusher", finding(own, other))) == (409, "acts_not_linkable")


async def test_a_grade_of_the_past_and_its_history_know_the_links_of_their_time(door, links, twice):
    own, other = twice
    door.clock.advance(hours=1)
    link = await links.filed("whole", finding(own, other))
    door.clock.advance(hours=1)
    await links.stepped("whole", link, "undoing", {"officer": "演示", "reason": "演示"})
    base = f"/v1/enterprises/{code_of(1)}"
    scores = [
        (await door.get(f"{base}/grade", "whole", {"known_at": f"2026-11-23T{hour}:30:00Z"})).json()["score"]
        for hour in ("04", "05")
    ]
    door.clock.advance(hours=1)
    history = (await door.get(f"{base}/history", "whole")).json()["items"]
    assert float(scores[0]) < float(scores[1])
    assert [step["to"]["score"] for step in history][:3] == [scores[0], scores[1], scores[0]]

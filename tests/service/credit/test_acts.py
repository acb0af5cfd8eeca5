"""One act, once: pushed by several agencies in any order it is counted once, by its authority's word, and falls whole."""

import json
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.credit.domain.act import corroborations
from services.credit.domain.facts import act_key
from services.credit.domain.grade import grade
from services.credit.service.past import events_of as past_events
from services.credit.service.past import file_at
from services.credit.service.selfcheck import check_credit
from services.credit.service.stored_facts import read_facts
from services.kernel.clock import shanghai_day
from tests.filing import (
    OTHER,
    PROVINCIAL,
    agency,
    award,
    card_of,
    check,
    code_of,
    events_of,
    facts_of,
    grant,
    penalty,
    policy_of,
    registration,
    rows,
    take,
)

THIRD = agency("development_reform")
AGENCIES = (PROVINCIAL, OTHER, THIRD)
POLICY = policy_of(*map(grant, AGENCIES), agencies=AGENCIES)
OWN = {"authority": {"uscc": PROVINCIAL.uscc, "name": PROVINCIAL.name}}
BY_NAME = {"authority": {"name": f" {PROVINCIAL.name}"}}


def push(credit, provider, *records, **of_page):
    return take(credit, *records, provider=provider, policy=POLICY, **of_page)


def copy(number, source="x-1", **changed):
    """What another agency tells of the provincial agency's first penalty."""
    return penalty(number, source, **({"document_number": "演示罚（2026）p-1号"} | OWN | changed))


def outcome(credit, number):
    """What a firm's file and grade say, without versions and instants."""
    card = card_of(credit.database, number)
    scoring = parts_of(credit, number)
    return facts_of(credit.database, number), card and card | {"enterprise_version": None}, scoring


def parts_of(credit, number):
    """Who scores and who only corroborates today: (source record id, points) and (source record id, counted by, why)."""
    with credit.database.read() as session:
        book, today = credit.rulebook(session), shanghai_day(credit.clock())
    found = rows(credit.database, "SELECT facts FROM enterprise WHERE uscc = :code", code=code_of(number))
    facts = read_facts(found[0][0]) if found else []
    sources = dict(rows(credit.database, "SELECT record_id, source_record_id FROM record"))
    result = grade(facts, book, today)
    return (
        [(sources[part.record_id], part.points) for part in result.contributions],
        [
            (sources[each.record_id], sources.get(each.counted), str(each.reason))
            for each in corroborations(facts, book, result, today)
        ],
    )


def sound(credit):
    assert check_credit(credit.database, credit.clock(), credit.settings.province) == []


def test_two_agencies_tell_of_one_act_in_either_order(credit):
    push(credit, OTHER, copy(1, occurred_on="2026-03-01"))
    push(credit, PROVINCIAL, penalty(1))
    push(credit, PROVINCIAL, penalty(2, "p-2", document_number="演示罚〔2026〕p-1号"))
    push(credit, OTHER, copy(2, "x-2", occurred_on="2026-03-01"))
    assert parts_of(credit, 2) == ([("p-2", -900)], [("x-2", "p-2", "authority_prevails")])
    assert parts_of(credit, 1) == ([("p-1", -900)], [("x-1", "p-1", "authority_prevails")])
    sound(credit)


def test_an_authority_named_without_its_code_is_known_by_its_name(credit):
    push(credit, PROVINCIAL, penalty(1))
    push(credit, OTHER, copy(1, **BY_NAME))
    push(credit, PROVINCIAL, penalty(1, "p-9", document_number="演示罚〔2026〕p-1", **BY_NAME))
    assert [source for source, _ in parts_of(credit, 1)[0]] == [min("p-1", "p-9", key=id_order(credit))]
    assert {why for _, _, why in parts_of(credit, 1)[1]} == {"authority_prevails", "told_before"}
    told = [event["data"] for event in events_of(credit.database, 1) if event["type"] == "record_upserted"]
    assert [("secondhand" in each, each.get("authority_code")) for each in told] == [
        (False, None), (True, PROVINCIAL.uscc), (False, PROVINCIAL.uscc),
    ]  # fmt: skip
    sound(credit)


def id_order(credit):
    """The order in which equally old statements of one authority are taken."""
    ids = {
        source: record_id
        for record_id, source in rows(credit.database, "SELECT record_id, source_record_id FROM record")
    }
    return ids.get


def test_what_the_authority_withdraws_falls_with_every_copy_whenever_that_comes(credit):
    push(credit, OTHER, copy(1))
    push(credit, PROVINCIAL, penalty(1))
    push(credit, PROVINCIAL, penalty(1, operation="withdraw", reason="revoked"))
    assert parts_of(credit, 1) == ([], [("x-1", None, "act_fell")])
    push(credit, THIRD, copy(1, "y-1"))
    assert parts_of(credit, 1)[0] == []
    assert card_of(credit.database, 1)["grade"] == "unrated"
    sound(credit)
    push(credit, PROVINCIAL, penalty(1, operation="upsert"))  # the authority states it again: it holds again
    assert [source for source, _ in parts_of(credit, 1)[0]] == ["p-1"]
    sound(credit)


def test_an_effect_that_ends_upstream_ends_every_copy_and_comes_back_with_it(credit):
    push(credit, OTHER, copy(1))
    push(credit, PROVINCIAL, penalty(1))
    for effect, scoring in (("suspended", []), ("final", ["p-1"]), ("unlawful", [])):
        push(credit, PROVINCIAL, penalty(1, effect=effect))
        assert [source for source, _ in parts_of(credit, 1)[0]] == scoring
    (refused,) = push(credit, PROVINCIAL, penalty(1, effect="final"))
    assert [(each["code"], each["field"]) for each in refused["faults"]] == [
        ("effect_not_possible", "/effect")
    ]
    assert parts_of(credit, 1)[0] == []
    push(credit, PROVINCIAL, penalty(1, effect="final", operation="correct"))  # it had been told wrongly
    assert [source for source, _ in parts_of(credit, 1)[0]] == ["p-1"]
    sound(credit)


def test_the_trace_of_a_fallen_act_stays_where_it_fell_when_the_record_is_stated_of_another_firm(credit):
    push(credit, OTHER, copy(1))
    push(credit, PROVINCIAL, penalty(1))
    push(credit, PROVINCIAL, penalty(1, operation="withdraw", reason="unlawful"))
    push(credit, PROVINCIAL, penalty(2))
    assert (parts_of(credit, 1)[0], [s for s, _ in parts_of(credit, 2)[0]]) == ([], ["p-1"])
    sound(credit)


# ---------------------------------------------------------------- any order of arrival

SOURCES = {
    "own": (PROVINCIAL, penalty),
    "copy": (OTHER, lambda number, **changed: copy(number, "x-1", **changed)),
    "third": (
        THIRD,
        lambda number, **changed: copy(number, "y-1", **({"occurred_on": "2026-03-03"} | BY_NAME | changed)),
    ),
    "other": (OTHER, lambda number, **changed: penalty(number, "q-1", **changed)),
    "check": (OTHER, lambda number, **changed: check(number, "c-1", result="fail", **changed)),
    "award": (PROVINCIAL, award),
}
operations = st.sampled_from(
    [
        {},
        {"occurred_on": "2026-04-01"},
        {"effect": "not_final"},
        {"effect": "under_review"},
        {"effect": "revoked"},
        {"assertion": "third_party"},
        {"operation": "withdraw", "reason": "revoked"},
    ]
)
checks = st.sampled_from([{"confirmed": True}, {"confirmed": False}])


@st.composite
def streams(draw):
    """What is told of each record, in order; the first word is no withdrawal."""
    told = {}
    for name in draw(st.lists(st.sampled_from(sorted(SOURCES)), min_size=1, max_size=5, unique=True)):
        said = draw(st.lists(operations, min_size=1, max_size=3))
        if said[0].get("operation") == "withdraw":
            said[0] = {}
        told[name] = [each | (draw(checks) if name == "check" else {}) for each in said]
    return told


def woven(told, random):
    """The items of all records in one order that keeps each record's own."""
    waiting = {name: list(said) for name, said in told.items()}
    items = []
    while waiting:
        name = random.choice(sorted(waiting))
        items.append((name, waiting[name].pop(0)))
        if not waiting[name]:
            del waiting[name]
    return items


_firms = count(1)
bounded = settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def told_to(credit, items):
    """A new firm of which the items are told, one page each; its number."""
    number = next(_firms) + 500
    for name, changed in items:
        provider, make = SOURCES[name]
        stated = dict(changed)
        if (
            "occurred_on" in stated
        ):  # of two records of one day the less id is taken, which differs between firms
            stated["occurred_on"] = f"2026-04-0{1 + sorted(SOURCES).index(name)}"
        (verdict,) = push(credit, provider, renumbered(make(number, **stated), number))
        faults = [each["code"] for each in verdict["faults"]]
        assert verdict["verdict"] != "rejected" or faults == ["effect_not_possible"], verdict
    return number


def renumbered(record, number):
    """A record with a source id of its own firm, so that several firms do not share records."""
    return record | {"source_record_id": f"{record['source_record_id']}-{number}"}


def comparable(credit, number):
    """A firm's outcome with the ids of records taken for their sources, and its name and code left out."""
    facts, card, parts = outcome(credit, number)
    sources = {
        record_id: source.removesuffix(f"-{number}")
        for record_id, source in rows(credit.database, "SELECT record_id, source_record_id FROM record")
    }
    plain = sorted([[sources[fact[0]], *fact[1:]] for fact in facts or []], key=str)
    shown = card and {
        name: value for name, value in card.items() if name not in {"uscc", "name", "enterprise_version"}
    }
    told = [
        sorted(
            (tuple(each and str(each).removesuffix(f"-{number}") for each in part) for part in side), key=str
        )
        for side in parts
    ]
    return plain, shown, told


@bounded
@given(told=streams(), one=st.randoms(use_true_random=False), other=st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_file_and_grade(credit, told, one, other):
    first, second = (told_to(credit, woven(told, random)) for random in (one, other))
    assert comparable(credit, first) == comparable(credit, second)


@bounded
@given(told=streams(), name=st.sampled_from(sorted(SOURCES)), random=st.randoms(use_true_random=False))
def test_a_withdrawn_record_equals_one_never_pushed(credit, told, name, random):
    """A copy of an act goes without a trace; with the authority's own word the act falls, as if nobody had told of it."""
    last = {"operation": "withdraw", "reason": "revoked"} | ({"confirmed": True} if name == "check" else {})
    if name in told and told[name][-1].get("operation") == "withdraw":
        told[name].pop()
    withdrawn = told | {name: [*(told.get(name) or [{}]), last]}
    gone = {name, "copy", "third"} if name == "own" else {name}
    never = {each: said for each, said in told.items() if each not in gone}
    with_it, without = told_to(credit, woven(withdrawn, random)), told_to(credit, woven(never, random))
    assert standing(credit, with_it, gone) == standing(credit, without, gone)


def standing(credit, number, gone):
    """Facts in force of the records that are not gone, with letter, score and who scores."""
    sources = {"own": "p-1", "copy": "x-1", "third": "y-1", "other": "q-1", "check": "c-1", "award": "a-1"}
    facts, card, (scoring, _) = comparable(credit, number)
    left = [fact for fact in facts if fact[0] not in {sources[name] for name in gone}]
    return left, card["grade"] if card else "unrated", card["score"] if card else None, scoring


@bounded
@given(told=streams(), random=st.randoms(use_true_random=False))
def test_no_contribution_without_a_determined_record_in_effect_of_a_confirmed_party(credit, told, random):
    number = told_to(credit, woven(told, random))
    statements = {
        source.removesuffix(f"-{number}"): content
        for source, content in rows(
            credit.database,
            "SELECT r.source_record_id, v.content FROM record r JOIN record_version v"
            " ON v.record_id = r.record_id AND v.version = r.current_version WHERE r.uscc = :code",
            code=code_of(number),
        )
    }
    for source, points in comparable(credit, number)[2][0]:
        assert source in statements
        assert points != "0"
        stated = json.loads(statements[source])
        assert (stated["assertion"], stated["effect"]) == ("determined", "final")
        assert stated["kind"] != "spot_check" or stated["parties"][0]["confirmed"]
    replayed_equals_stored(credit, number)
    sound(credit)


def replayed_equals_stored(credit, number):
    """The events alone give the facts that are stored (`known_at` rests on it)."""
    with credit.database.read() as session:
        events = past_events(session, code_of(number))
        scored = credit.rulebook(session).choices
    file = file_at(code_of(number), events, events[-1].recorded_at) if events else None
    told = {fact.record_id: fact for fact in file.facts.values() if fact.kind in scored} if file else {}
    stored = rows(
        credit.database,
        "SELECT facts FROM enterprise WHERE uscc = :code AND version > 0",
        code=code_of(number),
    )
    assert told == {fact.record_id: fact for fact in read_facts(stored[0][0])} if stored else told == {}


# ---------------------------------------------------------------- planted duplicates


def test_a_hundred_planted_duplicates_are_found_and_none_scores_twice(credit):
    firms = range(1, 101)
    spelled = [
        "演示罚〔2026〕{0}号",
        "演示罚（2026）{0}号",
        "演示罚 [２０２６] 第{0}號",
        "演示罚【2026】{0}",
        "演示 罚(2026){0}号",
    ]
    push(credit, PROVINCIAL, *[registration(number) for number in firms])
    copies = [copy(n, f"x-{n}", document_number=spelled[n % 5].format(n)) for n in firms]
    owns = [penalty(n, f"p-{n}", document_number=spelled[0].format(n)) for n in firms]
    # of every second firm the copy comes first
    push(credit, OTHER, *copies[::2])
    push(credit, PROVINCIAL, *owns)
    push(credit, OTHER, *copies[1::2])
    for number in firms:
        assert parts_of(credit, number) == (
            [(f"p-{number}", -900)], [(f"x-{number}", f"p-{number}", "authority_prevails")],
        )  # fmt: skip
    sound(credit)


def test_no_false_merge_among_ten_thousand_pairs_that_look_alike():
    keys = set()
    pairs = 0
    for number in range(2_500):
        stem = f"演示罚〔20{10 + number % 17}〕{number // 17 + 1}号"
        written = [
            stem,
            stem.replace("罚", "罚字"),
            stem.replace("号", "-1号"),
            "0".join(stem.rsplit("〕", 1)),
        ]
        for near in written[1:]:
            assert act_key("administrative_penalty", PROVINCIAL.uscc, near, {}) not in keys
        own = [act_key("administrative_penalty", PROVINCIAL.uscc, each, {}) for each in written]
        own.append(act_key("administrative_penalty", OTHER.uscc, stem, {}))
        assert len(set(own)) == 5
        pairs += 4
        keys |= set(own)
    assert (pairs, len(keys)) == (10_000, 12_500)


def test_ten_thousand_pairs_of_one_firm_stay_as_many_acts_as_they_are(credit):
    days = [f"2026-0{1 + place // 28}-{1 + place % 28:02}" for place in range(142)]
    told = [
        penalty(
            1, f"n-{place}", day, fine=f"{4000 + place}.00", document_number=f"演示罚〔2026〕{place + 1}号"
        )
        for place, day in enumerate(days)
    ]
    push(credit, PROVINCIAL, *told)
    facts = facts_of(credit.database, 1)
    assert len(facts) * (len(facts) - 1) // 2 == 10_011
    assert len({fact[7] for fact in facts}) == 142
    assert parts_of(credit, 1)[1] == []
    assert rows(credit.database, "SELECT count(*) FROM act_candidate") == [(0,)]
    sound(credit)

"""Statements of one act: whose counts, what falls with it, and what people linked."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.credit.domain.act import Link, Reason, Relation, corroborations, fallen, tied
from services.credit.domain.facts import Bond, fact_of
from services.credit.domain.grade import grade
from services.credit.domain.rulebook import parse_rulebook
from services.credit.rulebook import released_text

BOOK = parse_rulebook(released_text("2026-01"))
ON = date(2026, 11, 20)
FIRM, AUTHORITY = "91430100KXD000018X", "11430000KXB0000017"


def fine(record_id, number="演示罚〔2026〕1号", occurred_on="2026-09-01", fine="60000.00", **changed):
    stated = {
        "kind": "administrative_penalty", "subject_uscc": FIRM, "authority": AUTHORITY, "document_number": number,
        "occurred_on": date.fromisoformat(occurred_on), "valid_until": None, "assertion": "determined",
        "effect": "final", "parties": [], "details": {"penalty_types": ["罚款"], "fine_amount": fine},
    }  # fmt: skip
    return fact_of(record_id=record_id, **(stated | changed))


def scoring(*facts, links=()):
    held = tied({fact.record_id: fact for fact in facts}, links)
    return [part.record_id for part in grade(list(held.values()), BOOK, ON).contributions]


def told(*facts, links=()):
    held = list(tied({fact.record_id: fact for fact in facts}, links).values())
    found = corroborations(held, BOOK, grade(held, BOOK, ON), ON)
    return [(each.record_id, each.counted, each.reason) for each in found]


COPY = fine("a", occurred_on="2026-08-01", secondhand=True)
OWN = fine("b")


def test_the_authority_speaks_for_its_act_although_a_copy_tells_of_it_first():
    assert scoring(COPY, OWN) == scoring(OWN, COPY) == ["b"]
    assert told(COPY, OWN) == [("a", "b", Reason.AUTHORITY_PREVAILS)]


def test_among_copies_alone_the_earliest_speaks():
    later = fine("c", occurred_on="2026-09-03", secondhand=True)

    assert scoring(later, COPY) == ["a"]
    assert told(later, COPY) == [("c", "a", Reason.TOLD_BEFORE)]


def test_what_the_authority_does_not_hold_final_no_copy_makes_so():
    pending = fine("b", effect="not_final")

    assert scoring(COPY, pending) == []
    assert told(COPY, pending) == [("a", None, Reason.AUTHORITY_PREVAILS)]


def test_an_act_that_fell_takes_every_copy_with_it():
    revoked = fine("b", effect="revoked")

    assert scoring(COPY, revoked) == []
    assert told(COPY, revoked) == [("a", None, Reason.ACT_FELL)]


def test_what_the_authority_withdrew_leaves_its_fall_and_a_withdrawn_copy_leaves_nothing():
    trace = fallen(OWN, "unlawful")

    assert (trace.act, trace.effect, trace.attributes) == (OWN.act, "unlawful", {})
    assert scoring(COPY, trace) == scoring(trace) == []
    assert fallen(COPY, "revoked") is None
    assert fallen(fine("d", number=None), "revoked") is None


ONE, TWO, THREE = fine("1", "演示罚1号"), fine("2", "演示罚2号"), fine("3", "演示罚3号")


def link(first, second, relation=Relation.SAME_ACT, leading=None):
    return Link(
        f"{first.record_id}{second.record_id}", first.record_id, second.record_id, relation, leading,
        first.act, second.act,
    )  # fmt: skip


def test_linked_statements_count_once_and_unlinked_ones_again():
    held = tied({"1": ONE, "2": TWO}, [link(ONE, TWO)])

    assert scoring(ONE, TWO, links=[link(ONE, TWO)]) == ["1"]
    assert tied(held, []) == {"1": ONE, "2": TWO}
    assert tied(held, [link(ONE, TWO)]) == held
    assert scoring(ONE, TWO, links=[link(ONE, TWO, Relation.DISTINCT)]) == ["1", "2"]


def test_a_link_takes_the_statements_with_the_same_number_along():
    copy = fine("4", "演示罚2号", secondhand=True)

    assert scoring(ONE, TWO, copy, links=[link(ONE, TWO)]) == ["1"]


def test_links_hold_over_a_record_that_is_gone():
    chain = [link(ONE, TWO), link(TWO, THREE)]
    copy = fine("4", "演示罚2号", secondhand=True)

    assert scoring(ONE, THREE, links=chain) == ["1"]
    assert scoring(ONE, copy, links=[link(ONE, TWO)]) == ["1"]


def test_of_several_documents_on_one_offence_the_chosen_one_counts_while_it_stands():
    changed = [link(ONE, TWO, Relation.SAME_OFFENCE, leading="2")]

    assert scoring(ONE, TWO, links=changed) == ["2"]
    assert told(ONE, TWO, links=changed) == [("1", "2", Reason.SAME_OFFENCE)]
    assert scoring(ONE, fine("2", "演示罚2号", effect="revoked"), links=changed) == ["1"]
    assert scoring(fine("1", "演示罚1号", effect="revoked"), TWO, links=changed) == ["2"]


numbers = st.sampled_from([None, "演示罚1号", "演示罚2号", "演示罚3号"])
statements = st.lists(st.tuples(numbers, st.booleans()), max_size=6).map(
    lambda rows: [fine(str(place), number, secondhand=copy) for place, (number, copy) in enumerate(rows)]
)
decisions = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from(Relation), st.booleans()), max_size=5
).map(
    lambda rows: [
        Link(str(place), str(one), str(two), relation, str(one if leads else two))
        for place, (one, two, relation, leads) in enumerate(rows)
        if one != two
    ]
)


@given(statements, decisions, st.randoms(use_true_random=False))
def test_neither_the_order_of_links_nor_of_facts_matters_and_links_only_take_points_away(
    facts, links, random
):
    held = tied({fact.record_id: fact for fact in facts}, links)
    shuffled = random.sample(facts, len(facts))

    assert held == tied({fact.record_id: fact for fact in shuffled}, random.sample(links, len(links)))
    assert tied(held, links) == held
    assert tied(held, []) == {fact.record_id: fact for fact in facts}
    assert len(scoring(*facts, links=links)) <= len(scoring(*facts))
    for fact in held.values():
        assert (fact.bond or Bond()).secondhand == (facts[int(fact.record_id)].bond or Bond()).secondhand

"""Laws of grading, on random files: against a slow grade written from the definition, and by what must never change."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credit.domain.facts import CERTIFICATIONS, LEVELS, PENALTY_TYPES, Bond, Fact
from services.credit.domain.grade import UNRATED, grade
from services.credit.domain.rulebook import parse_rulebook
from services.credit.rulebook import released_text

BOOK = parse_rulebook(released_text("2026-01"))
FIRST, LAST = date(2021, 1, 1), date(2027, 12, 31)
DAYS = st.dates(FIRST, LAST)
EFFECTS = (
    "final",
    "final",
    "final",
    "changed",
    "not_final",
    "under_review",
    "suspended",
    "revoked",
    "unlawful",
)

attributes = {
    "administrative_penalty": st.fixed_dictionaries(
        {"penalty_types": st.lists(st.sampled_from(PENALTY_TYPES), max_size=3, unique=True)},
        optional={"fine_amount": st.sampled_from([0, 300_000, 300_001, 99_999_999, 100_000_000])},
    ),
    "spot_check": st.fixed_dictionaries(
        {"result": st.sampled_from(["pass", "fail", "refused"])}, optional={"level": st.sampled_from(LEVELS)}
    ),
    "quality_award": st.fixed_dictionaries({}, optional={"level": st.sampled_from([*LEVELS, "?"])}),
    "recall": st.fixed_dictionaries({"initiation": st.sampled_from(["voluntary", "ordered"])}),
    "quality_accident": st.fixed_dictionaries(
        {"severity": st.sampled_from(["general", "major"])},
        optional={"finding": st.sampled_from(["under_inquiry", "responsible"])},
    ),
    "certification": st.fixed_dictionaries(
        {"status": st.sampled_from(["valid", "revoked"]), "category": st.sampled_from(CERTIFICATIONS)}
    ),
    "standard_forerunner": st.just({}),
    "quality_commitment": st.fixed_dictionaries(
        {}, optional={"fulfilment": st.sampled_from(["kept", "broken"])}
    ),
    "random_inspection": st.fixed_dictionaries({"result": st.sampled_from(["no_problem", "obstructed"])}),
    "enterprise_registration": st.just({}),
    "complaint": st.just({}),
}


bonds = st.none() | st.builds(
    Bond,
    secondhand=st.booleans(),
    act=st.none() | st.sampled_from(["a", "b"]),
    offence=st.none() | st.sampled_from(["x", "y"]),
    leads=st.booleans(),
)


@st.composite
def files(draw, effects=EFFECTS, disputed=(False, False, False, True)):
    """A file of up to nine facts; some state the same act."""
    facts = []
    for number in range(draw(st.integers(0, 9))):
        kind = draw(st.sampled_from(sorted(attributes)))
        fact = Fact(
            record_id=f"r{draw(st.integers(0, 99)):02}-{number}",
            kind=kind,
            occurred_on=draw(DAYS).toordinal(),
            valid_until=draw(st.none() | DAYS.map(date.toordinal)),
            assertion=draw(st.sampled_from(["determined"] * 4 + ["self_declared", "third_party"])),
            effect=draw(st.sampled_from(effects)),
            responsible=draw(st.sampled_from([True, True, True, False])),
            act=draw(st.none() | st.sampled_from(["a", "b", "c"])),
            disputed=draw(st.sampled_from(disputed)),
            attributes=draw(attributes[kind]),
            bond=draw(st.none() | bonds),
        )
        facts.append(fact)
    return facts


def holds(condition, found):
    asked = set(condition.value) if isinstance(condition.value, tuple) else condition.value
    stated = set(found) if isinstance(found, list) else {found}
    return (
        found is not None
        and {
            "equals": lambda: found == asked,
            "any_of": lambda: bool(stated & asked),
            "only_of": lambda: bool(stated) and stated <= asked,
            "at_least": lambda: found >= asked,
            "above": lambda: found > asked,
            "below": lambda: found < asked,
        }[condition.operator]()
    )


def rule_for(fact):
    rules = (
        rule
        for rule in BOOK.rules
        if rule.kind == fact.kind
        and all(holds(condition, fact.attributes.get(condition.field)) for condition in rule.when)
    )
    return next(rules, None)


def months_after(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(last, day.day))
        except ValueError:
            continue
    raise AssertionError


def defined_grade(facts, on):
    """Letter, score, contributions (record, points), vetoes and `provisional` from the definition, without any haste."""
    stated = [fact for fact in facts if fact.assertion == "determined" and rule_for_kind(fact)]
    fallen = {
        act_of(fact) for fact in stated if fact.effect in {"under_review", "suspended", "revoked", "unlawful"}
    } - {None}
    told = {act_of(fact) for fact in stated if not bond_of(fact).secondhand} - {None}
    standing = [fact for fact in stated if fact.effect in {"final", "changed"}]
    contested = {act_of(fact) for fact in standing if fact.disputed} - {None}
    eligible = [
        fact
        for fact in standing
        if fact.responsible
        and rule_for(fact)
        and act_of(fact) not in fallen
        and not (bond_of(fact).secondhand and act_of(fact) in told)
    ]
    eligible.sort(key=lambda fact: (fact.occurred_on, fact.record_id))
    of_acts = [
        fact
        for place, fact in enumerate(eligible)
        if act_of(fact) is None or act_of(fact) not in {act_of(other) for other in eligible[:place]}
    ]
    firsts = [fact for fact in of_acts if speaks_for_its_offence(fact, of_acts)]
    contributions, vetoes, provisional = [], [], False
    change = dict.fromkeys([pillar.id for pillar in BOOK.pillars], (0, 0))
    for fact in firsts:
        rule, day = rule_for(fact), date.fromordinal(fact.occurred_on)
        end = months_after(day, rule.use_months)
        if fact.valid_until is not None:
            end = min(end, date.fromordinal(fact.valid_until))
        if not day <= on <= end:
            continue
        if fact.disputed or act_of(fact) in contested:
            provisional = True
            continue
        share = min(
            [10_000] + [step.share for step in rule.decay if on > months_after(day, step.after_months)]
        )
        points = rule.points * share // 10_000
        contributions.append((fact.record_id, points))
        gained, lost = change[rule.pillar]
        change[rule.pillar] = (gained + max(points, 0), lost + max(-points, 0))
        if rule.ceiling and on <= months_after(day, rule.ceiling.months):
            vetoes.append((fact.record_id, rule.ceiling.letter))
    if not contributions:
        return UNRATED, None, [], [], provisional
    score = sum(
        pillar.start
        + min(change[pillar.id][0], pillar.most_gained)
        - min(change[pillar.id][1], pillar.most_lost)
        for pillar in BOOK.pillars
    )
    letters = [band.letter for band in BOOK.scale]
    earned = next(band.letter for band in BOOK.scale if score >= band.at_least)
    letter = max([earned, *(ceiling for _, ceiling in vetoes)], key=letters.index)
    return letter, score, contributions, vetoes, provisional


def bond_of(fact):
    return fact.bond or Bond()


def act_of(fact):
    return bond_of(fact).act or fact.act


def speaks_for_its_offence(fact, scoring):
    """Of the documents on one offence that score, the chosen one does, or the earliest."""
    offence = bond_of(fact).offence
    documents = [other for other in scoring if bond_of(other).offence == offence]
    chosen = [other for other in documents if bond_of(other).leads] or documents
    return offence is None or fact is chosen[0]


def rule_for_kind(fact):
    return any(rule.kind == fact.kind for rule in BOOK.rules)


def shown(result):
    """Everything that a grade shows but the announcement of its next change."""
    return result[:-1]


@given(files(), DAYS)
@settings(max_examples=300)
def test_a_grade_is_what_the_definition_says(facts, on):
    result = grade(facts, BOOK, on)

    assert defined_grade(facts, on) == (
        result.letter,
        result.score,
        [(line.record_id, line.points) for line in result.contributions],
        [(veto.record_id, veto.ceiling) for veto in result.vetoes],
        result.provisional,
    )


@given(files(), DAYS, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts, on, random):
    shuffled = random.sample(facts, len(facts))

    assert grade(shuffled, BOOK, on) == grade(facts, BOOK, on)


@given(files(), DAYS)
def test_nobody_is_charged_without_a_determination_in_force_about_the_responsible_party(facts, on):
    by_id = {fact.record_id: fact for fact in facts}

    for line in grade(facts, BOOK, on).contributions:
        fact = by_id[line.record_id]
        assert (fact.assertion, fact.responsible, fact.disputed) == ("determined", True, False)
        assert fact.effect in {"final", "changed"}
        assert fact.occurred_on <= on.toordinal() <= (fact.valid_until or LAST.toordinal())


@given(files(), DAYS)
def test_scores_stay_within_their_bounds_and_add_up(facts, on):
    result = grade(facts, BOOK, on)

    assert all(0 <= pillar.score <= pillar.maximum for pillar in result.pillars)
    assert (result.score or 0) == sum(pillar.score for pillar in result.pillars)


@given(files(), DAYS)
def test_an_act_scores_at_most_once(facts, on):
    by_id = {fact.record_id: fact for fact in facts}
    scoring = [by_id[line.record_id] for line in grade(facts, BOOK, on).contributions]

    for groups in ([act_of(fact) for fact in scoring], [bond_of(fact).offence for fact in scoring]):
        named = [group for group in groups if group is not None]
        assert len(named) == len(set(named))


@given(files(), DAYS)
def test_saying_everything_again_changes_nothing(facts, on):
    stated = [fact._replace(act=fact.act or fact.record_id) for fact in facts]
    repeated = [fact._replace(record_id=f"{fact.record_id}-again") for fact in stated]

    assert grade(stated + repeated, BOOK, on) == grade(stated, BOOK, on)


@given(files(), DAYS)
@settings(deadline=None)
def test_nothing_changes_before_the_next_change(facts, on):
    result = grade(facts, BOOK, on)
    end = result.next_change_on or date(2036, 1, 1)
    span = (end - on).days

    assert span > 0
    for day in {*range(min(span, 40)), *range(max(span - 40, 0), span), *range(0, span, 9)}:
        later = grade(facts, BOOK, on + timedelta(day))
        assert shown(later) == shown(result)
        assert later.next_change_on == result.next_change_on


@given(files(disputed=(False,)), DAYS)
def test_on_the_day_of_the_next_change_something_does_change(facts, on):
    result = grade(facts, BOOK, on)

    if result.next_change_on:
        later = grade(facts, BOOK, result.next_change_on)
        assert shown(later) != shown(result)
        assert defined_grade(facts, result.next_change_on)[:2] == (later.letter, later.score)


@given(files(effects=("not_final", "revoked", "suspended")), DAYS)
def test_what_is_not_in_force_leaves_a_firm_unrated(facts, on):
    assert grade(facts, BOOK, on).letter == UNRATED


@pytest.mark.parametrize("on", [date.min, date(9999, 12, 31)])
@given(files())
def test_any_day_of_the_calendar_has_a_grade(on, facts):
    assert grade(facts, BOOK, on).letter in {UNRATED, "AA", "A", "B", "C"}


def test_a_record_at_the_end_of_the_calendar_does_not_overflow():
    fact = Fact(
        "r1", "quality_award", date.max.toordinal(), None, "determined", "final", True, None, False, {}
    )

    assert grade([fact], BOOK, date.max).next_change_on is None

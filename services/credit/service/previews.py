"""Previews: what one unsaved record would do, by the very code that a push runs, up to the writing.

The session only reads, so that nothing can be kept. What is answered is what the push would then make of the file,
as long as nobody else changes it first.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec

from services.credit.domain.facts import Fact, fact_of_content
from services.credit.domain.grade import format_points
from services.credit.domain.mark import UNMARKED, marked
from services.credit.domain.rules import Rule
from services.credit.domain.supervision import Ground, grounds_met
from services.credit.service.cards import grade_on
from services.credit.service.context import Credit
from services.credit.service.intake import Page, Rehearsal, read_page, rehearse_page
from services.credit.service.lookup import Shown, rendered
from services.credit.service.record_days import earliest_repair, intervals_by, rule_of, tier_of
from services.credit.service.remedy_rules import RemedyRules, Tier
from services.credit.service.remedy_rules import rules_on as remedy_rules_on
from services.credit.service.stored_facts import read_facts
from services.credit.service.supervision_rules import RISK_OF
from services.credit.service.supervision_rules import rules_on as supervision_rules_on
from services.credit.service.workspace import Firm
from services.credit.store import enterprises, marks, records
from services.kernel.clock import shanghai_day
from services.kernel.db import ReadSession
from services.kernel.policy import AgencyFact, Policy, Reach
from services.kernel.texts import Language, Text

_LATER_THAN_ANY_BATCH: Final = 2**62
UNCONFIRMED: Final = "(待确认)"
"""How released texts mark what an officer has to confirm."""


def preview(
    credit: Credit,
    body: bytes,
    provider: AgencyFact,
    policy: Policy,
    language: Language,
    *,
    reach: Reach | None,
) -> dict[str, Any]:
    """What the push of one record, given as JSON, would do now. Grades are explained as far as `reach` covers the
    records; without a reach they are left out."""
    line = body.replace(b"\n", b" ").replace(b"\r", b" ")
    read = read_page(credit, Page("", _LATER_THAN_ANY_BATCH, 0, 0, line, language), provider, policy)
    today = shanghai_day(read.now)
    with credit.database.read() as session:
        rehearsal = rehearse_page(credit, session, read)
        previewing = _Previewing(credit, session, rehearsal, today, language, reach)
        return previewing.answer()


def codes_in(preview: Mapping[str, Any]) -> list[str]:
    """The enterprises that a preview tells of."""
    return [str(effect["uscc"]) for effect in preview["enterprises"]]


class _Previewing:
    """One rehearsed record, told in a language to whom a reach belongs."""

    def __init__(
        self,
        credit: Credit,
        session: ReadSession,
        rehearsal: Rehearsal,
        today: date,
        language: Language,
        reach: Reach | None,
    ) -> None:
        self._credit, self._session, self._reach = credit, session, reach
        self._today, self._language = today, language
        self._firms = {firm.state.uscc: firm for firm in rehearsal.firms}
        [self._verdict] = rehearsal.verdicts
        self._content = self._content_of(rehearsal)
        self._book = credit.rulebook(session)

    def answer(self) -> dict[str, Any]:
        verdict = msgspec.to_builtins(self._verdict)
        del verdict["index"]
        told: dict[str, Any] = verdict | {"record": None, "consequences": None, "listing_grounds": []}
        product_class = None
        if self._content is not None:
            record: dict[str, Any] = msgspec.json.decode(self._content)
            told["record"] = record
            if record["operation"] != "withdraw":
                product_class = (record["product"] or {}).get("class")
                told |= self._of_record(self._content, record)
        told["enterprises"] = [self._effect(code, product_class) for code in self._codes()]
        own = told["enterprises"][0] if told["enterprises"] else {}
        told["next_change_on"] = (own.get("after") or {}).get("next_change_on")
        return told

    def _content_of(self, rehearsal: Rehearsal) -> str | None:
        """The record as it would be stored; as it is stored, where nothing would change."""
        if rehearsal.versions:
            return bytes(rehearsal.versions[-1][-1]).decode()
        if self._verdict.record_id is None:
            return None
        held = records.find_statement(self._session, self._verdict.record_id)
        return held.content if held else None

    def _codes(self) -> list[str]:
        if self._verdict.verdict == "rejected" or self._verdict.uscc is None:
            return []
        return list(dict.fromkeys((self._verdict.uscc, *self._firms)))

    # --- the record

    def _of_record(self, content: str, record: Mapping[str, Any]) -> dict[str, Any]:
        record_id = str(record["record_id"])
        mark = marks.read(self._session, [record_id]).get(record_id, UNMARKED)
        fact = marked(fact_of_content(record, record_id), mark)
        rules, rule = remedy_rules_on(self._today), rule_of(fact, self._book)
        known = records.find_statement(self._session, record_id) is not None
        received_on = shanghai_day(records.first_recorded(self._session, record_id)) if known else self._today
        intervals = intervals_by(
            rules, self._book, self._credit.calendar, content, received_on=received_on, mark=mark
        )
        facts = self._facts_of(str(record["subject"]["uscc"]))
        consequences = {
            "rule": _rule(rule),
            "counts": self._counts(str(record["subject"]["uscc"]), record_id, facts),
            "tier": self._tier(rule, fact, rules),
            "intervals": {
                name: None if held is None else held._asdict() for name, held in intervals._asdict().items()
            },
        }
        met = grounds_met(
            supervision_rules_on(self._today).grounds, fact, record["details"], facts, self._today
        )
        return {"consequences": consequences, "listing_grounds": [self._ground(ground) for ground in met]}

    def _facts_of(self, code: str) -> Sequence[Fact]:
        """The facts of an enterprise as they would be."""
        if code in self._firms:
            return list(self._firms[code].facts.values())
        state = enterprises.read(self._session, [code]).get(code)
        return read_facts(state.facts) if state else []

    def _counts(self, code: str, record_id: str, facts: Sequence[Fact]) -> bool:
        graded = grade_on(code, facts, self._book, self._today, province=self._credit.settings.province)
        return any(part.record_id == record_id for part in graded.contributions)

    def _tier(self, rule: Rule | None, fact: Fact, rules: RemedyRules) -> dict[str, Any] | None:
        tier: Tier | None = tier_of(rule, rules)
        if rule is None or tier is None:
            return None
        occurred_on = date.fromordinal(fact.occurred_on)
        return {
            "id": rule.period,
            "published_at_least": tier.minimum and {"n": tier.minimum.n, "unit": tier.minimum.unit},
            "published_at_most": {"n": tier.maximum.n, "unit": tier.maximum.unit},
            "repair_from": earliest_repair(occurred_on, rule, rules, self._credit.calendar),
            "basis": tier.basis,
            "confirmed": UNCONFIRMED not in tier.basis,
        }

    def _ground(self, ground: Ground) -> dict[str, Any]:
        return {
            "id": ground.id,
            "list": ground.list,
            "name": self._text(ground.name),
            "remains": self._text(ground.remains),
            "basis": ground.basis,
            "confirmed": ground.is_confirmed,
        }

    def _text(self, name: Any) -> str:
        return Text(*name).to(self._language)

    # --- the enterprises

    def _effect(self, code: str, product_class: str | None) -> dict[str, Any]:
        before, firm = self._stored(code), self._firms.get(code)
        if self._reach is None:
            return {"uscc": code, "before": None, "after": None, "supervision": None}
        after = self._graded(self._becoming(firm)) if firm else before
        letters = [(graded or {}).get("grade", "unrated") for graded in (before, after)]
        supervision = {
            "before": self._supervision(letters[0], product_class),
            "after": self._supervision(letters[1], product_class),
        }
        return {"uscc": code, "before": before, "after": after, "supervision": supervision}

    def _stored(self, code: str) -> dict[str, Any] | None:
        state = enterprises.read(self._session, [code]).get(code)
        if state is None:
            return None
        regions = records.regions_in_force(self._session, code)
        return self._graded(Shown(code, state.name, state.version, read_facts(state.facts), regions))

    def _becoming(self, firm: Firm) -> Shown:
        """An enterprise as the push would leave it."""
        regions = records.regions_in_force(self._session, firm.state.uscc)
        if self._content is not None:
            record: dict[str, Any] = msgspec.json.decode(self._content)
            regions[record["record_id"]] = record["region"]
        facts = list(firm.facts.values())
        return Shown(firm.state.uscc, firm.state.name, firm.state.version, facts, regions)

    def _graded(self, shown: Shown) -> dict[str, Any]:
        province = self._credit.settings.province
        result = grade_on(shown.uscc, shown.facts, self._book, self._today, province=province)
        body = rendered(shown, result, self._book, self._today, province, self._reach)
        told: dict[str, Any] = msgspec.json.decode(body)
        return told

    def _supervision(self, letter: str, product_class: str | None) -> dict[str, Any] | None:
        found = supervision_rules_on(self._today).classes.get(letter)
        if found is None:
            return None
        risk = RISK_OF.get(product_class or "")
        return {
            "letter": letter,
            "name": self._text(found.name),
            "risk": risk,
            "inspection_share": found.shares[risk] if risk else None,
            "measures": [self._text(measure) for measure in found.measures],
            "basis": found.basis,
            "confirmed": UNCONFIRMED not in found.basis,
        }


def _rule(rule: Rule | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    return {
        "id": rule.id,
        "pillar": rule.pillar,
        "points": format_points(rule.points),
        "ceiling": rule.ceiling.letter if rule.ceiling else None,
        "basis": rule.basis,
    }

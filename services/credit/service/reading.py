"""From the bytes of a page to statements and faults: quick where items are sound, thorough where they are not."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final

import msgspec

from services.credit.service.inspection import MayPush, inspect
from services.credit.service.plainness import is_plain
from services.credit.service.statement import Authority, Statement, Subject, statement_of
from services.kernel import regions, uscc
from services.kernel.faults import Fault, fault
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import Kind
from services.kernel.policy import AgencyFact, Policy, Reach
from services.kernel.texts import Language

_SUSPICIOUS: Final = re.compile(rb"\\u|\\[bf]|\x7f|\xc2[\x80-\x9f]|\xef\xbf\xbd")
"""Bytes that may stand for a control character, a damaged character, or a hidden quotation mark."""


_C1: Final = re.compile(rb"\xc2[\x80-\x9f]")


def _may_be_suspicious(page: bytes) -> bool:
    """Whether `_SUSPICIOUS` could find something: looks for single bytes are many times quicker than its alternatives."""
    return b"\\" in page or b"\x7f" in page or b"\xef\xbf\xbd" in page or bool(_C1.search(page))


@lru_cache(maxsize=8_192)
def _sound_code(written: str) -> str | None:
    """A code as the standard writes it, None when it is not sound."""
    code = uscc.normalise(written)
    return code if uscc.is_valid(code) else None


_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode


class Item(msgspec.Struct):
    """One item of a page: what it says, or what is wrong with it."""

    source_record_id: str | None
    code: str | None
    statement: Statement | None
    faults: list[Fault]
    is_plain: bool = False


@dataclass(frozen=True)
class Reader:
    """Reads items as one agency's, on one day, under one policy, in one language."""

    provider: AgencyFact
    policy: Policy
    today: date
    language: Language

    def read(self, page: bytes) -> list[Item]:
        """The items of an NDJSON page, in order; blank lines are no items."""
        may_push = self._may_push()
        suspicious = _may_be_suspicious(page) and bool(_SUSPICIOUS.search(page))
        return [
            self._item(line, may_push, suspicious)
            for line in page.split(b"\n")
            if line and not line.isspace()
        ]

    def _item(self, line: bytes, may_push: MayPush, suspicious: bool) -> Item:
        if not (suspicious and _SUSPICIOUS.search(line)):
            try:
                document = _decode(line)
                statement = statement_of(document) if _has_no_repeats(document, line) else None
            except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError, RecursionError):
                statement = None
            if statement is not None and self._complete(statement, may_push):
                return Item(
                    statement.source_record_id, statement.subject.uscc, statement, [], is_plain(statement)
                )
        return self._slow(line, may_push)

    def _complete(self, statement: Statement, may_push: MayPush) -> bool:
        """Fill in what the contract lets an agency leave out; False when the inspection must explain a fault."""
        subject, kind = statement.subject, KINDS[statement.kind]
        if not _is_sound(subject) and not _moves_inner_code(subject):
            return False
        if subject.uscc is None and (kind.identifies or not _is_named(subject)):
            return False
        if statement.parties and not all(_is_sound(party.subject) for party in statement.parties):
            return False
        authority = statement.authority
        if authority is None or (authority.uscc is None and authority.name is None):
            statement.authority = Authority(self.provider.uscc, self.provider.name)
        elif not _is_sound(authority):
            return False
        if _is_ahead(statement, self.today):
            return False
        if not self._is_in_reach(statement, kind, may_push):
            return False
        if statement.operation == "withdraw":
            statement.details = {}
        elif statement.document_number is None and kind.document_number_required:
            return False
        if statement.assertion is None:
            statement.assertion = kind.assertion.value
        return True

    def _is_in_reach(self, statement: Statement, kind: Kind, may_push: MayPush) -> bool:
        """Whether the agency may push the kind for the statement's region, which is filled in where it is left out."""
        code, region = statement.subject.uscc, statement.region
        if region is None:
            own = uscc.region_of(code) if code else ""
            is_own = regions.known(own) and may_push(kind.code, own) is None
            region = statement.region = own if is_own else self.provider.region
        elif not regions.known(region):
            return False
        return may_push(kind.code, region) is None

    def _slow(self, line: bytes, may_push: MayPush) -> Item:
        repeated: list[str] = []
        try:
            document = json.loads(
                line.decode(),
                object_pairs_hook=lambda pairs: _object(pairs, repeated),
                parse_constant=_refuse,
            )
        except (ValueError, RecursionError):
            return Item(None, None, None, [fault("json_malformed", "", self.language)])
        faults = [fault("json_duplicate_member", "", self.language, value=name[:80]) for name in repeated]
        faults += inspect(document, today=self.today, may_push=may_push, language=self.language)
        statement = None
        if not faults:
            # sound, but written in a way the quick path distrusts (escapes): read it from its canonical form
            if document.get("operation") == "withdraw":
                document |= {"details": {}}  # nobody reads them, so nothing in them may matter
            try:
                statement = statement_of(document)
                if not self._complete(statement, may_push):
                    raise msgspec.ValidationError
            except (msgspec.DecodeError, KeyError):
                statement = None
                faults = [fault("json_malformed", "", self.language)]
        return Item(*_identity(document), statement, faults)

    def _may_push(self) -> MayPush:
        reach = Reach(self.policy.grants_of(self.provider.id, "push", self.today), KINDS)

        @cache  # a page asks of few kinds and regions, many times
        def may_push(kind: str, region: str | None) -> str | None:
            if kind not in reach.kinds:
                return "kind_not_granted"
            return None if region is None or reach.covers(kind, region) else "region_not_granted"

        return may_push


def _is_sound(holder: Subject | Authority) -> bool:
    """Whether a code is sound, which is then written as the standard has it; none at all is."""
    if holder.uscc is None:
        return True
    code = _sound_code(holder.uscc)
    if code is None:
        return False
    holder.uscc = code
    return True


def _is_ahead(statement: Statement, today: date) -> bool:
    """Whether something is said to have happened after a day; one chain, since a loop over four days costs more."""
    published, served, fulfilled = (
        statement.published_on,
        statement.served_on,
        statement.obligation_fulfilled_on,
    )
    return (
        statement.occurred_on > today
        or (published is not None and published > today)
        or (served is not None and served > today)
        or (fulfilled is not None and fulfilled > today)
    )


def _is_named(subject: Subject) -> bool:
    return bool(subject.name or subject.organisation_code or subject.registration_number)


def _moves_inner_code(subject: Subject) -> bool:
    """Whether an organisation code stands where the whole code should; it is moved to its own member."""
    code = uscc.normalise(subject.uscc or "")
    if subject.organisation_code is not None or not uscc.is_organisation_code(code):
        return False
    subject.organisation_code, subject.uscc = code, None
    return True


def _has_no_repeats(document: Any, line: bytes) -> bool:
    """Whether no object in the line repeats a member, told by counting: a repeat is lost in reading, so that fewer
    colons stand in what was read. Those inside texts count on both sides, since escaped text never gets here."""
    return _encode(document).count(b":") == line.count(b":")


def _identity(document: Any) -> tuple[str | None, str | None]:
    """What can be said of a refused item: its source id and its code, if they are texts."""
    if not isinstance(document, dict):
        return None, None
    source_record_id, subject = document.get("source_record_id"), document.get("subject")
    code = subject.get("uscc") if isinstance(subject, dict) else None
    named = source_record_id if isinstance(source_record_id, str) and len(source_record_id) <= 200 else None
    sound = uscc.normalise(code) if isinstance(code, str) and len(code) <= 40 else None
    return _printable(named), sound if sound and uscc.is_valid(sound) else None


def _printable(text: str | None) -> str | None:
    return text.encode("utf-8", "replace").decode() if text else text


def _object(pairs: list[tuple[str, Any]], repeated: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            repeated.append(name)
        found[name] = value
    return found


def _refuse(constant: str) -> Callable[[], None]:
    raise ValueError(constant)

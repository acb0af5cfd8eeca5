"""The slow path of validation: every fault of an item that the quick path refused, each with its place and cure."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from services.credit.service.statement import CODE_LENGTH, MONEY_PATTERN, NAME_LENGTH, SOURCE_ID_LENGTH
from services.kernel import regions, uscc
from services.kernel.faults import Fault, fault
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import (
    EXPECTED,
    PRODUCT_CLASSES,
    Assertion,
    Effect,
    Kind,
    Member,
    MemberType,
    Operation,
    PartyRole,
    Stage,
)
from services.kernel.texts import Language, Text

CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
REASONS: Final = ("revoked", "changed", "unlawful")

MayPush = Callable[[str, str | None], str | None]
"""Whether the agency may push a kind in a region (None: anywhere); answers the fault code or None."""


def inspect(document: Any, *, today: date, may_push: MayPush, language: Language) -> list[Fault]:
    """All faults of one item, in the order of its shape; empty when it is sound."""
    return _Inspection(today, may_push, language).of_item(document)


class _Inspection:
    """One walk through an item, gathering faults."""

    def __init__(self, today: date, may_push: MayPush, language: Language) -> None:
        self._today, self._may_push, self._language = today, may_push, language
        self._found: list[Fault] = []
        self._kind_code: str | None = None

    def _add(self, code: str, pointer: str, **values: Any) -> None:
        self._found.append(fault(code, pointer, self._language, kind=self._kind_code, **values))

    def _mismatch(self, pointer: str, expected: Text) -> None:
        self._add("type_mismatch", pointer, expected=expected.to(self._language))

    def of_item(self, item: Any) -> list[Fault]:
        if not isinstance(item, dict):
            self._add("json_malformed", "")
            return self._found
        kind = self._kind(item.get("kind"))
        withdrawal = item.get("operation") == Operation.WITHDRAW
        self._unknown(item, _ENVELOPE, "")
        self._text(item, "source_record_id", "", SOURCE_ID_LENGTH, required=True)
        self._choice(item, "operation", "", [*Operation], nullable=False)
        self._choice(item, "reason", "", REASONS, required=withdrawal)
        if not withdrawal and item.get("reason") in REASONS:
            self._add("choice_unknown", "/operation", expected=Operation.WITHDRAW)
        self._subject(item, "subject", "", required=True)
        self._authority(item)
        self._parties(item)
        self._choice(item, "assertion", "", [*Assertion])
        self._choice(item, "effect", "", [*Effect], nullable=False)
        self._choice(item, "stage", "", [*Stage])
        self._region(item, kind)
        self._day(item, "occurred_on", "", required=True, past=True)
        for name in ("published_on", "served_on", "obligation_fulfilled_on"):
            self._day(item, name, "", past=True)
        self._day(item, "valid_until", "")
        self._text(
            item,
            "document_number",
            "",
            NAME_LENGTH,
            required=bool(kind and kind.document_number_required) and not withdrawal,
        )
        self._product(item)
        self._details(item, kind, withdrawal=withdrawal)
        return self._found

    def _kind(self, value: Any) -> Kind | None:
        if value is None:
            self._add("field_missing", "/kind")
        elif not isinstance(value, str):
            self._mismatch("/kind", EXPECTED[MemberType.TEXT])
        elif value not in KINDS:
            self._add("kind_unknown", "/kind", value=value[:40])
        else:
            self._kind_code = value
            if self._may_push(value, None) is not None:
                self._add("kind_not_granted", "/kind", value=value)
            return KINDS[value]
        return None

    def _unknown(self, item: Mapping[str, Any], known: tuple[str, ...], pointer: str) -> None:
        for name in item:
            if name not in known:
                self._add("field_unknown", f"{pointer}/{_escape(name)}", value=name[:40])

    def _text(
        self, item: Mapping[str, Any], name: str, pointer: str, limit: int, *, required: bool = False
    ) -> str | None:
        value, place = item.get(name), f"{pointer}/{name}"
        if value is None:
            if required:
                self._add("field_missing", place)
            return None
        if not isinstance(value, str):
            self._mismatch(place, EXPECTED[MemberType.TEXT])
            return None
        self._check_text(value, place, limit)
        return value

    def _check_text(self, value: str, place: str, limit: int) -> None:
        if not value:
            self._add("text_empty", place)
        if len(value) > limit:
            self._add("text_too_long", place, limit=limit)
        if CONTROL.search(value):
            self._add("text_control_character", place)
        if "\ufffd" in value:
            self._add("text_damaged", place)

    def _choice(
        self,
        item: Mapping[str, Any],
        name: str,
        pointer: str,
        choices: Any,
        *,
        required: bool = False,
        nullable: bool = True,
    ) -> None:
        value, place = item.get(name), f"{pointer}/{name}"
        if name not in item or (value is None and nullable):
            if required:
                self._add("field_missing", place)
        elif not isinstance(value, str):
            self._mismatch(place, EXPECTED[MemberType.CHOICE])
        elif value not in choices:
            self._add("choice_unknown", place, expected=", ".join(choices))

    def _day(
        self, item: Mapping[str, Any], name: str, pointer: str, *, required: bool = False, past: bool = False
    ) -> None:
        value, place = item.get(name), f"{pointer}/{name}"
        if value is None:
            if required:
                self._add("field_missing", place)
        elif not isinstance(value, str):
            self._mismatch(place, EXPECTED[MemberType.DATE])
        elif (day := _read_day(value)) is None:
            self._add("date_invalid", place)
        elif past and day > self._today:
            self._add("date_in_future", place)

    def _object(
        self, item: Mapping[str, Any], name: str, pointer: str, known: tuple[str, ...]
    ) -> dict[str, Any] | None:
        value, place = item.get(name), f"{pointer}/{name}"
        if value is None:
            return None
        if not isinstance(value, dict):
            self._mismatch(place, _OBJECT)
            return None
        self._unknown(value, known, place)
        return value

    def _code(self, holder: Mapping[str, Any], pointer: str, *, may_be_inner: bool = False) -> str | None:
        value = holder.get("uscc")
        if value is None:
            return None
        if not isinstance(value, str):
            self._mismatch(f"{pointer}/uscc", EXPECTED[MemberType.TEXT])
            return None
        code = uscc.normalise(value)
        if may_be_inner and uscc.is_organisation_code(code):
            return code
        found = uscc.faults(code)
        for wrong in found:
            self._add(wrong, f"{pointer}/uscc", length=len(code))
        if not found and len(value) > CODE_LENGTH:  # a sound code among too many blanks
            self._add("text_too_long", f"{pointer}/uscc", limit=CODE_LENGTH)
        return None if found else code

    def _subject(self, item: Mapping[str, Any], name: str, pointer: str, *, required: bool) -> None:
        subject = self._object(item, name, pointer, _SUBJECT)
        place = f"{pointer}/{name}"
        if subject is None:
            if required and item.get(name) is None:
                self._add("field_missing", place)
            return
        kind = KINDS.get(self._kind_code or "")
        is_named = not (kind and kind.identifies) and any(
            subject.get(each) is not None for each in ("name", "organisation_code", "registration_number")
        )
        may_be_inner = (
            required and not (kind and kind.identifies) and subject.get("organisation_code") is None
        )
        self._code(subject, place, may_be_inner=may_be_inner)
        if required and subject.get("uscc") is None and not is_named:
            self._add("field_missing", f"{place}/uscc")
        self._text(subject, "name", place, NAME_LENGTH)
        self._text(subject, "organisation_code", place, CODE_LENGTH)
        self._text(subject, "registration_number", place, CODE_LENGTH)

    def _authority(self, item: Mapping[str, Any]) -> None:
        authority = self._object(item, "authority", "", ("uscc", "name"))
        if authority is not None:
            self._code(authority, "/authority")
            self._text(authority, "name", "/authority", NAME_LENGTH)

    def _parties(self, item: Mapping[str, Any]) -> None:
        parties = item.get("parties", [])
        if not isinstance(parties, list):
            self._mismatch("/parties", _LIST_OF_OBJECTS)
            return
        for place, party in enumerate(parties):
            pointer = f"/parties/{place}"
            if not isinstance(party, dict):
                self._mismatch(pointer, _OBJECT)
                continue
            self._unknown(party, ("role", "subject", "confirmed"), pointer)
            self._choice(party, "role", pointer, [*PartyRole], required=True, nullable=False)
            if "subject" not in party or party["subject"] is None:
                self._add("field_missing", f"{pointer}/subject")
            else:
                self._subject(party, "subject", pointer, required=False)
            if not isinstance(party.get("confirmed", False), bool):
                self._mismatch(f"{pointer}/confirmed", EXPECTED[MemberType.BOOLEAN])

    def _region(self, item: Mapping[str, Any], kind: Kind | None) -> None:
        value = item.get("region")
        if value is None:
            return
        if not isinstance(value, str):
            self._mismatch("/region", EXPECTED[MemberType.TEXT])
        elif not regions.known(value):
            self._add("region_unknown", "/region", value=value[:20])
        elif kind is not None and self._may_push(kind.code, value) == "region_not_granted":
            self._add("region_not_granted", "/region", value=value)

    def _product(self, item: Mapping[str, Any]) -> None:
        product = self._object(item, "product", "", ("name", "class", "brand", "model", "batch"))
        if product is None:
            return
        self._text(product, "name", "/product", NAME_LENGTH, required=True)
        self._choice(product, "class", "/product", PRODUCT_CLASSES)
        for name in ("brand", "model", "batch"):
            self._text(product, name, "/product", NAME_LENGTH)

    def _details(self, item: Mapping[str, Any], kind: Kind | None, *, withdrawal: bool) -> None:
        details = item.get("details", {})
        if not isinstance(details, dict):
            self._mismatch("/details", _OBJECT)
            return
        if kind is None or withdrawal:
            return
        self._unknown(details, tuple(member.name for member in kind.members), "/details")
        for member in kind.members:
            self._member(details, member)

    def _member(self, details: Mapping[str, Any], member: Member) -> None:
        value, place = details.get(member.name), f"/details/{member.name}"
        if value is None:
            if member.required:
                self._add("field_missing", place)
            return
        match member.type:
            case MemberType.TEXT:
                self._text(details, member.name, "/details", member.max_length)
            case MemberType.DATE:
                self._day(details, member.name, "/details")
            case MemberType.CHOICE:
                self._choice(details, member.name, "/details", member.choices)
            case MemberType.MONEY:
                self._money(value, place)
            case MemberType.INTEGER | MemberType.BOOLEAN:
                wanted = bool if member.type is MemberType.BOOLEAN else int
                if type(value) is not wanted:
                    self._mismatch(place, EXPECTED[member.type])
            case MemberType.LIST:
                self._list(value, member, place)

    def _money(self, value: Any, place: str) -> None:
        if not isinstance(value, str):
            self._mismatch(place, EXPECTED[MemberType.MONEY])
        elif not re.fullmatch(MONEY_PATTERN, value, re.ASCII):
            self._add("money_invalid", place)

    def _list(self, value: Any, member: Member, place: str) -> None:
        if not isinstance(value, list) or len(value) > 100:
            self._mismatch(place, EXPECTED[MemberType.LIST])
            return
        for index, entry in enumerate(value):
            pointer = f"{place}/{index}"
            if not isinstance(entry, str):
                self._mismatch(pointer, EXPECTED[MemberType.TEXT])
            elif member.choices:
                if entry not in member.choices:
                    self._add("choice_unknown", pointer, expected=", ".join(member.choices))
            else:
                self._check_text(entry, pointer, member.max_length)


_ENVELOPE: Final = (
    "source_record_id", "kind", "operation", "reason", "subject", "authority", "parties", "assertion", "effect", "served_on",
    "obligation_fulfilled_on", "stage", "region", "occurred_on", "published_on", "valid_until", "document_number", "product",
    "details",
)  # fmt: skip
_SUBJECT: Final = ("uscc", "name", "organisation_code", "registration_number")
_OBJECT: Final = Text("对象", "an object")
_LIST_OF_OBJECTS: Final = Text("对象数组", "a list of objects")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _read_day(value: str) -> date | None:
    if not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")

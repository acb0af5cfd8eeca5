"""A pushed record, typed: the shape that sound items are read into in one pass.

The types of `details` are made from the kinds' declarations. What does not fit is refused here without a reason;
`inspection` then finds every reason.
"""

from datetime import date
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import Member, MemberType
from services.kernel.structs import settle

CODE_LENGTH: Final = 40
NAME_LENGTH: Final = 200
SOURCE_ID_LENGTH: Final = 200
MONEY_PATTERN: Final = r"^(0|[1-9][0-9]{0,12})(\.[0-9]{1,2})?\Z"

Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH)]
Code = Annotated[str, Meta(min_length=1, max_length=CODE_LENGTH)]


class Subject(Struct, forbid_unknown_fields=True):
    """Whom a record is about, or a party of it."""

    uscc: Code | None = None
    name: Name | None = None
    organisation_code: Code | None = None
    registration_number: Code | None = None


class Authority(Struct, forbid_unknown_fields=True):
    """Who determined the fact; not always the one who sends it (CF_CFJG and CF_SJLY of 双公示 are two fields)."""

    uscc: Code | None = None
    name: Name | None = None


class Party(Struct, forbid_unknown_fields=True):
    """A subject with its part in the matter."""

    role: Literal["producer", "seller", "importer", "entrusting_party"]
    subject: Subject
    confirmed: bool = False


class Product(Struct, forbid_unknown_fields=True, rename={"class_": "class"}):
    """The product concerned."""

    name: Name
    class_: (
        Literal["food", "furniture_decoration", "apparel_textile", "household_goods", "appliance_electronics"]
        | None
    ) = None
    brand: Name | None = None
    model: Name | None = None
    batch: Name | None = None


class Statement(Struct, forbid_unknown_fields=True, kw_only=True):
    """One item of a push; members left out keep the defaults of the contract."""

    source_record_id: Annotated[str, Meta(min_length=1, max_length=SOURCE_ID_LENGTH)]
    kind: str
    operation: Literal["upsert", "correct", "withdraw"] = "upsert"
    reason: Literal["revoked", "changed", "unlawful"] | None = None
    subject: Subject
    authority: Authority | None = None
    parties: list[Party] = []
    assertion: Literal["determined", "self_declared", "third_party"] | None = None
    effect: Literal["not_final", "under_review", "suspended", "final", "changed", "revoked", "unlawful"] = (
        "final"
    )
    served_on: date | None = None
    obligation_fulfilled_on: date | None = None
    stage: Literal["production", "circulation", "use", "consumption"] | None = None
    region: Code | None = None
    occurred_on: date
    published_on: date | None = None
    valid_until: date | None = None
    document_number: Name | None = None
    product: Product | None = None
    details: Any = msgspec.field(default_factory=dict)


def _type_of(member: Member) -> Any:
    match member.type:
        case MemberType.TEXT:
            return Annotated[str, Meta(min_length=1, max_length=member.max_length)]
        case MemberType.DATE:
            return date
        case MemberType.MONEY:
            return Annotated[str, Meta(pattern=MONEY_PATTERN)]
        case MemberType.INTEGER:
            return int
        case MemberType.BOOLEAN:
            return bool
        case MemberType.CHOICE:
            return Literal[tuple(member.choices)]
        case MemberType.LIST:
            entry: Any = (
                Literal[tuple(member.choices)]
                if member.choices
                else Annotated[str, Meta(min_length=1, max_length=member.max_length)]
            )
            return Annotated[list[entry], Meta(max_length=100)]


def _statement_type(kind: str) -> type[Statement]:
    """The statement type of a kind: the envelope with typed details, which may be left out if nothing in them must be."""
    members: list[Any] = []
    for member in KINDS[kind].members:
        typed = _type_of(member)
        members.append(
            (member.name, typed) if member.required else (member.name, typed | None | UnsetType, UNSET)
        )
    details = msgspec.defstruct(f"Details_{kind}", members, forbid_unknown_fields=True, kw_only=True)
    required = any(member.required for member in KINDS[kind].members)
    field: Any = (
        ("details", details) if required else ("details", details, msgspec.field(default_factory=details))
    )
    made = msgspec.defstruct(
        f"Statement_{kind}", [field], bases=(Statement,), forbid_unknown_fields=True, kw_only=True
    )
    return cast("type[Statement]", made)


_types: Final = {kind: _statement_type(kind) for kind in KINDS}


class _Withdrawal(Statement, kw_only=True):
    """A withdrawal needs a reason and no details."""

    operation: Literal["withdraw"]
    reason: Literal["revoked", "changed", "unlawful"]
    details: dict[str, Any] = msgspec.field(default_factory=dict)


settle([*_types.values(), _Withdrawal])


def statement_of(document: Any) -> Statement:
    """A sound item's statement, from its JSON document.

    Raises:
        msgspec.ValidationError: the document does not have the shape.
        KeyError: its kind is unknown; TypeError: it is no object, or its kind no text.
    """
    kind = _types[document["kind"]]
    if document.get("operation") == "withdraw":
        return msgspec.convert(document, _Withdrawal)
    statement = msgspec.convert(document, kind)
    if statement.reason is not None:
        raise msgspec.ValidationError("only a withdrawal has a reason")
    return statement

"""What a kind of record declares: its members with official column names, and the rules of its statements."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from services.kernel.kinds.codes import code_list
from services.kernel.texts import Text


class MemberType(StrEnum):
    """How the value of a member is written in JSON."""

    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    LIST = "list"


EXPECTED: Final[dict[MemberType, Text]] = {
    MemberType.TEXT: Text("文本", "text"),
    MemberType.DATE: Text("日期 YYYY-MM-DD（文本）", "a date YYYY-MM-DD (text)"),
    MemberType.MONEY: Text("金额文本（元）", "money as text (yuan)"),
    MemberType.INTEGER: Text("整数", "an integer"),
    MemberType.BOOLEAN: Text("true 或 false", "true or false"),
    MemberType.CHOICE: Text("代码表中的文本", "one of the codes, as text"),
    MemberType.LIST: Text("文本数组", "a list of texts"),
}


class Assertion(StrEnum):
    """Who vouches for a statement (陈述性质)."""

    DETERMINED = "determined"
    SELF_DECLARED = "self_declared"
    THIRD_PARTY = "third_party"


class Effect(StrEnum):
    """The legal effect of the document behind a record (效力状态)."""

    NOT_FINAL = "not_final"
    UNDER_REVIEW = "under_review"
    SUSPENDED = "suspended"
    FINAL = "final"
    CHANGED = "changed"
    REVOKED = "revoked"
    UNLAWFUL = "unlawful"


class Operation(StrEnum):
    """What a push does to a record (操作): state it, correct a wrong statement, or withdraw it because the act fell."""

    UPSERT = "upsert"
    CORRECT = "correct"
    WITHDRAW = "withdraw"


class Stage(StrEnum):
    """Where in a product's life the fact arose (环节): 生产, 流通, 使用, 消费."""

    PRODUCTION = "production"
    CIRCULATION = "circulation"
    USE = "use"
    CONSUMPTION = "consumption"


class PartyRole(StrEnum):
    """The part that a subject plays in a record (当事方角色)."""

    PRODUCER = "producer"
    SELLER = "seller"
    IMPORTER = "importer"
    ENTRUSTING_PARTY = "entrusting_party"


PRODUCT_CLASSES: Final[dict[str, str]] = code_list("product_classes")
"""The five key classes of 湘政办发〔2017〕49号, section 四."""

LEVELS: Final[dict[str, str]] = code_list("levels")
"""How high the authority stands that checks or awards."""

PUBLIC: Final = "public"
"""The field group of what may be shown to anyone who may read the kind at all."""
RESTRICTED: Final = "restricted"
"""The field group of facts meant for authorities only."""
PERSONAL: Final = "personal"
"""The field group of natural persons' data: sealed when it arrives, shown masked everywhere (个人信息保护法 § 51)."""

Mask = Literal["name", "number", "whole"]
"""How a text of a person is shown: a name by its first character, a number by its ends, anything else not at all."""


@dataclass(frozen=True)
class Member:
    """One member of `details`. Its Chinese label is the official title of its column; `headers` are further names under
    which it arrives in sheets."""

    name: str
    type: MemberType
    label: Text
    headers: tuple[str, ...] = ()
    required: bool = False
    max_length: int = 200
    choices: dict[str, str] = field(default_factory=dict)
    synonyms: dict[str, str] = field(default_factory=dict)
    """Further ways in which sheets write the codes of `choices`, besides the codes and their Chinese terms."""
    group: str = PUBLIC
    mask: Mask = "whole"
    """How the member is shown if its group is `personal`; such a member is a text."""


@dataclass(frozen=True)
class Confirmation:
    """A statement that waits (`held`) until a party is confirmed: `role`, when `details[member]` is `value`."""

    role: PartyRole
    member: str
    value: str


@dataclass(frozen=True)
class Kind:
    """One kind of record."""

    code: str
    label: Text
    assertion: Assertion
    members: tuple[Member, ...]
    document_number_required: bool = False
    confirmation: Confirmation | None = None
    identifies: bool = False
    """It says itself whom a code belongs to, so that it is nothing without the code; others may be identified otherwise."""
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Official column names, for this kind, of members of the envelope: JSON pointer → names, the official title first."""
    synonyms: dict[str, dict[str, str]] = field(default_factory=dict)
    """Ways in which this kind's sheets write the codes of members of the envelope: JSON pointer → written → code."""

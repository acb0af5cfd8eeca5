"""What a kind of record declares: its members with official column names, and the rules of its statements."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

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


PRODUCT_CLASSES: Final[dict[str, str]] = {
    "food": "食品及食品相关产品",
    "furniture_decoration": "家具及装饰装修材料",
    "apparel_textile": "服装鞋帽及家用纺织品",
    "household_goods": "日用杂品",
    "appliance_electronics": "家用电器及消费类电子产品",
}
"""The five key classes of 湘政办发〔2017〕49号, section 四."""

PUBLIC: Final = "public"
"""The field group of what may be shown to anyone who may read the kind at all."""
DETAIL: Final = "detail"
"""The field group of facts meant for authorities only."""


@dataclass(frozen=True)
class Member:
    """One member of `details`, with the official column names under which it arrives in sheets."""

    name: str
    type: MemberType
    label: Text
    headers: tuple[str, ...] = ()
    required: bool = False
    max_length: int = 200
    choices: dict[str, str] = field(default_factory=dict)
    group: str = PUBLIC


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
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Official column names, for this kind, of members of the envelope: JSON pointer → names."""

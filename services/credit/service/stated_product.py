"""The product of a statement as it was read, before it is stored."""

from typing import Final

from services.credit.domain.product import Identity, identity_of
from services.credit.service.statement import Statement
from services.kernel.kinds import KINDS

_WITH_RESULT: Final = frozenset(
    code for code, kind in KINDS.items() if any(member.name == "result" for member in kind.members)
)


def identity_of_statement(statement: Statement) -> Identity | None:
    """The product that a statement speaks of; equal to `product.identity_of_content` of the record that is stored. None
    for a withdrawal."""
    product, kind, parties = statement.product, statement.kind, statement.parties
    if product is None or statement.operation == "withdraw":
        return None
    return identity_of(
        kind, str(statement.subject.uscc), statement.stage,
        [(party.role, party.subject.uscc or "", party.confirmed) for party in parties] if parties else (),
        result=statement.details.result if kind in _WITH_RESULT else None,
        name=product.name, brand=product.brand, model=product.model,
    )  # fmt: skip

"""Whose word a statement is: the deciding authority's own, or another agency's copy of it."""

from typing import Any, Final, NamedTuple

from services.credit.service.statement import Statement
from services.kernel.policy import AgencyFact, Policy, plain_name


class Source(NamedTuple):
    """`secondhand`: another agency than the deciding authority tells it. `authority_code`: the code of an authority that
    the statement names without one, where an agency bears that name."""

    secondhand: bool = False
    authority_code: str | None = None

    def told(self) -> dict[str, Any]:
        """What a record says of its source beside what was stated; nothing for an authority's own statement."""
        told: dict[str, Any] = {"secondhand": True} if self.secondhand else {}
        return told | ({"authority_code": self.authority_code} if self.authority_code else {})


OWN: Final = Source()


def source_of(statement: Statement, provider: AgencyFact, policy: Policy) -> Source:
    """The source of a statement that an agency pushes."""
    authority = statement.authority
    if authority is None or authority.uscc == provider.uscc:
        return OWN
    if authority.uscc is not None:
        return Source(secondhand=True)
    name = plain_name(authority.name or "")
    code = provider.uscc if name == plain_name(provider.name) else policy.code_named.get(name)
    return Source(code != provider.uscc, code)

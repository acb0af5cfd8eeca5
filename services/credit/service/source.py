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


class Sources:
    """The sources of the statements that one agency pushes: a page names few authorities, many times."""

    def __init__(self, provider: AgencyFact, policy: Policy) -> None:
        self._provider, self._policy = provider, policy
        self._known: dict[tuple[str | None, str | None], Source] = {}

    def of(self, statement: Statement) -> Source:
        """The source of a statement."""
        authority = statement.authority
        if authority is None:
            return OWN
        key = (authority.uscc, authority.name)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._source(*key)
        return found

    def _source(self, code: str | None, written: str | None) -> Source:
        if code == self._provider.uscc:
            return OWN
        if code is not None:
            return Source(secondhand=True)
        name = plain_name(written or "")
        own = name == plain_name(self._provider.name)
        code = self._provider.uscc if own else self._policy.code_named.get(name)
        return Source(code != self._provider.uscc, code)

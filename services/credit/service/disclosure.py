"""What of an enterprise's records one caller is shown, and the entry that a restricted read leaves.

Fields of groups other than `public` are shown to whom a grant gives them *and* who states a purpose and a case. The entry
is committed before the answer is put together; where it cannot be written the read is refused, and all others go on.
"""

from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.credit.service.context import Credit
from services.credit.store import access_entries, marks
from services.credit.tables import AccessEntry
from services.kernel.access import AgencyPrincipal
from services.kernel.access_log import AccessRoute
from services.kernel.clock import shanghai_day
from services.kernel.db import AnySession
from services.kernel.kinds.kind import PUBLIC
from services.kernel.policy import Reach
from services.kernel.problems import Problem
from services.kernel.projection import project
from services.kernel.purpose import Purpose, StatedPurpose

PUBLIC_ONLY: Final = frozenset({PUBLIC})
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What one request may be shown: its reach, and what it states as its purpose."""

    reach: Reach
    stated: StatedPurpose | None
    principal: AgencyPrincipal
    request_id: str

    def record(self, content: str, kind: str, region: str) -> str:
        """A record's JSON with the groups that this request may see."""
        groups = PUBLIC_ONLY if self.stated is None else self.reach.groups(kind, region)
        return project(content, kind, groups)

    @property
    def restricted_groups(self) -> frozenset[str]:
        """The groups other than public that this request may see somewhere."""
        return frozenset() if self.stated is None else self.reach.groups_anywhere() - PUBLIC_ONLY

    def unshared(self, credit: Credit, session: AnySession, uscc: str) -> frozenset[str]:
        """The records of an enterprise whose part in past states stays withheld: those that are shared no longer, unless
        the request states the purpose of an audit, which is entered into the access log.

        Raises:
            Problem: `access_log_unavailable`, when it cannot be written.
        """
        hidden = marks.unshared(session, uscc, self.principal.agency, shanghai_day(credit.clock()))
        if not hidden or self.stated is None or self.stated.purpose != Purpose.AUDIT:
            return hidden
        self.note(credit, uscc, "past", beyond=frozenset({"unshared"}))
        return frozenset()

    def note(
        self, credit: Credit, uscc: str, route: AccessRoute, *, beyond: frozenset[str] = frozenset()
    ) -> None:
        """Commit the entry of a restricted read; nothing for any other. `beyond` names what is shown besides groups.

        Raises:
            Problem: `access_log_unavailable`, when it cannot be written.
        """
        groups = self.restricted_groups | beyond
        if self.stated is None or not groups:
            return
        entry = AccessEntry(
            id=uuid4().hex, at=credit.clock(), agency=self.principal.agency, client_id=self.principal.client_id, uscc=uscc,
            route=route, purpose=self.stated.purpose, case_number=self.stated.case_number,
            groups=",".join(sorted(groups)), request_id=self.request_id,
            officer=self.stated.officer,
        )  # fmt: skip
        try:
            with credit.database.write("credit.access_noted") as session:
                access_entries.add(session, entry)
        except SQLAlchemyError as failure:
            log.critical("access_entry_unwritten", error=type(failure).__name__)
            raise Problem("access_log_unavailable", headers={"Retry-After": "5"}) from failure

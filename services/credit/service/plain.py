"""The plain case of intake: a record that nobody has told before, about an enterprise by its code, that waits for nobody.

Nearly every item of a large push is one, so this is a straight line without the questions that a correction, a
withdrawal, a held item or personal data raise. What it does is what the general way would do; tests hold the two
against each other.
"""

from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec

from services.credit.domain.intake import RecordState
from services.credit.service.content import content_of, instant_of
from services.credit.service.source import Source
from services.credit.service.statement import Statement
from services.credit.service.workspace import Firm
from services.kernel.outbox import render_first_statement

_encode: Final = msgspec.json.Encoder().encode
_CURRENT: Final = str(RecordState.CURRENT)
Version = tuple[Any, ...]


def file_plainly(
    firm: Firm, statement: Statement, record_id: str, *, now: datetime, provider: bytes, batch_id: str, source: Source
) -> tuple[Version, bytes]:  # fmt: skip
    """Enter a plain item into its enterprise's file, but for what grading sees of it: the row of its version, in the order
    of `RecordVersion`'s columns, and the statement's digest. `provider` is JSON."""
    kind, region, subject, state = statement.kind, str(statement.region), statement.subject, firm.state
    canonical = _encode(statement)
    recorded_at = firm.tick(now)
    instant = instant_of(recorded_at)
    record = record_id.encode()
    content = content_of(
        record, 1, provider=provider, recorded_at=instant, source=source, canonical=canonical
    )
    from_register = kind == "enterprise_registration"
    if from_register or subject.name != state.name:
        firm.take_name(subject.name, recorded_at, from_register=from_register)
    if subject.registration_number or subject.organisation_code:
        firm.take_identifiers(
            registration_number=subject.registration_number, organisation_code=subject.organisation_code
        )
    state.version += 1
    event = render_first_statement(
        uscc=state.uscc, enterprise_version=state.version, provider=provider, kind=kind, region=region, record_id=record,
        recorded_at=instant, content=content,
    )  # fmt: skip
    firm.events.append((state.uscc, state.version, event))
    version = (
        record_id, 1, state.uscc, kind, region, statement.occurred_on, statement.assertion, statement.effect, _CURRENT,
        recorded_at, batch_id, content,
    )  # fmt: skip
    return version, blake2b(canonical, digest_size=16).digest()

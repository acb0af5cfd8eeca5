"""Tables of the exchange. Importing this package fills `metadata` with all of them."""

from typing import Final

from sqlalchemy import MetaData

from services.exchange.tables.access_log import AccessLogEntry, ClosedInvestigation
from services.exchange.tables.access_requests import AccessRequest
from services.exchange.tables.audit import AuditEntry
from services.exchange.tables.batches import Batch, BatchPage
from services.exchange.tables.credentials import Credential, FailedAttempt, RevokedToken, SeenAssertion
from services.exchange.tables.departments import Agency, AgencySuccession, Department, DepartmentSuccession
from services.exchange.tables.journal import JournalEpoch, JournalEvent, JournalHead, Lease, UnsharedEvent
from services.exchange.tables.keys import SigningKey
from services.exchange.tables.policy import Grant, PolicyVersion
from services.exchange.tables.responses import StoredResponse
from services.exchange.tables.sheets import BatchFile, BatchSheet
from services.exchange.tables.staff import (
    HandoverCode,
    LoginAttempt,
    StaffAccount,
    StaffEnrolment,
    StaffSession,
)
from services.exchange.tables.supply import SupplyDay, SupplyPosition
from services.exchange.tables.table import ExchangeTable

metadata: Final[MetaData] = ExchangeTable.metadata

__all__ = [
    "AccessLogEntry",
    "AccessRequest",
    "Agency",
    "AgencySuccession",
    "AuditEntry",
    "Batch",
    "BatchFile",
    "BatchPage",
    "BatchSheet",
    "ClosedInvestigation",
    "Credential",
    "Department",
    "DepartmentSuccession",
    "FailedAttempt",
    "Grant",
    "HandoverCode",
    "JournalEpoch",
    "JournalEvent",
    "JournalHead",
    "Lease",
    "LoginAttempt",
    "PolicyVersion",
    "RevokedToken",
    "SeenAssertion",
    "SigningKey",
    "StaffAccount",
    "StaffEnrolment",
    "StaffSession",
    "StoredResponse",
    "SupplyDay",
    "SupplyPosition",
    "UnsharedEvent",
    "metadata",
]

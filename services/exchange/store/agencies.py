"""Departments and agencies as they are kept."""

from collections.abc import Sequence

from sqlmodel import col, select

from services.exchange.tables import Agency, AgencySuccession, Department, DepartmentSuccession
from services.kernel.db import AnySession
from services.kernel.succession import SuccessionFact


def all_departments(session: AnySession) -> Sequence[Department]:
    """Every department, by code."""
    return session.exec(select(Department).order_by(col(Department.code))).all()


def department_successions(session: AnySession) -> Sequence[DepartmentSuccession]:
    """Every succession between departments."""
    keys = (DepartmentSuccession.predecessor, DepartmentSuccession.successor, DepartmentSuccession.function)
    return session.exec(select(DepartmentSuccession).order_by(*(col(key) for key in keys))).all()


def all_agencies(session: AnySession) -> Sequence[Agency]:
    """Every agency, by id."""
    return session.exec(select(Agency).order_by(col(Agency.id))).all()


def agency_successions(session: AnySession) -> Sequence[AgencySuccession]:
    """Every succession between agencies."""
    keys = (
        AgencySuccession.predecessor,
        AgencySuccession.successor,
        AgencySuccession.function,
        AgencySuccession.region,
    )
    return session.exec(select(AgencySuccession).order_by(*(col(key) for key in keys))).all()


def succession_facts(session: AnySession) -> list[SuccessionFact]:
    """Every succession between agencies as the policy shows it."""
    return [
        SuccessionFact(
            predecessor=row.predecessor, successor=row.successor, kinds=tuple(row.kinds), region=row.region,
            valid_from=row.valid_from, is_main=row.is_main,
        )
        for row in agency_successions(session)
    ]  # fmt: skip

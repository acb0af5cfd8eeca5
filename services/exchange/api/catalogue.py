"""The catalogue of kinds: what may be pushed, field by field, with the column names under which it arrives."""

from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.exchange.api.sessions import Reading, ThisExchange
from services.exchange.api.supply_quality import PERIOD, SupplyQuality, shown
from services.exchange.service.catalogue import columns_of, columns_with_choices
from services.exchange.service.supply import providers, supplies, terms_of
from services.kernel.calendar import Period
from services.kernel.clock import shanghai_day
from services.kernel.kinds import KINDS
from services.kernel.kinds.kind import PUBLIC
from services.kernel.texts import Text

router: Final = APIRouter(prefix="/v1", tags=["catalogue"])


class CatalogueName(BaseModel):
    """A name in both languages."""

    zh: str
    en: str


class CatalogueColumn(BaseModel):
    """One field of a kind."""

    path: str = Field(description="JSON pointer in a push record")
    type: str = Field(description="text, date, money (yuan, decimal text), integer, boolean, choice or list")
    required: bool
    headers: list[str] = Field(description="Column names that mean this field")
    values: list[str] | None = Field(description="Of a choice, or of a list of choices: the codes")
    labels: dict[str, str] | None = Field(description="The codes' Chinese names")
    synonyms: dict[str, str] | None = Field(
        description="Further ways in which sheets write a code, such as official digits: written → code"
    )
    group: str = Field(description="The field group by which it is granted")
    name: CatalogueName


class CataloguePeriod(BaseModel):
    """A period of working days, calendar days, months or years."""

    n: int
    unit: str


class CatalogueRhythm(BaseModel):
    """How often a kind is pushed, and how soon after the act. `confirmed` is false while the province has to say so."""

    every: CataloguePeriod
    within: CataloguePeriod
    basis: str
    confirmed: bool


class CatalogueSharing(BaseModel):
    """How a field group is shared."""

    group: str
    share_class: str = Field(description="unconditional, conditional (on request) or none")
    basis: str
    confirmed: bool


class CatalogueProvider(BaseModel):
    """An agency that may push a kind, and how well it does; the figures are of the last 90 days."""

    agency: str
    name: str
    department: str
    region: str
    quality: SupplyQuality


class CatalogueEntry(BaseModel):
    """One kind of record."""

    kind: str
    name: CatalogueName
    assertion: str = Field(description="Who vouches for it unless the record says otherwise")
    document_number_required: bool
    columns: list[CatalogueColumn]
    source: CatalogueName = Field(description="Where its statements come from")
    rhythm: CatalogueRhythm
    sharing: list[CatalogueSharing] = Field(description="Of each field group that the kind has")
    providers: list[CatalogueProvider] = Field(description="Who supplies it")


class Catalogue(BaseModel):
    """Every kind that the platform knows."""

    items: list[CatalogueEntry]
    next: str | None = Field(default=None, description="Always null: the list is whole")


@router.get("/catalogue")
def list_kinds(exchange: ThisExchange, session: Reading) -> Catalogue:
    """The kinds with their columns, from which templates and column mappings are made; where each comes from, how it is
    shared, and every provider of it with the quality of its supply."""
    policy, today = exchange.policy(), shanghai_day(exchange.clock())
    pairs = list(providers(policy, today))
    found = {
        (supply.agency, supply.kind): supply
        for supply in supplies(session, pairs, agencies=None, since=today - PERIOD, until=today, today=today)
    }
    by_kind: dict[str, list[CatalogueProvider]] = {}
    for agency, kind in pairs:
        if (fact := policy.agency.get(agency)) is not None and fact.in_force(today):
            provider = CatalogueProvider(
                agency=agency, name=fact.name, department=fact.department, region=fact.region,
                quality=shown(found[agency, kind]),
            )  # fmt: skip
            by_kind.setdefault(kind, []).append(provider)
    return Catalogue(items=[_entry(code, by_kind.get(code, [])) for code in KINDS])


def _entry(code: str, supplied_by: list[CatalogueProvider]) -> CatalogueEntry:
    kind, terms = KINDS[code], terms_of(code)
    groups = dict.fromkeys([PUBLIC, *(column.group for column in columns_of(code))])
    columns = [
        CatalogueColumn(
            path=column.path,
            type=column.type,
            required=column.required,
            headers=list(column.headers),
            values=list(column.choices) if columns_with_choices(column) else None,
            labels=column.choices if columns_with_choices(column) else None,
            group=column.group,
            name=_name(column.label),
            synonyms=column.synonyms or None,
        )
        for column in columns_of(code)
    ]
    return CatalogueEntry(
        kind=code,
        name=_name(kind.label),
        assertion=kind.assertion,
        document_number_required=kind.document_number_required,
        columns=columns,
        source=CatalogueName(**terms.source),
        rhythm=CatalogueRhythm(
            every=_period(terms.rhythm.every),
            within=_period(terms.rhythm.within),
            basis=terms.rhythm.basis,
            confirmed=terms.rhythm.is_confirmed,
        ),
        sharing=[
            CatalogueSharing(
                group=group, share_class=said.share_class, basis=said.basis, confirmed=said.is_confirmed
            )
            for group in groups
            if (said := terms.sharing.get(group)) is not None
        ],
        providers=supplied_by,
    )


def _period(period: Period) -> CataloguePeriod:
    return CataloguePeriod(n=period.n, unit=period.unit)


def _name(text: Text) -> CatalogueName:
    return CatalogueName(zh=text.zh, en=text.en)

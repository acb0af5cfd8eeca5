"""An office of the tests: a province's agency with two below it, a sibling department, and people in each."""

from itertools import count
from types import SimpleNamespace

from tests.factories import make_agency, make_session, make_staff
from tests.forgery import bearer

_keys = count(1)
PEOPLE = {
    "province": ("agency_administrator", "province"),
    "city": ("agency_administrator", "city"),
    "other_city": ("agency_administrator", "other_city"),
    "foreign": ("agency_administrator", "foreign"),
    "inspector": ("inspector", "city"),
    "coordinator": ("coordinator", "province"),
    "auditor": ("auditor", "city"),
    "platform": ("platform_administrator", "foreign"),
}


class Office(SimpleNamespace):
    """`agencies`, `people` and a client; who calls is named by `PEOPLE`."""

    def token(self, who):
        return make_session(self.database, self.people[who].username, self.clock())

    def headers(self, who, **more):
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return bearer(who if who.startswith("zxt_") else self.token(who)) | named

    async def get(self, path, who, **params):
        return await self.client.get(path, params=params or None, headers=self.headers(who))

    async def post(self, path, who, body=None, **headers):
        own = {"idempotency_key": f"key-{next(_keys)}"} | headers
        return await self.client.post(path, json=body or {}, headers=self.headers(who, **own))

    async def patch(self, path, who, body):
        return await self.client.patch(path, json=body, headers=self.headers(who))

    async def delete(self, path, who):
        return await self.client.delete(path, headers=self.headers(who))

    async def login(self, who, **changes):
        body = self.people[who].login(self.clock(), **changes)
        return await self.client.post("/v1/staff/sessions", json=body)


def make_office(database, settings, clock, client) -> Office:
    """The agencies and people of an office, and a client to its exchange."""
    now = clock()
    agencies = {"province": make_agency(database, "industry_commerce", "430000")}
    for name, region in (("city", "430100"), ("other_city", "430400")):
        agencies[name] = make_agency(database, "industry_commerce", region, superior=agencies["province"])
    agencies["county"] = make_agency(database, "industry_commerce", "430102", superior=agencies["city"])
    agencies["foreign"] = make_agency(database, "food_drug", "430000")
    people = {
        who: make_staff(database, settings, agencies[of], now, role, username=who.replace("_", "."))
        for who, (role, of) in PEOPLE.items()
    }
    return Office(
        database=database, settings=settings, clock=clock, client=client, agencies=agencies, people=people
    )

"""How tests take remedies from intake to effect through the door: file, step, read, list."""

import json
from itertools import count

from services.credit.service.selfcheck import check_credit
from tests.filing import code_of, events_of

_keys = count(1)


class Casework:
    """One kind of case at one door; `route` is its collection."""

    def __init__(self, door, route):
        self.door, self.route = door, route

    async def file(self, caller, body, key=None, **headers):
        own = {"Idempotency-Key": key or f"case-{next(_keys)}"} | headers
        return await self.door.client.post(self.route, json=body, headers=self.door.headers(caller) | own)

    async def filed(self, caller, body, **how):
        answer = await self.file(caller, body, **how)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def step(self, caller, case, action, body=None, *, tag=None):
        """Take a step; `case` is the case as last seen, whose version is the tag."""
        tag = f'"{case["version"]}"' if tag is None else tag
        return await self.door.client.post(
            f"{self.route}/{case['id']}/{action}", json=body or {"reason": "演示理由"},
            headers=self.door.headers(caller) | ({"If-Match": tag} if tag else {}),
        )  # fmt: skip

    async def stepped(self, caller, case, action, body=None):
        answer = await self.step(caller, case, action, body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
        return answer.json()

    async def read(self, caller, case_id):
        return await self.door.get(f"{self.route}/{case_id}", caller)

    async def listed(self, caller, **params):
        answer = await self.door.get(self.route, caller, params)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def pushed(door, *records, caller="pusher"):
    """Push records; the ids of them."""
    verdicts = await door.verdicts(*records, caller=caller)
    assert {verdict["verdict"] for verdict in verdicts} == {"accepted"}, verdicts
    return [verdict["record_id"] for verdict in verdicts]


async def records_of(door, number, caller="reader"):
    """A firm's records as a caller reads them, by id; the file shows the same ones."""
    answer = await door.get(f"/v1/enterprises/{code_of(number)}/records", caller)
    found = {record["record_id"]: record for record in answer.json()["items"]}
    file = (await door.get(f"/v1/enterprises/{code_of(number)}", caller)).json()
    assert {record["record_id"]: record for record in file["records"]} == found
    return found


async def grade_of(door, number, caller="reader"):
    return (await door.get(f"/v1/enterprises/{code_of(number)}/grade", caller)).json()


def sound(door):
    """The database holds what must always be true."""
    found = check_credit(door.credit.database, door.clock(), door.credit.settings.province)
    assert found == []


def told(door, number):
    """The events of a firm: type and state."""
    return [(event["type"], event["data"].get("state")) for event in events_of(door.credit.database, number)]


def problem(answer):
    body = json.loads(answer.content)
    return answer.status_code, body["code"]

"""A reform of the tests: the market bureaus of the door become one, and the commission of economy two."""

from services.exchange.service.administration import seed_departments
from services.exchange.service.credentials import IssuedCredential
from services.exchange.service.reform_plan import read_plan
from services.exchange.service.succession import succeed
from services.kernel import uscc
from tests.factories import TESTS

PLAN = f"""
document = "演示改〔2026〕1号"
effective_on = 2026-11-23
overlap_days = 7
ends = ["industry_commerce-430000", "quality_supervision-430000", "economy_information-430000"]

[[agency]]
department = "market_regulation"
region = "430000"
name = "演示·省市场监督管理局"
uscc = "{uscc.make("11430000", "KXC00001")}"

[[agency]]
department = "industry_information"
region = "430000"
name = "演示·省工业和信息化厅"
uscc = "{uscc.make("11430000", "KXC00002")}"

[[succession]]
predecessor = "industry_commerce-430000"
successor = "market_regulation-430000"
function = "市场监管"
credentials = true

[[succession]]
predecessor = "quality_supervision-430000"
successor = "market_regulation-430000"
function = "质量监管"

[[succession]]
predecessor = "economy_information-430000"
successor = "industry_information-430000"
function = "工业和信息化"
main = true

[[succession]]
predecessor = "economy_information-430000"
successor = "market_regulation-430000"
function = "质量奖励"
kinds = ["quality_award"]
regions = ["430100"]
"""
MARKET, INDUSTRY = "market_regulation-430000", "industry_information-430000"


def reform(database, settings, now, text=PLAN):
    """Carry a reform out as the command does; what was done."""
    with database.write("agencies_succeeded") as session:
        seed_departments(session, reform=True)
        return succeed(session, settings.secret.get_secret_value(), read_plan(text), now=now, actor=TESTS)


def done(moves, what):
    return [move for move in moves if move.what == what]


def issued_to(moves, agency):
    """The credential that a successor got."""
    [move] = [move for move in done(moves, "credential_issued") if move.agency == agency]
    return IssuedCredential(move.subject, agency, move.secret, None)

"""How quickly the list of bills answers at ten million of them, under row-level security of a district, a region and the republic.

``make bench-lists ACCOUNTS=1000000`` makes the country with ten months of bills (it is kept), serves it as in production, asks for each
page warm, and prints p50 and p95 by the clock, what database and application took of it, the statements, and the ratio to the limit.
"""

import os
import sys
from typing import Any

from bench import office
from bench.billing import _scalar, keep
from bench.served import Served, User, served

TIMES, PAGE_MS, FIRST_BYTE_MS = int(os.environ.get("TIMES", "10")), 300, 1000
USERS = (
    User("bench-district", ["Supervisor"], "level = 'DISTRICT'"),
    User("bench-region", ["Supervisor"], "level = 'REGION'"),
    User("bench-republic", ["Supervisor"]),
)
_LIST = "/billview/list/"
#: What is asked of the list; {number} is an account's, {month} a month with a bill of each.
PAGES = {
    "first page": "",
    "filter by account": "?_q={number}",
    "filter by month": "?_flt_0_billing_month={month}",
    "filter by kind of reading": "?_flt_0_quality=ESTIMATED",
    "sort by month, oldest first": "?_oc_BillView=billing_month&_od_BillView=asc",
    "sort one month by amount": "?_flt_0_billing_month={month}&_oc_BillView=amount_tiyin&_od_BillView=desc",
    "page 1,000": "?page_BillView=999",
    "page 10,000": "?page_BillView=9999",
    "page 1,000 of a month": "?_flt_0_billing_month={month}&page_BillView=999",
}
#: What a click adds up, however many rows; it may take 20 s.
SUMS = {"sum of a month": "?_flt_0_billing_month={month}&_sum=1", "sum of all": "?_sum=1"}


def run(accounts: int) -> dict[str, Any]:
    """Measure on a server of its own and return the figures."""
    servers = office.cluster()
    url = office.make(servers.database_url, accounts)
    figures: dict[str, Any] = {}
    with served(url, servers.redis_url, servers.var, USERS) as site:
        for user in USERS:
            figures |= {f"{user.name.removeprefix('bench-')}: {title}": told for title, told in _measured(site, user, url).items()}
    ratios = [each["ratio"] for each in figures.values() if "ratio" in each]
    return {"bills": _scalar(url, "SELECT count(*) FROM bill"), "worst_ratio": max(ratios), "asked": figures}


def _measured(site: Served, user: User, url: str) -> dict[str, dict[str, Any]]:
    """Return what each page cost a user."""
    client, found = site.log_in(user.name), {}
    given = {
        "number": _scalar(url, f"SELECT min(a.number) FROM account a JOIN division d ON d.id = a.division_id JOIN division t "
                               f"ON starts_with(d.path, t.path) WHERE t.id = (SELECT max(id) FROM division WHERE {user.where})"),
        "month": _scalar(url, "SELECT max(billing_month) FROM bill"),
    }  # fmt: skip
    for title, query in (PAGES | SUMS).items():
        path = _LIST + query.format(**given)
        cost = site.asked(client, path, times=TIMES if title in PAGES else 1)
        assert cost is not None, path
        found[title] = cost.told() | ({"ratio": round(cost.p95 / PAGE_MS, 2)} if title in PAGES else {})
    cost = site.asked(client, "/billview/export.csv", times=TIMES, first_byte=True)
    assert cost is not None
    found["first byte of CSV"] = cost.told() | {"ratio": round(cost.p95 / FIRST_BYTE_MS, 2)}
    return found


if __name__ == "__main__":
    found = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    office.show(found["asked"])
    keep("lists", found)

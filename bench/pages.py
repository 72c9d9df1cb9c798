"""How long each page of the office takes in a country of a million accounts, asked for by every role, and how much it weighs.

``make bench-pages ACCOUNTS=1000000`` serves the country of ``bench.office`` as in production and lets a user of each role ask for his home,
for every page of the menu that opens for him, for cards and searches; warm. It prints p50 and p95 by the clock, the statements, what
database and application took of it and the ratio to the limit; the last line is JSON.
"""

import os
import re
import sys
from typing import Any

import httpx

from app.domain.administration import roles
from bench import office
from bench.billing import _scalar, keep
from bench.served import Served, User, served

LIMIT_MS, FIRST_KB, WARM_KB = 300, 150, 30
TIMES = int(os.environ.get("TIMES", "11"))
USERS = tuple(User(f"bench-{role.lower().replace(' ', '-')}", [role]) for role in roles.ROLES)
#: Of a role in a district too: what most people of the office are.
IN_DISTRICT = tuple(
    User(f"{user.name}-district", user.roles, "level = 'DISTRICT'")
    for user in USERS
    if user.roles[0] in {roles.CASHIER, roles.BILLING_OPERATOR, roles.INSPECTOR}
)
#: Pages that are no entry of the menu; {account}, {number}, {bill}, {month} and {division} are of the middle of the country.
PAGES = {
    "home": "/",
    "account card": "/accountview/show/{account}",
    "bill": "/billview/show/{bill}",
    "bills of an account": "/billview/list/?_q={number}",
    "payments of an account": "/paymentview/list/?_q={number}",
    "readings of an account": "/readingview/list/?_q={number}",
    "bills of a month": "/billview/list/?_flt_0_billing_month={month}",
    "search: surname": "/search/?q=karimov",
    "search: street": "/search/?q=navoiy+12",
    "search: number": "/search/?q={number}",
    "offer while typing": "/search/offer?q=yusu",
    "cashier: find": "/cashier/?q=karimov",
    "cashier: take": "/cashier/take/{account}",
    "debts by age: rows": "/debts-by-age/rows/{division}/1",
    "enter a reading": "/reading-entry/{account}",
}
_LINK = re.compile(r'<(?:link|script|img|use)[^>]*(?:href|src)="(/static/[^"#]*)')
_MENU = re.compile(r'<a[^>]*href="(/[^"?#]*)"[^>]*>')


def run(accounts: int) -> dict[str, Any]:
    """Measure on a server of its own and return the figures."""
    servers = office.cluster()
    url = office.make(servers.database_url, accounts)
    given = _given(url)
    found: dict[str, dict[str, Any]] = {}
    with served(url, servers.redis_url, servers.var, [*USERS, *IN_DISTRICT]) as site:
        for user in (*USERS, *IN_DISTRICT):
            found |= _asked(site, user, given)
        weights = _weights(site, given)
    p95 = [each["p95_ms"] for each in found.values()]
    return {
        "accounts": accounts,
        "pages": len(found),
        "over": sum(each > LIMIT_MS for each in p95),
        "worst_ratio": round(max(p95) / LIMIT_MS, 2),
        "weights": weights,
        "asked": found,
    }


def _given(url: str) -> dict[str, Any]:
    account = _scalar(url, "SELECT account_id FROM debt WHERE due_on < current_date ORDER BY account_id OFFSET 5 LIMIT 1")
    return {
        "account": account,
        "number": _scalar(url, f"SELECT number FROM account WHERE id = {account}"),
        "bill": _scalar(url, f"SELECT max(id) FROM bill WHERE account_id = {account}"),
        "month": _scalar(url, "SELECT max(billing_month) FROM bill"),
        "division": _scalar(url, "SELECT id FROM division WHERE parent_id IS NULL"),
    }


def _asked(site: Served, user: User, given: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what each page cost a user; those he may not see are left out."""
    client, found = site.log_in(user.name), {}
    menu = dict.fromkeys(path for path in _MENU.findall(client.get("/").text) if path != "/" and not path.startswith(("/logout", "/lang")))
    pages = {title: path.format(**given) for title, path in PAGES.items()} | {path: path for path in menu}
    for title, path in pages.items():
        cost = site.asked(client, path, times=TIMES)
        if cost is not None:
            found[f"{user.name.removeprefix('bench-')}: {title}"] = cost.told() | {"ratio": round(cost.p95 / LIMIT_MS, 2)}
    return found


def _weights(site: Served, given: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return how many kB of pages go over the line, the first time with all files and later without those that are kept."""
    client = site.log_in("bench-billing-operator")
    return {title: weight(client, PAGES[title].format(**given)) for title in ("home", "account card", "bills of a month")}


def weight(client: httpx.Client, path: str) -> dict[str, float]:
    """Return the kB of a page with all its files, and without those that a browser keeps."""
    size, text = _sent(client, path)
    files = [_sent(client, each)[0] for each in dict.fromkeys(_LINK.findall(text))]
    return {"first_kb": round((size + sum(files)) / 1000, 1), "warm_kb": round(size / 1000, 1), "files": len(files)}


def _sent(client: httpx.Client, path: str) -> tuple[int, str]:
    """Return the bytes that came over the line, and the page."""
    with client.stream("GET", path) as answer:
        text = answer.read().decode(errors="replace")
        return answer.num_bytes_downloaded, text


if __name__ == "__main__":
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    office.show(figures["asked"])
    keep("pages", figures)

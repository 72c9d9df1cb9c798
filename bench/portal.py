"""How long pages of the consumers' portal take in a country of a million accounts, asked for by many signed-in users at once.

``make bench-portal ACCOUNTS=1000000 SECONDS=10`` serves the country of ``bench.office`` as in production and lets ``wrk`` ask for each page
as users of accounts all over the country. It prints p50, p95 and p99 of each page, processor time of a request in application and in
database, and the ratio of p95 to the limit; the last line is JSON.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from app import clock
from app.domain.portal import ALL_RIGHTS
from bench import office
from bench.billing import keep
from bench.served import Served, served

LIMIT_MS, USERS, CONNECTIONS, WARM_SECONDS = 200, 300, 8, 3
SECONDS = int(os.environ.get("SECONDS", "10"))
PAGES = ("home", "bills", "payments", "pay", "consumption", "readings", "account", "notices", "settings", "accounts")
#: Each request is another user's.
_SCRIPT = """
local cookies, place = {}, 0
for line in io.lines("%s") do cookies[#cookies + 1] = line end
request = function()
  place = place %% #cookies + 1
  return wrk.format("GET", nil, {["Cookie"] = "session=" .. cookies[place], ["Accept-Encoding"] = "gzip", ["Sec-Fetch-Site"] = "none"})
end
done = function(summary, latency, requests)
  io.write(string.format("FOUND %%d %%d %%d %%d %%d\\n", latency:percentile(50), latency:percentile(95), latency:percentile(99),
    summary.requests, summary.errors.status))
end
"""
_ENTER = """
    WITH chosen AS (SELECT a.id, a.division_id, a.consumer_id FROM account a WHERE a.id = ANY(%(ids)s) ORDER BY a.id),
    named AS (SELECT c.*, '+998' || lpad((500000000 + row_number() OVER (ORDER BY c.id))::text, 9, '0') AS phone FROM chosen c),
    made AS (INSERT INTO portal_user (phone) SELECT phone FROM named RETURNING id, phone),
    claimed AS (
        INSERT INTO portal_access (division_id, portal_user_id, account_id, consumer_id, granted_by_id, rights, claimed_at)
        SELECT n.division_id, m.id, n.id, n.consumer_id, m.id, %(rights)s, now() FROM named n JOIN made m USING (phone)
        RETURNING portal_user_id, account_id
    ),
    opened AS (INSERT INTO portal_session (portal_user_id, opened_at) SELECT id, now() FROM made RETURNING id, portal_user_id)
    SELECT o.id, c.account_id FROM opened o JOIN claimed c USING (portal_user_id)
    """


def run(accounts: int) -> dict[str, Any]:
    """Measure on a server of its own and return the figures."""
    servers = office.cluster()
    url = office.make(servers.database_url, accounts)
    cookies = servers.var / "portal-cookies"
    cookies.write_text("\n".join(_cookies(url)))
    script = servers.var / "portal.lua"
    script.write_text(_SCRIPT % cookies)
    with served(url, servers.redis_url, servers.var, []) as site:
        found = {page: _asked(site, page, script) for page in PAGES}
    worst = max(each["p95_ms"] for each in found.values())
    return {"accounts": accounts, "users": USERS, "worst_ratio": round(worst / LIMIT_MS, 2), "asked": found}


def _cookies(url: str) -> list[str]:
    """Open a session for users of accounts all over the country, and return the cookie of each."""
    app = Flask("bench")
    app.secret_key = "b" * 64
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM portal_session; DELETE FROM portal_access; DELETE FROM portal_user")
        ids = [row[0] for row in connection.execute("SELECT id FROM account TABLESAMPLE SYSTEM (5) LIMIT 100000").fetchall()]
        chosen = ids[:: max(1, len(ids) // USERS)][:USERS]
        rows = connection.execute(_ENTER, {"ids": chosen, "rights": [str(right) for right in ALL_RIGHTS]}).fetchall()
    seen = int(clock.now().timestamp()) + 3600  # not touched while it is measured
    return [signer.dumps({"portal_session_id": row[0], "portal_account_id": row[1], "portal_seen": seen, "locale": "uz"}) for row in rows]


def _asked(site: Served, page: str, script: Path) -> dict[str, Any]:
    """Return what ``wrk`` found about a page, after some seconds that warm it, and what the processors were used for a request."""
    address, before = f"{site.address}/portal/{page}", site.used_ms()
    for seconds in (WARM_SECONDS, SECONDS):
        before = site.used_ms()
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), address]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"FOUND (\d+) (\d+) (\d+) (\d+) (\d+)", told)
    assert found is not None, told
    p50, p95, p99, requests, refused = map(int, found.groups())
    assert refused == 0, (address, told)
    python, database = ((now - then) / requests for now, then in zip(site.used_ms(), before, strict=True))
    return {
        "p50_ms": p50 / 1000,
        "p95_ms": p95 / 1000,
        "p99_ms": p99 / 1000,
        "requests": requests,
        "python_ms": round(python, 1),
        "database_ms": round(database, 1),
        "ratio": round(p95 / 1000 / LIMIT_MS, 2),
    }


if __name__ == "__main__":
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    for name, each in figures["asked"].items():
        print(f"{name:12} {each}")
    keep("portal", figures)

"""How fast batches of devices that nobody knows are parked over HTTP, none lost and none twice, and how much memory that takes.

``make bench-batches ROWS=1000000`` serves the application as in production and sends readings of as many unknown devices as head-ends
do, in batches of a thousand over two connections; some are sent again. It ends with one line of JSON; the limit of a worker's memory is
350 MB.
"""

import hashlib
import itertools
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import psycopg

import config
from app import clock
from app.cli import schema
from app.cli.servers import Servers
from app.domain.administration import roles
from app.gateways.meter_data_json import LARGEST_BATCH
from bench import country
from bench.billing import VAR, _database, _scalar, _url, keep
from bench.served import WORKERS, User, served

LIMIT_MB = 350
#: Accounts of the country, whose devices are known; and every so many batches are sent again.
ACCOUNTS, AGAIN = int(os.environ.get("ACCOUNTS", "20000")), 50
_READER = User("bench-operator", [roles.BILLING_OPERATOR])
_LOGIN, _KEY = "bench", "bench-key"
_SOURCE = """
    INSERT INTO meter_data_source (division_id, name, login, key_sha256, source)
    SELECT id, 'Bench', %s, %s, 'TELEMETRY' FROM division WHERE parent_id IS NULL
"""


def run(rows: int, servers: Servers) -> dict[str, Any]:
    """Measure on a server and return the figures."""
    url = _url(servers.database_url, "bench_batches")
    _database(servers.database_url, "bench_batches")
    schema.upgrade(config.database_url(url))
    country.make(url, ACCOUNTS, 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_SOURCE, (_LOGIN, hashlib.sha256(_KEY.encode()).hexdigest()))
    with served(url, servers.redis_url, servers.var, [_READER]) as site:
        began = time.perf_counter()
        with ThreadPoolExecutor(WORKERS) as senders:
            parts = range(0, rows, LARGEST_BATCH)
            told = list(senders.map(_Sender(site.address).send, parts, itertools.repeat(rows)))
        seconds = time.perf_counter() - began
        largest, shown = site.largest_mb(), site.asked(site.log_in(_READER.name), "/parkeddeviceview/list/", times=10)
    assert shown is not None
    parked, devices = (_scalar(url, f"SELECT count(*) FROM {table}") for table in ("parked_reading", "parked_device"))
    assert (parked, devices, sum(told)) == (rows, rows, rows), (parked, devices, sum(told))
    return {
        "rows": rows, "parked": parked, "lost": rows - parked, "batches_sent_again": len(parts[::AGAIN]), "seconds": round(seconds),
        "rows_per_s": round(rows / seconds), "rss_mb": round(largest), "ratio_of_memory": round(largest / LIMIT_MB, 2),
        "list_of_parked_devices_p95_ms": shown.p95,
    }  # fmt: skip


class _Sender:
    """A head-end that sends batches."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=120, trust_env=False, auth=(_LOGIN, _KEY))
        self._read_on = (clock.today() - timedelta(days=1)).isoformat()

    def send(self, first: int, rows: int) -> int:
        """Send the readings of a thousand devices, some batches twice; return how many were parked."""
        numbers = range(first, min(first + LARGEST_BATCH, rows))
        readings = [{"meter_number": f"N{number:08d}", "read_on": self._read_on, "dial": str(number % 90_000)} for number in numbers]
        body, headers = json.dumps({"readings": readings}), {"Idempotency-Key": f"bench {first}", "Content-Type": "application/json"}
        answer = self._client.post("/api/readings/devices", content=body, headers=headers)
        assert answer.status_code == httpx.codes.OK, answer.text
        if first % (AGAIN * LARGEST_BATCH) == 0:
            assert self._client.post("/api/readings/devices", content=body, headers=headers).content == answer.content
        return int(answer.json()["parked"])


if __name__ == "__main__":
    keep("batches_unknown", run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, Servers(VAR / "batches").ensure()))

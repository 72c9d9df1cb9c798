"""Whatever a person of any role sends: no bill is computed otherwise, no paper prints otherwise, and no sum drifts.

An address is visited by one role that may open it, drawn by a seed, and of the fields of an edited row two are changed alone;
``make crawl`` walks more accounts, more often, as every role, changes each field, and compares 200 papers of each kind.
"""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests import commands
from tests.databases import ROOT, VAR, environment, fresh_database

ACCOUNTS, MONTHS, ROUNDS, PAPERS, ROLES, FIELDS = (
    int(os.environ.get(f"CRAWL_{name}", usual))
    for name, usual in (("ACCOUNTS", 30), ("MONTHS", 3), ("ROUNDS", 1), ("PAPERS", 8), ("ROLES", 1), ("FIELDS", 2))
)
#: What proves that nothing became wrong.
PROOFS = {"ledger": ("ledger", "verify", "--json"), "replay": ("bill", "replay", "--all", "--json")}


@pytest.fixture(scope="module")
def crawled(servers: tuple[str, str]) -> dict[str, Any]:
    """What a crawl through a database of its own found; it changes everything."""
    url = fresh_database(servers[0], "pc_billing_crawl")
    environ = environment(url, servers[1])
    commands.flask("demo", "load", "--accounts", str(ACCOUNTS), "--months", str(MONTHS), environ=environ, check=True)
    command = [sys.executable, "-W", "ignore", "-m", "tests.crawl.crawler", "--database", url, "--queue", servers[1]]
    size = ["--rounds", str(ROUNDS), "--papers", str(PAPERS), "--roles", str(ROLES), "--fields", str(FIELDS)]
    size += ["--seed", os.environ.get("CRAWL_SEED", "1")]
    worker = commands.Running("worker", environ=environ)
    try:
        done = subprocess.run([*command, *size], check=True, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    finally:
        worker.terminate()
        worker.wait()
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    found |= {name: json.loads(commands.flask(*words, environ=environ).stdout.splitlines()[-1]) for name, words in PROOFS.items()}
    (VAR / "crawl.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return found


def test_forms_and_acts_of_every_kind_were_sent(crawled: dict[str, Any]) -> None:
    done = {name.removesuffix(" done") for name in crawled["posted"] if name.endswith(" done")}

    assert len(done) > 40


def test_nothing_sent_is_a_fault_of_the_application(crawled: dict[str, Any]) -> None:
    assert crawled["faults"] == []


def test_every_bill_is_computed_again_as_it_was_posted(crawled: dict[str, Any]) -> None:
    assert crawled["replay"]["bills"] > ACCOUNTS
    assert (crawled["replay"]["differences"], crawled["replay"]["first"]) == (0, [])


def test_every_sum_is_what_its_documents_add_up_to(crawled: dict[str, Any]) -> None:
    assert crawled["ledger"]["ok"], crawled["ledger"]


def test_papers_made_before_print_as_they_did(crawled: dict[str, Any]) -> None:
    assert crawled["papers"] > 0
    assert crawled["changed"] == {}

"""The program that puts faults into the code: what it draws, what it changes, and that tests of the domain notice them."""

import os
import re
import subprocess
import sys

from tests.databases import ROOT
from tests.mutants import faults

CALM = ("calendar", "identifiers")


def test_same_seed_draws_the_same_faults_and_another_seed_others() -> None:
    assert faults.drawn(300, 7) == faults.drawn(300, 7)
    assert faults.drawn(300, 7) != faults.drawn(300, 8)
    assert len(set(faults.drawn(300, 7))) == 300


def test_fewer_faults_of_a_seed_are_among_the_more() -> None:
    assert set(faults.drawn(20, 7)) < set(faults.drawn(300, 7))


def test_faults_of_every_kind_are_put_into_every_source() -> None:
    every = faults.drawn(10**6, 1)

    assert {next(source for source in faults.SOURCES if each.path.startswith(source)) for each in every} == set(faults.SOURCES)
    kinds = {re.sub(r" in .*|(None in place of|without|no longer) .*|\d+", r"\1", each.change, flags=re.DOTALL) for each in every}
    assert kinds >= {
        "Lt becomes LtE",
        "Add becomes Sub",
        "And becomes Or",
        "None in place of",
        "without",
        "no longer",
        "True becomes False",
    }


def test_what_nobody_could_notice_is_not_drawn() -> None:
    every = faults.drawn(10**6, 1)

    assert [each for each in every if each.function.endswith("__repr__") or "flush()" in each.change] == []


def test_every_fault_stands_in_a_function_that_can_be_exchanged() -> None:
    living = faults.living_functions()

    assert {(each.path, each.function) for each in faults.drawn(10**6, 1)} - set(living) == set()


def test_faults_in_the_domain_are_noticed() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "tests.mutants", "--size", "10", "--seed", "1"]
    command += ["--only", *(f"app/domain/{name}.py" for name in CALM), "--tests", *(f"tests/domain/test_{name}.py" for name in CALM)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)

    found = re.search(r"(\d+) of 10 killed", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert int(found[1]) >= 9, done.stdout

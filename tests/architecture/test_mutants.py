"""The program that puts faults into the code: what it draws, what it changes, and that tests of the domain notice them."""

import os
import re
import subprocess
import sys

import pytest

from tests import mutants
from tests.databases import ROOT

CALM = ("app/domain/values.py", "app/domain/settlement.py", "app/domain/calendar.py", "app/domain/identifiers.py")


def test_same_seed_draws_the_same_faults_and_another_seed_others() -> None:
    assert mutants.drawn(300, 7) == mutants.drawn(300, 7)
    assert mutants.drawn(300, 7) != mutants.drawn(300, 8)
    assert len(set(mutants.drawn(300, 7))) == 300


def test_faults_of_every_kind_are_put_into_every_source() -> None:
    every = mutants.drawn(10**6, 1)

    assert {next(source for source in mutants.SOURCES if each.path.startswith(source)) for each in every} == set(mutants.SOURCES)
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


@pytest.mark.parametrize("path", CALM)
def test_module_is_tried_by_the_tests_that_import_it(path: str) -> None:
    assert [test for test in mutants.related_tests(path) if test.startswith("tests/domain/")] != []


def test_faults_in_the_domain_are_noticed() -> None:
    command = [sys.executable, "-W", "ignore", "-m", "tests.mutants", "--size", "5", "--seed", "1", "--tests", "tests/domain", "--trust"]
    done = subprocess.run([*command, "--only", *CALM], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)

    found = re.search(r"(\d) of 5 killed", done.stdout)
    assert found is not None, done.stdout + done.stderr
    assert int(found[1]) >= 4, done.stdout

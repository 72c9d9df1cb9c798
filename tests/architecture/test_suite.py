"""The suite itself: no test module imports another, so that each runs alone and all run in any order."""

import re

from tests.conftest import LONG
from tests.databases import ROOT


def test_no_test_module_imports_another() -> None:
    importing = {
        str(path.relative_to(ROOT)): found
        for path in sorted((ROOT / "tests").glob("**/*.py"))
        if (found := re.findall(r"^(?:from|import) (tests\.(?:\w+\.)*test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    }

    assert importing == {}


def test_long_modules_are_there() -> None:
    assert [name for name in LONG if not (ROOT / name).is_file()] == []

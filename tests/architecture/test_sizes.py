"""Nothing grows beyond what is read at once; what is larger today may only shrink."""

import ast
from collections.abc import Iterator

from tests.databases import ROOT

MODULE_LINES, FUNCTION_LINES, TEMPLATE_WIDTH = 400, 40, 160
TEMPLATES = ROOT / "app/templates"
#: Papers as they were first printed: not a byte of them changes.
FIRST_FORMS = "documents/first_form"
#: Templates that write a table by hand; those of papers, which are set by another machine, lie in their own folder.
TABLES_BY_HAND = {"appbuilder/general/widgets/list.html", "macros/tables.html"}


def test_modules_are_read_at_once() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "app").glob("**/*.py")}

    found = {name: lines for name, lines in lengths.items() if "versions" not in name and lines > MODULE_LINES}

    assert found == {}


def test_functions_are_read_at_once() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in (ROOT / "app").glob("**/*.py")
        if "versions" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ]

    assert found == []


def _templates() -> Iterator[tuple[str, str]]:
    for path in TEMPLATES.glob("**/*.html"):
        yield str(path.relative_to(TEMPLATES)), path.read_text(encoding="utf-8")


def test_lines_of_templates_are_read_without_turning_the_head() -> None:
    wide = {name for name, text in _templates() if any(len(line) > TEMPLATE_WIDTH for line in text.splitlines())}

    assert {name for name in wide if not name.startswith(FIRST_FORMS)} == set()


def test_tables_of_pages_come_from_the_macro() -> None:
    found = {name for name, text in _templates() if "<table" in text and not name.startswith("documents/")}

    assert found - TABLES_BY_HAND == set()

"""Nothing grows beyond what is read at once; what is larger today may only shrink."""

import ast

from tests.databases import ROOT

MODULE_LINES, FUNCTION_LINES, TEMPLATE_WIDTH = 400, 40, 160
#: Modules that are longer, with the most they may have.
LONGER = {
    "app/gateways/payment_files/tables.py": 424,
    "app/labels/columns.py": 460,
    "app/labels/members.py": 520,
    "app/models/payments/__init__.py": 405,
    "app/queries/payments/__init__.py": 475,
}
#: Lines of templates that are wider; screens by macros will end them.
WIDE_LINES = 65


def test_modules_are_read_at_once() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "app").glob("**/*.py")}

    found = {name: lines for name, lines in lengths.items() if "versions" not in name and lines > LONGER.get(name, MODULE_LINES)}

    assert found == {}


def test_modules_that_may_be_longer_are() -> None:
    assert {name for name in LONGER if len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= MODULE_LINES} == set()


def test_functions_are_read_at_once() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in (ROOT / "app").glob("**/*.py")
        if "versions" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ]

    assert found == []


def test_lines_of_templates_grow_no_wider() -> None:
    wide = [
        line
        for path in (ROOT / "app/templates").glob("**/*.html")
        for line in path.read_text(encoding="utf-8").splitlines()
        if len(line) > TEMPLATE_WIDTH
    ]

    assert len(wide) <= WIDE_LINES

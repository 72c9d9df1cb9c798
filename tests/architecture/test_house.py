"""What every part of the house must keep to."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask_appbuilder import Model
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.extensions import appbuilder
from app.jobs.kinds import JOBS
from app.labels import COLUMN_LABELS, TITLES
from app.labels.members import ENUM_LABELS
from app.models.accounts import Supply
from app.models.columns import EVERY_COLUMN, metadata
from app.models.household_consumers import HouseholdConsumer
from app.views.administration import APPROVALS
from app.views.base import EntityView, FactsAreNotEdited

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = ("uz", "uz_Cyrl", "ru")
#: What columns are called or explained by elsewhere than in lists.
OTHER_LABELS = {"COLUMN_HELP", "ENTERED_LABELS"}


def our_views(app: Flask) -> list[EntityView]:
    assert app
    return [view for view in appbuilder.baseviews if isinstance(view, EntityView)]


def test_every_column_of_every_view_has_a_label(app: Flask) -> None:
    views = our_views(app)

    missing = {
        (type(view).__name__, column)
        for view in views
        for column in (*view.list_columns, *(view.form_columns or []), *view.search_columns)
        if column not in COLUMN_LABELS
    }

    assert len(views) > 30
    assert missing == set()


def test_every_column_has_one_label() -> None:
    named = Counter(
        key.value
        for path in (ROOT / "app" / "labels" / "columns").glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict) and ast.unparse(node.target) not in OTHER_LABELS
        for key in node.value.keys
        if isinstance(key, ast.Constant)
    )

    assert len(named) > 300
    assert [column for column, times in named.items() if times > 1] == []


def test_every_view_names_its_rows(app: Flask) -> None:
    assert {view.datamodel.obj.__tablename__ for view in our_views(app)} <= set(TITLES)


def test_every_list_has_a_definite_order(app: Flask) -> None:
    assert [type(view).__name__ for view in our_views(app) if not view.base_order] == []


def test_no_form_offers_money_or_division_of_a_fact(app: Flask) -> None:
    forbidden = {"amount_tiyin", "vat_tiyin", "debt_tiyin", "advance_tiyin", "remaining_tiyin", "division_id"}

    assert [type(view).__name__ for view in our_views(app) if forbidden & set(view.form_columns or [])] == []


def test_form_over_facts_is_refused_when_it_is_made() -> None:
    class SupplyForm(EntityView):
        datamodel = SQLAInterface(Supply)
        list_columns = form_columns = ["account", "valid_from"]

    class ConsumerForm(EntityView):
        datamodel = SQLAInterface(HouseholdConsumer)
        list_columns = form_columns = ["name", "phone"]

    class PhoneForm(ConsumerForm):
        fixed_columns = ("name",)

    for form, words in ((SupplyForm, "Supply"), (ConsumerForm, "HouseholdConsumer: name")):
        with pytest.raises(FactsAreNotEdited, match=words):
            form()
    assert PhoneForm().edit_columns == ["phone"]


def test_every_table_the_database_keeps_from_changes_is_marked_as_facts(session: Session) -> None:
    kept = set(session.scalars(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_is_fact' AND tgparentid = 0")))
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Model.registry.mappers}

    assert len(kept) > 10
    assert {table for table in kept if getattr(models[table], "facts", None) != EVERY_COLUMN} == set()


def test_every_member_of_our_enums_has_a_phrase() -> None:
    said = {(type(member), member) for member, _ in ENUM_LABELS} | {(type(kind), kind) for kind in (*JOBS, *APPROVALS)}
    kinds = {kind for kind, _ in said}

    assert {(kind, member) for kind in kinds for member in kind} == said


def test_every_kind_of_words_that_a_template_names_has_phrases() -> None:
    pages = (ROOT / "app" / "templates").rglob("*.html")
    named = {kind for page in pages for kind in re.findall(r"""(?:word|badge)(?:\((?:["']\w+["'], )?["']| )(\w+)["']""", page.read_text())}

    assert len(named) > 20
    assert named - {type(member).__name__ for member in (*(member for member, _ in ENUM_LABELS), *JOBS, *APPROVALS)} == set()


def test_money_and_quantities_are_whole_numbers() -> None:
    wrong = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.endswith(("_tiyin", "_milli")) and str(getattr(column.type, "item_type", column.type)) != "BIGINT"
    ]

    assert wrong == []


def test_no_float_touches_money() -> None:
    modules = [path for name in ("domain", "services", "queries") for path in (ROOT / "app" / name).rglob("*.py")]
    # Losses of networks are physics: energy, never money.
    modules = [path for path in modules if not {"balances", "network"} & set(path.relative_to(ROOT / "app").parts)]

    calls = [
        f"{path.name}:{node.lineno}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
    ]

    assert calls == []


def test_raw_framework_views_are_used_by_the_base_views_only() -> None:
    users = [
        path.name
        for path in (ROOT / "app").rglob("*.py")
        if "(ModelView)" in path.read_text() and path.name != "base.py" and path.parent.name != "console"
    ]

    assert users == []


@pytest.mark.parametrize("language", COMPLETE)
@pytest.mark.parametrize("domain", ["messages", "admin"])
def test_translation_is_complete(language: str, domain: str) -> None:
    path = ROOT / "translations" / language / "LC_MESSAGES" / f"{domain}.po"
    with path.open("rb") as stream:
        catalog = read_po(stream)

    empty = [message.id for message in catalog if message.id and (not message.string or not all(_forms(message.string)))]

    assert empty == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)

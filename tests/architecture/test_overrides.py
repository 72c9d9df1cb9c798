"""What we replace of Flask-AppBuilder and Flask-Admin: all of it is named here, and a test stands for each."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import flask_admin
import flask_appbuilder
import pytest

import app
from app.views.shell import Page
from tests.databases import ROOT

THEIRS = ("flask_appbuilder", "flask_admin")
#: Module → test → the methods and templates it stands for: it fails without them.
STANDS_FOR = {
    "access/test_matrix.py": {
        "test_role_changes_nothing_that_is_not_its_work": [
            "FactView._init_forms",
        ],
    },
    "access/test_people_and_files.py": {
        "test_sessions_are_those_of_people_of_ones_divisions": [
            "OfMyPeople.apply",
        ],
    },
    "browser/test_pages.py": {
        "test_login_has_no_faults": [
            "appbuilder/general/security/login_db.html",
        ],
    },
    "browser/test_policy.py": {
        "test_office_and_console_keep_to_the_policy": [
            "appbuilder/general/model/add.html",
            "appbuilder/general/model/edit.html",
        ],
    },
    "console/test_console.py": {
        "test_every_page_of_the_console_opens_in_the_readers_language": [
            "ConsoleHome.index",
            "admin/master.html",
            "admin/model/details.html",
        ],
        "test_whoever_has_nothing_to_do_there_is_turned_away": [
            "ConsoleHome.inaccessible_callback",
        ],
    },
    "views/test_account_card.py": {
        "test_remark_is_edited_by_a_form_that_changes_nothing_else": [
            "EntityView.post_edit_redirect",
        ],
    },
    "views/test_bad_input.py": {
        "test_bad_value_is_refused_beside_its_field_and_what_was_typed_stays": [
            "EntityView._add",
            "appbuilder/general/widgets/form.html",
        ],
        "test_get_on_an_address_that_acts_changes_nothing": [
            "EntityView.action",
        ],
        "test_good_values_are_stored_in_their_compact_form": [
            "EntityView._init_forms",
            "EntityView._init_properties",
            "EntityView.post_add_redirect",
        ],
        "test_no_value_of_a_filter_breaks_a_list": [
            "FilterKinds.convert",
        ],
        "test_row_in_use_is_not_deleted_and_the_reason_is_told": [
            "EntityView._delete",
            "EntityView.post_delete_redirect",
            "appbuilder/flash.html",
        ],
    },
    "views/test_boundary.py": {
        "test_foreign_bill_run_is_not_moved": [
            "RunView._init_properties",
            "RunView.show",
        ],
        "test_form_that_names_a_foreign_row_is_refused_and_stores_nothing": [
            "EntityView.pre_add",
        ],
        "test_own_pages_are_there": [
            "appbuilder/general/widgets/show.html",
        ],
        "test_previews_are_not_started_in_a_foreign_division": [
            "EntityView.action_post",
        ],
        "test_role_without_the_permission_is_turned_away": [
            "ConsoleHome.is_accessible",
            "ConsoleView.inaccessible_callback",
            "ConsoleView.is_accessible",
        ],
        "test_row_of_another_district_can_be_neither_shown_nor_edited_nor_deleted": [
            "ListRows.get",
        ],
        "test_stranger_is_led_to_the_login": [
            "RightsManager.get_public_permissions",
        ],
    },
    "views/test_device_readings_pages.py": {
        "test_profile_is_shown_by_day_and_month_with_what_was_filled_in": [
            "ShowsProfiles._get_show_widget",
        ],
    },
    "views/test_dictionaries.py": {
        "test_dictionary_a_role_does_not_see_is_closed": [
            "ReferenceView._init_properties",
        ],
        "test_row_is_retired_not_deleted": [
            "Offered.apply",
            "ReferenceView._delete",
            "ReferenceView.render_template",
        ],
    },
    "views/test_headers.py": {
        "test_each_page_has_its_own_nonce": [
            "appbuilder/init.html",
        ],
    },
    "views/test_seals_pages.py": {
        "test_card_of_a_seal_shows_its_history": [
            "SealView._get_show_widget",
        ],
    },
    "views/test_equipment_pages.py": {
        "test_passport_is_written_on_its_page_and_shown_on_the_card": [
            "HasPassport._get_show_widget",
        ],
    },
    "views/test_home.py": {
        "test_stranger_is_shown_the_ways_in_and_no_figures": [
            "HomeView.index",
        ],
    },
    "views/test_languages.py": {
        "test_login_by_directory_or_provider_is_a_page_of_ours": [
            "appbuilder/general/security/login_ldap.html",
            "appbuilder/general/security/login_oauth.html",
        ],
        "test_names_are_shown_in_the_readers_language": [
            "ListRows.get_values",
        ],
    },
    "views/test_list_engine.py": {
        "test_no_list_asks_for_related_rows_one_by_one": [
            "Choices.query_count",
            "ListRows.get_related_interface",
        ],
        "test_no_page_offers_more_choices_than_anybody_reads": [
            "Listing._get_list_widget",
        ],
    },
    "views/test_lists.py": {
        "test_card_is_named_after_its_row": [
            "EntityView._get_show_widget",
        ],
        "test_day_that_is_none_is_refused": [
            "Listing.list",
        ],
        "test_days_from_and_to_are_both_within": [
            "DayFrom.apply",
            "DayTo.apply",
        ],
        "test_rows_are_found_by_the_number_of_their_account": [
            "OfAccount.apply",
            "appbuilder/general/widgets/list.html",
        ],
    },
    "views/test_meter_acts_pages.py": {
        "test_supply_whose_meter_was_taken_off_is_listed_and_counted": [
            "WithoutMeter.apply",
        ],
    },
    "views/test_odd_requests.py": {
        "test_edit_of_a_row_that_goes_at_the_same_moment_is_refused_and_of_one_that_changes_is_the_last": [
            "EntityView._edit",
        ],
    },
    "views/test_pages.py": {
        "test_menu_stands_in_the_declared_order": [
            "appbuilder/navbar_menu.html",
        ],
        "test_roles_are_given_what_the_pages_have": [
            "RightsManager.register_views",
            "StaffManager.create_db",
        ],
        "test_view_declares_its_own_page": [
            "EntityView._init_titles",
            "HeldRowView._init_titles",
            "SuspenseView._init_titles",
        ],
    },
    "views/test_personal_data.py": {
        "test_masked_role_meets_no_marker_on_any_page": [
            "ConsoleView.get_list",
            "ConsoleView.get_one",
        ],
        "test_reason_of_an_edit_and_of_a_deletion_stands_in_the_audit_trail": [
            "EntityView.delete",
        ],
    },
    "views/test_sessions.py": {
        "test_e_mail_address_is_no_name_to_log_in_with": [
            "StaffManager.auth_user_db",
        ],
        "test_link_to_the_logout_only_asks": [
            "_Logout.logout",
        ],
        "test_name_of_the_directory_awaits_the_code_too": [
            "StaffManager.auth_user_ldap",
        ],
        "test_token_of_the_interface_ends_with_its_session": [
            "StaffManager.create_jwt_manager",
        ],
    },
    "views/test_shell.py": {
        "test_all_of_mine_are_there_again": [
            "appbuilder/navbar.html",
        ],
    },
    "views/test_tariff_pages.py": {
        "test_buttons_of_the_grid_store_nothing": [
            "TariffVersionView._add",
        ],
        "test_grid_of_a_version_that_is_changed_stores_nothing": [
            "TariffVersionView._edit",
            "TariffVersionView._get_edit_widget",
        ],
        "test_price_that_disappears_is_told_before_it_is_drafted": [
            "TariffVersionView._get_add_widget",
        ],
    },
    "views/test_staff.py": {
        "test_new_password_works_and_its_hash_is_not_in_the_audit_trail": [
            "StaffManager.reset_password",
        ],
        "test_own_password_is_changed_by_whoever_knows_it": [
            "ResetMyPasswordView.this_form_get",
            "ResetMyPasswordView.this_form_post",
        ],
        "test_page_asks_what_the_user_may_do_once": [
            "RightsManager.has_access",
        ],
        "test_substitute_may_do_what_the_absent_one_may_on_those_days_only": [
            "RightsManager.get_user_roles",
        ],
        "test_user_is_added_with_password_roles_and_divisions_and_can_log_in": [
            "StaffManager.add_user",
        ],
        "test_user_without_access_is_told_so_and_keeps_his_own_page": [
            "UserInfoEditView.this_form_get",
            "UserInfoEditView.this_form_post",
        ],
    },
    "views/test_paper_answers.py": {
        "test_objection_and_then_an_agreement_are_recorded_with_their_papers": [
            "StatementAnswerView._get_show_widget",
        ],
    },
    "views/test_supply_pages.py": {
        "test_card_of_a_supply_tells_the_hours_it_was_off": [
            "SupplyView._get_show_widget",
        ],
    },
    "views/test_telling_pages.py": {
        "test_words_are_shown_filled_in_with_a_real_account": [
            "NoticePreferenceView._get_show_widget",
            "NoticeTemplateView._get_show_widget",
        ],
    },
}
NAMED = sorted(name for tests in STANDS_FOR.values() for names in tests.values() for name in names)


@cache
def methods() -> dict[str, str]:
    """Return each method of ours that replaces one of theirs outside of a page's own, with whose it is."""
    return {name: owner for each in _classes() for ours in each.__mro__ for name, owner in _replaced(each, ours)}


def _classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        for each in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(each) and each.__module__ == module.name:
                yield each


def _replaced(made: type, ours: type) -> Iterator[tuple[str, str]]:
    """Yield what a class, or one it is made of, replaces of their classes that stand behind it."""
    if not ours.__module__.startswith("app."):
        return
    bases = [base for base in made.__mro__ if base.__module__.startswith(THEIRS)]
    is_page = isinstance(vars(ours).get("page"), Page) or ours.__name__.endswith("Console")
    for name, value in vars(ours).items():
        if (
            name.startswith("__")
            or not inspect.isfunction(value)
            or value.__module__ != ours.__module__
            or (is_page and not name.startswith("_"))
        ):
            continue
        owner = next((base for base in bases if callable(vars(base).get(name))), None)
        if owner is not None:
            yield f"{ours.__name__}.{name}", f"{owner.__module__}.{owner.__name__}"


@cache
def templates() -> set[str]:
    """Return our templates that stand in the place of theirs."""
    ours = ROOT / "app" / "templates"
    homes = [Path(flask_appbuilder.__file__).parent / "templates", *(Path(flask_admin.__file__).parent / "templates").iterdir()]
    names = {str(each.relative_to(ours)) for each in ours.rglob("*.html")}
    return {name for name in names if any((home / name).is_file() for home in homes)}


def test_everything_we_replace_is_named_once() -> None:
    assert sorted({*methods(), *templates()}) == NAMED


@pytest.mark.parametrize("module", STANDS_FOR)
def test_a_test_stands_for_each(module: str) -> None:
    tree = ast.parse((ROOT / "tests" / module).read_text(encoding="utf-8"))

    assert {*STANDS_FOR[module]} <= {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_record_of_the_decision_names_the_templates() -> None:
    told = (ROOT / "docs" / "adr" / "0033-one-frame.md").read_text(encoding="utf-8")

    assert not {name for name in (Path(each).stem for each in templates()) if not re.search(rf"\b{name}\b", told)}

"""The console: who may look, and in which language."""

from flask import Flask

from tests.browsers import log_in

TABLES = "job_run job_event notice gateway_call tender audit_entry reading_import stored_file".split()


def test_every_page_of_the_console_opens_in_the_readers_language(app: Flask) -> None:
    browser = log_in(app, "admin")
    browser.client.get("/language/ru")
    pages = ["/console/", *(f"/console/{table}/" for table in TABLES)]

    assert {page: browser.status(page) for page in pages} == dict.fromkeys(pages, 200)
    assert '<html lang="ru">' in browser.text("/console/")


def test_whoever_has_nothing_to_do_there_is_turned_away(app: Flask) -> None:
    assert log_in(app, "cashier").status("/console/") == 403
    assert app.test_client().get("/console/").status_code == 302

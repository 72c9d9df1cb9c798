"""A running PC Billing over the town, and a browser to visit it with."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.databases import ROOT, environment

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = ROOT / "tests" / "browser" / "vendor" / "axe.min.js"


@pytest.fixture(scope="module")
def site(demo_url: str, servers: tuple[str, str]) -> Iterator[str]:
    """The address of a web server with a worker beside it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = environment(demo_url, servers[1], PORT=str(port))
    web = [
        "gunicorn",
        "--worker-class",
        "app.api.workers.WebWorker",
        "--threads",
        "4",
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "warning",
        "--no-control-socket",
        "run:create_web()",
    ]
    processes = [
        subprocess.Popen([sys.executable, "-m", *web], cwd=ROOT, env=given),
        subprocess.Popen([sys.executable, "-m", "flask", "--app", "run", "worker"], cwd=ROOT, env=given),
    ]
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def chromium() -> Iterator["playwright.Browser"]:
    """Debian's browser, driven by Playwright; it ends with its module, because its event loop runs in the thread of all tests."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: "playwright.Browser", site: str) -> Iterator["playwright.Page"]:
    """A page that must not err: no script error, no failed request, no request to another host."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, base_url=site)
    made = context.new_page()
    made.set_default_timeout(30_000)
    troubles: list[str] = []
    made.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    made.on("response", lambda response: troubles.append(f"{response.status} {response.url}") if response.status >= 500 else None)
    made.on("request", lambda request: troubles.append(f"off host: {request.url}") if not _inside(request.url, site) else None)
    made.on("dialog", lambda dialog: dialog.accept())
    yield made
    context.close()
    assert troubles == []


def log_in(page: "playwright.Page", user: str) -> None:
    """Log a demo user in."""
    page.goto("/login/")
    page.fill("#username", user)
    page.fill("#password", "pc-billing-demo")
    page.click("button[type=submit]")
    page.wait_for_url("**/")


def faults(page: "playwright.Page") -> list[str]:
    """Return what axe finds wrong by WCAG 2.2 AA."""
    page.evaluate(AXE.read_text(encoding="utf-8"))  # as a tag the policy would refuse it
    rules = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']"
    found = page.evaluate(
        f"axe.run({{runOnly: {rules}, resultTypes: ['violations']}}).then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))"
    )
    return list(found)


def picture(page: "playwright.Page", name: str) -> None:
    """Keep a picture for the tour, where one is asked for."""
    folder = os.environ.get("TOUR")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def _inside(url: str, site: str) -> bool:
    return url.startswith((site, "data:", "blob:"))


def _wait(url: str) -> None:
    for _ in range(300):
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer")

"""A headless browser, what a test asks of a page in it, and what axe finds there."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from importlib import resources

import pytest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *(
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
    ),
    *("--window-size=1400,900", "--force-prefers-reduced-motion"),
)
RUN_AXE = (
    "const done = arguments[0]; axe.run({exclude: [['iframe']]}).then((found) => done(found.violations))"
)


class Page:
    """A page in the browser."""

    def __init__(self, driver, path):
        self.driver, self.path = driver, path

    def open(self, content, address=""):
        """Show `content`, and fail if it complains."""
        self.path.write_bytes(content.encode())
        self.driver.get("about:blank")
        self.complaints()
        self.driver.get(self.path.as_uri() + address)
        assert self.complaints() == []

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def js(self, code):
        return self.driver.execute_script(f"return {code}")

    def click(self, which):
        self.driver.find_element("id", which).click()

    def press(self, *keys):
        from selenium.webdriver import ActionChains  # noqa: PLC0415

        ActionChains(self.driver).send_keys(*keys).perform()

    def text(self, selector):
        return self.js(f"document.querySelector({json.dumps(selector)}).textContent")

    def step(self):
        return self.js("state.step")

    def seen(self, key):
        """The texts of the cells of `v3` or `g3`; None while they are not shown."""
        return self.js(
            f"""(grid => grid.group.classList.contains("absent") ? null : grid.cells.map(c => c[0].textContent))
            (picture.grids[{key!r}])"""
        )

    def matrices(self):
        """The numbers that stand in the formulas of this step: [key, texts]."""
        return self.js(
            """[...document.querySelectorAll("#step [data-number]")].map(x =>
            [x.dataset.number, [...x.querySelectorAll("mtd")].map(y => y.textContent)])
            .map(([key, cells], i, all) => [key, cells.length ? cells :
            [document.querySelectorAll("#step [data-number]")[i].textContent]])"""
        )

    def until(self, code, seconds=5):
        end = time.monotonic() + seconds
        while not self.js(code):
            assert time.monotonic() < end, f"never true: {code}"
            time.sleep(0.02)


@pytest.fixture(scope="session")
def driver():
    if BROWSER is None or DRIVER is None:
        pytest.skip("no chromium and chromedriver here: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    folder = tempfile.mkdtemp()
    for flag in (*FLAGS, f"--user-data-dir={folder}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(DRIVER, log_output=os.devnull)
    try:
        found = webdriver.Chrome(options=options, service=service)
    except Exception as error:  # a driver of another version, a stub that asks to install a browser
        pytest.skip(f"the browser does not start: {error}")
    found.set_script_timeout(120)
    yield found
    found.quit()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def axe():
    """A function that returns what axe finds on the page that is open: (rule, how often, where at first)."""
    package = pytest.importorskip("selenium_axe_python", reason="selenium-axe-python is not installed")
    source = (resources.files(package) / "axe-core" / "axe.min.js").read_text("utf-8")

    def violations(driver):
        driver.execute_script(source)
        found = driver.execute_async_script(RUN_AXE)
        return [(x["id"], len(x["nodes"]), x["nodes"][0]["html"][:200]) for x in found]

    return violations

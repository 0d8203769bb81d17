"""axe finds nothing to complain about, on the page and on the report, on any screen, light and dark."""

from __future__ import annotations

import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.viz import draw

pytestmark = pytest.mark.slow
SCREENS = {"desktop": (1280, 800), "half a window": (640, 800), "phone": (390, 844)}


@pytest.fixture
def violations(browser, axe):
    """A function that returns what axe finds on the page that is open, on `screens`, in `themes`."""
    driver = browser.driver

    def found(*themes, screens=tuple(SCREENS)):
        complaints = []
        for theme in themes:
            if theme:
                driver.execute_script("theme(arguments[0])", theme)
            for name in screens:
                driver.set_window_size(*SCREENS[name])
                complaints += [(name, theme, *each) for each in axe(driver)]
        return complaints

    yield found
    driver.set_window_size(1400, 900)


@pytest.mark.parametrize("name", ["exam", "mlp"])
def test_the_page_has_no_violations_at_any_step_that_differs(browser, violations, graphs, name):
    loss, names = graphs[name]()
    browser.open(draw(loss, names=names).html)

    at_start = violations("light", "dark")
    browser.click("last")
    at_the_end = violations("light")
    browser.click("previous")
    browser.click("quiz")

    assert at_start + at_the_end + violations("light") == []


def test_the_report_has_no_violations(browser, violations, tmp_path):
    assert main.main(["exam", "--out", str(tmp_path / "report")]) == 0
    browser.driver.get((tmp_path / "report" / "report.html").as_uri())

    found = violations("", screens=("desktop", "phone"))
    assert found == [], "\n".join(map(str, found))

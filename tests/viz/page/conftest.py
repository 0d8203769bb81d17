"""Graphs to be drawn, a headless browser, and what a test asks of a page."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.exam.paper import Problem3
from tinygrad_edu.exam.problem3 import initial
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.tensor.tensor import tensor

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
    yield found
    found.quit()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def browser(driver, tmp_path):
    return Page(driver, tmp_path / "page.html")


# Graphs.


def exam():
    W1, W2, B, C = (tensor(x, requires_grad=True) for x in initial().centre)
    X, Y = Problem3.X, Problem3.Y
    Z1 = X @ W1 + B
    H1 = Z1.sigmoid()
    Z2 = H1 @ W2 + C
    Yhat = Z2.softmax(1)
    L = -(tensor(Y) * Yhat.log()).sum(1).mean()
    return L, locals()


def mlp():
    manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2))
    x = tensor(np.random.default_rng(0).normal(size=(4, 2)))
    loss = nn.CrossEntropyLoss()(net(x), tensor([0, 1, 1, 0]))
    return loss, locals()


def reused():
    a = tensor([[1.0, 2.0], [3.0, -1.0]], requires_grad=True)
    b = a * a + a
    L = (b @ a).tanh().mean()
    return L, locals()


def scalars():
    a, b, c, f = (Value(x, label=name) for x, name in ((2.0, "a"), (-3.0, "b"), (10.0, "c"), (-2.0, "f")))
    L = (a * b + c) * f + a
    return L, {"L": L}


def in_place():
    x = tensor([[1.0, -2.0], [3.0, 4.0], [-0.5, 6.0]], requires_grad=True)
    u = tensor([7.0, 8.0], requires_grad=True)
    h = x * x
    h[[0, 2]] = u
    tail = h[1:]
    tail *= 3
    L = (h * h).mean()
    return L, locals()


def chain(n):
    x = tensor(np.linspace(-1, 1, 6).reshape(2, 3), requires_grad=True, name="x")
    y = x
    for _ in range(n):
        y = y.tanh()
    return y.sum(), {}


GRAPHS = {"exam": exam, "mlp": mlp, "reused": reused, "scalars": scalars}


@pytest.fixture(params=[*GRAPHS.values(), in_place], ids=[*GRAPHS, "in_place"])
def graph(request):
    """(loss, names) of each."""
    return request.param()


@pytest.fixture(params=GRAPHS.values(), ids=GRAPHS)
def coded_graph(request):
    """(loss, names) of each in which every operation has a line of code: `put` has none."""
    return request.param()


@pytest.fixture
def graphs():
    """All of them by name, and `chain(n)`."""
    return GRAPHS | {"chain": chain}

"""The page as a reader meets it: every control, in a browser. Skipped where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.colours import THEMES
from tinygrad_edu.viz.drawing.legend import scale_colours
from tinygrad_edu.viz.drawing.number_cells import cells_of

KEYS = {"right": "\ue014", "left": "\ue012", "home": "\ue011", "end": "\ue010", "enter": "\ue007"}


def page_of(loss, names=None, numbers=None):
    return draw(loss, names=names, numbers=numbers).html


def texts(array):
    return [text for row in cells_of(np.asarray(array)).texts for text in row]


@pytest.mark.slow
def test_after_the_last_step_the_numbers_on_screen_are_those_of_numpy(browser, graph):
    loss, names = graph
    drawing = draw(loss, names=names)
    gradients = gradients_of(loss)

    browser.open(drawing.html)
    browser.click("last")

    for i, x in enumerate(drawing.graph.tensors):
        assert browser.seen(f"v{i}") == texts(drawing.graph.array(i))
        if x in gradients and drawing.graph.nodes[i].awaits_gradient:
            assert browser.seen(f"g{i}") == texts(gradients[x])
    assert browser.complaints() == []


def test_the_numbers_in_the_formulas_are_those_of_the_cards(browser, graph):
    browser.open(page_of(*graph))

    for _ in range(browser.js("data.steps.length") - 1):
        browser.click("next")
        for key, numbers in browser.matrices():
            assert numbers
            assert "…" not in numbers
            if key[0] == "v":
                plain = [x.replace("·10", "e").strip("()") for x in numbers]
                assert plain == browser.seen(key)
    assert browser.complaints() == []


def test_cells_are_empty_until_a_step_reaches_them(browser):
    w = tensor([2.0], requires_grad=True, name="w")
    browser.open(page_of((w * w).sum()))

    seen = []
    for _ in range(6):
        seen.append(
            [browser.seen(key) and browser.seen(key)[0] for key in ("v0", "v1", "v2", "g2", "g1", "g0")]
        )
        browser.press(KEYS["right"])

    assert seen == [
        ["2", None, None, None, None, None],
        ["2", "4", None, None, None, None],
        ["2", "4", "4", None, None, None],
        ["2", "4", "4", "1", None, None],
        ["2", "4", "4", "1", "1", None],
        ["2", "4", "4", "1", "1", "4"],
    ]


def test_buttons_and_keys_go_through_the_steps(browser, graphs):
    browser.open(page_of(*graphs["scalars"]()))
    last = browser.js("data.steps.length") - 1

    visited = []
    for act in ("next", "next", "previous", "backward", "last", "first"):
        browser.click(act)
        visited.append(browser.step())
    for key in (KEYS["right"], KEYS["right"], KEYS["left"], "b", KEYS["end"], KEYS["home"]):
        browser.press(key)
        visited.append(browser.step())

    way = browser.js("way")
    assert visited == [1, 2, 1, way, last, 0] * 2
    assert browser.js("document.getElementById('first').disabled")


def test_the_slider_goes_to_any_step_and_says_where_it_is(browser, graphs):
    browser.open(page_of(*graphs["exam"]()))

    browser.js(
        "(slider => { slider.value = 5; slider.dispatchEvent(new Event('input')); })(document.getElementById('slider'))"
    )

    assert browser.step() == 5
    assert browser.js("document.getElementById('slider').getAttribute('aria-valuetext')").startswith(
        "Step 5 of 23: "
    )
    assert browser.text("#count") == "step 5 / 23"
    assert browser.js("location.hash") == "#step=5"
    browser.click("first")
    assert browser.text("#count") == "23 steps"


def test_playing_goes_on_until_somebody_pauses(browser, graphs):
    browser.open(page_of(*graphs["scalars"]()))

    browser.press(" ")
    browser.until("state.step >= 1")
    browser.press(" ")

    assert browser.js("state.playing") is None
    assert browser.text("#play") == "▶ play"


def test_the_step_is_in_the_address(browser, graphs):
    page = page_of(*graphs["scalars"]())
    browser.open(page, "#step=3")

    assert browser.step() == 3
    browser.click("next")
    assert browser.js("location.hash") == "#step=4"
    browser.js("void (location.hash = '#step=2')")
    browser.until("state.step === 2")


@pytest.mark.parametrize("address", ["#step=999999", "#step=-1", "#step=1e9", "#<script>", "#step="])
def test_a_strange_address_is_no_error(browser, graphs, address):
    browser.open(page_of(*graphs["scalars"]()), address)

    assert 0 <= browser.step() < browser.js("data.steps.length")


def test_a_frame_that_began_before_the_camera_started_leaves_it_where_it_is(browser, graphs):
    browser.open(page_of(*graphs["exam"]()))

    before, after = browser.js(
        """(() => {
            const frames = [], before = { ...picture.view };
            window.matchMedia = () => ({ matches: false });
            window.requestAnimationFrame = (frame) => frames.push(frame);
            picture.look({ x: 0, y: 0, w: 10, h: 10 });
            frames.shift()(performance.now() - 5000);
            return [before, picture.view];
        })()"""
    )

    assert after == before


def test_zoom_pan_and_fit_move_the_camera(browser, graphs):
    browser.open(page_of(*graphs["exam"]()))
    before = browser.js("picture.scale")

    browser.click("in")
    assert browser.js("picture.scale") > before
    browser.click("out")
    assert browser.js("picture.scale") == pytest.approx(before)
    browser.click("fit")
    assert browser.js("picture.view.h >= picture.whole.h && picture.view.w >= picture.whole.w")
    assert browser.js("document.getElementById('follow').getAttribute('aria-pressed')") == "false"
    x = browser.js("picture.view.x")
    browser.js("picture.pan(50, 0)")
    assert browser.js("picture.view.x") < x


def test_the_camera_follows_the_steps(browser, graphs):
    browser.open(page_of(*graphs["exam"]()))

    for _ in range(browser.js("data.steps.length") - 1):
        browser.click("next")
        assert browser.js(
            """(() => { const c = document.querySelector("#picture .card.current").getBoundingClientRect();
            const s = document.getElementById("stage").getBoundingClientRect();
            return c.left >= s.left && c.right <= s.right && c.top >= s.top - 1 && c.bottom <= s.bottom + 1; })()"""
        )


def test_search_finds_and_shows(browser, graphs):
    browser.open(page_of(*graphs["exam"]()))
    field = browser.driver.find_element("id", "search")

    field.send_keys("W2", KEYS["enter"])

    assert browser.js(
        "[...document.querySelectorAll('.card.found')].map(c => data.nodes[c.dataset.of.slice(1)].name)"
    ) == ["W2"]
    assert browser.step() == 0
    field.send_keys("nothing like it")
    assert browser.js("document.getElementById('search').getAttribute('aria-invalid')") == "true"


def test_hovering_shows_all_paths_to_the_loss(browser, graphs):
    browser.open(page_of(*graphs["reused"]()))

    browser.js("picture.cards[0].dispatchEvent(new Event('pointerenter'))")

    assert browser.text("#paths") == "4 paths from a to L: its gradient is the sum over all of them"
    assert browser.js("document.querySelectorAll('.card.traced').length") == browser.js("data.nodes.length")
    browser.js("picture.cards[0].dispatchEvent(new Event('pointerleave'))")
    assert browser.js("document.querySelectorAll('.tracing').length") == 0


def test_paths_of_single_numbers_are_products_that_add_up_to_the_gradient(browser, graphs):
    loss, names = graphs["scalars"]()
    browser.open(page_of(loss, names))
    a = browser.js("data.nodes.findIndex(node => node.name === 'a')")

    browser.js(f"trace({a})")

    lines = browser.js("[...document.querySelectorAll('#paths span')].map(line => line.textContent)")
    assert lines[0].startswith("2 paths from a to L")
    assert sorted(float(line.split("= ")[-1].split(": ")[-1].replace("−", "-")) for line in lines[1:]) == [
        1,
        6,
    ]
    assert any(line.endswith("(−3) · 1 · (−2) · 1 = 6") for line in lines)


def test_clicking_a_card_goes_to_its_step(browser, graphs):
    browser.open(page_of(*graphs["exam"]()))

    browser.js("picture.cards[4].dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert browser.js("data.steps[state.step].node") == 4
    browser.click("backward")
    browser.js("picture.cards[1].dispatchEvent(new MouseEvent('click', {bubbles: true}))")
    assert browser.js("Object.keys(data.steps[state.step].gradients).includes('1')")


def test_the_quiz_hides_new_numbers_until_asked(browser, graphs):
    browser.open(page_of(*graphs["scalars"]()))
    browser.press("q")

    browser.click("backward")
    assert browser.js("document.querySelectorAll('.hidden-numbers').length") > 0
    assert "press R to hear it" in browser.text("#log")
    browser.press("r")
    assert browser.js("document.querySelectorAll('.hidden-numbers').length") == 0
    assert "gradient of L is 1" in browser.text("#log")


def test_light_and_dark(browser, graphs):
    browser.open(page_of(*graphs["scalars"]()))
    ground = "getComputedStyle(document.body).backgroundColor"
    light = browser.js(ground)

    browser.press("d")

    assert light == "rgb(255, 255, 255)"
    assert browser.js(ground) == "rgb(20, 24, 29)"
    assert browser.js("getComputedStyle(document.querySelector('#picture > rect')).fill") == "rgb(20, 24, 29)"


def test_the_scales_of_the_legend_have_the_colours_of_the_cells(browser, graphs):
    browser.open(page_of(*graphs["exam"]()))

    for theme in ("light", "dark"):
        scales = [
            [x.lower() for x in scale_colours(getattr(THEMES[theme], kind))]
            for kind in ("values", "gradients")
        ]
        shown = browser.js(
            """[...document.querySelectorAll("#picture rect[width='10'][height='12']")].map(x =>
            "#" + getComputedStyle(x).fill.match(/\\d+/g).map(c => Number(c).toString(16).padStart(2, "0")).join(""))"""
        )
        assert shown == [*scales[0], *scales[1]]
        browser.press("d")


def test_a_dark_drawing_is_a_dark_page(browser, graphs):
    browser.open(draw(graphs["scalars"]()[0], theme="dark").html)

    assert browser.js("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"


def test_what_happens_is_told_to_those_who_listen(browser, graphs):
    browser.open(page_of(*graphs["scalars"]()))

    browser.click("last")

    log = browser.text("#log")
    assert "backward through ×" in log
    assert "gradient of b is −4" in log
    assert browser.js("document.getElementById('log').getAttribute('aria-live')") == "polite"


def test_every_control_has_a_name(browser, graphs):
    browser.open(page_of(*graphs["scalars"]()))

    unnamed = browser.js(
        """[...document.querySelectorAll("button, input, select, [tabindex]")]
        .filter(x => !(x.getAttribute("aria-label") || x.textContent.trim() || x.closest("label"))).map(x => x.id)"""
    )
    assert unnamed == []


def test_nothing_in_the_panel_is_cut(browser, graph):
    browser.open(page_of(*graph))

    for _ in range(browser.js("data.steps.length") - 1):
        browser.click("next")
        assert browser.js("document.documentElement.scrollHeight <= innerHeight")
        assert browser.js(
            "document.getElementById('panel').scrollWidth <= document.getElementById('panel').clientWidth"
        )


def test_texts_fit_into_their_cells(browser, graph):
    browser.open(page_of(*graph, numbers=True))
    browser.click("last")

    assert (
        browser.js(
            """Object.values(picture.grids).flatMap(grid => grid.cells.filter(([text, rect]) => rect &&
            text.getBBox().width > Number(rect.getAttribute("width")) + 0.5).map(([text]) => text.textContent))"""
        )
        == []
    )


def test_hostile_names_do_nothing_but_stand_there(browser, product):
    browser.open(page_of(product))

    browser.click("last")
    browser.driver.find_element("id", "search").send_keys("a")

    assert browser.js("document.querySelectorAll('img, b, nope, script').length") == 2
    assert browser.js("data.nodes.length === Object.keys(picture.cards).length")
    assert browser.complaints() == []


def test_names_in_private_characters_are_taken_for_no_others(browser):
    w = tensor([2.0], requires_grad=True, name="\U000f0009 \U00100009")
    L = (w * w).sum()
    L.name = "\U000f0007"
    browser.open(page_of(L))

    for _ in range(5):
        browser.click("next")

    assert browser.step() == 5
    assert browser.complaints() == []


def test_the_policy_stops_a_script_that_got_in(browser, graphs):
    page = page_of(*graphs["scalars"]())
    planted = "<script>window.planted = 1</script><img src=x onerror='window.planted = 1'>"
    browser.path.write_text(page.replace("<main>", f"<main>{planted}"), "utf-8")

    browser.driver.get(browser.path.as_uri())

    assert browser.js("window.planted") is None
    assert browser.js("data.steps.length") > 1
    assert len(browser.complaints()) >= 2


def test_a_graph_without_a_way_back_has_forward_steps_only(browser):
    w = tensor([1.0, 2.0], requires_grad=True)
    browser.open(page_of(w * 2))

    browser.click("last")

    assert browser.step() == 1
    assert browser.js("document.getElementById('backward').disabled")


@pytest.mark.slow
def test_a_long_chain_has_steps_with_formulas_and_numbers(browser, graphs):
    loss, names = graphs["chain"](400)
    browser.open(draw(loss, names=names, max_nodes=2000).html)

    browser.click("last")

    assert browser.step() == 803
    assert browser.text("#step .code") == "dx = dv0 * (1 - v0 ** 2)"
    assert browser.text("#step .symbols") == "∂L∂x=∂L∂v0⊙(1−v02)"
    assert browser.js("document.querySelectorAll('#step [data-number]').length") > 0
    assert browser.complaints() == []


def test_the_mouse_drags_zooms_hovers_and_clicks(browser, graphs):
    from selenium.webdriver import ActionChains  # noqa: PLC0415
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin  # noqa: PLC0415

    browser.open(page_of(*graphs["exam"](), numbers=True))
    card = browser.driver.find_element("css selector", "#picture .card[data-of=n4]")
    stage = browser.driver.find_element("id", "stage")
    before = browser.js("[picture.view.x, picture.view.y, picture.view.w]")

    ActionChains(browser.driver).drag_and_drop_by_offset(card, 60, 40).perform()
    dragged = browser.js("[picture.view.x, picture.view.y, picture.view.w]")
    assert dragged[0] < before[0]
    assert dragged[1] < before[1]
    assert browser.step() == 0  # a drag is no click

    ActionChains(browser.driver).scroll_from_origin(ScrollOrigin.from_element(stage), 0, -300).perform()
    browser.until(f"picture.view.w < {dragged[2]}")

    browser.click("fit")
    ActionChains(browser.driver).move_to_element(card).perform()
    assert browser.js("document.querySelectorAll('.card.traced').length") > 1

    ActionChains(browser.driver).click(card).perform()
    assert browser.js("data.steps[state.step].node") == 4
    assert browser.complaints() == []


def test_every_key_works_on_every_page(browser, graph):
    browser.open(page_of(*graph))

    for key in browser.js("Object.keys(keys).filter(key => key.length === 1)"):
        browser.press(key)
        browser.press(KEYS["right"])

    assert browser.complaints() == []

"""Walking through the inside of an iteration, and asking where its numbers come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, ViewportSize, expect

from core.tensor import Array
from tests.browser.conftest import Open, watched_pages
from tests.browser.dashboard import (
    PATIENCE,
    Dashboard,
    eventually,
    expect_no_change,
    settled,
)
from tests.browser.first.sizes import width_of
from tests.browser.inside import (
    MODEL,
    READ_OVERLAY,
    Inside,
    Place,
    Stop,
    blocks,
    number,
    read_number,
)
from tests.rounding import assert_close, largest
from tests.viz_app.viewers import viewer_of
from tools.serving import Served
from viz_app.style.notation import markup

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=844)
# The page writes numbers with so many digits that they are off by at most this share.
WRITTEN = 1e-4
FLOAT32 = float(np.finfo(np.float32).eps)

# All numbers that charts hold, whatever kind of list they are in.
READ_NUMBERS = """() => {
    const numbers = [];
    const collect = (found) => {
        if (typeof found === "number") numbers.push(found);
        else if (found && typeof found === "object" && found.length) [...found].forEach(collect);
    };
    for (const { type, data } of Bokeh.documents[0].all_models) {
        if (type !== "ColumnDataSource") continue;
        (data instanceof Map ? [...data.values()] : Object.values(data)).forEach(collect);
    }
    return numbers;
}"""


@pytest.fixture(scope="module")
def inside(server: Served, browser: Browser) -> Iterator[Inside]:
    """One page for all tests here; each begins its run anew."""
    with watched_pages(server, browser) as open_one:
        yield Inside(open_one())


# A walk through all inner stages, over the border of the iteration, and back


@dataclass(frozen=True)
class Walk:
    """What was seen on the way there and, in the same order, on the way back."""

    there: list[Stop]
    back: list[Stop]


@pytest.fixture(scope="module")
def walk(inside: Inside) -> Walk:
    inside.start("Inside")
    there = [inside.stop()]
    while inside.viewer.trace.iteration == 1 or inside.viewer.place.inner == 0:
        inside.step()
        there.append(inside.stop())
    back = [there[-1]]
    for _ in there[1:]:
        inside.back()
        back.append(inside.stop())
    expect(inside.dashboard.button("Back")).to_be_disabled()
    return Walk(there, back[::-1])


def test_each_stop_shows_the_numbers_of_the_trace(walk: Walk) -> None:
    viewer = viewer_of()
    viewer.change(grain="Inside")
    assert len(walk.there) > len(viewer.trace.stages)
    compared = set()
    for stop in walk.there:
        assert stop.place == Place.of(viewer)
        assert stop.status == viewer.status
        for key, shown, held in blocks(stop, viewer):
            np.testing.assert_array_equal(shown, held, err_msg=f"{stop.status}: {key}")
            compared.add((stop.place.iteration, stop.place.stage))
        viewer.step()
    # Nearly every stage has something that is drawn as it was recorded.
    assert len(compared) > 0.7 * len({(s.place.iteration, s.place.stage) for s in walk.there})


def test_the_way_back_shows_the_same(walk: Walk) -> None:
    assert [stop.place for stop in walk.back] == [stop.place for stop in walk.there]
    for there, back in zip(walk.there, walk.back, strict=True):
        assert back.status == there.status
        assert back.scene == there.scene, there.status


def test_no_stop_moves_a_part_of_the_page(walk: Walk) -> None:
    for stop in walk.there:
        assert stop.boxes == walk.there[0].boxes, stop.status


def test_no_stop_needs_scrolling(walk: Walk) -> None:
    assert {stop.status: stop.height for stop in walk.there if stop.height > 720} == {}


def test_no_text_is_small(walk: Walk) -> None:
    assert {text for stop in walk.there for text in stop.small} == set()


# Other ways to move


@pytest.mark.parametrize("grain", ["Iteration", "Layer"])
def test_a_step_moves_by_the_grain_and_back_undoes_it(inside: Inside, grain: str) -> None:
    inside.start(grain)
    count = len(inside.viewer.trace.stages)
    if grain == "Layer":
        inside.go("update", "bn2")
    seen = [inside.stop()]
    for _ in range(4):
        inside.step()
        seen.append(inside.stop())
    if grain == "Layer":
        assert [s.place.stage for s in seen] == [count - 2, count - 1, 0, 1, 2]
        assert [s.place.iteration for s in seen] == [1, 1, 2, 2, 2]
    else:
        assert [s.place for s in seen] == [Place(k, 0, 0) for k in (1, 2, 3, 4, 5)]
    for stop in seen[-2::-1]:
        inside.back()
        now = inside.stop()
        assert (now.place, now.status, now.scene) == (stop.place, stop.status, stop.scene)


def test_keys_move_and_choose_the_grain(inside: Inside) -> None:
    inside.start("Iteration")
    page = inside.page
    # No field has the focus.
    page.locator(".cs-status").click()
    for key, grain in (("2", "Layer"), ("3", "Inside"), ("1", "Iteration")):
        page.keyboard.press(key)
        inside.viewer.change(grain=grain)
        group = inside.page.get_by_role("group", name="Grain")
        expect(group.get_by_role("button", pressed=True)).to_have_text([grain])
        for arrow in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"):
            inside.key(arrow)
    # Quick presses are all counted.
    page.keyboard.press("2")
    inside.viewer.change(grain="Layer")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        inside.viewer.step()
    inside.arrive()
    page.keyboard.press(" ")
    expect(inside.dashboard.button("Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(inside.dashboard.button("Play")).to_be_visible()


def test_a_selection_can_be_given_up(inside: Inside) -> None:
    inside.start("Layer")
    hint = inside.page.locator(".why .hint")
    for by_key in (True, False):
        inside.select("X_in")
        expect(hint).to_have_count(0)
        if by_key:
            inside.page.keyboard.press("Escape")
        else:
            inside.page.get_by_role("button", name="Select nothing").click()
        expect(hint).to_be_visible()
        inside.wait_for_selection({})
    inside.page.mouse.move(1, 1)
    eventually(inside.page, lambda: sum(inside.lit().values()), lambda n: n == 0, "still marked")


def test_keys_do_nothing_while_one_types(inside: Inside) -> None:
    inside.start("Layer")
    field = inside.dashboard.field("Seed")
    field.focus()
    for key in ("3", "1", "ArrowLeft", "ArrowRight", " "):
        inside.page.keyboard.press(key)
    expect_no_change(inside.page, inside.dashboard.told)
    expect(inside.dashboard.status).to_have_text(inside.viewer.status)
    assert "grain=Layer" in inside.model("Page", "address")
    expect(inside.dashboard.button("Play")).to_be_visible()
    field.fill("0")
    inside.page.locator(".cs-status").click()


def test_the_timeline_answers_clicks_and_drags(inside: Inside) -> None:
    inside.start()
    page, bars = inside.page, inside.page.locator(".track .bar")
    expect(bars).to_have_count(len(inside.viewer.trace.stages))
    for phase, layer in (("forward", "bn2"), ("backward", "relu1"), ("loss", "loss")):
        inside.go(phase, layer)
        inside.back()
        # The same stage once more.
        inside.go(phase, layer)
        marked = page.locator(".card.on .title")
        expect(marked).to_have_text([] if phase == "loss" else [layer])
        expect(page.locator(".track .now")).to_have_attribute("title", f"{phase} {layer}")
    first, last = settled(page, lambda: [bars.nth(k).bounding_box() for k in (2, 20)])
    assert first
    assert last
    page.mouse.move(first["x"] + 5, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(last["x"] + 5, last["y"] + 10, steps=8)
    page.mouse.up()
    eventually(
        page, lambda: inside.model("Player", "at")["stage"], lambda at: at in (19, 20, 21), "drag"
    )
    page.locator(".card", has_text="pool2").click()
    expect(inside.dashboard.status).to_contain_text("backward pool2")


# Cells


@pytest.mark.parametrize(
    ("phase", "layer", "inner", "key", "linked"),
    [
        ("forward", "conv1", 0, "kernels", {"X_in", "X_out"}),
        ("forward", "conv1", -1, "X_out", {"K_X_col"}),
        ("forward", "conv2", 2, "K_X_col", {"X_col", "K", "X_in"}),
        ("backward", "conv2", 0, "g_K", {"g_X_out_matrix", "X_col"}),
        ("backward", "conv2", -1, "g_X_in", {"g_X_col"}),
        # Its entries lie far behind the columns that are in sight at first.
        ("backward", "conv1", -1, "g_X_in", {"g_X_col"}),
        ("forward", "bn1", 2, "x_hat", {"centred"}),
        ("backward", "bn1", -1, "g_X_in", set()),
        ("forward", "relu1", 0, "X_out", {"X_in"}),
        ("backward", "relu1", -1, "g_X_in", {"g_X_out"}),
        ("forward", "pool1", -1, "X_out", {"X_in"}),
        ("backward", "pool1", 0, "g_X_in", {"g_X_out"}),
        ("forward", "flatten", 0, "X_out", {"X_in"}),
        ("backward", "flatten", 0, "g_X_in", {"g_X_out"}),
        ("forward", "linear", 0, "X_out", {"X_in", "weight"}),
        ("backward", "linear", 0, "g_weight", {"g_X_out", "X_in"}),
        ("backward", "linear", 1, "g_X_in", {"g_X_out", "weight"}),
        ("loss", "loss", 0, "logits", {"exp"}),
        ("loss", "loss", -1, "g_logits", {"probabilities"}),
        ("update", "conv1", 0, "after", {"before", "step", "gradient"}),
        ("update", "linear", 1, "step", {"before", "after"}),
        ("update", "conv1", 0, "ratio", set()),
    ],
)
def test_a_selected_cell_is_explained_and_linked(
    inside: Inside, phase: str, layer: str, inner: int, key: str, linked: set[str]
) -> None:
    if inside.viewer.trace.iteration != 1 or inside.model("Player", "at")["stage"] < 0:
        inside.start()
    place = inside.number(phase, layer)
    inside.go(phase, layer, inner % len(inside.viewer.trace.stages[place].inner))
    cell = inside.select(key)
    stored, told = inside.stored(cell), inside.explanation(markup(cell.words))
    assert_close(told["stored"], stored)
    # Terms of the size of the largest number of the array may cancel, in single precision.
    size = largest(inside.array(cell))
    assert_close(told["total"], stored, magnitude=size, eps=FLOAT32)
    why = inside.page.locator(".why")
    assert_close(read_number(why.locator(".stored b")), stored, eps=WRITTEN, roundings=1)
    total, decimals = read_total(why)
    assert total == pytest.approx(stored, abs=0.51 * 10**-decimals + 1e-4 * abs(stored))
    inside.page.mouse.move(1, 1)
    eventually(
        inside.page,
        lambda: {name for name in {key, *linked} if not inside.lit().get(name)},
        lambda unmarked: not unmarked,
        "what belongs to the cell is not marked",
    )


def read_total(why: Locator) -> tuple[float, int]:
    """Return the result below the terms, and how many decimals it has with its power of ten."""
    text, in_full = why.locator(".total .number"), why.locator(".total .full").count()
    units = why.locator(".heads th:nth-last-child(2) .unit sup")
    written = read_number(text)
    if in_full and "e" in text.inner_text():
        return written, 15
    power = int(number(units.first.inner_text())) if units.count() and not in_full else 0
    _, point, behind = text.inner_text().partition(".")
    return written * 10.0**power, (len(behind) if point else 0) - power


def edges_of(painted: Array) -> list[int]:
    """Top, bottom, left and right edge of what is painted, in pixels."""
    ys, xs = np.nonzero(painted)
    return [ys.min(), ys.max() + 1, xs.min(), xs.max() + 1] if ys.size else []


def wait_for_outline(inside: Inside, image: Locator, shares: Array) -> Array:
    """Wait until an outline has these edges, in shares of the width of an overlay; return it."""
    return eventually(
        inside.page,
        lambda: np.array(image.evaluate(READ_OVERLAY)),
        lambda painted: edges_of(painted) == pytest.approx(shares * painted.shape[1], abs=3.5),
        f"the window is not outlined at {shares}",
    )


def test_pointing_at_an_output_cell_outlines_its_window(inside: Inside) -> None:
    inside.start()
    out, image = inside.canvas("X_out"), inside.canvas("X_in")
    panels = {panel["name"]: panel for panel in inside.stop().scene["panels"]}
    _, padded = panels["X_in"]["tiles"][0]["shape"]
    rows, columns = panels["X_out"]["tiles"][0]["shape"]
    assert padded == columns + 2
    box = settled(inside.page, out.bounding_box)
    assert box
    side = box["width"] / columns
    assert inside.lit()["X_in"] == 0
    for i, j in ((0, 0), (3, 4), (2, columns - 1), (rows - 1, 2)):
        out.hover(position={"x": (j + 0.5) * side, "y": (i + 0.5) * side})
        # Nothing tells a number that no step has computed.
        tip = inside.page.locator(".tip")
        expect(tip).to_contain_text(f"row {i}, column {j}: not computed yet")
        # A window of 3 × 3, seen whole at the border too, for padding is drawn as a ring.
        shares = np.array([i, i + 3, j, j + 3]) / padded
        painted = wait_for_outline(inside, image, shares)
        edges = edges_of(painted)
        # One outline round the whole: nothing between the cells inside.
        inner = painted[
            int(edges[0]) + 6 : int(edges[1]) - 6, int(edges[2]) + 6 : int(edges[3]) - 6
        ]
        assert not inner.any(), (i, j)


def test_factors_lead_from_the_loss_to_another_stage(inside: Inside) -> None:
    inside.start()
    inside.go("loss", "loss")
    told = inside.explanation(markup(inside.select("probabilities").words))
    page, loss = inside.page, inside.viewer.place.stage
    for _ in range(8):
        links = page.locator(".why tbody .link[title]")
        # Towards the image: not to one that is a part of this stage if there is another.
        links.last.click()
        page.wait_for_function(
            f"old => {{ const {{ name }} = ({MODEL})('ExplanationPanel').content;"
            " return name && name !== old; }",
            arg=told["name"],
            timeout=1000 * PATIENCE,
        )
        told = inside.model("ExplanationPanel", "content")
        at = inside.model("Player", "at")["stage"]
        if at != loss:
            break
    assert at < loss, inside.dashboard.told()
    inside.viewer.go_to_stage(at, inside.model("Head", "content")["inner"])
    inside.arrive()
    cell = inside.selected
    told = inside.explanation(markup(cell.words))
    assert_close(told["stored"], inside.stored(cell))
    eventually(page, lambda: inside.lit()[cell.array], lambda pixels: pixels > 0, "not marked")


@pytest.mark.parametrize(
    ("layer", "key"), [("conv1", "g_K"), ("conv2", "g_X_out_matrix"), ("linear", "g_weight")]
)
def test_a_gradient_can_be_checked(inside: Inside, layer: str, key: str) -> None:
    inside.start()
    inside.go("backward", layer)
    cell = inside.select(key)
    inside.dashboard.press("Check this gradient")
    found = inside.page.locator(".why .good, .why .bad")
    said = re.compile(r"analytic (\S+) · numeric (\S+) · relative error (\S+)")
    expect(found).to_contain_text(said)
    text = found.inner_text()
    read = said.search(text)
    assert read, text
    analytic, numeric, error = (number(word) for word in read.groups())
    # Three digits are written.
    assert analytic == pytest.approx(inside.stored(cell), rel=1e-3)
    assert numeric == pytest.approx(analytic, rel=1e-3, abs=1e-6)
    assert error < 1e-3
    assert text.startswith("✓")


# The run


def test_a_new_learning_rate_in_the_past_begins_a_branch(inside: Inside) -> None:
    inside.start("Iteration")
    losses = []
    for _ in range(4):
        inside.step()
        losses.append(inside.viewer.trace.loss)
    for _ in range(2):
        inside.back()
    inside.dashboard.enter("Learning rate", "0.1")
    inside.viewer.set("learning_rate", 0.1)
    expect(inside.dashboard.alert).to_contain_text("branch begins after iteration 3")
    inside.step()
    inside.step()
    assert inside.viewer.trace.loss != losses[-1]
    # What was given up is still drawn.
    inside.dashboard.bring_to_front("Loss")
    eventually(
        inside.page,
        lambda: inside.page.evaluate(READ_NUMBERS),
        lambda kept: any(value == pytest.approx(losses[-1], rel=1e-6) for value in kept),
        "the old losses are not drawn",
    )
    inside.dashboard.bring_to_front("Gradient flow")
    inside.dashboard.enter("Learning rate", "0.02")
    inside.page.locator(".cs-status").click()


# Other ways to point and to move


def test_arrow_keys_move_the_timeline_that_has_the_focus(inside: Inside) -> None:
    inside.start()
    track = inside.page.get_by_role("slider", name="stage")
    track.focus()
    track.press("ArrowRight")
    inside.viewer.go_to_stage(1)
    inside.arrive()
    track.press("End")
    inside.viewer.go_to_stage(len(inside.viewer.trace.stages) - 1)
    inside.arrive()
    track.press("ArrowLeft")
    inside.viewer.go_to_stage(len(inside.viewer.trace.stages) - 2)
    inside.arrive()


def test_the_explanation_goes_along_with_the_sample(inside: Inside) -> None:
    page, sample = inside.page, inside.dashboard.field("Sample")
    inside.start()
    inside.go("forward", "conv1")
    sample.select_option(index=0)
    # The address is written a little after all is drawn.
    eventually(page, lambda: page.url, lambda url: "sample=0" in url, "sample 0 is not shown")
    cells = page.locator(".panel[data-key=X_in] canvas.over").first
    cells.click(position={"x": 40, "y": 40})
    for k in (0, 3, 0):
        sample.select_option(index=k)
        expect(page.locator(".why")).to_contain_text(f"sample {k}")


# Looks


def test_dark_and_light_change_the_card_and_stay(inside: Inside) -> None:
    inside.start()
    read = """frame => {
        for (let node = frame; node; node = node.parentNode || node.host) {
            const found = node instanceof Element && getComputedStyle(node).backgroundColor;
            if (found && found !== "rgba(0, 0, 0, 0)") return found;
        }
    }"""
    card = inside.page.locator(".frame")
    light = settled(inside.page, lambda: card.evaluate(read))
    inside.dashboard.press("Dark")
    expect(inside.dashboard.button("Light")).to_be_visible()
    eventually(inside.page, lambda: card.evaluate(read), lambda c: c != light, "not dark")
    dark = settled(inside.page, lambda: card.evaluate(read))
    inside.step()
    inside.step()
    assert settled(inside.page, lambda: card.evaluate(read)) == dark
    inside.dashboard.press("Light")
    expect(inside.dashboard.button("Dark")).to_be_visible()
    eventually(inside.page, lambda: card.evaluate(read), lambda c: c == light, "not light")


def test_a_phone_can_tap_through_a_whole_iteration(open_dashboard: Open) -> None:
    dashboard: Dashboard = open_dashboard(viewport=PHONE, has_touch=True, is_mobile=True)
    inside = Inside(dashboard)
    dashboard.choose_grain("Layer")
    inside.viewer.change(grain="Layer")
    for _ in inside.viewer.trace.stages:
        dashboard.button("Step").tap()
        inside.viewer.step()
        inside.arrive()
        eventually(
            inside.page,
            lambda: width_of(inside.page),
            lambda width: width <= PHONE["width"],
            f"scrolled sideways: {inside.viewer.status}",
        )
        # The strip and the timeline are wider, and follow.
        for at_work in (
            dashboard.strip.locator(".card.on"),
            inside.page.locator(".bar.now"),
        ):
            if inside.viewer.stage.layer != "loss":
                expect(at_work).to_be_in_viewport(ratio=0.9)
    assert inside.viewer.trace.iteration == 2


def test_a_phone_shows_moves_and_explanation_wherever_one_is(open_dashboard: Open) -> None:
    inside = Inside(open_dashboard(viewport=PHONE, has_touch=True, is_mobile=True))
    page, step = inside.page, inside.dashboard.button("Step")
    out = inside.canvas("X_in")
    out.scroll_into_view_if_needed()
    expect(step).to_be_in_viewport(ratio=1)
    out.tap()
    sheet = page.locator(".why.open")
    expect(sheet).to_be_in_viewport(ratio=0.9)
    expect(step).to_be_in_viewport(ratio=1)
    # The formula has the whole width, also below the button that closes the sheet.
    box = settled(page, sheet.locator(".formula").bounding_box)
    assert box
    assert box["width"] > 0.9 * PHONE["width"]
    page.get_by_role("button", name="Select nothing").tap()
    expect(sheet).to_have_count(0)
    page.evaluate("window.scrollTo(0, 100000)")
    expect(step).to_be_in_viewport(ratio=1)


def test_cells_grow_with_the_window_and_answer_where_they_are(open_dashboard: Open) -> None:
    inside = Inside(open_dashboard(viewport={"width": 1920, "height": 1080}))
    inside.start()
    inside.go("forward", "conv1", 2)
    read = "canvas => canvas.getBoundingClientRect().width"
    width = settled(inside.page, lambda: inside.canvas("X_in").evaluate(read))
    assert width > 200
    # With the ring of padding.
    cell = width / 10
    inside.canvas("X_in").click(position={"x": 6.5 * cell, "y": 3.5 * cell})
    eventually(
        inside.page,
        lambda: inside.model("Board", "selected").get("index"),
        lambda index: index == [0, 0, 2, 5],
        "another cell was selected",
    )
    eventually(inside.page, lambda: inside.lit()["X_in"], lambda pixels: pixels > 0, "not marked")
    height = "document.documentElement.scrollHeight"
    assert settled(inside.page, lambda: inside.page.evaluate(height)) <= 1080

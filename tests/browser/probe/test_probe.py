"""Draw, open, choose: the network answers at once, and the run stays as it is."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, Open
from tests.browser.dashboard import Dashboard, eventually, expect_no_change, settled
from tests.browser.probe.drawing import ProbePanel, probe_in, rounded
from tests.viz_app.viewers import viewer_of
from viz_app.viewer import Viewer

pytestmark = pytest.mark.browser

WHERE = "?preset=digits&iteration=3&side=probe"
SEVEN = ((0.2, 0.2), (0.8, 0.2), (0.45, 0.9))


def at_iteration(number: int) -> Viewer:
    """A run of its own that stands where the page does."""
    viewer = viewer_of("digits")
    for _ in range(number - 1):
        viewer.step()
    return viewer


def picture(width: int = 40, height: int = 20) -> bytes:
    """A light bar on dark, as PNG."""
    image = np.zeros((height, width), np.uint8)
    image[height // 4 : -height // 4, width // 4 : -width // 4] = 255
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def draw_while_computing(dashboard: Dashboard) -> None:
    """Draw faster than Python answers: nothing of it is lost."""
    panel = ProbePanel(dashboard)
    panel.press("Clear")
    panel.expect_heard()
    panel.dots(4)
    panel.expect_heard()
    assert np.count_nonzero(panel.pixels()) == 4
    panel.press("Back to the training batch")
    panel.expect_training()


def draw_and_compare(dashboard: Dashboard) -> None:
    """Draw, and compare with what the framework computes for the same pixels."""
    panel = ProbePanel(dashboard)
    panel.expect_training()
    before = dashboard.status.inner_text()
    panel.stroke(*SEVEN)
    panel.expect_asked("your drawing")
    panel.expect_heard()
    probe = probe_in(dashboard.page)
    assert probe is not None
    assert max(probe.pixels) > 150
    own = at_iteration(3)
    own.ask(probe)
    expect(dashboard.status).to_have_text(own.status)
    loss = own.trace.stage("loss", "loss")
    panel.expect_bars(rounded(loss.array("probabilities")[0].tolist()))
    # Nobody has chosen a class: it is the likeliest one.
    against = panel.root.get_by_role("combobox", name="Class of the loss")
    guess = int(np.argmax(panel.bars()))
    assert own.trace.targets.tolist() == [guess]
    expect(against.locator(":checked")).to_have_text(f"the guess: {guess}")
    drawn = panel.pixels()
    # Another class: another loss, the same answer.
    against.select_option("7")
    own.ask(probe.with_label(7))
    expect(dashboard.status).to_have_text(own.status)
    expect(panel.root).to_contain_text("The class that the loss is against is kept while you draw.")
    # The iteration that follows is asked too.
    dashboard.press("Step")
    own.step()
    expect(dashboard.status).to_have_text(own.status)
    dashboard.press("Back")
    panel.press("Back to the training batch")
    panel.expect_training()
    expect(dashboard.status).to_have_text(before)
    # Nothing is asked: nothing is on the sheet. The picture is a press away.
    eventually(panel.page, panel.pixels, lambda shown: not shown.any(), "the old picture stays")
    panel.press("Ask again about your drawing")
    panel.expect_asked("your drawing")
    eventually(panel.page, panel.pixels, lambda shown: (shown == drawn).all(), "another picture")
    expect(against.locator(":checked")).to_have_text("7")
    panel.press("Back to the training batch")
    panel.expect_training()


def test_drawing_is_answered_and_leaves_the_run(open_dashboard: Open) -> None:
    dashboard = open_dashboard(WHERE)
    draw_and_compare(dashboard)
    draw_while_computing(dashboard)


def test_strokes_are_taken_back_and_erased(open_dashboard: Open) -> None:
    panel = ProbePanel(open_dashboard(WHERE))
    panel.stroke(*SEVEN)
    panel.expect_asked("your drawing")
    drawn = panel.pixels()
    panel.press("Erase")
    panel.stroke((0.05, 0.2), (0.95, 0.2))
    assert panel.pixels().sum() < drawn.sum()
    panel.press("Undo")
    np.testing.assert_array_equal(panel.pixels(), drawn)
    panel.press("Clear")
    assert not panel.pixels().any()
    eventually(
        panel.page,
        lambda: probe_in(panel.page),
        lambda found: found is not None and not any(found.pixels),
        "nothing drawn",
    )


def test_keys_draw_too(open_dashboard: Open) -> None:
    dashboard = open_dashboard(WHERE)
    panel = ProbePanel(dashboard)
    panel.sheet.focus()
    for key in ("ArrowUp", "ArrowLeft", "Space", "ArrowRight", "Enter"):
        panel.page.keyboard.press(key)
    expect(panel.root.get_by_role("status").first).to_have_text("row 3, column 4: 1.00")
    panel.expect_asked("your drawing")
    assert np.flatnonzero(panel.pixels()).tolist() == [27, 28]
    panel.page.keyboard.press("Delete")
    panel.page.keyboard.press("Control+z")
    panel.page.keyboard.press("Control+z")
    assert np.flatnonzero(panel.pixels()).tolist() == [27]
    # No step was made: the arrows were those of the drawing.
    expect(dashboard.status).to_contain_text("iteration 3 · stage 1 ")


def test_finger_draws_on_a_phone(open_dashboard: Open) -> None:
    size = {"width": 390, "height": 844}
    dashboard = open_dashboard(WHERE, viewport=size, has_touch=True, is_mobile=True)
    panel = ProbePanel(dashboard)
    panel.sheet.scroll_into_view_if_needed()
    assert panel.sheet.evaluate("node => getComputedStyle(node).touchAction") == "none"
    panel.sheet.tap()
    panel.expect_asked("your drawing")
    assert panel.pixels().any()
    width = panel.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    # The page is scrolled, and nothing in it: all test images stand below each other.
    around = "getComputedStyle(node.getRootNode().host)"
    assert panel.root.evaluate(f"node => {around}.overflowY") == "visible"
    panel.page.get_by_role("button", name="More images").scroll_into_view_if_needed()
    assert panel.page.evaluate("scrollY") > 844
    # The board stands far above.
    panel.press("Show on the board")
    expect(panel.page.locator('.panel[data-key="g_X_in"]').first).to_be_in_viewport()


def test_a_pressed_button_can_be_read_under_the_pointer(open_dashboard: Open) -> None:
    panel = ProbePanel(open_dashboard(WHERE))
    draws = panel.root.get_by_role("button", name="Draw", exact=True)
    colours = "node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]"
    before = settled(panel.page, lambda: draws.evaluate(colours))
    draws.hover()
    expect_no_change(panel.page, lambda: draws.evaluate(colours))
    assert draws.evaluate(colours) == before
    assert len(set(before)) == 2


@pytest.mark.parametrize("preset", ["digits", "shapes"])
def test_the_class_of_the_loss_is_not_cut_off(open_dashboard: Open, preset: str) -> None:
    panel = ProbePanel(open_dashboard(f"?preset={preset}&side=probe", viewport=DESKTOP))
    panel.stroke(*SEVEN)
    panel.expect_asked("your drawing")
    against = panel.root.get_by_label("Class of the loss")
    expect(against.locator(":checked")).to_contain_text("the guess: ")
    inside = "node => node.closest('figcaption').getBoundingClientRect().right"
    box = settled(panel.page, against.bounding_box)
    assert box
    assert box["x"] + box["width"] <= against.evaluate(inside) + 1
    # It would like to be no wider than it is.
    wanted = against.evaluate("node => { node.style.maxWidth = 'none'; return node.offsetWidth; }")
    assert wanted <= box["width"] + 1


def test_all_of_the_gradient_is_in_sight_beside_its_loss(open_dashboard: Open) -> None:
    panel = ProbePanel(open_dashboard(WHERE + "&probe=test:3", viewport=DESKTOP))
    expect(panel.root.locator(".saliency")).to_be_in_viewport(ratio=1)
    panel.root.get_by_label("Class of the loss").select_option("5")
    expect(panel.root.locator(".saliency")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_the_answer_is_in_sight_while_one_draws(
    open_dashboard: Open, size: tuple[int, int]
) -> None:
    viewport = {"width": size[0], "height": size[1]}
    panel = ProbePanel(open_dashboard(WHERE, viewport=viewport))
    panel.sheet.scroll_into_view_if_needed()
    before = settled(panel.page, panel.sheet.bounding_box)
    panel.stroke(*SEVEN)
    panel.expect_asked("your drawing")
    bars = panel.root.locator(".bar")
    expect(bars).to_have_count(10)
    for bar in bars.all():
        expect(bar).to_be_in_viewport(ratio=1)
    # What is drawn on does not move under the pen.
    after = settled(panel.page, panel.sheet.bounding_box)
    assert before
    assert after
    assert (before["width"], before["height"]) == (after["width"], after["height"])
    assert abs(before["y"] - after["y"]) < 1


def test_charts_say_that_they_show_the_training(open_dashboard: Open) -> None:
    dashboard = open_dashboard(f"{WHERE}&probe=test:5")
    panel = ProbePanel(dashboard)
    said = dashboard.page.get_by_text("the probe is no part of this chart")
    for chart in ("Gradient flow", "Heat map", "Loss"):
        dashboard.bring_to_front(chart)
        expect(said).to_be_visible()
    panel.open()
    panel.press("Back to the training batch")
    panel.expect_training()
    dashboard.bring_to_front("Loss")
    expect(said).to_be_hidden()


def test_pictures_are_opened_pasted_and_refused(open_dashboard: Open, tmp_path: Path) -> None:
    dashboard = open_dashboard(WHERE)
    panel = ProbePanel(dashboard)
    good, bad = tmp_path / "bar.png", tmp_path / "none.png"
    good.write_bytes(picture())
    bad.write_bytes(b"no picture")
    field = panel.page.get_by_label("Open picture")
    field.set_input_files(good)
    panel.expect_asked("your picture")
    expect(dashboard.page.get_by_text("bar.png: Scaled from 20×40 to 4×8")).to_be_visible()
    wanted = np.zeros((8, 8), int)
    wanted[3:5, 2:6] = 255
    eventually(
        panel.page,
        lambda: panel.pixels().tolist(),
        lambda found: found == wanted.ravel().tolist(),
        "",
    )
    field.set_input_files(bad)
    expect(panel.alert).to_contain_text("none.png is no picture that this browser can read")
    panel.expect_asked("your picture")
    panel.paste("pasted.png", "image/png", picture(16, 16))
    expect(dashboard.page.get_by_text("pasted.png: Scaled from 16×16 to 8×8")).to_be_visible()


def test_orientation_of_a_photograph_counts(open_dashboard: Open, tmp_path: Path) -> None:
    panel = ProbePanel(open_dashboard(WHERE))
    image = Image.fromarray(np.repeat(np.array([[0] * 32 + [255] * 32], np.uint8), 64, 0))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right
    image.save(tmp_path / "photo.jpg", quality=95, exif=exif)
    panel.page.get_by_label("Open picture").set_input_files(tmp_path / "photo.jpg")
    panel.expect_asked("your picture")
    eventually(
        panel.page,
        lambda: panel.pixels().tolist(),
        lambda found: found[0] < 20 and found[-1] > 235,
        "turned",
    )


def choose_wrong_one(dashboard: Dashboard) -> None:
    """Find what the network gets wrong, ask about the first, and open the link of it."""
    panel = ProbePanel(dashboard)
    panel.press("Find the wrong ones")
    expect(panel.root.get_by_text("all 360 asked")).to_be_visible()
    panel.images.first.click()
    panel.expect_asked("test image")
    expect(dashboard.status).to_contain_text("accuracy 0.00")
    eventually(panel.page, lambda: probe_in(panel.page), lambda probe: probe is not None, "")
    probe = probe_in(panel.page)
    assert probe is not None
    own = at_iteration(3)
    own.ask(probe)
    expect(dashboard.status).to_have_text(own.status)


def test_wrong_ones_come_first_and_a_link_leads_back(open_dashboard: Open) -> None:
    dashboard = open_dashboard(WHERE)
    choose_wrong_one(dashboard)
    said, url = dashboard.status.inner_text(), dashboard.page.url
    other = open_dashboard("?" + url.partition("?")[2])
    expect(other.status).to_have_text(said)
    panel = ProbePanel(other)
    bars = eventually(other.page, panel.bars, bool, "no answer")
    other.page.reload()
    other.wait_until_live()
    expect(other.status).to_have_text(said)
    panel.expect_bars(bars)


def test_gradient_of_the_picture_is_seen_on_the_board(open_dashboard: Open) -> None:
    dashboard = open_dashboard(f"{WHERE}&probe=test:5")
    panel = ProbePanel(dashboard)
    panel.press("Show on the board")
    expect(dashboard.status).to_contain_text("backward conv1")
    expect(dashboard.page.locator('.panel[data-key="g_X_in"]')).to_be_visible()
    expect(dashboard.page.get_by_role("img", name="Gradient of the loss")).to_be_visible()


def test_what_cannot_be_asked_is_said(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=digits&probe=test:99999")
    expect(dashboard.alert).to_contain_text("there is no test image 99999")
    ProbePanel(dashboard).expect_training()


def test_lesson_keeps_the_training_batch(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?lesson=1-one-iteration", bare=True)
    panel = ProbePanel(dashboard)
    panel.open()
    expect(panel.root.get_by_text("While a lesson is on")).to_be_visible()
    panel.stroke(*SEVEN)
    expect_no_change(dashboard.page, dashboard.told)
    panel.expect_training()


@pytest.mark.slow
def test_probe_without_a_server(open_export: Open) -> None:
    dashboard = open_export(f"{WHERE}&grain=Iteration")
    draw_and_compare(dashboard)
    draw_while_computing(dashboard)
    choose_wrong_one(dashboard)
    said, url = dashboard.status.inner_text(), dashboard.page.url
    again = open_export("?" + url.partition("?")[2])
    expect(again.status).to_have_text(said)

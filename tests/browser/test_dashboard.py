"""What the dashboard promises, tried in a real browser."""

from __future__ import annotations

import re
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FloatRect, ViewportSize, expect

from core.data import from_images
from tests.browser.conftest import DESKTOP, Open
from tests.browser.dashboard import (
    READ_FRAMES,
    RESUMED,
    Canvas,
    Dashboard,
    Figure,
    eventually,
    expect_no_change,
    settled,
    usual,
    wait_until_kept,
)
from tests.browser.files import (
    expect_saved_weights,
    own_data,
    own_pictures,
    save_weights,
    train_on_these,
    upload,
)
from tests.browser.first.sizes import width_of
from tests.viz_app.viewers import viewer_of

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=844)
LAYERS = ["conv1", "bn1", "relu1", "pool1", "conv2", "bn2", "relu2", "pool2", "flatten", "linear"]
# So many that evaluating them takes long enough to be stopped.
N_TEST = 100_000
# What is said when a run that was gone on with makes way for another.
NEW_RUN = re.compile("A new run begins at iteration 1: ")


def wait_for_pictures(dashboard: Dashboard, wanted: list[Canvas], same: bool) -> list[Canvas]:
    return eventually(
        dashboard.page,
        dashboard.canvases,
        lambda found: (found == wanted) is same,
        "the pictures did not become the earlier ones" if same else "the pictures did not change",
    )


# At first sight


def are_filled(count: int, figures: list[Figure]) -> bool:
    """Return whether there are so many figures, and something in each."""
    return len(figures) == count and all(max(one.points, default=0) > 0 for one in figures)


def test_nothing_is_empty_at_first_sight(dashboard: Dashboard) -> None:
    assert dashboard.iteration == 1
    canvases = dashboard.canvases()
    # The image, and two of each layer.
    assert len(canvases) == 1 + 2 * len(LAYERS)
    assert [k for k, canvas in enumerate(canvases) if canvas.colours < 2] == []
    # Charts are made when they come to the front.
    for count, title in enumerate(("Gradient flow", "Heat map", "Loss"), 1):
        dashboard.bring_to_front(title)
        eventually(
            dashboard.page,
            dashboard.figures,
            partial(are_filled, count),
            f"{title} is missing, or nothing is in it",
        )


def test_the_first_point_of_a_line_can_be_seen(dashboard: Dashboard) -> None:
    for title in ("Gradient flow", "Heat map", "Loss"):
        dashboard.bring_to_front(title)
    eventually(
        dashboard.page, dashboard.figures, lambda found: len(found) == 3, "a chart is missing"
    )
    settled(dashboard.page, dashboard.figures)
    # A line of one point draws nothing: some other glyph must show that point.
    unseen = dashboard.page.evaluate(
        """() => [...Bokeh.documents[0].all_models]
            .filter(model => model.type === "Figure" || model.type === "Plot")
            .flatMap(figure => {
                const drawn = figure.renderers.filter(r => r.visible && r.data_source);
                const fields = r => [r.glyph.x?.field, r.glyph.y?.field].join();
                const points = new Set(drawn.filter(r => r.glyph.type !== "Line").map(fields));
                return drawn.filter(r => r.glyph.type === "Line" && r.data_source.get_length() === 1
                    && !points.has(fields(r))).map(fields);
            })"""
    )
    assert unseen == []


def test_controls_have_their_names(dashboard: Dashboard) -> None:
    for name in (
        "Step",
        "Back",
        "Play",
        "Begin anew at iteration 1",
        "Evaluate the test images",
        "Save weights",
    ):
        expect(dashboard.button(name)).to_be_visible()
    for name in ("Preset", "Data set"):
        expect(dashboard.page.get_by_role("combobox", name=name, exact=True)).to_be_visible()
    for name in ("Learning rate", "Batch size", "Seed"):
        expect(dashboard.page.get_by_role("textbox", name=name, exact=True)).to_be_visible()
    expect(dashboard.button("Back")).to_be_disabled()


# Step, Back, Play


def test_step_shows_the_next_iteration_and_back_the_earlier_one_exactly(
    dashboard: Dashboard,
) -> None:
    seen = [(dashboard.told(), dashboard.canvases())]
    for _ in range(3):
        dashboard.step()
        pictures = wait_for_pictures(dashboard, seen[-1][1], same=False)
        seen.append((dashboard.told(), pictures))
    assert len({status for status, _ in seen}) == 4
    for status, pictures in seen[-2::-1]:
        dashboard.press("Back")
        expect(dashboard.status).to_have_text(status)
        wait_for_pictures(dashboard, pictures, same=True)
    expect(dashboard.button("Back")).to_be_disabled()
    # And forward again along the same run.
    dashboard.step()
    expect(dashboard.status).to_have_text(seen[1][0])


def test_play_runs_until_pause(dashboard: Dashboard) -> None:
    dashboard.press("Play")
    expect(dashboard.button("Play")).to_have_count(0)
    expect(dashboard.button("Pause")).to_be_visible()
    eventually(dashboard.page, lambda: dashboard.iteration, lambda k: k >= 4, "Play does not run")
    dashboard.press("Pause")
    expect(dashboard.button("Play")).to_be_visible()
    expect_no_change(dashboard.page, dashboard.told)
    dashboard.step()


def test_figures_are_updated_in_place(dashboard: Dashboard) -> None:
    dashboard.bring_to_front("Loss")
    before = eventually(dashboard.page, dashboard.figures, bool, "there is no chart")
    for _ in range(5):
        dashboard.step()
    after = eventually(
        dashboard.page,
        dashboard.figures,
        lambda figures: max(n for figure in figures for n in figure.points) >= 6,
        "no figure shows six iterations",
    )
    assert {figure.id for figure in after} == {figure.id for figure in before}


def test_a_chart_that_comes_to_the_front_shows_where_we_are(dashboard: Dashboard) -> None:
    def wait_for(n_losses: int, n_old: int, marks: list[int]) -> None:
        eventually(
            dashboard.page,
            dashboard.charts,
            lambda found: (
                (len(found["losses"]), len(found["old"])) == (n_losses, n_old)
                and sorted(found["marks"]) == marks
            ),
            "the chart in front is not up to date",
        )

    for _ in range(3):
        dashboard.step()
    wait_for(0, 0, [])
    dashboard.bring_to_front("Loss")
    wait_for(4, 0, [4])
    dashboard.step()
    wait_for(5, 0, [5])
    dashboard.bring_to_front("Heat map")
    # It has two marks, one on the other.
    wait_for(5, 0, [5, 5, 5])
    for _ in range(2):
        dashboard.press("Back")
    dashboard.wait_for_iteration(3)
    # A branch, begun while another chart is in front.
    dashboard.enter("Learning rate", "0.1")
    expect(dashboard.alert).to_contain_text("branch begins after iteration 3")
    dashboard.bring_to_front("Loss")
    # A gap follows the old run.
    wait_for(3, 6, [3, 3, 3])
    dashboard.step()
    dashboard.bring_to_front("Gradient flow")
    wait_for(4, 6, [3, 3, 4])


# Settings


@pytest.mark.parametrize("preset", ["MNIST", "Coloured shapes", "One convolution"])
def test_presets_train_and_reset_starts_anew(dashboard: Dashboard, preset: str) -> None:
    digits = dashboard.told()
    dashboard.step()
    dashboard.field("Preset").select_option(label=preset)
    dashboard.wait_for_iteration(1)
    expect(dashboard.status).not_to_have_text(digits)
    first, seen = dashboard.told(), dashboard.canvases()
    dashboard.step()
    wait_for_pictures(dashboard, seen, same=False)
    dashboard.step()
    dashboard.press("Begin anew at iteration 1")
    expect(dashboard.status).to_have_text(first)
    wait_for_pictures(dashboard, seen, same=True)
    expect(dashboard.alert).to_have_text(NEW_RUN)


def test_another_data_set_trains_with_the_same_network(dashboard: Dashboard) -> None:
    digits = dashboard.told()
    dashboard.field("Data set").select_option(label="Coloured shapes 16×16")
    expect(dashboard.status).not_to_have_text(digits)
    dashboard.wait_for_iteration(1)
    dashboard.step()
    expect(dashboard.alert).to_have_count(0)


def test_bad_settings_are_refused_and_the_old_value_comes_back(dashboard: Dashboard) -> None:
    dashboard.step()
    status = dashboard.told()
    for name, bad in (
        ("Learning rate", "-1"),
        ("Learning rate", "0"),
        ("Batch size", "0"),
        ("Batch size", "100000"),
        ("Seed", "-1"),
    ):
        before = dashboard.field(name).input_value()
        # Twice: the second time the server sees the same change as the first time.
        for _ in range(2):
            dashboard.enter(name, bad)
            expect(dashboard.alert).to_contain_text(f"{name} is {bad}; expected")
            expect(dashboard.field(name)).to_have_value(before)
        expect(dashboard.status).to_have_text(status)
    dashboard.step()
    # It can still be read.
    expect(dashboard.alert).to_contain_text("Seed is -1; expected")
    dashboard.press("Close")
    expect(dashboard.alert).to_have_count(0)


def test_an_emptied_field_changes_nothing(dashboard: Dashboard) -> None:
    for name in ("Learning rate", "Batch size", "Seed"):
        before = dashboard.field(name).input_value()
        dashboard.enter(name, "")
        expect(dashboard.field(name)).to_have_value(before)
    dashboard.step()


def test_a_good_setting_takes_the_complaint_about_a_bad_one_away(dashboard: Dashboard) -> None:
    before = dashboard.field("Learning rate").input_value()
    dashboard.enter("Learning rate", "-1")
    expect(dashboard.alert).to_contain_text("Learning rate is -1")
    # Would otherwise come back over what is typed next.
    expect(dashboard.field("Learning rate")).to_have_value(before)
    dashboard.enter("Learning rate", "0.1")
    expect(dashboard.alert).to_have_count(0)
    expect(dashboard.field("Learning rate")).to_have_value("0.1")


def test_small_learning_rates_are_shown_as_they_are(dashboard: Dashboard) -> None:
    dashboard.enter("Learning rate", "0.00003")
    dashboard.step()
    eventually(
        dashboard.page,
        lambda: float(dashboard.field("Learning rate").input_value()),
        lambda rate: rate == 0.00003,
        "another learning rate is shown",
    )


def test_divergence_stops_play_and_says_where(dashboard: Dashboard) -> None:
    dashboard.enter("Learning rate", "1e6")
    dashboard.press("Play")
    expect(dashboard.alert).to_contain_text(
        re.compile(rf"diverged.*\b({'|'.join(LAYERS)}|loss)\b in iteration \d+")
    )
    expect(dashboard.button("Play")).to_be_visible()
    # What is shown stays whole, and the way out works.
    assert dashboard.canvases()
    dashboard.enter("Learning rate", "0.02")
    dashboard.press("Begin anew at iteration 1")
    dashboard.wait_for_iteration(1)
    expect(dashboard.alert).to_have_text(NEW_RUN)
    dashboard.step()


# Evaluation


def test_evaluate_tells_its_result(dashboard: Dashboard) -> None:
    dashboard.press("Evaluate the test images")
    result = dashboard.page.get_by_text(re.compile(r"360 of 360"))
    expect(result).to_contain_text(re.compile(r"accuracy [01]\.\d+.*loss \d+\.\d+"))
    expect(dashboard.button("Evaluate the test images")).to_be_visible()
    dashboard.step()


def test_evaluate_shows_progress_and_stops(dashboard: Dashboard, tmp_path: Path) -> None:
    upload(dashboard, own_data(tmp_path, N_TEST), "halves (yours)")
    dashboard.press("Evaluate the test images")
    progress = dashboard.page.get_by_text(re.compile(rf"\d+ of {N_TEST}\b"))
    expect(progress).to_be_visible()
    earlier = progress.inner_text()
    expect(progress).not_to_have_text(earlier)
    dashboard.press("Stop evaluating")
    expect(dashboard.button("Evaluate the test images")).to_be_visible()
    expect_no_change(dashboard.page, progress.inner_text)
    done = re.search(r"(\d+) of", progress.inner_text())
    assert done
    assert 0 < int(done[1]) < N_TEST


# A person's own data


def test_own_data_joins_the_choice_and_is_trained_on(dashboard: Dashboard, tmp_path: Path) -> None:
    before = dashboard.told()
    dashboard.step()
    upload(dashboard, own_data(tmp_path), "halves (yours)")
    expect(dashboard.status).not_to_have_text(before)
    first = dashboard.canvases()
    dashboard.step()
    wait_for_pictures(dashboard, first, same=False)
    expect(dashboard.alert).to_have_count(0)
    dashboard.field("Data set").select_option(label="Digits 8×8")
    expect(dashboard.status).to_have_text(before)


def test_a_damaged_file_changes_nothing(dashboard: Dashboard, tmp_path: Path) -> None:
    path = own_data(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    dashboard.step()
    status, options = dashboard.told(), dashboard.field("Data set").locator("option")
    titles = settled(dashboard.page, options.all_inner_texts)
    dashboard.field("Your data").set_input_files(path)
    expect(dashboard.alert).to_be_visible()
    expect(dashboard.status).to_have_text(status)
    expect(options).to_have_text(titles)
    # The same file once more, mended.
    path.write_bytes(whole)
    upload(dashboard, path, "halves (yours)")
    expect(dashboard.alert).to_have_text(NEW_RUN)


def test_pictures_arrive_as_they_are(dashboard: Dashboard, tmp_path: Path) -> None:
    paths, data = own_pictures(tmp_path)
    upload(dashboard, paths, "your images (yours)")
    viewer = viewer_of()
    viewer.use_data(data)
    expect(dashboard.status).to_have_text(viewer.status)
    expect(dashboard.alert).to_have_count(0)
    dashboard.step()
    viewer.step()
    expect(dashboard.status).to_have_text(viewer.status)


def test_large_and_unequal_pictures_are_scaled(dashboard: Dashboard, tmp_path: Path) -> None:
    paths = [tmp_path / f"{'ab'[k % 2]}-{k}.jpg" for k in range(4)]
    for k, path in enumerate(paths):
        Image.new("RGB", (400 + k, 30), "white").save(path)
    dashboard.field("Your data").set_input_files(paths)
    notes = dashboard.page.get_by_label("Notes")
    expect(notes).to_contain_text("The images were scaled to 32×32.")
    train_on_these(dashboard)
    dashboard.wait_for_iteration(1)
    viewer = viewer_of()
    # Without colours: one channel.
    white = np.full((4, 32, 32), 255, np.uint8)
    viewer.use_data(from_images(white, [path.name[0] for path in paths]))
    expect(dashboard.status).to_have_text(viewer.status)


def test_what_is_transparent_becomes_white(dashboard: Dashboard, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.png" for name in "ab"]
    for path in paths:
        Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(path)
    upload(dashboard, paths, "your images (yours)")
    viewer = viewer_of()
    viewer.use_data(from_images(np.full((2, 8, 8), 255, np.uint8), ["a", "b"]))
    expect(dashboard.status).to_have_text(viewer.status)


def test_a_broken_picture_is_named_and_changes_nothing(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    paths, _ = own_pictures(tmp_path)
    whole = paths[3].read_bytes()
    paths[3].write_bytes(whole[: len(whole) // 4])
    dashboard.step()
    status = dashboard.told()
    dashboard.field("Your data").set_input_files(paths)
    expect(dashboard.alert).to_have_text(
        re.compile(rf"The file {re.escape(paths[3].name)} is no image that can be read")
    )
    expect(dashboard.status).to_have_text(status)
    paths[3].write_bytes(whole)
    upload(dashboard, paths, "your images (yours)")
    expect(dashboard.alert).to_have_text(NEW_RUN)


def test_a_file_larger_than_any_message_arrives(dashboard: Dashboard, tmp_path: Path) -> None:
    path = own_data(tmp_path, padding=25_000_000)
    upload(dashboard, path, "halves (yours)")
    expect(dashboard.alert).to_have_count(0)
    dashboard.step()


def test_a_file_that_is_too_large_is_refused_unread(dashboard: Dashboard, tmp_path: Path) -> None:
    path = tmp_path / "huge.npz"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    dashboard.field("Your data").set_input_files(path)
    expect(dashboard.alert).to_contain_text("60.0 MB, expected at most 50 MB")
    dashboard.step()


# Weights to take along


def test_saved_weights_are_those_of_the_iteration_in_sight(dashboard: Dashboard) -> None:
    viewer = viewer_of()
    for _ in range(3):
        dashboard.step()
        viewer.step()
    dashboard.press("Back")
    dashboard.wait_for_iteration(3)
    viewer.goto(3)
    expect_saved_weights(dashboard, viewer, "convscope-digits-iteration-3.npz")
    dashboard.step()


def test_weights_of_own_data_are_named_after_them(dashboard: Dashboard, tmp_path: Path) -> None:
    upload(dashboard, own_data(tmp_path), "halves (yours)")
    assert save_weights(dashboard)[0] == "convscope-halves-iteration-1.npz"
    # Twice in a row, the same file.
    assert save_weights(dashboard)[0] == "convscope-halves-iteration-1.npz"


def test_weights_are_not_saved_on_the_way_to_an_address(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=mnist&iteration=9000")
    expect(dashboard.button("Stop")).to_be_visible()
    expect(dashboard.button("Save weights")).to_be_disabled()
    dashboard.press("Stop")
    expect(dashboard.button("Save weights")).to_be_enabled()
    name, weights = save_weights(dashboard)
    found = re.fullmatch(r"convscope-mnist-iteration-(\d+)\.npz", name)
    assert found, name
    dashboard.wait_for_iteration(int(found[1]))
    assert weights


# Links


def test_a_moment_that_was_computed_once_is_there_at_once(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=mnist&iteration=1000&stage=3")

    def told() -> tuple[str, list[Canvas], dict[str, list[float]]]:
        # Some seconds of computing, on a machine that is not busy.
        dashboard.wait_for_iteration(1000, 120)
        return dashboard.told(), dashboard.canvases(), dashboard.charts()

    first = told()
    assert dashboard.page.evaluate(RESUMED) == 0
    wait_until_kept(dashboard, 999)
    dashboard.page.reload()
    assert told() == first
    eventually(
        dashboard.page, lambda: dashboard.page.evaluate(RESUMED), (999).__eq__, "computed again"
    )
    # What was not computed in this visit is reached all the same.
    dashboard.press("Back")
    dashboard.wait_for_iteration(999)
    dashboard.step()
    assert told() == first


FOLLOW = """query => {
    history.pushState(null, "", query);
    window.dispatchEvent(new PopStateEvent("popstate"));
}"""


def test_nothing_of_the_last_moment_stays_on_the_way_to_another(dashboard: Dashboard) -> None:
    board = dashboard.page.locator(".panel canvas").first
    expect(board).to_be_visible()
    dashboard.page.evaluate(FOLLOW, usual("?preset=mnist&iteration=9000"))
    expect(dashboard.alert).to_contain_text("Replaying to iteration 9000")
    for drawn in (dashboard.status, dashboard.strip, dashboard.page.locator(".track"), board):
        expect(drawn).to_be_hidden()
    dashboard.press("Stop")
    for drawn in (dashboard.status, dashboard.strip, dashboard.page.locator(".track"), board):
        expect(drawn).to_be_visible()
    dashboard.step()


def test_a_kept_moment_that_is_damaged_is_computed_again(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=mnist&iteration=300")
    dashboard.wait_for_iteration(300)
    first = dashboard.told()
    wait_until_kept(dashboard, 299)
    dashboard.page.evaluate(READ_FRAMES, True)
    dashboard.page.reload()
    dashboard.wait_for_iteration(300)
    assert dashboard.told() == first
    assert dashboard.page.evaluate(RESUMED) == 0


def test_a_browser_that_keeps_nothing_says_nothing(open_dashboard: Open) -> None:
    dashboard = open_dashboard()
    dashboard.page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: null })")
    dashboard.page.goto(dashboard.page.url.partition("?")[0] + usual("?iteration=200"))
    dashboard.wait_for_iteration(200)
    dashboard.step()


# Visitors and their screens


def test_a_link_that_asks_for_too_much_is_refused_in_words_that_stay(
    open_dashboard: Open,
) -> None:
    dashboard = open_dashboard("?preset=mnist&batch=1000&rate=1e300&stage=x")
    said = dashboard.alert
    expect(said).to_contain_text("choose a batch of at most 71")
    expect(said).to_contain_text("rate: Learning rate is 1e300; expected")
    expect(said).to_contain_text("stage: x is not a whole number")
    dashboard.step()
    expect(said).to_contain_text("choose a batch of at most 71")
    dashboard.press("Close")
    expect(said).to_have_count(0)


def test_two_pages_are_two_sessions(open_dashboard: Open) -> None:
    first, second = open_dashboard(), open_dashboard()
    status, pictures = second.told(), second.canvases()
    first.enter("Seed", "7")
    expect(first.status).not_to_have_text(status)
    first.step()
    expect_no_change(second.page, second.told)
    expect(second.status).to_have_text(status)
    assert second.canvases() == pictures
    expect(second.field("Seed")).to_have_value("0")
    second.step()


def test_a_phone_shows_everything_without_scrolling_sideways(open_dashboard: Open) -> None:
    dashboard = open_dashboard(viewport=PHONE, has_touch=True, is_mobile=True)
    eventually(
        dashboard.page,
        lambda: width_of(dashboard.page),
        lambda width: width <= PHONE["width"],
        "scrolled sideways",
    )


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_everything_has_a_place_of_its_own(open_dashboard: Open, screen: ViewportSize) -> None:
    dashboard = open_dashboard(viewport=screen)
    places = {
        "status": dashboard.status,
        "network": dashboard.strip,
        "timeline": dashboard.page.locator(".track"),
        "losses": dashboard.page.locator(".scrubber"),
        "beside": dashboard.page.locator(".sides"),
    }
    for name in ("Back", "Step", "Play", "Share", "Settings", "Dark"):
        places[name] = dashboard.button(name)
    places["Preset"] = dashboard.field("Preset")
    boxes = settled(
        dashboard.page,
        lambda: {name: place.bounding_box() for name, place in places.items()},
    )
    for name, box in boxes.items():
        assert box, f"{name} is not shown"
        # The network scrolls inside itself.
        if name not in ("network", "timeline"):
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= screen["width"], name
    covering = [pair for pair in combinations(boxes, 2) if overlap(*(boxes[name] for name in pair))]
    assert covering == []


def test_step_answers_a_tap(open_dashboard: Open) -> None:
    dashboard = open_dashboard(viewport=PHONE, has_touch=True)
    dashboard.button("Step").tap()
    dashboard.wait_for_iteration(2)


def overlap(first: FloatRect | None, second: FloatRect | None) -> bool:
    """Return whether two boxes share more than an edge."""
    if not first or not second:
        return False
    right = min(box["x"] + box["width"] for box in (first, second))
    bottom = min(box["y"] + box["height"] for box in (first, second))
    left, top = max(first["x"], second["x"]), max(first["y"], second["y"])
    return right - left > 1 and bottom - top > 1

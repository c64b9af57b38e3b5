"""Weights saved and loaded, on the page with a server and on the one without."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from core.io.text import parse_model
from tests.browser.conftest import Open
from tests.browser.dashboard import Dashboard, eventually, usual
from tests.browser.export import wait_for_python
from tests.browser.files import expect_saved_weights
from tests.viz_app.viewers import viewer_of
from viz_app.run.weights import Weights, read_weights
from viz_app.viewer import Viewer

pytestmark = pytest.mark.browser

OTHER = "conv 4 k3 p1, relu, pool 2, flatten, linear 10"


def save_as(dashboard: Dashboard, ending: str, folder: Path) -> Path:
    """Save the weights of the iteration in sight."""
    dashboard.field("Weights as").select_option(label=ending)
    with dashboard.page.expect_download() as waiting:
        dashboard.press("Save weights")
    path = folder / waiting.value.suggested_filename
    assert path.suffix == ending
    waiting.value.save_as(path)
    return path


def read(path: Path) -> Weights:
    content = path.read_bytes()
    return read_weights(path.name, len(content), content)


def other_weights(folder: Path) -> Path:
    """Write weights of another network, under other names than ours."""
    model = parse_model(OTHER, (1, 8, 8), np.random.default_rng(0))
    state = {f"net.{name}": array for name, array in model.state_dict().items()}
    path = folder / "other.npz"
    np.savez(path, **state)  # type: ignore[arg-type]
    return path


def load(dashboard: Dashboard, path: Path) -> None:
    dashboard.field("Load weights").set_input_files(path)


def try_all(dashboard: Dashboard, folder: Path) -> None:
    """Save, load, be refused and use a network that is offered, beside a viewer in Python."""
    viewer = viewer_of()
    for _ in range(2):
        dashboard.step()
        viewer.step()
    expect_saved_weights(dashboard, viewer, "convscope-digits-iteration-3.npz")
    path = save_as(dashboard, ".safetensors", folder)
    load(dashboard, path)
    dashboard.wait_for_iteration(1)
    # Where they were computed may matter to the last digits.
    viewer = viewer_of()
    viewer.use_weights(read(path))
    expect(dashboard.status).to_have_text(viewer.status)
    expect(dashboard.alert).to_contain_text("with the optimiser's state")
    for each in (dashboard, viewer):
        each.step()
    expect(dashboard.status).to_have_text(viewer.status)
    refuse_and_offer(dashboard, viewer, folder)


def refuse_and_offer(dashboard: Dashboard, viewer: Viewer, folder: Path) -> None:
    broken = folder / "broken.npz"
    broken.write_bytes(b"PK\x03\x04 and no more")
    load(dashboard, broken)
    expect(dashboard.alert).to_contain_text("The file broken.npz cannot be used")
    expect(dashboard.status).to_have_text(viewer.status)
    path = other_weights(folder)
    load(dashboard, path)
    expect(dashboard.alert).to_contain_text("The file other.npz does not fit: net.0.weight")
    expect(dashboard.status).to_have_text(viewer.status)
    expect(dashboard.page.get_by_role("region", name="A network that fits")).to_contain_text(OTHER)
    dashboard.press("Use this network")
    viewer.use_weights(read(path), OTHER)
    expect(dashboard.status).to_have_text(viewer.status)
    for each in (dashboard, viewer):
        each.step()
    expect(dashboard.status).to_have_text(viewer.status)
    dashboard.press("Begin from drawn weights")
    viewer.use_weights(None)
    expect(dashboard.status).to_have_text(viewer.status)
    expect(dashboard.page.get_by_role("button", name="Begin from drawn weights")).to_be_hidden()


def test_weights_with_a_server(dashboard: Dashboard, tmp_path: Path) -> None:
    try_all(dashboard, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["server", "file by double click"])
def test_weights_without_a_server(open_export: Open, way: str, tmp_path: Path) -> None:
    dashboard = open_export(usual(), way)
    wait_for_python(dashboard.page)
    try_all(dashboard, tmp_path)


def test_a_link_without_its_weights_says_so_and_opens_once_they_are_chosen(
    open_dashboard: Open, tmp_path: Path
) -> None:
    first = open_dashboard()
    first.step()
    path = save_as(first, ".npz", tmp_path)
    load(first, path)
    first.wait_for_iteration(1)
    first.step()
    first.page.wait_for_function("location.search.includes('iteration=2')")
    status, query = first.told(), urlsplit(first.page.url).query
    assert f"weights={read(path).digest}" in query
    second = open_dashboard(f"?{query}", bare=True)
    said = "a link does not carry a person's own weights: choose their file under Load weights"
    expect(second.alert).to_contain_text(said)
    expect(second.status).not_to_have_text(status)
    load(second, path)
    expect(second.status).to_have_text(status)
    expect(second.alert).to_have_count(0)
    page = second.page
    eventually(page, lambda: page.url, lambda url: "weights=" in url, "the link has no weights")

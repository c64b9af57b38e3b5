"""A matrix as a table, as text and as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from core.tensor import Array
from tests.browser.access.matrix import Matrix
from tests.browser.conftest import Open
from tests.browser.dashboard import Dashboard, eventually, expect_no_change
from tests.viz_app.viewers import viewer_of

pytestmark = pytest.mark.browser

MULTIPLY = "?preset=digits&grain=Inside&stage=1&inner=3"
RESHAPE = "?preset=digits&grain=Inside&stage=1&inner=4"
# Copies into a list what would go to the clipboard.
CLIPBOARD = """() => {
    window.copied = [];
    Object.defineProperty(navigator, "clipboard",
        { value: { writeText: async (text) => { window.copied.push(text); } } });
}"""


def recorded(key: str) -> Array:
    """The array of the first convolution, forward, in the first iteration of the digits.

    In single precision, as the page has it.
    """
    stage = viewer_of("digits").trace.stage("forward", "conv1")
    found: Array = next(arrays[key] for arrays in stage.inner.values() if key in arrays)
    return found.astype(np.float32)


def copy(dashboard: Dashboard, name: str, item: str) -> str:
    """Choose from a matrix's menu what copies it; return the copy."""
    page = dashboard.page
    page.evaluate(CLIPBOARD)
    Matrix(page, name).menu(item)
    copied: str = eventually(page, lambda: page.evaluate("window.copied.at(-1)"), bool, "no copy")
    return copied


def read(text: str, between: str = ",") -> tuple[str, list[list[str]]]:
    """Return the remark in front, and the lines behind it."""
    remark, _, rest = text.partition("\n")
    return remark, list(csv.reader(io.StringIO(rest), delimiter=between))


def test_the_table_holds_all_that_was_sent_with_all_digits(open_dashboard: Open) -> None:
    dashboard = open_dashboard(MULTIPLY)
    page, matrix = dashboard.page, Matrix(dashboard.page, "X(col)")
    matrix.menu("Show as table")
    dialog = page.get_by_role("dialog", name="X(col)")
    expect(dialog).to_contain_text("Only columns 0 to 63 of 512.")
    columns = dialog.locator("thead tr").nth(1).get_by_role("columnheader").all_inner_texts()
    assert columns == [str(k) for k in range(64)]
    assert dialog.get_by_role("rowheader").all_inner_texts() == [str(k) for k in range(9)]
    shown = np.array(matrix.cells().all_inner_texts(), np.float32).reshape(9, 64)
    np.testing.assert_array_equal(shown, recorded("X_col")[:, :64])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    # The key was the dialog's: nothing was stepped or closed below it.
    expect_no_change(page, dashboard.told)
    assert "iteration 1 · stage 1 " in dashboard.told()
    expect(page.get_by_role("button", name="numbers of X(col)", exact=True)).to_be_focused()


def test_csv_has_the_numbers_as_they_were_recorded(open_dashboard: Open) -> None:
    remark, lines = read(copy(open_dashboard(MULTIPLY), "K", "Copy as CSV"))
    assert remark.startswith("# K: the whole array")
    assert "," not in remark
    head, *rows = lines
    assert head[1:] == [str(k) for k in range(9)]
    numbers = np.array([row[1:] for row in rows], np.float32)
    np.testing.assert_array_equal(numbers, recorded("K"))


def test_all_channels_of_the_sample_are_copied(open_dashboard: Open) -> None:
    remark, lines = read(copy(open_dashboard(RESHAPE), "X(out)", "Copy as CSV"))
    assert "only sample 0" in remark
    head, *rows = lines
    assert head[:3] == ["sample", "channel", "row"]
    assert [row[:3] for row in rows] == [["0", str(c), str(i)] for c in range(8) for i in range(8)]
    numbers = np.array([row[3:] for row in rows], np.float32).reshape(8, 8, 8)
    np.testing.assert_array_equal(numbers, recorded("X_out")[0])


def test_text_is_separated_by_tabs(open_dashboard: Open) -> None:
    dashboard = open_dashboard(MULTIPLY)
    remark, lines = read(copy(dashboard, "KX(col)", "Copy as text"), "\t")
    assert "only columns 0 to 63 of 512" in remark
    assert {len(line) for line in lines} == {65}
    expect(dashboard.page.get_by_role("status").filter(has_text="Copied")).to_be_visible()


def test_a_csv_is_saved(open_dashboard: Open, tmp_path: Path) -> None:
    page = open_dashboard(MULTIPLY).page
    with page.expect_download() as saved:
        Matrix(page, "K").menu("Save as CSV")
    name = saved.value.suggested_filename
    expect(page.get_by_role("alert").filter(has_text=f"Saved as {name}, where")).to_be_visible()
    file = tmp_path / name
    saved.value.save_as(file)
    assert file.suffix == ".csv"
    _, (_, *rows) = read(file.read_text(encoding="utf-8"))
    assert np.array(rows, np.float32).shape == (8, 10)


def test_it_is_copied_without_a_clipboard_too(open_dashboard: Open) -> None:
    page = open_dashboard("?preset=one&grain=Inside&stage=1&inner=3").page
    # As on a page that came without TLS: the browser copies what is selected.
    page.evaluate(
        """() => {
            Object.defineProperty(navigator, "clipboard", { value: undefined });
            document.addEventListener("copy", (event) => {
                const field = event.composedPath()[0];
                window.copied = field.value;
            });
        }"""
    )
    Matrix(page, "K").menu("Copy as CSV")
    copied = eventually(page, lambda: page.evaluate("window.copied"), bool, "nothing was copied")
    assert copied.startswith("# K")


def test_every_matrix_of_every_stage_has_a_table(open_dashboard: Open) -> None:
    dashboard = open_dashboard("?preset=digits&grain=Layer")
    page, told = dashboard.page, dashboard.told()
    for stage in range(1, 27):
        page.wait_for_function("Bokeh.documents[0].is_idle")
        wrong = page.evaluate(
            """() => {
                const found = [];
                const walk = (node) => {
                    for (const one of node.querySelectorAll("*")) {
                        if (one.matches(".menu > button") && one.checkVisibility()) found.push(one);
                        if (one.shadowRoot) walk(one.shadowRoot);
                    }
                };
                walk(document);
                return found.flatMap((button) => {
                    button.nextElementSibling.nextElementSibling.firstElementChild.click();
                    const root = button.getRootNode(), dialog = root.querySelector("dialog[open]");
                    const widths = new Set([...dialog.querySelectorAll("tbody tr")]
                        .map((row) => row.children.length));
                    const names =
                        dialog.querySelectorAll("thead tr:first-child th[rowspan]").length;
                    const columns = [...dialog.querySelectorAll("thead th[colspan]")]
                        .reduce((sum, th) => sum + th.colSpan, 0);
                    const good = widths.size === 1 && widths.has(names + columns)
                        && !dialog.textContent.match(/undefined|NaN|object/);
                    const text = dialog.textContent.slice(0, 90);
                    dialog.close();
                    const told = [button.ariaLabel, [...widths], names, columns, text];
                    return good ? [] : [told.join(" ")];
                });
            }"""
        )
        assert wrong == [], told
        if stage < 26:
            dashboard.press("Step")
            expect(dashboard.status).to_contain_text(f"stage {stage + 1} of 26")
            told = dashboard.told()


def test_a_csv_that_is_saved_from_the_table_is_told_on_the_page(open_dashboard: Open) -> None:
    page = open_dashboard(MULTIPLY).page
    Matrix(page, "K").menu("Show as table")
    dialog = page.get_by_role("dialog", name="K")
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Save as CSV").click()
    expect(dialog).to_have_count(0)
    said = f"Saved as {saved.value.suggested_filename}, where"
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()

"""The address of what is seen: links, the browser's Back and Forward, and what is scrolled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Position, ViewportSize, WebSocket, expect

from core.inspect.trace import StagePhase
from tests.browser.conftest import Open, watched_pages
from tests.browser.dashboard import eventually, expect_no_change, settled, usual
from tests.browser.inside import DRAWN, MODEL, Inside
from tools.serving import Served
from viz_app.place.address import parse
from viz_app.style.notation import markup

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=844)
# The product inside the first convolution, of which 16 of 64 columns are in sight.
PRODUCT = "?iteration=3&stage=1&inner=3"
# So far that there is time to press something on the way.
FAR = "?preset=mnist&iteration=9000&stage=2"
# A step on the way to `FAR`: nothing of it can be seen yet.
REPLAYING = re.compile("Replaying to iteration 9000")
# Turns of a wheel without any rest in between, however busy the machine is.
TURN = """(canvas, turns) => {
    for (const deltaX of turns) {
        canvas.dispatchEvent(new WheelEvent("wheel", { deltaX, cancelable: true }));
    }
}"""


@pytest.fixture(scope="module")
def inside(server: Served, browser: Browser) -> Iterator[Inside]:
    """One page for all tests here that begin their run anew."""
    with watched_pages(server, browser) as open_one:
        yield Inside(open_one())


def words(page: Page) -> dict[str, str]:
    """The words of the page's address."""
    return parse(page.url.partition("?")[2])


def wait_for_word(page: Page, word: str, value: str) -> None:
    eventually(
        page,
        lambda: words(page).get(word),
        lambda found: found == value,
        f"{word} is not in the address",
    )


def wait_for_caption(inside: Inside, key: str, text: str) -> None:
    eventually(
        inside.page,
        lambda: inside.captions().get(key, ""),
        lambda caption: text in caption,
        "other cells are in sight",
    )


def visit(page: Page, query: str) -> None:
    """Go to an address as a link inside the page would."""
    page.evaluate(
        "query => { history.pushState(null, '', query); dispatchEvent(new Event('popstate')); }",
        usual(query),
    )


def scroll_columns(inside: Inside, key: str, count: int) -> None:
    """Turn the wheel above a matrix."""
    inside.canvas(key).hover(position={"x": 8, "y": 8})
    for _ in range(abs(count)):
        inside.page.mouse.wheel(40 if count > 0 else -40, 0)
    inside.page.evaluate(DRAWN)


# Links


def test_an_address_leads_to_the_same_moment(inside: Inside, open_dashboard: Open) -> None:
    inside.start("Iteration")
    inside.step()
    inside.dashboard.enter("Learning rate", "0.3")
    inside.dashboard.close_settings()
    inside.viewer.set("learning_rate", 0.3)
    inside.step()
    inside.step()
    inside.choose_grain("Inside")
    inside.go("backward", "conv2", 2)
    told = inside.explanation(markup(inside.select("g_X_in").words))
    here, selected = inside.stop(), inside.model("Board", "selected")
    # What is in sight is told a little later.
    address = eventually(
        inside.page,
        lambda: str(inside.model("Page", "address")),
        lambda found: "scroll=" in found,
        "what is in sight is not told",
    )
    eventually(inside.page, lambda: inside.page.url, lambda url: url.endswith(address), "address")
    other = Inside(open_dashboard(query=address))
    other.wait_for_selection(selected)
    other.viewer = inside.viewer
    other.arrive()
    there = other.stop()
    assert (there.status, there.scene) == (here.status, here.scene)
    # Each page counts its explanations for itself.
    assert {**other.explanation(told["name"]), "number": told["number"]} == told
    eventually(other.page, lambda: other.model("Page", "address"), address.__eq__, "address")
    expect(other.dashboard.field("Learning rate")).to_have_value("0.3")
    expect(other.dashboard.alert).to_have_count(0)
    # And both go on alike.
    inside.step()
    other.dashboard.press("Step")
    other.arrive()
    inside.dashboard.enter("Learning rate", "0.02")
    inside.page.locator(".cs-status").click()


def test_a_link_opens_on_its_own_moment_and_no_other_one_first(
    server: Served, open_dashboard: Open
) -> None:
    page = open_dashboard().page
    page.goto(server.address + usual("?iteration=40&grain=Inside&stage=3"), wait_until="commit")
    status, seen = page.locator(".cs-status"), set[str]()

    def read() -> str:
        texts = status.all_inner_texts()
        seen.update(texts)
        return texts[0] if texts else ""

    eventually(page, read, lambda text: text.startswith("iteration 40 "), "not there")
    # Nothing is said of a moment before it is there.
    seen.discard("")
    assert {text.split(" · ")[0] for text in seen} == {"iteration 40"}
    assert {text.split(" · ")[1] for text in seen} == {"stage 3 of 26"}
    eventually(
        page,
        lambda: page.evaluate(f"({MODEL})('Player').moves.grain"),
        lambda grain: grain == "Inside",
        "the grain of the address is not shown",
    )


def test_back_and_forward_of_the_browser_go_through_explanations(inside: Inside) -> None:
    page = inside.page
    inside.start()
    inside.go("backward", "linear")
    page.locator(".panel[data-key=g_weight] canvas.over").first.click(position={"x": 8, "y": 8})
    expect(page.locator(".why")).to_contain_text("g(L,W)")
    before = eventually(
        page,
        lambda: page.url,
        lambda url: "cell=g_weight" in url and "scroll=" in url,
        "not in the address",
    )
    page.locator(".why td button.link").first.click()
    after = eventually(
        page, lambda: page.url, lambda url: url != before and "scroll=" in url, "no other moment"
    )
    page.go_back()
    eventually(page, lambda: page.url, before.__eq__, "Back does not lead back")
    expect(page.locator(".why")).to_contain_text("g(L,W)")
    page.go_forward()
    eventually(page, lambda: page.url, after.__eq__, "Forward does not lead on")


def test_a_broken_address_is_told_and_the_page_works(open_dashboard: Open) -> None:
    dashboard = open_dashboard(
        query="?preset=nothing&rate=-3&iteration=many&stage=0&grain=Layer&cell=X_in,a&changes=1:2"
    )
    expect(dashboard.alert).to_contain_text("The address was read in part")
    for name in ("preset", "rate", "iteration", "stage", "cell", "changes"):
        expect(dashboard.alert).to_contain_text(f"{name}: ")
    before = dashboard.told()
    dashboard.press("Step")
    expect(dashboard.status).not_to_have_text(before)


def test_what_a_moment_does_not_have_is_told_and_the_nearest_shown(open_dashboard: Open) -> None:
    dashboard = open_dashboard(
        query="?stage=1&inner=2&channel=999999&out=999&sample=99&scroll=n,i,j:9;z:1"
    )
    for said in (
        "sample: 99 is not from 0 to 7",
        "channel: 999999 is not from 0 to 63",
        "out: 999 is not from 0 to 63",
        "scroll: z:1 is not in the matrices of this stage",
    ):
        expect(dashboard.alert).to_contain_text(said)
    expect(dashboard.field("Sample")).to_have_value(re.compile(r"^7"))
    # The address that is written from now on is the one of what is shown.
    dashboard.step()
    wait_for_word(dashboard.page, "sample", "7")
    wait_for_word(dashboard.page, "channel", "63")


def test_a_bad_change_and_a_network_that_cannot_be_trained_leave_the_rest(
    server: Served, open_dashboard: Open
) -> None:
    page = open_dashboard().page
    said, status = page.get_by_role("alert"), page.locator(".cs-status")
    page.goto(
        server.address + usual("?iteration=6&changes=2:learning_rate:0.3;4:batch_size:100000")
    )
    expect(said).to_contain_text("4:batch_size:100000 is left out: Batch size is 100000; expected")
    expect(status).to_contain_text("iteration 6 ")
    wait_for_word(page, "changes", "2:learning_rate:0.3")
    page.goto(server.address + usual("?iteration=2&model=flatten,%20linear%203&preset=mnist"))
    expect(said).to_contain_text("The address was read in part: model: the network ends with 3")
    expect(said).to_contain_text("end the network with linear 10, one output a class")
    expect(status).to_contain_text("iteration 2 ")
    # It is written a moment later.
    eventually(page, lambda: words(page), lambda found: "model" not in found, "it stays there")
    wait_for_word(page, "preset", "mnist")


# What stands in the address bar


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("?rate=1e39&stage=99", {"rate": "0.02", "stage": "26"}),
        ("?nonsense=3", {"iteration": "1"}),
        ("?theme=dark&iteration=", {"iteration": "1"}),
        ("?iteration=3&iteration=2", {"iteration": "2"}),
        ("?seed=1e3", {"seed": "1000"}),
    ],
)
def test_an_address_that_is_not_right_is_put_right(
    query: str, right: dict[str, str], server: Served, open_dashboard: Open
) -> None:
    page = open_dashboard().page
    page.goto(server.address + usual(query))
    # The page writes the grain too.
    right = {**right, "grain": "Iteration"}
    eventually(
        page,
        lambda: words(page),
        lambda found: right.items() <= found.items() and not found.keys() & {"nonsense", "theme"},
        "not right",
    )
    eventually(page, lambda: page.url.count("iteration="), (1).__eq__, "it stands there twice")


def test_where_the_way_fails_the_address_is_that_of_where_it_ends(
    server: Served, open_dashboard: Open
) -> None:
    page = open_dashboard().page
    page.goto(server.address + usual("?iteration=300&preset=mnist&rate=1000000"))
    expect(page.get_by_role("alert")).to_contain_text("Training diverged")
    wait_for_word(page, "iteration", "13")
    expect(page.locator(".cs-status")).to_contain_text("iteration 13")


def test_a_link_inside_the_page_to_where_one_is_is_put_right_too(open_dashboard: Open) -> None:
    dashboard = open_dashboard()
    page = dashboard.page
    visit(page, "?nonsense=3")
    expect(dashboard.alert).to_contain_text("nonsense is no word of an address")
    eventually(
        page,
        lambda: words(page),
        lambda found: found.get("iteration") == "1" and "nonsense" not in found,
        "it is not put right",
    )
    # And what comes next is written as ever.
    dashboard.step()
    wait_for_word(page, "iteration", "2")


# Scrolling


def test_a_link_shows_the_columns_that_were_scrolled_into_sight(open_dashboard: Open) -> None:
    inside = Inside(open_dashboard(query=PRODUCT))
    wait_for_caption(inside, "X_col", "columns 0–")
    scroll_columns(inside, "X_col", 12)
    wait_for_caption(inside, "X_col", "columns 12–")
    wait_for_word(inside.page, "scroll", "n,i,j:12")
    link, seen = inside.page.url.partition("?")[2], inside.captions()
    pixels = "canvas => canvas.toDataURL()"
    base = ".panel[data-key=X_col] canvas.base"
    other = Inside(open_dashboard(query=f"?{link}"))
    eventually(other.page, other.captions, seen.__eq__, "other cells are in sight")
    expect(other.dashboard.alert).to_have_count(0)
    picture = settled(inside.page, lambda: inside.page.locator(base).evaluate(pixels))
    assert settled(other.page, lambda: other.page.locator(base).evaluate(pixels)) == picture
    # A telephone has room for fewer of them, from the same one on.
    phone = Inside(open_dashboard(query=f"?{link}", viewport=PHONE))
    wait_for_caption(phone, "X_col", "columns 12–")
    expect_no_change(phone.page, lambda: words(phone.page).get("scroll"))
    assert words(phone.page)["scroll"] == "n,i,j:12"


def test_a_scroll_is_told_when_it_rests_and_not_at_every_turn(open_dashboard: Open) -> None:
    inside = Inside(open_dashboard())
    page, sent = inside.page, list[str]()

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(str(frame)))

    page.on("websocket", listen)
    page.goto(f"{page.url.partition('?')[0]}{usual(PRODUCT)}")
    inside.dashboard.wait_until_live()
    wait_for_caption(inside, "X_col", "columns 0–")
    inside.canvas("X_col").hover(position={"x": 8, "y": 8})
    inside.canvas("X_col").evaluate(TURN, [40] * 30 + [-40] * 10)
    wait_for_word(page, "scroll", "n,i,j:20")
    expect_no_change(page, lambda: [frame for frame in sent if '"scroll"' in frame])
    assert len([frame for frame in sent if '"scroll"' in frame]) == 1


def test_a_step_scrolls_nothing_back(open_dashboard: Open) -> None:
    inside = Inside(open_dashboard(query=PRODUCT))
    page = inside.page
    inside.viewer.goto(1)
    for _ in range(2):
        inside.viewer.step()
    inside.viewer.go_to_stage(0, 2)
    inside.arrive()
    inside.canvas("X_col").click(position={"x": 60, "y": 30})
    wait_for_word(page, "cell", "X_col,1,1")
    scroll_columns(inside, "X_col", 30)
    wait_for_caption(inside, "X_col", "columns 30–")
    eventually(page, lambda: words(page).get("scroll", ""), lambda s: "n,i,j:30" in s, "not told")
    for _ in range(3):
        inside.step()
        expect_no_change(page, lambda: inside.captions()["X_col"])
        wait_for_caption(inside, "X_col", "columns 30–")
    # Who opens this sees it too, and not the selected cell, which was scrolled out of sight.
    other = Inside(open_dashboard(query=f"?{page.url.partition('?')[2]}"))
    wait_for_caption(other, "X_col", "columns 30–")
    expect_no_change(other.page, lambda: other.captions()["X_col"])


def test_a_chosen_cell_stays_under_the_pointer(open_dashboard: Open) -> None:
    network = "conv 8 k3 p1, bn, relu, pool 2, conv 16 k3 p1, bn, relu, flatten, linear 10"
    inside = Inside(open_dashboard(query=f"?stage=5&inner=3&model={quote(network)}"))
    page, tip, why = inside.page, inside.page.locator(".tip"), inside.page.locator(".why")
    # The second of the two rows that there is room for.
    for key in ("K", "K_X_col"):
        box = settled(page, inside.canvas(key).bounding_box)
        assert box
        at = Position(x=8, y=0.75 * box["height"])
        inside.canvas(key).hover(position=at)
        expect(tip).to_be_visible()
        said = settled(page, tip.inner_text)
        inside.canvas(key).click(position=at)
        eventually(
            page,
            lambda key=key: words(page).get("cell", "").split(",")[0],  # type: ignore[misc]
            key.__eq__,
            "not chosen",
        )
        page.evaluate(DRAWN)
        assert settled(page, tip.inner_text) == said
        (number,) = re.findall(r"(?:kernel|row|output) (\d+)", said.split(" · ")[0])[:1]
        expect(why).to_contain_text(re.compile(rf"(kernel|row|output) {number}\b"))


def test_the_board_itself_is_scrolled_as_it_was(open_dashboard: Open) -> None:
    """Where so much is pinned that it is too large for the screen."""
    small = ViewportSize(width=1280, height=520)
    pins = "x_hat,X_out,X_out_eval,eval_change,centred,var,gamma,beta"
    inside = Inside(open_dashboard(query=f"?stage=2&pin={pins}", viewport=small))
    page, room = inside.page, "node => node.getRootNode().host.getRootNode().host.scrollTop"
    frame = page.locator(".frame")
    frame.evaluate("node => node.getRootNode().host.getRootNode().host.scrollTo(0, 20)")
    wait_for_word(page, "scroll", "down:20")
    other = Inside(open_dashboard(query=f"?{page.url.partition('?')[2]}", viewport=small))
    eventually(
        other.page, lambda: other.page.locator(".frame").evaluate(room), (20).__eq__, "not there"
    )


# Back and Forward


def test_back_leads_to_what_was_scrolled_into_sight(open_dashboard: Open) -> None:
    inside = Inside(open_dashboard(query=PRODUCT))
    page = inside.page
    inside.canvas("X_col").click(position={"x": 60, "y": 98})
    wait_for_word(page, "cell", "X_col,4,1")
    scroll_columns(inside, "X_col", 20)
    wait_for_caption(inside, "X_col", "columns 20–")
    eventually(page, lambda: words(page).get("scroll", ""), lambda s: "n,i,j:20" in s, "not told")
    before, seen = settled(page, lambda: page.url), inside.captions()
    page.locator(".why td button.link").first.click()
    after = eventually(
        page,
        lambda: page.url,
        lambda url: "cell=X_in" in url and "scroll=" not in url,
        "no other moment",
    )
    for _ in range(2):
        page.go_back()
        eventually(page, lambda: page.url, before.__eq__, "Back does not lead back")
        eventually(page, inside.captions, seen.__eq__, "other cells are in sight")
        page.go_forward()
        eventually(page, lambda: page.url, after.__eq__, "Forward does not lead on")
    expect_no_change(page, lambda: page.url)


def test_back_to_a_bare_address_leaves_a_replay(open_dashboard: Open) -> None:
    dashboard = open_dashboard(bare=True)
    page, first = dashboard.page, dashboard.told()
    expect_no_change(page, lambda: page.url)
    assert "?" not in page.url
    visit(page, FAR)
    expect(dashboard.alert).to_contain_text(REPLAYING)
    page.go_back()
    expect(dashboard.status).to_have_text(first)
    expect(dashboard.alert).to_have_count(0)
    expect_no_change(page, dashboard.told)
    # And it works.
    dashboard.choose_grain("Iteration")
    dashboard.step()
    assert dashboard.iteration == 2


def test_back_and_forward_during_replays_keep_the_address_of_each_moment(
    open_dashboard: Open,
) -> None:
    dashboard = open_dashboard(query="?iteration=2&stage=3")
    page = dashboard.page
    dashboard.wait_for_iteration(2)
    wait_for_word(page, "seed", "0")
    first, status = settled(page, lambda: page.url), dashboard.told()
    visit(page, FAR)
    expect(dashboard.alert).to_contain_text(REPLAYING)
    for _ in range(2):
        page.go_back()
        expect(dashboard.status).to_have_text(status)
        eventually(page, lambda: page.url, first.__eq__, "another address")
        page.go_forward()
        expect(dashboard.alert).to_contain_text(REPLAYING)
        # Nothing is written over it as long as it is not reached.
        expect_no_change(page, lambda: page.url)
        assert page.url.endswith(usual(FAR))
    # Where it is stopped is the moment of this place in the history.
    dashboard.press("Stop")
    expect(dashboard.alert.filter(has_text=REPLAYING)).to_have_count(0)
    settled(page, dashboard.told)
    reached = dashboard.iteration
    assert 1 <= reached < 9000
    wait_for_word(page, "iteration", str(reached))
    stopped = settled(page, lambda: page.url)
    page.go_back()
    expect(dashboard.status).to_have_text(status)
    eventually(page, lambda: page.url, first.__eq__, "another address")
    page.go_forward()
    dashboard.wait_for_iteration(reached)
    eventually(page, lambda: page.url, stopped.__eq__, "another address")


def test_the_answer_to_a_moment_that_was_left_is_not_written_over_the_next(
    open_dashboard: Open,
) -> None:
    dashboard = open_dashboard(query="?stage=3")
    page = dashboard.page
    visit(page, "?stage=5")
    expect(dashboard.status).to_contain_text("stage 5 of 26")
    wait_for_word(page, "stage", "5")
    visit(page, FAR)
    expect(dashboard.alert).to_contain_text(REPLAYING)
    # There and back again before the answer comes.
    page.evaluate(
        """() => new Promise(done => {
            addEventListener("popstate", () => {
                addEventListener("popstate", done, { once: true });
                history.go(2);
            }, { once: true });
            history.go(-2);
        })"""
    )
    inside = Inside(dashboard)
    # The way there and back is the third address that was opened.
    eventually(page, lambda: inside.model("Page", "answered"), (3).__eq__, "not answered")
    expect(dashboard.alert).to_contain_text(REPLAYING)
    expect_no_change(page, lambda: page.url)
    assert page.url.endswith(usual(FAR))


# What is said of a cell


@pytest.mark.parametrize(
    ("phase", "layer", "key"),
    [
        ("forward", "conv1", "X_out"),
        ("forward", "conv1", "K"),
        ("forward", "conv2", "X_col"),
        ("forward", "conv2", "K_X_col"),
        ("forward", "bn1", "x_hat"),
        ("forward", "flatten", "X_out"),
        ("forward", "linear", "weight"),
        ("loss", "loss", "g_logits"),
        ("backward", "conv2", "g_K"),
        ("backward", "linear", "g_X_out"),
        ("update", "conv1", "after"),
    ],
)
def test_tooltip_and_explanation_say_the_same(
    inside: Inside, phase: StagePhase, layer: str, key: str
) -> None:
    if inside.viewer.place.grain != "Layer":
        inside.start()
    stage = inside.viewer.trace.stages[inside.number(phase, layer)]
    inner = next(k for k, arrays in enumerate(stage.inner.values()) if key in arrays)
    inside.go(phase, layer, inner)
    cell = inside.select(key)
    inside.explanation(markup(cell.words))
    canvas = inside.canvas(key)
    box = settled(inside.page, canvas.bounding_box)
    assert box
    tip = inside.page.locator(".tip")
    expect(tip).to_be_visible()
    said, number = settled(inside.page, tip.inner_text).rsplit(": ", 1)
    where = ", ".join(re.findall(r"[a-z][a-z ]* \d+", cell.words.partition(", ")[2])).strip()
    assert said.split(" · ")[0].endswith(where), (said, cell.words)
    # To the last digit.
    expect(inside.page.locator(".why .stored b")).to_have_text(number)

"""A picture that the network is asked about: its text, its numbers, and that nothing is trained."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.data import DataSet, Split, load_dataset
from core.inspect.cell import Cell
from core.inspect.explain import explain
from tests.rounding import assert_close
from tests.viz_app.viewers import arrive, numbers, same, viewer_of
from viz_app.components.navigation.head import head_of
from viz_app.components.probe.probe import ALL_ZERO, NOT_CHOSEN
from viz_app.controls.probing import Probing
from viz_app.lessons import LessonError
from viz_app.lessons.record import moment_of
from viz_app.place import address
from viz_app.place.place import PROBE
from viz_app.probe.probe import MOST_LETTERS, Probe, as_bytes
from viz_app.run.edits.edit import parse
from viz_app.run.presets import PRESETS
from viz_app.scene.captions import caption
from viz_app.viewer import Viewer

DIGITS = load_dataset("digits")
DRAWN = bytes(range(0, 256, 4))


def words_of(viewer: Viewer) -> dict[str, str]:
    return address.to_query(viewer.run, viewer.place)


@pytest.mark.parametrize(
    "probe",
    [
        Probe("test", 17),
        Probe("test", 17, label=3),
        Probe("drawn", pixels=DRAWN, label=0),
        Probe("opened", pixels=DRAWN, label=9).with_pixel((0, 0, 7, 7), -0.37),
        Probe("test", 0).with_pixel((0, 0, 0, 0), 1e-9).with_pixel((0, 0, 1, 2), 1 / 3),
    ],
)
def test_text_stands_for_the_same_picture(probe: Probe) -> None:
    assert Probe.read(probe.text) == probe
    assert address.parse(address.text({"probe": probe.text}))["probe"] == probe.text
    np.testing.assert_array_equal(Probe.read(probe.text).image(DIGITS), probe.image(DIGITS))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected test:17"),
        ("test:", "not a whole number"),
        ("test:-1", "not a whole number"),
        ("test:1;as:x", "not a whole number"),
        ("test:1;0,1:nan", "not a number"),
        ("test:1;0,1:1e999", "finite"),
        ("test:1;0", "not a number"),
        ("drawn:", "damaged"),
        ("drawn:eJxjYGBg", "damaged"),
        ("opened:AAAA", "damaged"),
        ("painted:eJxj", "expected test:17"),
        ("test:1" + ";0,0,0:1" * 500, "at most"),
    ],
)
def test_text_that_stands_for_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Probe.read(text)


def test_text_of_many_numbers_is_not_unpacked() -> None:
    """What a few letters of a link would make of them fills no memory."""
    bomb = Probe("drawn", pixels=bytes(10**7)).text
    assert bomb == ""
    text = "drawn:" + _packed(bytes(10**7))
    with pytest.raises(ValueError, match="too large"):
        Probe.read(text)


def _packed(pixels: bytes) -> str:
    return b64encode(zlib.compress(pixels), altchars=b"-_").decode().rstrip("=")


def test_picture_that_is_too_long_for_a_link_has_no_text() -> None:
    noise = np.random.default_rng(0).integers(0, 256, 8000).astype(np.uint8).tobytes()
    assert Probe("drawn", pixels=noise).text == ""
    assert len(Probe("drawn", pixels=noise[:2000]).text) <= MOST_LETTERS


def test_numbers_are_those_of_the_data() -> None:
    image = DIGITS.test.images[4]
    np.testing.assert_array_equal(Probe("test", 4).image(DIGITS)[0], image)
    drawn = Probe("drawn", pixels=DRAWN).image(DIGITS)
    assert drawn.shape == (1, 1, 8, 8)
    wanted = np.frombuffer(DRAWN, np.uint8).astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(drawn.ravel(), wanted)
    np.testing.assert_array_equal(as_bytes(drawn, DIGITS).ravel(), np.frombuffer(DRAWN, np.uint8))


def test_data_of_another_range_are_drawn_in_it() -> None:
    train = Split(DIGITS.train.images * 4 - 2, DIGITS.train.labels)
    test = Split(DIGITS.test.images * 4 - 2, DIGITS.test.labels)
    data = DataSet("x", "x", train, test, DIGITS.class_names)
    image = Probe("drawn", pixels=bytes([0, 255] * 32)).image(data)
    assert (image.min(), image.max()) == (-2, 2)


def test_an_edit_replaces_the_one_before() -> None:
    probe = Probe("test", 4).with_pixel((0, 0, 3, 3), 0.5).with_pixel((0, 0, 3, 3), 0.25)
    image = probe.image(DIGITS)
    assert image[0, 0, 3, 3] == 0.25
    assert (image != DIGITS.test.images[4:5]).sum() == 1
    assert probe.words == "test image 4, changed by hand"
    with pytest.raises(ValueError, match="finite"):
        probe.with_pixel((0, 0, 3, 3), float("nan"))
    with pytest.raises(ValueError, match="sample 0"):
        probe.with_pixel((1, 0, 3, 3), 0.5)


@pytest.mark.parametrize(
    ("probe", "said"),
    [
        (Probe("test", 99999), "no test image 99999; expected 0 to 359"),
        (Probe("drawn", pixels=b"12"), "has 2 numbers, but the network takes 1×8×8"),
        (Probe("test", 1, label=10), "no class 10; expected 0 to 9"),
        (Probe("test", 1).with_pixel((0, 0, 8, 0), 1), "no pixel"),
        (Probe("test", 1).with_pixel((0, 8), 1), "no pixel"),
    ],
)
def test_what_does_not_fit_changes_nothing(probe: Probe, said: str) -> None:
    viewer = viewer_of()
    viewer.ask(Probe("test", 3))
    before, shown = numbers(viewer), viewer.place
    viewer.ask(probe)
    assert said in viewer.message
    assert viewer.place == shown
    assert same(numbers(viewer), before)
    query = {"preset": "digits", "probe": probe.text}
    viewer.open(address.read(query))
    assert said in viewer.message
    assert viewer.probe is None


def test_back_leads_to_where_one_was_in_the_training_batch() -> None:
    viewer = viewer_of()
    viewer.step()
    last = len(viewer.trace.stages) - 1
    viewer.go_to_stage(last)
    viewer.choose_sample(3)
    viewer.change(channel=2)
    left = viewer.place
    viewer.ask(Probe("test", 3))
    viewer.ask(Probe("test", 4))
    assert viewer.place.sample == 0
    assert viewer.place.stage < last
    viewer.go_to_stage(1)
    viewer.change(grain="Layer")
    viewer.ask(None)
    assert viewer.place == replace(left, grain="Layer")
    # Where nobody was before there is nothing to go back to.
    viewer.open(address.read({"preset": "digits", "probe": "test:1", "stage": "4"}))
    here = viewer.place.stage
    viewer.ask(None)
    assert viewer.place.stage == here


@pytest.mark.parametrize("preset", ["digits", "one", "no-norm"])
def test_nothing_speaks_of_a_batch_where_there_is_one_picture(preset: str) -> None:
    viewer = viewer_of(preset)
    viewer.ask(Probe("test", 3))
    for k, stage in enumerate(viewer.trace.stages):
        for inner in range(len(stage.inner)):
            viewer.go_to_stage(k, inner)
            scene = viewer.scene(viewer.look)
            notes = [note for panel in scene.panels.values() for note in (panel.title, panel.note)]
            for said in (head_of(viewer.look)["text"], *notes):
                assert "batch" not in said
                assert "samples" not in said


def test_run_is_the_same_after_asking() -> None:
    """Bit by bit, whatever was asked on the way."""
    asked, left = viewer_of(), viewer_of()
    for k in range(4):
        asked.ask(Probe("test", k, label=k))
        asked.ask(Probe("drawn", pixels=DRAWN, label=2).with_pixel((0, 0, 1, 1), 0.3))
        asked.step()
        left.step()
        assert asked.probe is not None
        assert asked.trace.iteration == left.trace.iteration == k + 2
    asked.ask(None)
    assert same(numbers(asked), numbers(left))
    assert asked.run.history.losses == left.run.history.losses
    assert [flow.output for flow in asked.run.flows] == [flow.output for flow in left.run.flows]
    asked.back()
    left.back()
    assert same(numbers(asked), numbers(left))


def test_link_opens_the_same_numbers() -> None:
    viewer = viewer_of()
    viewer.step()
    for probe in (
        Probe("test", 17, label=3),
        Probe("drawn", pixels=DRAWN, label=1),
        Probe("test", 5).with_pixel((0, 0, 4, 4), 0.123456789),
    ):
        viewer.ask(probe)
        other = viewer_of("one")
        other.open(address.read(address.parse(address.text(words_of(viewer)))))
        arrive(other)
        assert other.message == ""
        assert other.status == viewer.status
        assert same(numbers(other), numbers(viewer))


def test_steps_lead_through_the_probe_and_on_to_the_next_iteration() -> None:
    viewer = viewer_of()
    viewer.change(grain="Layer")
    viewer.ask(Probe("test", 3))
    phases = [viewer.stage.phase]
    while viewer.trace.iteration == 1:
        viewer.step()
        phases.append(viewer.stage.phase)
    assert "update" not in phases
    assert viewer.trace.is_probe
    assert viewer.place.stage == 0
    assert "asked about test image 3" in viewer.status
    viewer.back()
    assert (viewer.trace.iteration, viewer.stage.phase) == (1, "backward")


def test_from_an_update_the_nearest_stage_is_shown() -> None:
    viewer = viewer_of()
    viewer.change(stage=len(viewer.trace.stages) - 1)
    viewer.ask(Probe("test", 3))
    assert viewer.stage.phase == "backward"


def test_another_run_keeps_a_picture_that_fits() -> None:
    viewer = viewer_of()
    viewer.ask(Probe("drawn", pixels=DRAWN))
    viewer.set("seed", 3)
    assert viewer.probe is not None
    viewer.set("preset", "mnist")
    assert viewer.probe is None
    assert "does not fit" in viewer.message
    assert not viewer.trace.is_probe


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_stage_of_a_probe_is_drawn_and_said(preset: str) -> None:
    """Also what eval mode computes otherwise; each cell is explained."""
    viewer = viewer_of(preset)
    viewer.change(grain="Inside")
    viewer.step()
    viewer.ask(Probe("test", 1))
    for number, stage in enumerate(viewer.trace.stages):
        for inner, name in enumerate(stage.inner):
            viewer.go_to_stage(number, inner)
            assert viewer.message == ""
            scene = viewer.scene(viewer.look)
            assert scene.panels
            scene.message()
            assert caption(viewer.trace, stage, name).text
            for array, values in stage.inner[name].items():
                cell = Cell(stage.phase, stage.layer, array, (0,) * np.ndim(values))
                found = explain(viewer.trace, cell)
                assert found.doubt == ""
                size = float(np.abs(found.terms.values).sum())
                assert_close(found.total, found.stored, magnitude=max(size, 1e-6), roundings=512)


def test_batch_norm_of_a_probe_says_eval_mode() -> None:
    viewer = viewer_of()
    viewer.ask(Probe("test", 1))
    stage = viewer.trace.stage("forward", "bn1")
    assert list(stage.inner) == ["running mean", "running variance", "scale and shift"]
    said = caption(viewer.trace, stage, "running mean")
    assert "Eval mode" in said.text
    backward = viewer.trace.stage("backward", "bn1")
    assert "three terms" not in backward.inner
    np.testing.assert_array_equal(
        stage.array("centred"), stage.array("X_in") - stage.array("running_mean")[:, None, None]
    )


def test_lesson_has_no_probe() -> None:
    with pytest.raises(LessonError, match="training batch"):
        moment_of({"preset": "digits", "probe": "test:1"}, 3)


# The panel, as the page speaks to it.


def panel_of(viewer: Viewer, led: bool = False) -> Probing:
    viewer.change(side=PROBE)
    probing = Probing(viewer, lambda: led)
    probing.draw()
    return probing


def content(probing: Probing) -> dict[str, Any]:
    return dict(json.loads(probing.panel.content["text"]))


def test_a_drawing_that_comes_back_is_against_the_class_that_it_was_against() -> None:
    viewer = viewer_of()
    probing = panel_of(viewer)
    drawn = b64encode(DRAWN).decode()
    probing._hear(drawn=drawn, number=1)
    before = viewer.trace.loss
    for _ in range(2):
        probing._hear(test=3)
    probing._hear(drawn=drawn, number=2)
    assert viewer.probe == Probe("drawn", pixels=DRAWN)
    assert viewer.trace.loss == before
    # What is drawn on a test image is against its own label.
    label = int(DIGITS.test.labels[3])
    probing._hear(test=3)
    probing._hear(drawn=b64encode(DRAWN[::-1]).decode(), number=3)
    assert viewer.probe.label == label
    # A class that was chosen meanwhile is that of all that follows.
    probing._hear(drawn=drawn, number=4)
    probing._hear(test=3)
    probing._hear(label=5)
    probing._hear(drawn=drawn, number=5)
    assert viewer.probe.label == 5
    # So is what the training batch took the place of.
    probing._hear(end=True)
    probing._hear(drawn=drawn, number=6)
    assert viewer.probe.label == 5


def test_a_gradient_that_is_nothing_but_zeros_says_so() -> None:
    viewer = viewer_of(network="flatten, linear 2, relu, linear {classes}")
    probing = panel_of(viewer)
    probing._hear(drawn=b64encode(DRAWN).decode(), number=1)
    told = content(probing)
    assert told["answer"]["most"] > 0
    assert ALL_ZERO not in told["said"]
    for unit in range(2):
        viewer.edit(parse(f"linear1.bias:{unit}:-100"))
    probing.draw()
    told = content(probing)
    assert told["answer"]["most"] == 0
    assert ALL_ZERO in told["said"]


def test_panel_hears_a_drawing_and_tells_the_answer() -> None:
    viewer = viewer_of()
    probing = panel_of(viewer)
    assert content(probing)["answer"] is None
    probing._hear(drawn=b64encode(DRAWN).decode(), number=7)
    told = content(probing)
    # Until a class is chosen the loss is against the one that the network says.
    assert viewer.probe == Probe("drawn", pixels=DRAWN)
    assert viewer.trace.targets.tolist() == [guess_of(told)]
    assert told["answer"]["label"] == guess_of(told)
    assert not told["answer"]["chosen"]
    assert "accuracy" not in viewer.status
    assert told["number"] == 7
    bars = [bar["value"] for bar in told["bars"]]
    loss = viewer.trace.stage("loss", "loss")
    np.testing.assert_array_equal(bars, loss.array("probabilities")[0])
    assert told["answer"]["loss"] == viewer.trace.loss
    probing._hear(label=4)
    assert viewer.probe.label == 4
    assert viewer.trace.targets.tolist() == [4]
    assert content(probing)["answer"]["chosen"]
    # The class stays while one goes on drawing.
    probing._hear(drawn=b64encode(DRAWN[::-1]).decode(), number=8)
    assert viewer.trace.targets.tolist() == [4]
    probing._hear(show=True)
    assert "g_X_in" in viewer.stage.inner[list(viewer.stage.inner)[viewer.place.inner]]
    probing._hear(end=True)
    assert viewer.probe is None
    told = content(probing)
    assert (told["answer"], told["before"]) == (None, "your drawing")
    # What was asked is asked again, against the class that was chosen.
    probing._hear(again=True)
    assert viewer.trace.targets.tolist() == [4]
    # The next drawing is asked about what the network says of it.
    probing._hear(end=True)
    probing._hear(drawn=b64encode(DRAWN).decode(), number=9)
    assert viewer.trace.targets.tolist() == [guess_of(content(probing))]


def test_loss_follows_the_guess_until_a_class_is_chosen() -> None:
    viewer = viewer_of()
    probing = panel_of(viewer)
    guesses = set()
    for number in range(20):
        pixels = np.random.default_rng(number).integers(0, 256, 64).astype(np.uint8).tobytes()
        probing._hear(drawn=b64encode(pixels).decode(), number=number)
        viewer.step()
        probing.draw()
        told = content(probing)
        assert viewer.trace.targets.tolist() == [told["answer"]["label"]] == [guess_of(told)]
        guesses.add(guess_of(told))
    assert len(guesses) > 1
    probing._hear(label=4)
    probing._hear(label=NOT_CHOSEN)
    assert viewer.trace.targets.tolist() == [guess_of(content(probing))]
    # Who draws on a test image goes on asking about its label.
    probing._hear(test=5)
    label = int(viewer.run.data.test.labels[5])
    assert viewer.trace.targets.tolist() == [label]
    probing._hear(drawn=b64encode(DRAWN).decode(), number=30)
    assert viewer.probe == Probe("drawn", pixels=DRAWN, label=label)
    assert viewer.trace.targets.tolist() == [label]


def guess_of(told: dict[str, Any]) -> int:
    """The class that the network finds most likely."""
    return int(np.argmax([bar["value"] for bar in told["bars"]]))


def test_panel_finds_what_the_network_gets_wrong() -> None:
    viewer = viewer_of()
    for _ in range(20):
        viewer.step()
    probing = panel_of(viewer)
    assert [item["number"] for item in probing.panel.gallery["items"][:3]] == [0, 1, 2]
    probing._find(True)
    tested = probing._tested
    assert tested is not None
    while not tested.is_whole:
        probing._go_on()
    gallery = probing.panel.gallery
    assert not gallery["finding"]
    wrong = tested.wrong
    assert gallery["tested"]["wrong"] == len(wrong) > 0
    shown = [item["number"] for item in gallery["items"] if item["answer"]]
    assert shown == wrong[: len(shown)]
    # The answer to a probe is the one that was found.
    for number in wrong[:5]:
        probing._hear(test=number)
        assert viewer.trace.accuracy == 0
        output = list(viewer.trace.layers.values())[-1].output.value
        assert output[0].argmax() == tested.answers[number]
    right = next(k for k in range(50) if k not in wrong)
    probing._hear(test=right)
    assert viewer.trace.accuracy == 1


def test_lesson_leaves_the_training_batch() -> None:
    viewer = viewer_of()
    probing = panel_of(viewer, led=True)
    probing._hear(test=3)
    assert viewer.probe is None
    assert any("lesson" in text for text in content(probing)["said"])


def test_picture_too_long_for_a_link_is_said() -> None:
    viewer = viewer_of("shapes")
    noise = np.random.default_rng(0).integers(0, 256, 3 * 16 * 16).astype(np.uint8)
    assert Probe("drawn", pixels=noise.tobytes()).text
    probe = Probe("drawn", pixels=noise.tobytes())
    for k in range(256):
        probe = probe.with_pixel((0, 0, k // 16, k % 16), k / 257)
    probing = panel_of(viewer)
    viewer.ask(probe)
    probing.draw()
    assert any("too large for a link" in text for text in content(probing)["said"])
    assert "probe" not in words_of(viewer)

"""Runs that begin from a person's own weights."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from panel.models.esm import DataEvent

from core.data import load_dataset
from core.errors import DataError, StateError
from core.io.state.file import KINDS, read_state, write_state
from core.io.text import parse_model
from core.io.weights import state_dict
from core.optim import Adam
from tests.viz_app.viewers import arrive, numbers, own_data, same, viewer_of
from viz_app.components.files.download import Download
from viz_app.components.files.weights import WeightsChoice
from viz_app.controls.settings.tools import Tools
from viz_app.controls.settings.weights import WeightsFiles
from viz_app.dashboard import Dashboard
from viz_app.place.address import parse, read, text, to_query
from viz_app.place.kept import can_be_kept
from viz_app.run.run import Run
from viz_app.run.weights import MAX_BYTES, Weights, read_weights, weights_file
from viz_app.viewer import Viewer

STATES = Path(__file__).parents[2] / "reference" / "states"
OTHER = "conv 4 k3 p1, relu, pool 2, flatten, linear 10"


def saved(viewer: Viewer, kind: str = "npz") -> Weights:
    run = viewer.run
    name, content = weights_file(run.history.trainer, kind, run.recipe.network_text())
    return read_weights(name, len(content), content)


def weights_of(text: str, shape: tuple[int, ...] = (1, 8, 8), **names: str) -> Weights:
    """Weights of a network, under other names if given: `_0="conv1"`."""
    state = state_dict(parse_model(text, shape, np.random.default_rng(7)))
    renamed = {
        ".".join([names.get(f"_{name.split('.')[0]}", name.split(".")[0]), *name.split(".")[1:]]): a
        for name, a in state.items()
    }
    return Weights("net.npz", renamed)


def model_state(viewer: Viewer) -> dict[str, Any]:
    return dict(state_dict(viewer.run.history.trainer.model))


def snapshot(viewer: Viewer) -> list[object]:
    run = viewer.run
    return [
        *(run.recipe, run.history, run.trace, run.own_weights, viewer.place, run.fingerprint),
        *(array.tobytes() for array in numbers(viewer)),
        *(array.tobytes() for array in run.history.trainer.optimizer.state_dict().values()),
    ]


# What is said of weights that were loaded, in front of their name.
BEGINS = "A new run begins at iteration 1: weights of"

# What goes on.


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_begins_from_saved_weights_and_the_velocity(kind: str) -> None:
    viewer, other = viewer_of(), viewer_of(seed=5)
    for _ in range(3):
        viewer.step()
    wanted = {name: array.copy() for name, array in model_state(viewer).items()}
    velocity = [slot.copy() for slot in viewer.run.history.trainer.optimizer.slots["velocity"]]
    other.use_weights(saved(viewer, kind))
    assert other.message.endswith(", with the optimiser's state.")
    assert other.trace.iteration == 1
    before = other.trace.stage("update", "conv1").inner["weight"]["before"]
    np.testing.assert_array_equal(before, wanted["0.weight"])
    assert other.run.settings == viewer.run.settings | {"seed": 5}
    kept = other.trace.stage("update", "conv1").inner["weight"]["velocity_before"]
    np.testing.assert_array_equal(kept, velocity[0])
    assert other.run.initial.iteration == 0


def test_the_numbers_are_those_of_the_run_that_was_saved() -> None:
    """With all images in every batch there is no order: the run goes on where it was."""
    size = len(load_dataset("digits").train)
    viewer, other = viewer_of(batch_size=size), viewer_of(batch_size=size)
    viewer.step()
    other.use_weights(saved(viewer))
    viewer.step()
    assert abs(viewer.trace.loss - other.trace.loss) < 1e-9


def test_settings_that_begin_anew_keep_the_weights() -> None:
    viewer = viewer_of()
    viewer.use_weights(weights_of(viewer.run.recipe.network.replace("{classes}", "10")))
    first = viewer.run.initial.values["conv1", "weight"]
    viewer.set("seed", 3)
    np.testing.assert_array_equal(viewer.run.initial.values["conv1", "weight"], first)
    viewer.step()
    viewer.reset()
    np.testing.assert_array_equal(viewer.run.initial.values["conv1", "weight"], first)
    viewer.use_weights(None)
    assert not np.array_equal(viewer.run.initial.values["conv1", "weight"], first)
    assert "weights" not in to_query(viewer.run, viewer.place)


def test_other_data_that_the_weights_do_not_fit_begin_from_drawn_ones() -> None:
    viewer = viewer_of()
    viewer.use_weights(saved(viewer))
    viewer.use_data(own_data())
    assert viewer.run.recipe.weights is None
    assert "does not fit" in viewer.message
    assert "weights that the seed draws" in viewer.message
    viewer = viewer_of()
    viewer.use_weights(saved(viewer))
    viewer.set("preset", "one")
    assert viewer.run.recipe.weights is None
    assert viewer.message == "A new run begins at iteration 1: preset One convolution."
    assert viewer.offers_undo


IDLE = (
    "The network has 10 outputs and the data have 2 classes: outputs from 2 on stand for none. One "
    "a class has a network that ends with linear {classes}."
)


def test_outputs_that_stand_for_no_class_are_told() -> None:
    viewer = viewer_of()
    viewer.use_data(own_data())
    viewer.use_weights(weights_of("conv 3 k3 p1, relu, flatten, linear 10"))
    assert viewer.offer is not None
    assert viewer.offer.note.endswith(IDLE)
    viewer.use_weights(viewer.offer.weights, viewer.offer.text)
    assert viewer.message.endswith(IDLE)
    assert viewer.trace.layers["linear"].output.value.shape[1] == 10
    viewer.set("network", "flatten, linear {classes}")
    assert "stand for none" not in viewer.message


def test_fewer_outputs_than_classes_are_refused_and_change_nothing() -> None:
    viewer = viewer_of()
    before = snapshot(viewer)
    viewer.use_weights(weights_of("flatten, linear 3"), "flatten, linear 3")
    assert "network ends with 3 outputs, and the data have 10 classes" in viewer.message
    assert snapshot(viewer) == before


def test_names_of_another_module_are_matched_by_order_and_it_is_said() -> None:
    viewer = viewer_of()
    network = viewer.run.recipe.network.replace("{classes}", "10")
    viewer.use_weights(weights_of(network, _0="conv1", _1="norm"))
    assert "The names in net.npz are others than here: conv1.weight" in viewer.message
    viewer.use_weights(weights_of(network, _0="model.0"))
    wrapped = {f"module.{name}": a for name, a in weights_of(network).state.items()}
    viewer.use_weights(Weights("w", wrapped))
    assert viewer.message == f"{BEGINS} w, without the optimiser's state."


def test_another_optimiser_is_said() -> None:
    viewer = viewer_of()
    model = parse_model(viewer.run.recipe.network.replace("{classes}", "10"), (1, 8, 8))
    file = BytesIO()
    model.save(file, Adam(model.parameters()))
    viewer.use_weights(read_weights("a", len(file.getvalue()), file.getvalue()))
    assert viewer.message == (
        f"{BEGINS} a, without the optimiser's state. "
        "The file has the state of Adam; this run trains with SGD, which begins anew."
    )
    assert viewer.run.recipe.weights is not None


def test_other_settings_of_the_optimiser_are_said() -> None:
    viewer = viewer_of()
    weights = saved(viewer)
    viewer.set("learning_rate", 0.5)
    viewer.use_weights(weights)
    assert viewer.message.endswith(" The settings of this run stay: lr 0.5 instead of 0.02.")
    assert viewer.run.settings["learning_rate"] == 0.5


# What is refused.


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"0.weight": np.full((8, 1, 3, 3), np.nan)}, "NaN"),
        ({"optimizer.SGD.momentum_buffer.0.weight": np.zeros(3)}, "has shape (3,)"),
        ({"7.weight": np.zeros((3, 3))}, "7.weight is not of this model"),
    ],
)
def test_what_does_not_fit_changes_nothing(state: dict[str, Any], message: str) -> None:
    viewer = viewer_of()
    viewer.step()
    weights = saved(viewer)
    before = snapshot(viewer)
    viewer.use_weights(Weights("w", {**weights.state, **state}))
    assert message in viewer.message
    assert snapshot(viewer) == before


def test_the_first_misfit_is_named_and_a_network_offered() -> None:
    viewer = viewer_of()
    viewer.step()
    before = snapshot(viewer)
    weights = weights_of(OTHER)
    viewer.use_weights(weights)
    assert viewer.message == (
        "The file net.npz does not fit: 0.bias is not of this model, which has 0.weight, 1.weight, "
        "1.bias, 1.running_mean, 1.running_var, 1.num_batches_tracked, 4.weight, 5.weight and 6 "
        "more. A network that fits is offered under Settings. "
        "The run stays the one that began from drawn weights."
    )
    assert snapshot(viewer) == before
    assert viewer.offer.text == OTHER
    assert "ReLU" in viewer.offer.note
    viewer.use_weights(viewer.offer.weights, viewer.offer.text)
    assert viewer.message == f"{BEGINS} net.npz, without the optimiser's state."
    assert viewer.offer is None
    assert viewer.run.recipe.network == OTHER
    assert np.array_equal(
        viewer.run.initial.values["conv", "weight"], weights.state["0.weight"].astype(float)
    )
    assert to_query(viewer.run, viewer.place)["model"] == OTHER


RESIDUAL = "residual(conv 4 k3 p1, bn | conv 4 k1), relu, avgpool 2, flatten, linear 10"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_our_own_names_its_network(kind: str) -> None:
    first, viewer = viewer_of(network=RESIDUAL), viewer_of()
    first.step()
    weights = saved(first, kind)
    viewer.use_weights(weights)
    assert viewer.offer.text == RESIDUAL
    assert viewer.offer.note == "This is what the file names."
    viewer.use_weights(viewer.offer.weights, viewer.offer.text)
    assert viewer.run.recipe.network == RESIDUAL
    initial = viewer.run.initial.values["linear", "weight"]
    assert np.array_equal(initial, model_state(first)["4.weight"])


@pytest.mark.parametrize("said", ["no network", OTHER.replace("4", "5"), "flatten, linear 1", "("])
def test_what_a_file_says_of_its_network_is_tried_first(said: str) -> None:
    viewer, weights = viewer_of(), weights_of(OTHER)
    viewer.use_weights(replace(weights, network=said))
    assert viewer.offer.text == OTHER


def test_a_network_that_does_not_fit_the_data_is_not_offered() -> None:
    viewer = viewer_of()
    viewer.use_weights(weights_of("flatten, linear 3"))
    assert viewer.offer is None
    assert "The network ends with 3 outputs" in viewer.message
    viewer.use_weights(weights_of("flatten, linear 10", (1, 28, 28)))
    assert viewer.offer is None
    assert "choose data of the size that they were trained on" in viewer.message


def test_weights_of_pytorch_are_offered_their_network() -> None:
    content = (STATES / "torch.safetensors").read_bytes()
    viewer = viewer_of("digits")
    viewer.use_data(own_data())
    viewer.use_weights(read_weights("torch.safetensors", len(content), content))
    assert viewer.offer.text == "conv 4 k3 p1, bn, relu, pool 2, flatten, linear 3"
    viewer.use_weights(viewer.offer.weights, viewer.offer.text)
    state = read_state(STATES / "torch.safetensors")
    assert np.array_equal(viewer.run.initial.values["conv", "weight"], state["conv1.weight"])
    assert np.array_equal(viewer.run.initial.values["linear", "weight"], state["fc.weight"])


def test_while_the_run_is_replayed_nothing_is_loaded() -> None:
    viewer = viewer_of()
    weights = saved(viewer)
    viewer.open(read({"preset": "digits", "iteration": "300"}))
    assert viewer.run.replaying
    viewer.use_weights(weights)
    assert viewer.message.startswith("The run is being replayed: press Stop")
    arrive(viewer)
    assert viewer.run.recipe.weights is None


# Addresses.


def test_an_address_leads_to_the_same_numbers_with_the_same_weights() -> None:
    viewer = viewer_of()
    viewer.step()
    weights = saved(viewer)
    viewer.use_weights(weights)
    viewer.step()
    query = parse(text(to_query(viewer.run, viewer.place)))
    assert query["weights"] == weights.digest
    assert not can_be_kept(viewer.run)
    other = viewer_of(seed=4)
    other.run.own_weights = read_weights("other name", *whole(weights))
    other.open(read(query, own_weights=other.run.own_weights))
    arrive(other)
    assert same(numbers(other), numbers(viewer))
    assert other.message == ""


def whole(weights: Weights) -> tuple[int, bytes]:
    """The same weights in a file of the other kind."""
    file = BytesIO()
    write_state(file, dict(weights.state), "safetensors")
    return len(file.getvalue()), file.getvalue()


def test_an_address_without_its_weights_says_so() -> None:
    viewer = viewer_of()
    weights = saved(viewer)
    query = {"preset": "digits", "weights": weights.digest}
    moment = read(query)
    assert moment.recipe.weights is None
    assert "a link does not carry a person's own weights" in moment.note()
    viewer.step()
    other = saved(viewer)
    assert other.digest != weights.digest
    moment = read(query, own_weights=other)
    assert moment.recipe.weights is None
    assert f"holds other weights ({other.digest})" in moment.note()
    misfit = read(query | {"preset": "one"}, own_weights=weights)
    assert misfit.recipe.weights is None
    assert misfit.note()


def test_an_address_waits_for_its_weights() -> None:
    viewer = viewer_of()
    viewer.step()
    weights = saved(viewer)
    viewer.use_weights(weights)
    viewer.step()
    query = to_query(viewer.run, viewer.place)
    other = Viewer(Run(viewer_of().run.recipe))
    dashboard = Dashboard(other, query=query)
    arrive(other)
    assert "a link does not carry" in other.message
    assert dashboard.drawer.opened
    (choice,) = dashboard.page().select(WeightsChoice)
    assert isinstance(choice, WeightsChoice)
    wrong = saved(other)
    send(choice, *whole(wrong))
    assert other.run.recipe.weights.digest == wrong.digest
    send(choice, *whole(weights))
    arrive(other)
    assert same(numbers(other), numbers(viewer))
    assert other.message == ""


# The controls.


def send(choice: WeightsChoice, size: int, content: bytes, name: str = "w.npz") -> None:
    for at in range(0, len(content), 1000):
        part = b64encode(content[at : at + 1000]).decode()
        choice._process_event(DataEvent(None, {"part": part}))
    choice._process_event(DataEvent(None, {"name": name, "size": size}))


def controls(viewer: Viewer) -> WeightsFiles:
    return Tools(viewer, viewer.use_data, viewer.use_weights).weights


def test_a_file_is_loaded_and_its_network_used() -> None:
    viewer = viewer_of()
    choice = controls(viewer).choice
    send(choice, *whole(weights_of(OTHER)))
    assert choice.offer["text"] == OTHER
    assert choice.used == ""
    choice._process_event(DataEvent(None, {"use": True}))
    assert (choice.offer, choice.used) == ({}, "w.npz")
    assert viewer.message == f"{BEGINS} w.npz, without the optimiser's state."
    assert viewer.run.recipe.network == OTHER
    choice._process_event(DataEvent(None, {"drop": True}))
    assert choice.used == ""
    assert viewer.run.recipe.network == OTHER


def test_an_offer_goes_with_another_run() -> None:
    viewer = viewer_of()
    choice = controls(viewer).choice
    send(choice, *whole(weights_of(OTHER)))
    viewer.set("seed", 9)
    assert choice.offer == {}
    choice._process_event(DataEvent(None, {"use": True}))
    assert viewer.run.recipe.preset == "digits"


@pytest.mark.parametrize(
    ("size", "content", "message"),
    [
        (-1, b"", "w.npz cannot be read; choose it again"),
        (MAX_BYTES + 1, b"", "takes 50.0 MB; at most 50 MB are read"),
        (100, b"junk", "4 of 100 bytes of the file w.npz arrived; choose it again"),
        (4, b"junk", "w.npz cannot be used: the file is text, not weights"),
        (8, b"PK\x03\x04junk", "w.npz cannot be used: the file is no whole"),
        (5, b"\x80\x04abc", "pickle"),
    ],
)
def test_a_file_that_is_refused_changes_nothing(size: int, content: bytes, message: str) -> None:
    viewer = viewer_of()
    viewer.step()
    before = snapshot(viewer)
    send(controls(viewer).choice, size, content)
    assert message in viewer.message
    assert snapshot(viewer) == before


def test_a_file_without_arrays_is_refused() -> None:
    file = BytesIO()
    write_state(file, {})
    content = file.getvalue()
    with pytest.raises(StateError, match="w holds no arrays"):
        read_weights("w", len(content), content)


@pytest.mark.parametrize("names", [{}, {"_0": "conv1"}])
@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_weights_that_are_at_fault_themselves_are_told_once(
    names: dict[str, str], wrong: float
) -> None:
    viewer = viewer_of()
    weights = weights_of(viewer.run.recipe.network_text(), (1, 8, 8), **names)
    name = f"{names.get('_0', '0')}.weight"
    spoilt = weights.state[name].copy()
    spoilt[0, 0, 0, 1] = wrong
    viewer.use_weights(replace(weights, state={**weights.state, name: spoilt}))
    assert viewer.message == (
        f"The file net.npz does not fit: 0.weight holds NaN or infinity ({wrong} at [0, 0, 0, 1]); "
        "save the model before it diverges. The run stays the one that began from drawn weights."
    )
    assert viewer.offer is None


def test_a_refusal_says_which_weights_and_data_stay() -> None:
    viewer = viewer_of()
    weights = weights_of(viewer.run.recipe.network_text(), (1, 8, 8))
    viewer.use_weights(weights)
    data = own_data()
    files = WeightsFiles(viewer, viewer.use_weights, Download())
    stays = f"The run stays the one that began from {weights.name}."
    for refuse in (lambda: viewer.use_weights(weights_of(OTHER)),
                   lambda: files._read("w.npz", 4, b"PK\x03\x04"),
                   lambda: files._read("w.npz", -1, b"")):  # fmt: skip
        viewer.close_message()
        refuse()
        assert viewer.is_refusal
        assert viewer.message.endswith(f". {stays}"), viewer.message
    viewer.use_weights(None)
    viewer.use_data(data)
    viewer.say(DataError("no image was found"), "data")
    assert viewer.message == "No image was found. Data set stays halves."
    viewer.set("dataset", "moons")
    assert viewer.message.endswith(". Data set stays halves.")


@pytest.mark.parametrize("part", [0, 0.01, 0.3, 0.7, 0.95, 0.999])
@pytest.mark.parametrize("name", ["torch.pt", "old.pt"])
def test_a_file_of_pytorch_that_is_cut_off_gets_the_advice_for_it(name: str, part: float) -> None:
    whole = (STATES / name).read_bytes()
    content = whole[: int(part * len(whole))]
    with pytest.raises(StateError) as raised:
        read_weights(name, len(content), content)
    said = str(raised.value)
    assert "savez_compressed" not in said
    assert f'state = torch.load("{name}", ' in said
    if name == "torch.pt" or len(content) < 2:
        assert "damaged: copy it again, or save it anew" in said


def test_a_file_of_pytorch_of_which_letters_are_lost_gets_the_advice_for_it() -> None:
    content = b"\0" * 64 + (STATES / "torch.pt").read_bytes()[64:-200]
    with pytest.raises(StateError, match=r"net.pth cannot be used: it is damaged: copy it again"):
        read_weights("net.pth", len(content), content)


def test_a_count_of_batches_too_many_is_passed_over() -> None:
    viewer = viewer_of()
    weights = weights_of(viewer.run.recipe.network_text())
    more = {**weights.state, "0.num_batches_tracked": np.array(5)}
    viewer.use_weights(replace(weights, state=more))
    assert viewer.message == f"{BEGINS} net.npz, without the optimiser's state."


@pytest.mark.parametrize("fronts", [("", "module."), ("module.", "model."), ("_orig_mod.", "")])
def test_arrays_that_are_the_same_without_prefixes_are_told(fronts: tuple[str, str]) -> None:
    viewer = viewer_of()
    viewer.step()
    before = snapshot(viewer)
    weights = weights_of(viewer.run.recipe.network_text())
    state = {f"{front}{name}": a * (k + 1) for k, front in enumerate(fronts)
             for name, a in weights.state.items()}  # fmt: skip
    viewer.use_weights(replace(weights, state=state))
    first, second = sorted((f"{front}0.weight" for front in fronts), key=len)
    assert "are both 0.weight, without the prefixes" in viewer.message
    assert first in viewer.message
    assert second in viewer.message
    assert snapshot(viewer) == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "optimizer", ["sgd momentum 0.9", "adam", "adamw weight_decay 0.01", "rmsprop momentum 0.5"]
)
def test_saved_weights_go_on_with_the_same_digits(kind: str, dtype: str, optimizer: str) -> None:
    settings: dict[str, Any] = {"optimizer": optimizer, "dtype": dtype}
    viewer, other = viewer_of(**settings), viewer_of(**settings)
    for _ in range(3):
        viewer.step()
    other.use_weights(saved(viewer, kind))
    trainer = viewer.run.history.trainer
    # The order of the images begins anew.
    first = other.run.recipe.trainer(other.run.limits)
    trainer.batches.set_state(first.batches.get_state())
    assert trainer.step().loss == other.trace.loss
    assert same(list(model_state(viewer).values()), list(model_state(other).values()))
    kept, there = (v.run.history.trainer.optimizer.state_dict() for v in (viewer, other))
    assert kept.keys() == there.keys()
    assert all(np.array_equal(kept[name], there[name]) for name in kept)


def packed(**arrays: Any) -> bytes:
    file = BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


IMAGES, LABELS = np.zeros((6, 8, 8), np.uint8), np.arange(6)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            packed(x_train=IMAGES, y_train=LABELS),
            "w.npz looks like a data set, images with labels, and not like weights (x_train "
            "(6, 8, 8), y_train (6,)): choose it under Your data",
        ),
        (packed(arr_0=IMAGES, arr_1=LABELS), "Your data"),
        (
            b"\x89PNG\r\n\x1a\n" + bytes(99),
            "w.npz is a picture (PNG), and holds no weights: open it under Probe to ask the "
            "network about it, or train on it, with others, under Your data",
        ),
    ],
)
def test_what_goes_elsewhere_is_said_to_go_there(content: bytes, message: str) -> None:
    viewer = viewer_of()
    before = snapshot(viewer)
    send(controls(viewer).choice, len(content), content)
    assert message in viewer.message
    assert viewer.is_refusal
    after = snapshot(viewer)
    assert all(one is other or one == other for one, other in zip(before, after, strict=True))


def test_arrays_without_names_are_weights_unless_they_are_labels() -> None:
    """As `np.savez(path, *model.get_weights())` writes them."""
    arrays = {"arr_0": np.zeros((4, 1, 3, 3)), "arr_1": np.zeros(4)}
    content = packed(**arrays)
    assert list(read_weights("w.npz", len(content), content).state) == list(arrays)

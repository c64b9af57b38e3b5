"""The dashboard on any model."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pytest

from core import (
    SGD,
    BCEWithLogitsLoss,
    Conv2d,
    Flatten,
    Layer,
    Linear,
    Model,
    Residual,
    Trainer,
    constant,
    load_dataset,
)
from core.errors import DataError, SpecError, StateError
from core.tensor import Array
from viz_app import explore
from viz_app.run.weights import weights_file


class Twice(Layer):
    """Has no text form."""

    def _forward(self, x: Array) -> Array:
        return 2 * x

    def _backward(self, g: Array) -> Array:
        return 2 * g


def make_model() -> Model:
    rng = np.random.default_rng(0)
    return Model(Conv2d(1, 2, 3, rng=rng), Twice(), Flatten(), Linear(72, 10, rng=rng))


def test_a_layer_without_a_text_form_is_shown_at_every_place() -> None:
    explorer = explore(make_model(), load_dataset("digits"))
    explorer.panel()
    explorer.viewer.change(grain="Inside")
    seen = set()
    while explorer.run.trace.iteration < 3:
        seen.add((explorer.viewer.stage.phase, explorer.viewer.stage.layer))
        explorer.viewer.step()
        assert explorer.viewer.message == ""
    assert {("forward", "twice"), ("backward", "twice"), ("update", "linear")} <= seen


def test_the_model_that_is_passed_stays_as_it_is() -> None:
    model = make_model()
    before = model.state_dict()
    optimizer = SGD(model.parameters(), 0.5, 0.9)
    explorer = explore(model, load_dataset("digits"), optimizer=optimizer)
    for _ in range(3):
        explorer.viewer.step()
    assert explorer.run.trace.lr == 0.5
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
        assert array.dtype == np.float32
    assert not any(slot.any() for slots in optimizer.slots.values() for slot in slots)


def test_the_same_explorer_begins_again_with_the_same_numbers() -> None:
    explorer = explore(make_model(), load_dataset("digits"), seed=3)
    first = explorer.run.trace.loss
    explorer.viewer.step()
    explorer.viewer.reset()
    assert explorer.run.trace.loss == first
    explorer.viewer.set("seed", 4)
    assert explorer.run.trace.loss != first


def test_images_and_labels_do_as_data() -> None:
    images = np.random.default_rng(0).random((12, 1, 6, 6))
    explorer = explore("flatten, linear {classes}", (images, np.arange(12) % 3), batch_size=100)
    assert explorer.run.data.classes == 3
    assert len(explorer.run.trace.indices) == 12


class OfPyTorch:
    """As much of a tensor of PyTorch as is read: one on another device that needs a gradient."""

    def __init__(self, array: Array, steps: tuple[str, ...] = ()) -> None:
        self.array, self.steps = array, steps

    def detach(self) -> OfPyTorch:
        return OfPyTorch(self.array, (*self.steps, "detach"))

    def cpu(self) -> OfPyTorch:
        return OfPyTorch(self.array, (*self.steps, "cpu"))

    def numpy(self) -> Array:
        assert self.steps == ("detach", "cpu")
        return self.array


def test_a_batch_of_tensors_does_as_data() -> None:
    digits = load_dataset("digits").train
    images, labels = digits.images[:12].copy(), digits.labels[:12].copy()
    batch: Any = OfPyTorch(images), OfPyTorch(labels)
    explorer = explore("flatten, linear {classes}", batch, batch_size=12)
    split = explorer.run.data.train
    assert np.array_equal(split.images, images)
    assert np.array_equal(split.labels, labels)
    several: Any = [OfPyTorch(image) for image in images], OfPyTorch(labels)
    again = explore("flatten, linear {classes}", several, batch_size=12)
    assert np.array_equal(again.run.data.train.images, images)
    images[:] = 0
    assert split.images.any()


def test_what_does_not_fit_is_said() -> None:
    with pytest.raises(SpecError, match="linear"):
        explore("linear 3", load_dataset("digits"))


@pytest.mark.parametrize("label", [10**12, -1])
def test_labels_that_number_no_classes_are_refused(label: int) -> None:
    with pytest.raises(DataError, match="expected classes numbered from 0"):
        explore("flatten, linear {classes}", (np.zeros((2, 1, 4, 4)), np.full(2, label)))


def test_several_do_not_feel_each_other() -> None:
    one, other = (explore(make_model(), load_dataset("digits")) for _ in range(2))
    one.panel()
    other.panel()
    status = other.viewer.status
    one.viewer.step()
    one.viewer.set("learning_rate", 0.5)
    assert other.viewer.status == status
    assert other.run.settings["learning_rate"] == 0.02


def test_an_embedded_dashboard_leaves_address_and_document_alone() -> None:
    explorer = explore(make_model(), load_dataset("digits"))
    explorer.panel()
    explorer.viewer.step()
    dashboard = explorer._dashboard
    assert dashboard is not None
    assert not dashboard.browser.whole
    assert dashboard.browser.address == ""


def test_labels_with_a_second_axis_are_drawn() -> None:
    labels = np.random.default_rng(0).integers(0, 2, (12, 3))
    images = np.random.default_rng(1).random((12, 1, 4, 4))
    explorer = explore("flatten, linear 3", (images, labels), loss=BCEWithLogitsLoss())
    explorer.panel()
    explorer.viewer.step()
    assert explorer.viewer.message == ""


@pytest.mark.parametrize("setting", [{"learning_rate": 0}, {"dtype": "float16"}, {"seed": -1}])
def test_settings_have_the_limits_of_the_fields(setting: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        explore("flatten, linear {classes}", load_dataset("digits"), **setting)


@pytest.mark.parametrize(
    ("argument", "given", "said"),
    [
        ("model", None, "model is None; expected a Model, or the text"),
        ("model", [Flatten()], r"model is \[<flatten: flatten>\]; expected a Model"),
        ("data", None, "data is None; expected a DataSet"),
        ("data", "digits", "data is 'digits'; expected a DataSet"),
        ("data", np.zeros((2, 1, 4, 4)), "data is a ndarray; expected a DataSet"),
        ("data", (np.zeros((3, 1, 4, 4)),) * 3, "data is a tuple; expected .* a pair"),
        ("optimizer", 3, "optimizer is 3; expected an optimiser"),
    ],
)
def test_an_argument_of_another_kind_is_named(argument: str, given: object, said: str) -> None:
    arguments: dict[str, Any] = {
        "model": "flatten, linear {classes}",
        "data": load_dataset("digits"),
        argument: given,
    }
    with pytest.raises(TypeError, match=said):
        explore(**arguments)


@pytest.mark.parametrize("given", [0, 2.5, "8"])
def test_a_batch_size_that_is_none_is_refused(given: object) -> None:
    setting: dict[str, Any] = {"batch_size": given}
    with pytest.raises(ValueError, match=r"Batch size is .* expected a whole number from 1"):
        explore("flatten, linear {classes}", load_dataset("digits"), **setting)


def test_a_rate_beside_a_schedule_is_refused() -> None:
    data = load_dataset("digits")
    with pytest.raises(ValueError, match="beside a schedule"):
        explore("flatten, linear 10", data, schedule=constant(0.1), learning_rate=0.3)


@pytest.mark.parametrize(
    "labels", [np.zeros(4), np.eye(4, dtype=int), np.zeros(4, bool)], ids=["float", "hot", "bool"]
)
def test_labels_without_classes_are_named_where_a_text_asks_for_them(labels: Array) -> None:
    with pytest.raises(SpecError, match=rf"labels have none: they are {labels.dtype} of shape"):
        explore("flatten, linear {classes}", (np.zeros((4, 1, 4, 4)), labels), loss="mse")


IMAGES, NUMBERS = np.random.default_rng(0).random((6, 1, 8, 8)), np.arange(6) % 3


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (IMAGES[:, 0, 0, 0], r"predicted pass loss='mse', and .* outputs$"),
        (NUMBERS.astype(float), r"pass loss='mse', .*; numbers of classes convert with .*int64\)"),
        (NUMBERS[:, None], r"pass labels\.ravel\(\)"),
        (np.eye(3, dtype=int)[NUMBERS], r"pass labels\.argmax\(axis=1\)"),
        (NUMBERS > 0, r"pass labels\.astype\(np\.int64\), or loss='bce'"),
        (np.array(list("abcabc")), r"names, labels = np\.unique\(labels, return_inverse=True\)"),
    ],
    ids=["regression", "float", "column", "hot", "bool", "text"],
)
def test_labels_that_are_no_classes_get_advice(labels: Array, said: str) -> None:
    with pytest.raises(DataError, match=said):
        explore("flatten, linear 3", (IMAGES, labels))


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        ((NUMBERS, IMAGES), "expected images first, .* then labels .*: exchange the two"),
        ((IMAGES[:, 0], NUMBERS), r"needs images \(C, H, W\)[\s\S]*pass images\[:, None\]"),
        (
            (np.zeros((6, 8, 8, 3)), NUMBERS),
            r"looks like \(N, H, W, C\).* pass images\.transpose\(0, 3, 1, 2\)",
        ),
    ],
    ids=["exchanged", "NHW", "NHWC"],
)
def test_axes_in_another_order_get_advice(batch: tuple[Array, Array], said: str) -> None:
    with pytest.raises(DataError, match=said):
        explore("conv 2 k3, flatten, linear {classes}", batch)


def test_the_advice_on_labels_works() -> None:
    text = "flatten, linear {classes}"
    names, labels = np.unique(np.array(list("abcabc")), return_inverse=True)
    assert explore(text, (IMAGES, labels)).run.data.classes == len(names)
    assert explore(text, (IMAGES, NUMBERS[:, None].ravel())).run.data.classes == 3
    loss = explore("flatten, linear 1", (IMAGES, IMAGES[:, 0, 0, 0]), loss="mse").run.trace.loss
    assert loss > 0


def of_torch(name: str, **attributes: object) -> Any:  # noqa: ANN401
    """Return an object that says of itself to be PyTorch's."""
    return type(name, (), {"__module__": "torch.somewhere", **attributes})()


@pytest.mark.parametrize(
    ("argument", "given", "said"),
    [
        ("model", of_torch("Net"), "a Net of PyTorch; expected a Model.*: core.from_torch"),
        ("loss", of_torch("MSELoss"), "a MSELoss of PyTorch; expected a loss of core, such"),
        ("optimizer", type(of_torch("Adam")), "the class Adam of PyTorch; expected an optimiser"),
        ("optimizer", of_torch("Adam"), "an Adam of PyTorch; expected an optimiser of core"),
        ("data", of_torch("DataLoader", batch_size=3), r"a .*of PyTorch; .*next\(iter\(data\)\)$"),
        (
            "data",
            of_torch("TensorDataset", __getitem__=None),
            r"a .*of PyTorch; .*next\(iter\(DataLoader\(data, 64\)\)\)$",
        ),
    ],
)
def test_an_object_of_pytorch_is_said_to_be_one(argument: str, given: object, said: str) -> None:
    arguments: dict[str, Any] = {"model": "relu", "data": load_dataset("digits"), argument: given}
    with pytest.raises(TypeError, match=rf"{argument} is {said}"):
        explore(**arguments)


def test_numbers_that_numpy_does_not_have_are_said() -> None:
    def numpy(tensor: object) -> None:
        raise TypeError("Got unsupported ScalarType BFloat16")

    def same(tensor: object) -> object:
        return tensor

    images = of_torch("Tensor", dtype="torch.bfloat16", detach=same, cpu=same, numpy=numpy)
    with pytest.raises(DataError, match=r"images is not an array .*BFloat16.* pass images\.float"):
        explore("relu", (images, NUMBERS))


@pytest.mark.parametrize("kind", ["npz", "safetensors"])
def test_a_run_begins_from_a_file_of_weights(kind: str, tmp_path: Path) -> None:
    trained, data = make_model(), load_dataset("digits")
    trained.save(tmp_path / f"w.{kind}")
    for layer in (trained[0], trained[3]):
        layer.params["weight"].value += 1
    other = tmp_path / f"other.{kind}"
    trained.save(other)
    model = make_model()
    explorer = explore(model, data, weights=other)
    for _ in range(2):
        first = explorer.run.trace.start.children()["0"].params["weight"].value
        assert np.array_equal(first.astype(np.float32), trained[0].params["weight"].value)
        explorer.viewer.step()
        explorer.viewer.reset()
    assert np.array_equal(model[0].params["weight"].value, make_model()[0].params["weight"].value)
    with other.open("rb") as file:
        text = "conv 2 k3, relu, flatten, linear {classes}"
        assert explore(text, data, weights=file).run.recipe.weights is not None


def test_the_state_of_an_optimiser_comes_from_the_file(tmp_path: Path) -> None:
    model, data = make_model(), load_dataset("digits")
    trainer = Trainer(model, SGD(model.parameters(), 0.5, 0.9), data, 8, np.random.default_rng(0))
    trainer.step()
    model.save(tmp_path / "w", trainer.optimizer)
    with pytest.warns(UserWarning, match=r"settings of this run stay: lr 0\.02 instead of 0\.5"):
        run = explore(make_model(), data, weights=tmp_path / "w.npz").run
    trained = run.trace.stage("update", "linear").inner["weight"]
    assert np.any(next(array for name, array in trained.items() if name.endswith("_before")))


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    make_model().save(tmp_path / "w")
    data = load_dataset("digits")
    with pytest.raises(StateError, match=r"0\.weight has shape .*; the model needs|not of this mo"):
        explore("flatten, linear {classes}", data, weights=tmp_path / "w.npz")
    with pytest.raises(FileNotFoundError):
        explore("flatten, linear {classes}", data, weights=tmp_path / "none.npz")
    weights: Any = make_model().state_dict()
    with pytest.raises(TypeError, match=r"weights is a dict; expected a file .*load_state_dict"):
        explore("flatten, linear {classes}", data, weights=weights)


def test_arrays_that_change_later_change_no_run() -> None:
    images, labels = np.random.default_rng(0).random((12, 1, 4, 4)), np.arange(12) % 3
    explorer = explore("flatten, linear {classes}", (images, labels))
    first = explorer.run.trace.loss
    images *= 0
    labels[:] = 0
    explorer.viewer.reset()
    assert explorer.run.trace.loss == first


def test_a_type_of_numpy_does_as_dtype() -> None:
    for dtype in (np.float32, np.dtype("float32"), "float32"):
        explorer = explore("flatten, linear {classes}", load_dataset("digits"), dtype=dtype)
        assert explorer.run.recipe.dtype == "float32"
        assert explorer.run.trace.layers["linear"].output.value.dtype == np.float32


def test_a_text_where_a_number_is_expected_is_shown_as_one() -> None:
    rate: Any = "0.1"
    with pytest.raises(ValueError, match=r"Learning rate is '0\.1'; expected a number above 0"):
        explore("flatten, linear {classes}", load_dataset("digits"), learning_rate=rate)


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ("flatten, linear 3", "3 outputs, and the data have 10 classes: end the network with lin"),
        (Model(Flatten()), "no weights.* put a layer that has some into it, such as flatten, lin"),
    ],
)
def test_a_model_that_cannot_be_trained_is_refused_with_what_to_do(
    network: Model | str, said: str
) -> None:
    with pytest.raises(SpecError, match=said):
        explore(network, load_dataset("digits"))


class Locked(Twice):
    """Holds what cannot be copied."""

    def __init__(self) -> None:
        super().__init__()
        self.guard = Lock()


class LockedLoss(BCEWithLogitsLoss):
    def __init__(self) -> None:
        super().__init__()
        self.guard = Lock()


def test_what_cannot_be_copied_is_named_with_what_to_do() -> None:
    rng, data = np.random.default_rng(0), load_dataset("digits")
    inside = Model(Residual(Model(Locked())), Flatten(), Linear(64, 10, rng=rng))
    with pytest.raises(
        TypeError, match=r"layer residual\.body\.locked \(Locked\) .* attribute guard: .* keep such"
    ):
        explore(inside, data)
    with pytest.raises(TypeError, match="the loss cannot be copied, because of its attribute gua"):
        explore("flatten, linear 10", data, loss=LockedLoss())


def test_what_a_file_of_weights_says_otherwise_is_warned_of(tmp_path: Path) -> None:
    data, path = load_dataset("digits"), tmp_path / "w.npz"
    trainer = explore(make_model(), data, optimizer="adam").run.history.trainer
    path.write_bytes(weights_file(trainer)[1])
    with pytest.warns(UserWarning, match=r"has the state of Adam; this run trains with SGD"):
        explore(make_model(), data, optimizer="sgd momentum 0.9", weights=path)
    with pytest.raises(StateError, match=r"the file w\.npz does not fit: "):
        explore("flatten, linear 3, relu, linear {classes}", data, weights=path)

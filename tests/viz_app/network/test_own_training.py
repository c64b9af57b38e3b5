"""A network and the parts of training of one's own: as settings, in addresses, and refused."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.optim import SGD
from core.training.trainer import Trainer
from tests.viz_app.viewers import arrive, numbers, same, viewer_of
from viz_app.network.menu import layer_menu, part_menus
from viz_app.network.report import by_line, report_of
from viz_app.place import address
from viz_app.place.address import ALWAYS, WORDS
from viz_app.run.anew.setting import change_setting
from viz_app.run.cost import SERVED, Limits
from viz_app.run.presets import PRESETS
from viz_app.run.recipe import Recipe
from viz_app.run.run import Run
from viz_app.run.settings import LONGEST_IN_LINK, SETTINGS
from viz_app.viewer import Viewer

NETWORK = "conv 2 k3, relu, flatten, linear {classes}"
OWN = {
    "network": NETWORK,
    "optimizer": "adam beta1 0.8 weight_decay 0.01",
    "loss": "mse",
    "schedule": "warmup 3, cosine 20",
    "init": "xavier",
    "augment": "shift 1, flip",
}


def recipe_of(name: str = "one", **what: Any) -> Recipe:
    return PRESETS[name].recipe(name).with_(**what)


def texts() -> list[tuple[str, str]]:
    menus = {name: [part.text for part in parts] for name, parts in part_menus().items()}
    return [(name, text) for name, found in menus.items() for text in found] + [*OWN.items()]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_computes_what_it_always_did(name: str) -> None:
    """With SGD and cross-entropy made by hand, and the generators of before."""
    recipe = PRESETS[name].recipe(name)
    weights, order = map(np.random.default_rng, np.random.SeedSequence(0).spawn(2))
    assert isinstance(recipe.network, str)
    model = recipe.parsed(recipe.network, weights).astype(np.dtype("float64"))
    for layer in model.walk():
        if hasattr(layer, "algorithm"):
            layer.algorithm = "im2col"
    sgd = SGD(model.parameters(), recipe.learning_rate, PRESETS[name].momentum)
    wanted = Trainer(model, sgd, recipe.data, recipe.batch_size, order)
    trainer = recipe.trainer()
    assert [trainer.step().loss for _ in range(2)] == [wanted.step().loss for _ in range(2)]


@pytest.mark.parametrize(("name", "text"), texts())
def test_a_setting_is_kept_written_and_read_alike(name: str, text: str) -> None:
    data = recipe_of().data
    value = SETTINGS[name].parse(text, data)
    assert SETTINGS[name].parse(SETTINGS[name].write(value), data) == value


@pytest.mark.parametrize("name", WORDS.values())
def test_a_word_stands_for_each_setting(name: str) -> None:
    assert name in SETTINGS
    assert set(WORDS.values()) == set(SETTINGS)


@pytest.mark.parametrize("preset", ["one", "digits"])
def test_an_address_has_only_what_is_not_as_in_the_preset(preset: str) -> None:
    assert set(address.words_of(recipe_of(preset), ())) == set(ALWAYS)
    other = recipe_of(preset, optimizer="adam")
    assert address.words_of(other, ())["optimizer"] == "adam"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(texts()), st.none(), max_size=4))
def test_whatever_is_chosen_opens_again(chosen: dict[tuple[str, str], None]) -> None:
    viewer = viewer_of("one")
    for name, text in chosen:
        viewer.set(name, text)
        assert viewer.message == ""
    viewer.step()
    query = address.parse(address.text(address.to_query(viewer.run, viewer.place)))
    moment = address.read(query)
    assert moment.wrong == ()
    assert moment.recipe.makes_the_run_of(viewer.run.recipe)
    other = viewer_of("digits")
    other.open(moment)
    arrive(other)
    assert same(numbers(other), numbers(viewer))
    assert other.run.settings == viewer.run.settings


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("network", "conv 2 k3, rellu, flatten, linear 3", "did you mean relu? known are avgpool"),
        ("network", "conv 2 k3\nrelu q", "the layer relu takes no further words"),
        ("network", "conv 2 k3, relu", "cross-entropy needs a vector: end the network with"),
        ("network", "flatten, linear 2", "the data have 3 classes: end the network with linear 3"),
        ("network", "relu, flatten", "the network has no weights"),
        ("network", "", "Network is ''; expected layers"),
        ("network", "relu, " * 4000, "at most 20,000 are read"),
        ("network", "flatten, linear 40000, linear 300", "at most 3,125,000 are allowed here"),
        ("network", "flatten, linear 55000, linear 3", "at most 300 MB are allowed here"),
        ("network", 5, "expected layers"),
        ("optimizer", "adam momentum 0.9", "the optimiser adam takes beta1 <number>"),
        ("optimizer", None, "expected a text, such as sgd momentum 0.9"),
        ("loss", "hinge", "known are cross_entropy, mse, l1, bce"),
        ("schedule", "cosine 0", "total is 0"),
        ("init", "ones", "expected one of he, xavier, lecun, zeros, torch"),
        ("augment", "turn", "known are shift, flip"),
    ],
)
def test_what_is_refused_changes_nothing(name: str, value: object, said: str) -> None:
    viewer = Viewer(Run(recipe_of(), SERVED))
    viewer.step()
    run, before, seen = viewer.run, viewer.run.settings, numbers(viewer)
    recipe, place = run.recipe, viewer.place
    viewer.set(name, value)
    assert said.lower() in " ".join(viewer.message.lower().split())
    assert run.recipe is recipe
    assert run.settings == before
    assert viewer.place == place
    assert same(numbers(viewer), seen)


def test_the_memory_of_the_optimiser_is_counted_before_it_is_taken() -> None:
    wide = "flatten, linear 30000, linear {classes}"
    recipe = recipe_of(network=wide, preset="", optimizer="sgd")
    cost = recipe.step(recipe.parsed(wide, np.random.default_rng(0))).cost(1)
    limits = Limits(cost.bytes, 10**12)
    run = Run(recipe, limits)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=r"a step would take .* MB; at most .* are allowed"):
            change_setting(run, "optimizer", "adam")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Weights as they are drawn, and no array of the optimiser.
    assert peak < cost.bytes / 3
    augmented = recipe.with_(augment="flip")
    assert (
        augmented.step(run.history.trainer.model).cost(8).bytes
        > recipe.step(run.history.trainer.model).cost(8).bytes
    )


def test_a_network_of_the_preset_is_the_preset_again() -> None:
    viewer = viewer_of("digits")
    viewer.set("network", NETWORK)
    assert (viewer.run.recipe.preset, viewer.run.recipe.base) == ("", "digits")
    words = address.to_query(viewer.run, viewer.place)
    assert (words["preset"], words["model"]) == ("digits", NETWORK)
    viewer.set("network", PRESETS["digits"].network)
    assert viewer.run.recipe.preset == "digits"
    assert "model" not in address.to_query(viewer.run, viewer.place)


def test_a_text_that_is_too_long_for_a_link_is_said() -> None:
    viewer = viewer_of("one")
    long = "relu, " * (LONGEST_IN_LINK // 6) + NETWORK
    viewer.set("network", long)
    assert f"{len(long):,} characters" in viewer.message
    assert viewer.run.recipe.network == long
    assert "2,000" in report_of(long, viewer.run.recipe, SERVED).note


def test_the_rate_of_a_schedule_can_be_changed_on_the_way() -> None:
    viewer = viewer_of("one", schedule="warmup 2, step 2 factor 0.5")
    viewer.run.advance()
    viewer.set("learning_rate", 0.4)
    viewer.run.advance()
    assert viewer.run.trace.lr == 0.4
    viewer.run.advance(2)
    assert viewer.run.trace.lr == 0.2
    assert viewer.run.settings["learning_rate"] == 0.4
    moment = address.read(address.to_query(viewer.run, viewer.place))
    other = viewer_of("digits")
    other.open(moment)
    arrive(other)
    assert same(numbers(other), numbers(viewer))


@pytest.mark.parametrize(("loss", "network"), [
    ("mse", "flatten, linear {classes}"),
    ("l1", "flatten, linear {classes}"),
    ("bce", "flatten, linear {classes}"),
    ("bce", "flatten, linear {classes}, softmax"),
    ("mse", "flatten, linear 1"),
])  # fmt: skip
def test_class_labels_are_targets_of_every_loss(loss: str, network: str) -> None:
    run = Run(recipe_of(network=network, loss=loss, preset="", batch_size=4))
    run.advance()
    assert np.isfinite(run.trace.loss)


def test_play_makes_some_iterations_at_once() -> None:
    viewer, other = viewer_of("one"), viewer_of("one")
    viewer.step(5)
    for _ in range(5):
        other.step()
    assert viewer.trace.iteration == 6
    assert same(numbers(viewer), numbers(other))
    assert viewer.run.history.losses == other.run.history.losses
    viewer.change(steps=20)
    words = address.to_query(viewer.run, viewer.place)
    assert words["steps"] == "20"
    assert address.read(words).place.steps == 20
    assert "steps" not in address.to_query(other.run, other.place)


def test_what_diverges_on_the_way_leaves_the_run_at_the_last_iteration() -> None:
    viewer = viewer_of("one", learning_rate=1e6, loss="mse", network="flatten, linear 9, linear 3")
    for _ in range(100):
        viewer.step(3)
    assert "diverged" in viewer.message
    assert viewer.trace.iteration == viewer.run.history.trainer.iteration
    assert np.isfinite(viewer.trace.loss)


# What is said while one writes.


def test_a_report_has_a_row_for_each_layer() -> None:
    text = "conv 2 k3\nresidual(\n  conv 2 k3 p1\n|\n  conv 2 k1\n)\nflatten\nlinear {classes}\n"
    report = report_of(text, recipe_of(batch_size=2), SERVED)
    assert report.fault is None
    rows = [
        (text.count("\n", 0, row.start), row.shape, row.params, row.multiply_adds)
        for row in report.rows
    ]
    assert rows == [
        (0, (2, 4, 4), 20, 288),
        (1, (2, 4, 4), 0, 0),
        (2, (2, 4, 4), 38, 576),
        (4, (2, 4, 4), 6, 64),
        (6, (32,), 0, 0),
        (7, (3,), 99, 96),
    ]
    assert (report.params, report.multiply_adds) == (163, 2 * 1024)
    assert sum(row.params for row in report.rows) == report.params
    assert report.batch_size == 2
    assert 2 * sum(row.multiply_adds for row in report.rows) == report.multiply_adds


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("residual(conv 1 k3 p1, relu)\nflatten", {0: ((1, 6, 6), 10, 324), 1: ((36,), 0, 0)}),
        (
            "conv 2 k3 p1, relu, pool 2\nflatten\nlinear {classes}",
            {0: ((2, 3, 3), 20, 648), 1: ((18,), 0, 0), 2: ((3,), 57, 54)},
        ),
        (
            "conv 2 k3, residual(conv 2 k3 p1,\nrelu | conv 2 k1), pool 2\nflatten, linear 3",
            {0: ((2, 4, 4), 58, 864), 1: ((2, 2, 2), 6, 64), 2: ((3,), 27, 24)},
        ),
        (
            "residual(conv 2 k3 p1 | concat(conv 1 k1 | conv 1 k1)), gap",
            {0: ((2, 1, 1), 24, 720)},
        ),
    ],
)
def test_a_line_has_the_costs_of_all_its_layers(
    text: str, wanted: dict[int, tuple[tuple[int, ...], int, int]]
) -> None:
    report = report_of(text, recipe_of(), SERVED)
    lines = by_line(text, report.rows)
    assert {
        line: (row.shape, row.params, row.multiply_adds) for line, row in lines.items()
    } == wanted
    assert sum(row.params for row in lines.values()) == report.params
    total = sum(row.multiply_adds for row in lines.values())
    assert total * report.batch_size == report.multiply_adds


@pytest.mark.parametrize(
    ("text", "wrong", "rows"),
    [
        ("conv 2 k3\nrellu\nflatten", "rellu", 1),
        ("conv 2 k3\nflatten\nlinear {classes} {classes}", "linear {classes} {classes}", 2),
        ("conv 2 k3\nflatten\nlinear {classes}, pool 2", "pool 2", 3),
        ("conv 2 k3\nrelu", "relu", 2),
        ("conv 2 k3\nresidual(\n  conv 9\n  rellu\n)", "rellu", 1),
    ],
)
def test_a_report_points_at_what_is_wrong(text: str, wrong: str, rows: int) -> None:
    report = report_of(text, recipe_of(), SERVED)
    assert report.fault is not None
    assert text[report.fault.start : report.fault.stop] == wrong
    assert len(report.rows) == rows


@given(st.text("conv lineark3,()|\n{classes} 8", max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_report_of_any_text(text: str) -> None:
    report = report_of(text, recipe_of(), SERVED)
    if report.fault is not None:
        assert -1 <= report.fault.start <= report.fault.stop <= len(text)


@pytest.mark.parametrize("channels", [1, 4, 8])
def test_a_residual_of_the_menu_fits_behind_any_number_of_channels(channels: int) -> None:
    menu = {part.word: part for part in layer_menu()}
    text = f"conv {channels} k3\n{menu['residual'].text}\nflatten\nlinear {{classes}}"
    assert report_of(text, recipe_of(), SERVED).fault is None


@pytest.mark.parametrize("keyword", ["residual", "concat"])
def test_what_the_menu_puts_in_fits_behind_a_vector(keyword: str) -> None:
    part = next(part for part in layer_menu() if part.word == keyword)
    text = f"flatten\nlinear 5\n{part.vector_text}\nlinear {{classes}}"
    assert report_of(text, recipe_of(), SERVED).fault is None


def test_the_menu_has_all_layers_with_what_they_know() -> None:
    menu = {part.word: part for part in layer_menu()}
    assert menu["conv"].knows.startswith("<number of output channels> k<kernel size> s<stride>")
    assert menu["relu"].knows == ""

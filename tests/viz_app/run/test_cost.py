"""What a step costs is known before, and what is too much is refused before it is allocated."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from functools import partial
from time import perf_counter

import pytest

from core.errors import SpecError
from core.optim import SGD, Adam
from tests.viz_app.viewers import numbers, own_data, same
from viz_app.explore import explore
from viz_app.place import address
from viz_app.run.cost import EXPORTED, OWN, SERVED
from viz_app.run.presets import PRESETS
from viz_app.run.recipe import Recipe
from viz_app.run.replay import Change
from viz_app.run.run import Run
from viz_app.viewer import Viewer

TEXTS = [
    "conv 16 k5 p2, relu, pool 2, conv 32 k3 p1, relu, gap, flatten, linear {classes}",
    "flatten, linear 512, relu, linear 512, tanh, linear {classes}",
    "conv 8 k3 p1, groupnorm 2, gelu, avgpool 2, residual(conv 8 p1, bn, relu | conv 8 k1), "
    "pool 3 s1 p1, flatten, linear {classes}",
    "concat(conv 4 k1 | conv 4 k3 p1 | identity), layernorm, sigmoid, upsample 2, conv 4 k3 s2, "
    "flatten, dropout 0.5, linear {classes}",
    "conv 32 k7 p3 s2, relu, conv 32 k1, relu, flatten, linear {classes}",
    "pool 3 s1 p1, relu, leaky 0.1, tanh, flatten, linear {classes}",
    "flatten, linear {classes}",
]


def of(name: str, **settings: object) -> Recipe:
    return PRESETS[name].recipe(name).with_(**settings)


def recipes() -> dict[str, Recipe]:
    """The presets as they are and with larger batches, and networks of one's own."""
    found: dict[str, Recipe] = {}
    for name in PRESETS:
        found[name] = of(name)
        samples = len(of(name).data.train)
        found[f"{name} 40"] = of(name, batch_size=min(40, samples))
        found[f"{name} float32"] = of(name, batch_size=min(30, samples), dtype="float32")
    for k, text in enumerate(TEXTS):
        for name in ("digits", "mnist", "shapes"):
            found[f"{k} on {name}"] = of(name, network=text, preset="", batch_size=20)
    # What they keep of each param counts where there are many.
    for optimizer in (partial(SGD, momentum=0), Adam):
        many = of("mnist", network=TEXTS[1], preset="", batch_size=2, optimizer=optimizer)
        found[str(optimizer)] = many
    return found


RECIPES = recipes()


@pytest.mark.parametrize("name", RECIPES)
def test_the_memory_of_a_step_is_known_before(name: str) -> None:
    recipe = RECIPES[name]
    trainer = recipe.trainer()
    known = recipe.step(trainer.model).cost(recipe.batch_size).bytes
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        Run(recipe).advance()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.7 <= known / (peak - before) <= 2


@pytest.mark.parametrize("limits", [SERVED, EXPORTED])
@pytest.mark.parametrize("preset", PRESETS)
def test_presets_pass_with_twice_their_batch(preset: str, limits: object) -> None:
    recipe = of(preset)
    run = Run(recipe.with_(batch_size=2 * recipe.batch_size), limits)  # type: ignore[arg-type]
    assert run.trace.iteration == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "text", ["conv 64 k3 p1, conv 64 k7 p3, gap, flatten, linear {classes}", TEXTS[1], TEXTS[3]]
)
def test_the_largest_step_of_a_server_takes_two_seconds_at_most(text: str) -> None:
    recipe = of("mnist", network=text, preset="")
    trainer = recipe.trainer()
    most = SERVED.most_samples(recipe.step(trainer.model))
    run = Run(recipe.with_(batch_size=min(most, len(recipe.data.train))), SERVED)
    times = []
    for _ in range(3):
        start = perf_counter()
        run.advance()
        times.append(perf_counter() - start)
    assert min(times) < 2


# Every way in.


@pytest.fixture
def viewer() -> Viewer:
    viewer = Viewer(Run(of("mnist"), SERVED))
    viewer.change(grain="Iteration")
    viewer.step()
    return viewer


def by_batch(viewer: Viewer) -> None:
    viewer.set("batch_size", 1000)


def by_data(viewer: Viewer) -> None:
    viewer.use_data(own_data(size=200, n=120))


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (by_batch, "A step would take 4.16 GB; at most 300 MB are allowed here: choose a batch of"),
        (by_data, "A step would take "),
    ],
)
def test_what_costs_too_much_is_refused_and_changes_nothing(
    viewer: Viewer, ask: Callable[[Viewer], None], said: str
) -> None:
    shown, settings = numbers(viewer), dict(viewer.run.settings)
    tracemalloc.start()
    try:
        ask(viewer)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert viewer.message.startswith(said)
    assert peak < 60_000_000
    assert same(numbers(viewer), shown)
    assert viewer.run.settings == settings
    assert not viewer.run.replaying
    viewer.step()
    assert viewer.trace.iteration == 3


WIDE = "conv 200 k3 p1, gap, flatten, linear {classes}"


@pytest.mark.parametrize(
    ("query", "said", "rest"),
    [
        ("batch=1000", "batch: a step would take 4.16 GB; at most 300 MB", ""),
        ("changes=1:learning_rate:0.1;2:batch_size:1000", "changes: 2:batch_size:1000 is left out: "
         "a step would take 4.16 GB", "changes=1:learning_rate:0.1"),
        (f"model={WIDE}", "model: a step would take", ""),
        (f"model={WIDE}&batch=1000", "model: a step would take", ""),
        (f"model={WIDE}&batch=4", "", f"model={WIDE}&batch=4"),
        ("model=conv 4, gap, flatten, linear 10&batch=60&changes=2:batch_size:1600",
         "changes: 2:batch_size:1600 is left out: a step would take",
         "model=conv 4, gap, flatten, linear 10&batch=60"),
    ],
)  # fmt: skip
def test_a_word_of_an_address_that_costs_too_much_is_left_out_alone(
    query: str, said: str, rest: str
) -> None:
    start = "preset=mnist&iteration=5&seed=3"
    tracemalloc.start()
    try:
        moment = address.read(address.parse(f"{start}&{query}"), SERVED)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000
    wanted = address.read(address.parse(f"{start}&{rest}"), SERVED)
    assert wanted.wrong == ()
    assert moment.wrong[0].startswith(said) if said else not moment.wrong
    assert moment.changes == wanted.changes
    assert moment.iteration == wanted.iteration
    if "batch=1000" not in query:
        assert moment.recipe.makes_the_run_of(wanted.recipe)
    # And none that is left costs too much.
    Run(moment.recipe, SERVED)


def test_what_is_advised_is_allowed(viewer: Viewer) -> None:
    viewer.set("batch_size", 1000)
    advised = int(viewer.message.partition("a batch of at most ")[2].partition(".")[0])
    viewer.set("batch_size", advised + 1)
    assert viewer.message
    viewer.set("batch_size", advised)
    assert viewer.message == ""


@pytest.mark.parametrize(
    "text",
    [
        "flatten, linear 65536, linear 65536, linear 10",
        "conv 65536 k1, gap, flatten, linear 10",
        "conv 60000 k1, layernorm, gap, flatten, linear 10",
        "conv 1000 k99 p49, gap, flatten, linear 10",
    ],
)
def test_a_text_that_asks_for_too_many_params_is_refused_before_they_are_made(text: str) -> None:
    tracemalloc.start()
    try:
        moment = address.read({"preset": "mnist", "model": text}, SERVED)
        said = " ".join(moment.wrong)
        if not said:
            with pytest.raises(ValueError, match=r"a step would take .* choose") as refused:
                Run(moment.recipe, SERVED)
            said = str(refused.value)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "allowed here: choose" in said
    assert peak < 60_000_000


def test_many_multiply_adds_are_refused_too() -> None:
    text = "conv 64 k3 p1 , conv 64 k15 p7, gap, flatten, linear {classes}"
    with pytest.raises(
        ValueError, match=r"a step would take .* multiply-adds; at most 200 million"
    ):
        Run(of("mnist", network=text, preset="", batch_size=1, dtype="float32"), SERVED)


def test_the_own_machine_may_do_more() -> None:
    data = of("mnist").data
    with pytest.raises(SpecError, match=r"linear 65536: needs .* params.*\n.*\n *\^"):
        explore("flatten, linear 65536, linear 65536, linear {classes}", data)
    assert explore("flatten, linear {classes}", data, batch_size=1000).run.limits is OWN


def test_the_changes_of_a_link_beyond_its_iteration_are_not_made() -> None:
    run = Run(of("mnist"), SERVED)
    run.replay(of("mnist"), 2, [Change(2, "batch_size", 40), Change(5, "batch_size", 1000)])
    run.stop()

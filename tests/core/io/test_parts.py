"""The text form of optimisers, losses, schedules and augmentations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import core.losses
import core.optim
from core.errors import SpecError
from core.io.choices import Choice, Choices
from core.io.parts import (
    AUGMENTATIONS,
    LOSSES,
    OPTIMISERS,
    SCHEDULES,
    WARM_UP,
    make_augment,
    make_loss,
    make_optimizer,
    make_schedule,
    plain_augment,
    plain_loss,
    plain_optimizer,
    plain_schedule,
    slots_of,
)
from core.io.pointing import PointedError
from core.losses import CrossEntropyLoss, Loss
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from core.tensor import Tensor

PLAIN: dict[str, tuple[Callable[[str], str], Choices]] = {
    "optimizer": (plain_optimizer, OPTIMISERS),
    "loss": (plain_loss, LOSSES),
    "schedule": (plain_schedule, SCHEDULES),
    "augment": (plain_augment, AUGMENTATIONS),
}


def made(text: str) -> Optimizer:
    return make_optimizer(text, [Tensor(np.zeros(2))], 0.1)


def test_all_of_core_can_be_written() -> None:
    for package, base, choices in (
        (core.optim, Optimizer, OPTIMISERS),
        (core.losses, Loss, LOSSES),
    ):
        kinds = {getattr(package, name) for name in package.__all__}
        wanted = {kind for kind in kinds if inspect.isclass(kind) and issubclass(kind, base)}
        assert {choice.make for choice in choices.values()} == wanted - {base}


@pytest.mark.parametrize(
    ("text", "kind", "settings"),
    [
        ("sgd", SGD, {"momentum": 0.0, "nesterov": False, "max_norm": None, "lr": 0.1}),
        ("sgd momentum 0.9 nesterov", SGD, {"momentum": 0.9, "nesterov": True}),
        ("SGD momentum=.9", SGD, {"momentum": 0.9}),
        ("sgd momentum0.9 max_norm 1", SGD, {"momentum": 0.9, "max_norm": 1.0}),
        ("adam beta1 0.8", Adam, {"betas": (0.8, 0.999)}),
        ("adam beta2=0.9 eps 1e-6", Adam, {"betas": (0.9, 0.9), "eps": 1e-6}),
        ("adamw", AdamW, {"weight_decay": 0.01}),
        ("adamw weight_decay 0", AdamW, {"weight_decay": 0.0}),
        ("rmsprop alpha 0.9 momentum 0.5", RMSprop, {"alpha": 0.9, "momentum": 0.5}),
    ],
)
def test_a_text_makes_the_optimiser(text: str, kind: type, settings: dict[str, object]) -> None:
    optimizer = made(text)
    assert type(optimizer) is kind
    assert {name: getattr(optimizer, name) for name in settings} == settings
    assert slots_of(text) == len(optimizer.slot_names)


def test_a_text_makes_the_loss_and_the_schedule() -> None:
    loss = make_loss("cross_entropy label_smoothing 0.1")
    assert isinstance(loss, CrossEntropyLoss)
    assert loss.label_smoothing == 0.1
    rate = make_schedule("warmup 4, step 2 factor 0.5", 1.0)
    assert [rate(k) for k in range(8)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0, 0.5, 0.5]
    assert make_schedule("constant", 0.3)(99) == 0.3
    assert make_schedule("cosine 10 least 0.1", 0.5)(10) == 0.1


@pytest.mark.parametrize(
    ("name", "text", "said", "place"),
    [
        ("optimizer", "adma", "did you mean adam? known are sgd, adam, adamw, rmsprop", 0),
        ("optimizer", "rms momentum 0.9", "did you mean rmsprop?", 0),
        ("loss", "ce", "did you mean cross_entropy?", 0),
        ("loss", "CE label_smoothing 0.1", "did you mean cross_entropy?", 0),
        ("loss", "cross entropy", "did you mean cross_entropy?", 0),
        ("loss", "CrossEntropyLoss", "did you mean cross_entropy?", 0),
        ("loss", "mae", "did you mean l1?", 0),
        ("loss", "L1Loss", "did you mean l1?", 0),
        ("loss", "l2", "did you mean mse?", 0),
        ("loss", "mean_squared_error", "did you mean mse?", 0),
        ("loss", "binary_cross_entropy", "did you mean bce?", 0),
        ("loss", "bce_with_logits", "did you mean bce?", 0),
        ("loss", "huber", "'huber' is not a loss; known are", 0),
        ("optimizer", "", "an optimiser is missing; known are", 0),
        ("optimizer", "sgd, adam", "an optimiser is one item", 5),
        ("optimizer", "sgd momentum 1", "momentum is 1.0; expected a number from 0 to below 1", 4),
        ("optimizer", "sgd nesterov", "nesterov needs a momentum above 0", 4),
        (
            "optimizer",
            "adam momentum 0.9",
            "the optimiser adam takes beta1 <number> beta2 <number> eps",
            5,
        ),
        ("optimizer", "sgd momentum 0.9 momentum 0.8", "sgd has momentum twice", 17),
        ("optimizer", "sgd (relu)", "does not know what", 4),
        ("loss", "mse 3", "the loss mse takes no further words", 4),
        ("loss", "cross_entropy label_smoothing 2", "expected 0 to 1", 14),
        (
            "schedule",
            "cosine",
            "the schedule cosine takes <total: iterations until it ends> least",
            0,
        ),
        ("schedule", "warmup 3", "warmup leads to a schedule: write `warmup 3, cosine 300`", 0),
        ("schedule", "cosine 3, step 5", "cosine leads to no other schedule", 0),
        ("schedule", "warmup 0, cosine 0", "total is 0", 10),
        ("schedule", "step 30 factor -1", "factor is -1.0", 8),
        ("augment", "shift 0", "most is 0", 0),
        ("augment", "flip, turn", "'turn' is not an augmentation", 6),
    ],
)
def test_a_slip_is_pointed_at(name: str, text: str, said: str, place: int) -> None:
    with pytest.raises(PointedError) as caught:
        PLAIN[name][0](text)
    assert said in caught.value.said
    assert caught.value.part.start == place
    assert re.search(rf"\(character {place + 1}\)\n  .*\n  {' ' * place}\^$", str(caught.value))


def values(choice: Choice) -> st.SearchStrategy[str]:
    """Texts of what stands behind a word; numbers are such as any option takes."""
    numbers = st.lists(st.integers(1, 500), min_size=len(choice.first), max_size=len(choice.first))
    options = [
        st.sampled_from(["", name])
        if isinstance(default, bool)
        else st.floats(1e-9, 0.999).map(f"{name} {{!r}}".format) | st.just("")
        for name, default in choice.options.items()
    ]
    return st.tuples(numbers, *options).map(
        lambda found: " ".join([*map(str, found[0]), *filter(None, found[1:])])
    )


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    name = draw(st.sampled_from(sorted(PLAIN)))
    choices = PLAIN[name][1]
    words = [word for word in choices if word != WARM_UP]
    word = draw(st.sampled_from(words))
    text = f"{word} {draw(values(choices[word]))}".strip()
    if "nesterov" in text and "momentum" not in text:
        text += " momentum 0.5"
    if name == "schedule" and draw(st.booleans()):
        text = f"{WARM_UP} {draw(st.integers(0, 99))}, {text}"
    return name, text


@given(texts())
def test_what_is_written_reads_as_itself(named: tuple[str, str]) -> None:
    name, text = named
    plain = PLAIN[name][0]
    assert plain(plain(text)) == plain(text)
    assert plain(text.upper().replace(", ", " ,")) == plain(text)
    if name == "optimizer":
        first, again = made(text), made(plain(text))
        state = again.state_dict()
        assert all(np.array_equal(a, state[key]) for key, a in first.state_dict().items())


@given(st.sampled_from(sorted(PLAIN)), st.text("sgdam wp0123456789.,()e-=_|\n", max_size=30))
def test_any_text_is_read_or_pointed_into(name: str, text: str) -> None:
    found = None
    try:
        PLAIN[name][0](text)
    except SpecError as error:
        found = error
    if found is not None:
        assert isinstance(found, PointedError)
        assert 0 <= found.part.start <= found.part.stop <= len(text)


def test_no_augmentation_is_none() -> None:
    assert plain_augment(" None ") == "none"
    assert make_augment("none", np.random.default_rng(0)) is None

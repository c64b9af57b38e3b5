"""Every inner stage of every layer, loss and optimiser has a sentence and an equation."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pytest
from numpy.typing import ArrayLike

import viz_app.layer_views  # noqa: F401  registers the words
from core.inspect.trace import StepTrace
from core.layer import Layer
from core.layers import Linear, ReLU, Sigmoid
from core.losses import CrossEntropyLoss, Loss, MSELoss
from core.model import Model
from core.optim import SGD, Adam, Optimizer
from core.symbols import AXES, CONSTANTS, SIZES, SYMBOLS, in_latex, symbol
from core.tensor import Array, Tensor
from tests.core.cases import OTHERS, Case
from tests.viz_app.components.test_explanation import LOSSES, SHOWN
from tests.viz_app.recorded import OPTIMIZERS, of_case, trace_of, trained
from tests.viz_app.style.test_typeset import parsed, text_of, written
from viz_app.place.place import Place
from viz_app.scene.captions import Caption, caption, words_of
from viz_app.scene.pins import scene_of
from viz_app.scene.registry import Look
from viz_app.style.typeset import mathml

# What an equation may say without a name of `core.symbols`: operators, functions, spaces.
OPERATORS = re.findall(
    r"\\\S+",
    r"""\cdot \frac \sum \sqrt \top \hat \in \times \lfloor \rfloor \{ \} \left \right \ldots
    \max \ast \exp \log \tanh \Phi \varphi \, \; \quad""",
)
# Letters that the table's symbols have.
GREEK = {
    letter
    for latex in (*CONSTANTS.values(), *(found.latex for found in SYMBOLS.values()))
    if r"\text" not in latex
    for letter in written(parsed(mathml(latex))[0])
    if "GREEK" in unicodedata.name(letter, "")
}


def unnamed(equation: str) -> str:
    """Return the letters of an equation that are no symbols, operators, words or indices."""
    rest = re.sub(r"<\w+>", "", equation)
    rest = re.sub(r"\\(text|mathrm|mathbb)\{[^}]*\}", "", rest)
    rest = re.sub(r"\\([A-Za-z]+|.)", lambda m: "" if m[0] in OPERATORS else m[0], rest)
    rest = re.sub(r"_([a-z]\b|\{[^{}]*\})", lambda m: "" if is_index(m[1]) else m[0], rest)
    return re.sub(r"[^A-Za-z\\]", "", rest)


def is_index(text: str) -> bool:
    return set(text) <= {*AXES, *"{}, _"}


def check(trace: StepTrace) -> None:
    for at, stage in enumerate(trace.stages):
        for k, inner in enumerate(stage.inner):
            words = words_of(stage, inner)
            assert words, (stage.phase, stage.layer, inner)
            text, equation = words
            assert equation.startswith("=") or not unnamed(equation), equation
            greek = {letter for letter in text if "GREEK SMALL" in unicodedata.name(letter)}
            assert greek <= GREEK, text
            shown = caption(trace, stage, inner)
            stands_over_its_panels(trace, at, k, equation)
            assert shown.text.endswith("."), shown.text
            (typeset,) = parsed(shown.mathml)
            assert typeset.tag == "math"
            assert "\\" not in written(typeset), written(typeset)


def stands_over_its_panels(trace: StepTrace, stage: int, inner: int, equation: str) -> None:
    """An equation has two sides and is about the board, whose titles have its symbols."""
    look = Look(trace, Place(stage=stage, inner=inner))
    panels = [panel for panel in scene_of(look).panels.values() if panel.key in look.arrays]
    signs = [symbol(panel.key, np.ndim(look.arrays[panel.key])).latex for panel in panels]
    for panel, latex in zip(panels, signs, strict=True):
        # Brackets are those of a product in which it stands.
        alone = re.sub(r"^\((.*)\)$", r"\1", latex)
        assert r"\text" in latex or text_of(mathml(alone)) in text_of(panel.title), panel.key
    results = {
        latex for panel, latex in zip(panels, signs, strict=True) if panel.now or panel.is_empty
    }
    if equation.startswith("="):
        assert equation[1:] in {panel.key for panel in panels if panel.now}, equation
    else:
        assert re.search(r"=|\\in ", equation), equation
        assert any(latex in in_latex(equation) for latex in results), (equation, results)


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: case.id)
def test_layers(case: Case) -> None:
    check(of_case(case))


@pytest.mark.parametrize(("loss", "targets"), LOSSES.values(), ids=LOSSES)
def test_losses(loss: Loss, targets: ArrayLike) -> None:
    (case,) = (case for case in OTHERS if case.id == "linear-4x3")
    model = Model(case.layer()).astype(np.float64)
    check(trace_of(model, case.input(batch=3), loss, np.asarray(targets)))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers(optimizer: str) -> None:
    check(trained(optimizer))


def test_words_depend_on_options() -> None:
    trace = trained("clipped")
    stage = trace.stage("update", "conv")
    assert "a norm of at most 0.01" in caption(trace, stage, "weight").text
    trace = trained(text="conv 2 k3 d2, conv 4 k1 g2, gap, flatten, linear 10")
    dilated, grouped = (trace.stage("forward", f"conv{k}") for k in (1, 2))
    assert "steps apart" in caption(trace, dilated, "unroll").text
    assert "Each group" in caption(trace, grouped, "multiply").text
    assert "steps apart" not in caption(trace, grouped, "unroll").text


class Doubled(ReLU):
    """Has no keyword; computes the same."""


class Shifted(ReLU):
    """Computes something else."""

    def function(self, x: np.ndarray, out: np.ndarray) -> None:
        np.maximum(x, 1, out=out)


def test_a_subclass_without_a_keyword_has_the_words_of_its_base() -> None:
    x = np.linspace(-2, 2, 12, dtype=np.float32).reshape(3, 4)
    texts = []
    for kind in (ReLU, Doubled, Shifted):
        trace = trace_of(Model(kind()), x, LOSSES["squares"][0], x)
        shown = caption(trace, trace.stages[0], "output")
        texts.append(text_of(shown.text))
        # Nobody says how the third computes its output.
        assert bool(shown.mathml) == (kind is not Shifted)
    assert texts[0] == texts[1] == "Positive numbers pass as they are, all others become 0."
    # The function of its own is no longer what the words say.
    assert texts[2] == "Every number goes through the same function f."


def test_an_equation_has_its_symbols_from_the_table() -> None:
    assert not unnamed(r"<g_X_in>_{n,c} = <K>^{\top} \frac{1}{<m>} \sum_k <x_hat>_k \text{ if } 2")
    assert unnamed(r"\frac{1}{m} <x_hat>") == "m"
    assert unnamed(r"\mu_{run} + <eps>") == "\\murun"
    assert unnamed(r"<X_out> = T_{\mu}") == "T\\mu"
    assert "ε" in GREEK
    assert "ϵ" not in GREEK


@pytest.mark.parametrize("name", [*SYMBOLS, *CONSTANTS, *SIZES])
def test_every_symbol_can_stand_in_an_equation(name: str) -> None:
    equation = in_latex(rf"<{name}>_{{n}} + <{name}>^2 = <{name}>")
    assert "<" not in equation
    (element,) = parsed(mathml(equation))
    assert "\\" not in written(element)


# Strangers: subclasses that compute something else than their base.


class Double(Linear):
    """Has all of its lines from its base."""

    def _forward(self, x: Array) -> Array:
        return 2 * super()._forward(x)


class Stated(Double):
    """The same, but says so."""

    @property
    def formulas(self) -> str:
        return """
            X_out[n,k]    = 2 * sum[i](X_in[n,i] * weight[k,i]) + 2 * bias[k]
            g_weight[k,i] = sum[n](g_X_out[n,k] * X_in[n,i])
            g_bias[k]     = sum[n](g_X_out[n,k])
            g_X_in[n,i]   = sum[k](g_X_out[n,k] * weight[k,i])
        """


class Halved(Linear):
    """Only its backward pass is another one."""

    def _backward(self, g: Array) -> Array | None:
        return super()._backward(g / 2)


class Renamed(Linear):
    """Computes what its base does."""

    def __init__(self) -> None:
        super().__init__(4, 3, rng=np.random.default_rng(0))


class Rough(Sigmoid):
    """Has a slope of its own."""

    def slope(self, x: Array, y: Array, out: Array) -> None:
        out.fill(0.25)


class Temp(CrossEntropyLoss):
    """Divides the logits by a temperature."""

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        return super().forward(Tensor(output.value / 2), targets)


class Cubes(MSELoss):
    """Another mean."""

    def _mean(self) -> float:
        return float(np.mean(np.abs(self.difference) ** 3))


class Squares(Loss):
    """States its loss, one number without an index, and not its gradient."""

    formulas = """
        loss        = sum[i, j](X_out[i, j] * X_out[i, j])
        g_X_out[*i] = "written by backward of the loss"
    """

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        return float(np.sum(output.value * output.value))

    def backward(self) -> None:
        self.output.grad = 2 * self.output.value


class Signs(SGD):
    """Another step."""

    def _step(self, param: Tensor, k: int) -> Array:
        return self.lr * np.sign(param.grad)


class Slow(Adam):
    """The step of its base."""


def said(trace: StepTrace, phase: str, layer: str) -> dict[str, Caption]:
    (stage,) = (found for found in trace.stages if (found.phase, found.layer) == (phase, layer))
    return {inner: caption(trace, stage, inner) for inner in stage.inner}


def step(layer: Layer, loss: Loss | None = None, targets: ArrayLike = 0.0) -> StepTrace:
    x = np.linspace(-2, 2, 12, dtype=np.float32).reshape(3, 4)
    model = Model(layer)
    loss = loss or MSELoss()
    given = np.zeros_like(model(x).value) if np.ndim(targets) == 0 else np.asarray(targets)
    return trace_of(model, x, loss, given)


def linear(kind: type[Linear]) -> Linear:
    return Renamed() if kind is Renamed else kind(4, 3, rng=np.random.default_rng(0))


def test_a_subclass_with_a_forward_pass_of_its_own_has_not_the_words_of_its_base() -> None:
    plain, double, stated, renamed = (
        step(linear(kind)) for kind in (Linear, Double, Stated, Renamed)
    )
    of_base = said(plain, "forward", "linear")["multiply"]
    assert said(renamed, "forward", "renamed")["multiply"] == of_base
    own = said(double, "forward", "double")["multiply"]
    assert own == Caption("Double, forward: multiply.", "")
    (equation,) = parsed(said(stated, "forward", "stated")["multiply"].mathml)
    assert "=2∑" in written(equation)
    # The backward pass is still that of the base.
    assert said(double, "backward", "double") == said(plain, "backward", "linear")


def test_a_subclass_with_a_backward_pass_of_its_own_keeps_the_words_of_the_forward_pass() -> None:
    plain, halved = step(linear(Linear)), step(linear(Halved))
    assert said(halved, "forward", "halved") == said(plain, "forward", "linear")
    shown = said(halved, "backward", "halved")
    # What is said of any layer's gradient of its input.
    assert text_of(shown["input gradient"].text).startswith(
        "The layer computes the gradient of its input"
    )
    assert shown["weight gradient"].text == "Halved, backward: weight gradient."
    assert not any(found.mathml for found in shown.values())


def test_only_what_is_stated_stands_in_a_caption() -> None:
    shown = said(step(ReLU(), Squares()), "loss", "loss")
    assert "∑" in shown["loss"].mathml
    assert not shown["gradient"].mathml


def test_a_slope_of_its_own_is_not_that_of_the_base() -> None:
    plain, rough = step(Sigmoid()), step(Rough())
    before, after = said(plain, "forward", "sigmoid"), said(rough, "forward", "rough")
    assert after["output"] == before["output"]
    assert (
        text_of(after["gate"].text)
        == "The gate is the slope of f at each number; a unit with slope 0 is closed."
    )
    assert not after["gate"].mathml
    assert (
        text_of(said(rough, "backward", "rough")["input gradient"].text)
        == "Each gradient is multiplied by the slope."
    )


def test_a_loss_of_its_own_has_not_the_words_of_its_base() -> None:
    plain, temp = (step(linear(Linear), loss, [0, 2, 1]) for loss in (CrossEntropyLoss(), Temp()))
    before, after = said(plain, "loss", "loss"), said(temp, "loss", "loss")
    assert after["softmax"] == Caption("Temp, loss: softmax.", "")
    assert after["loss"] == Caption("The loss says how wrong the output is, in one number.", "")
    assert after["logit gradient"] == before["logit gradient"]
    cubes = said(step(linear(Linear), Cubes()), "loss", "loss")
    assert cubes["difference"] == Caption("Cubes, loss: difference.", "")


@pytest.mark.parametrize("kind", [Signs, Slow])
def test_an_optimiser_of_its_own_has_not_the_words_of_its_base(kind: type[Optimizer]) -> None:
    OPTIMIZERS["stranger"] = kind, {}
    try:
        trace = trained("stranger")
    finally:
        del OPTIMIZERS["stranger"]
    shown = said(trace, "update", "conv")["weight"]
    is_known = kind is Slow
    assert text_of(shown.text).startswith("m is a running mean") == is_known
    (equation,) = parsed(shown.mathml)
    assert ("λ" in written(equation)) == is_known


def test_the_gradient_in_an_update_is_the_one_that_enters_the_step() -> None:
    equations = {
        name: written(parsed(said(trained(name), "update", "conv")["weight"].mathml)[0])
        for name in ("sgd", "momentum", "clipped")
    }
    assert equations["sgd"] == "Δ=−λg,θ(after)=θ(before)+Δ"
    assert equations["clipped"] == "Δ=−λg(clip),θ(after)=θ(before)+Δ"
    assert "(g+δθ(before))" in equations["momentum"]


def test_a_layer_without_a_bias_shows_none() -> None:
    trace = trained(text="conv 2 k3 nobias, conv 4 k1 g2 nobias, flatten, linear 10 nobias")
    for layer, inner in (("conv1", "multiply"), ("conv2", "multiply"), ("linear", "multiply")):
        (equation,) = parsed(said(trace, "forward", layer)[inner].mathml)
        assert "b" not in written(equation)

"""Models as text: what is written is what is read, and every slip is pointed at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Any, Self

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import SpecError
from core.io.text import format_model, parse_model
from core.io.weights import state_dict
from core.kernels.im2col import Pair
from core.layer import LAYERS, Layer, Shape
from core.layers import AvgPool2d, BatchNorm2d, Conv2d, Dropout, LeakyReLU, Linear, MaxPool2d
from core.model import Model
from core.spec_item import KEYWORD, SpecItem, number_text

IMAGE = (1, 28, 28)


def parse(text: str, shape: Shape = IMAGE) -> Model:
    return parse_model(text, shape, np.random.default_rng(0))


def shapes(model: Model) -> dict[str, Shape]:
    return {name: array.shape for name, array in state_dict(model).items()}


# Texts of valid models, an option written only where it differs from its default.


def pairs(least: int, most: Pair) -> st.SearchStrategy[Pair]:
    return st.tuples(st.integers(least, most[0]), st.integers(least, most[1]))


def option(letter: str, value: Pair, default: Pair) -> str:
    return "" if value == default else f" {letter}{size(value)}"


def size(value: Pair) -> str:
    return f"{value[0]}" if value[0] == value[1] else f"{value[0]}x{value[1]}"


def numbers(letter: str, default: float, least: float = 0.0) -> st.SearchStrategy[str]:
    values = st.just(default) | st.floats(least, 1, exclude_max=True)
    return values.map(lambda value: "" if value == default else f" {letter}{value!r}")


@st.composite
def windows(draw: st.DrawFn, shape: Shape) -> tuple[str, Shape]:
    """A convolution or a pooling that fits, and the shape behind it."""
    c, h, w = shape
    kernel, stride = draw(pairs(1, (min(h, 4), min(w, 4)))), draw(pairs(1, (3, 3)))
    padding = draw(pairs(0, (kernel[0] // 2, kernel[1] // 2)))
    keyword, bias = draw(st.sampled_from(["conv", "pool", "avgpool"])), ""
    if keyword == "conv":
        c, bias = draw(st.integers(1, 4)), draw(st.sampled_from(["", " nobias"]))
        text = f"conv {c} k{size(kernel)}{option('s', stride, (1, 1))}"
    else:
        text = f"{keyword} {size(kernel)}{option('s', stride, kernel)}"
    out = (
        (n + 2 * p - k) // s + 1 for n, k, s, p in zip((h, w), kernel, stride, padding, strict=True)
    )
    return f"{text}{option('p', padding, (0, 0))}{bias}", (c, *out)


@st.composite
def norms(draw: st.DrawFn, shape: Shape) -> str:
    weight = st.just(" cumulative") | numbers("m", 0.1)
    return ("bn" if len(shape) == 3 else "bn1d") + draw(numbers("eps", 1e-5, 1e-300)) + draw(weight)


def keeping(shape: Shape, depth: int) -> st.SearchStrategy[str]:
    """One layer whose output has the shape of its input."""
    chances = st.floats(0, 1, exclude_max=True)
    kinds = [
        st.sampled_from(["relu", "sigmoid", "tanh", "gelu"]),
        chances.map("leaky {!r}".format),
        chances.map("dropout {!r}".format),
        norms(shape),
        st.just(f"conv {shape[0]} k3 p1" if len(shape) == 3 else f"linear {shape[0]} nobias"),
    ]
    if depth:
        body = st.lists(keeping(shape, depth - 1), min_size=1, max_size=3).map(", ".join)
        kinds.append(body.map("residual({})".format))
    return st.one_of(kinds)


@st.composite
def changing(draw: st.DrawFn, shape: Shape) -> tuple[str, Shape]:
    """One layer of any kind, residual ones with two branches among them, and the shape behind."""
    text: str
    after: Shape
    if len(shape) == 1:
        after = (draw(st.integers(1, 5)),)
        text = f"linear {after[0]}"
    elif draw(st.booleans()):
        text, after = draw(windows(shape))
    else:
        return draw(st.sampled_from([("gap", (shape[0], 1, 1)), ("flatten", (prod(shape),))]))
    if draw(st.booleans()):
        return text, after
    return f"residual({draw(keeping(shape, 1))}, {text} | {text}, {draw(keeping(after, 1))})", after


@st.composite
def models(draw: st.DrawFn) -> tuple[str, Shape]:
    """The text of a model and the shape of its input."""
    first: Shape = (draw(st.integers(1, 3)), *draw(pairs(1, (9, 9))))
    shape = first
    items = []
    for _ in range(draw(st.integers(1, 6))):
        if draw(st.booleans()):
            items.append(draw(keeping(shape, 2)))
        else:
            text, shape = draw(changing(shape))
            items.append(text)
    return ", ".join(items), first


@settings(deadline=None)
@given(models())
def test_text_and_model_are_inverse(drawn: tuple[str, Shape]) -> None:
    text, shape = drawn
    model = parse(text, shape)
    assert format_model(model) == text
    again = parse(format_model(model), shape)
    assert format_model(again) == text
    assert shapes(again) == shapes(model)
    assert again.output_shape(shape) == model.output_shape(shape)


@settings(deadline=None)
@given(models())
def test_space_means_nothing(drawn: tuple[str, Shape]) -> None:
    text, shape = drawn
    wide = re.sub(r"([,|()])", r" \n\1\t ", text.replace(" ", "  "))
    assert format_model(parse(f" {wide}\n", shape)) == text


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("conv 8", "conv 8 k3"),
        ("conv 8 k3x3 s1 p0x0", "conv 8 k3"),
        ("conv nobias p1 8 s2 k5", "conv 8 k5 s2 p1 nobias"),
        ("pool 2 s2", "pool 2"),
        ("avgpool 2x3 s2x3 p1", "avgpool 2x3 p1"),
        ("bn m.5 eps1e-3", "bn eps0.001 m0.5"),
        ("leaky", "leaky 0.01"),
        ("dropout", "dropout 0.5"),
        ("conv 8 kernel3 stride2 padding1", "conv 8 k3 s2 p1"),
        ("conv 8 kernel_size=5x3 stride=2 padding=1", "conv 8 k5x3 s2 p1"),
        ("conv 8 kernelsize1 dilation2 groups1", "conv 8 k1 d2"),
        ("pool 3 stride2 padding1", "pool 3 s2 p1"),
        ("bn epsilon=1e-3 momentum.5", "bn eps0.001 m0.5"),
        ("conv 8 fast", "conv 8 k3"),
        ("conv 8 im2col", "conv 8 k3 im2col"),
        ("Conv 8 K5 Same, ReLU, Pool 2 CEIL", "conv 8 k5 same, relu, pool 2 ceil"),
        ("Conv2d 8, BatchNorm2d, MaxPool2d 2", "conv 8 k3, bn, pool 2"),
        ("Residual(Conv 1 P1 | IDENTITY)", "residual(conv 1 k3 p1 | identity)"),
        ("Float64: Conv 8 NoBias", "float64: conv 8 k3 nobias"),
    ],
)
def test_other_ways_to_write_it(text: str, full: str) -> None:
    assert format_model(parse(text)) == full


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("conv2d 8 k5", "conv 8 k5"),
        ("conv2d 8 same d2, conv 4 k1 g2", "conv 8 k3 same d2, conv 4 k1 g2"),
        ("group_norm 1, upsampling2d 2, softmax", "groupnorm 1, upsample 2, softmax"),
        ("maxpool 2, maxpool2d 2, max_pool2d 2", "pool 2, pool 2, pool 2"),
        ("avgpool2d 2, averagepooling2d 2", "avgpool 2, avgpool 2"),
        ("batchnorm m0.5, batchnorm2d, batch_norm2d, bn2d", "bn m0.5, bn, bn, bn"),
        ("leaky_relu 0.2, leakyrelu", "leaky 0.2, leaky 0.01"),
        ("globalavgpool, flatten, batchnorm1d", "gap, flatten, bn1d"),
        ("flatten, fc 9, dense 3 nobias", "flatten, linear 9, linear 3 nobias"),
        ("residual(conv2d 1 p1 | conv2d 1 p1)", "residual(conv 1 k3 p1 | conv 1 k3 p1)"),
    ],
)
def test_names_of_other_frameworks_are_understood(text: str, full: str) -> None:
    assert format_model(parse(text)) == full


def test_an_alias_has_the_name_of_its_layer_in_errors() -> None:
    message, _ = fail("conv2d 8 k24, conv 8, pool 9")
    assert message == "pool 9 needs an input of at least 9×9, conv2 gives 3×3"


def test_options_reach_their_layer() -> None:
    conv, norm, pool, mean, leaky, dropout, _, linear = parse(
        "conv 4 k3x5 s2x1 p1x2 nobias, bn eps0.01 cumulative, pool 3x2 s2x1 p1x0, avgpool 2, "
        "leaky 0.2, dropout 0.3, flatten, linear 7 nobias"
    )
    assert isinstance(conv, Conv2d)
    assert (conv.kernel_size, conv.stride, conv.padding, conv.bias) == (
        (3, 5),
        (2, 1),
        (1, 2),
        None,
    )
    assert isinstance(norm, BatchNorm2d)
    assert (norm.num_features, norm.eps, norm.momentum) == (4, 0.01, None)
    assert isinstance(pool, MaxPool2d)
    assert (pool.kernel_size, pool.stride, pool.padding) == ((3, 2), (2, 1), (1, 0))
    assert isinstance(mean, AvgPool2d)
    assert mean.stride == (2, 2)
    assert isinstance(leaky, LeakyReLU)
    assert leaky.negative_slope == 0.2
    assert isinstance(dropout, Dropout)
    assert dropout.p == 0.3
    assert isinstance(linear, Linear)
    assert (linear.out_features, linear.bias) == (7, None)


def test_the_seed_decides_the_weights() -> None:
    first, again = (state_dict(parse("conv 4, flatten, linear 3")) for _ in range(2))
    assert all(np.array_equal(array, again[name]) for name, array in first.items())


def fail(text: str, shape: Shape = IMAGE) -> tuple[str, int]:
    """Return what the error says and where it points, having checked how it points."""
    with pytest.raises(SpecError) as caught:
        parse(text, shape)
    shape_of_message = r"(.+) \(character (\d+)\)\n  (.*)\n  ( *)\^"
    match = re.fullmatch(shape_of_message, str(caught.value))
    assert match, f"not one message, one line of text and one arrow: {caught.value}"
    message, place, shown, space = match[1], int(match[2]) - 1, match[3], len(match[4])
    assert shown[space:] == text[place : place + 40].replace("\n", " ")
    assert shown[:space] == text[max(0, place - 40) : place].replace("\n", " ")
    return message, place


@pytest.mark.parametrize("keyword", ["residual", "concat"])
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 2, 2), (7,), (5, 4)])
def test_what_an_error_shows_of_branches_works_there(keyword: str, shape: Shape) -> None:
    message, _ = fail(keyword, shape)
    shown = re.findall(rf"{keyword}\(.*?\)", message)
    assert len(shown) == (2 if keyword == "residual" else 1)
    for text in shown:
        assert keyword in format_model(parse(text, shape))


KNOWN = ", ".join(sorted(LAYERS))

# The place is behind the mark ¶. A message ends where it is followed by ….
SLIPS = [
    ("conv 8, conv 8 k24 , ¶pool 5", "pool 5 needs an input of at least 5×5, conv2 gives 3×3"),
    ("¶pool 29", "pool 29 needs an input of at least 29×29, the image gives 28×28"),
    ("gap, ¶conv 8", "conv 8 needs an input of at least 3×3, gap gives 1×1"),
    ("flatten, ¶pool 2", "pool 2 needs images (C, H, W), flatten gives a vector of 784"),
    (
        "conv 3, ¶linear 10",
        "linear 10 needs vectors (put flatten before it), conv gives (3, 26, 26)",
    ),
    ("flatten, linear 9, ¶bn", "bn needs 9 channels in 3 axes after N, linear gives (9,)"),
    (
        "flatten, ¶conv 8 k3",
        "conv 8 k3 needs images (C, H, W), flatten gives a vector of 784",
    ),
    ("relu, ¶cnov 8", f"'cnov' is not a layer; did you mean conv? known are {KNOWN}"),
    ("¶Cnov 8", f"'Cnov' is not a layer; did you mean conv? known are {KNOWN}"),
    ("¶conv8", f"'conv8' is not a layer; did you mean conv 8? known are {KNOWN}"),
    (
        "¶Conv2d(8, 3)",
        "Conv2d(8, 3): conv has no branches: leave out the brackets; the layer conv takes …",
    ),
    ("¶dropout2d", "'dropout2d' is not a layer; did you mean dropout? …"),
    ("¶8", f"'8' is not a layer; known are {KNOWN}"),
    ("¶", f"an item is empty; known are {KNOWN}"),
    ("relu,¶", f"an item is empty; known are {KNOWN}"),
    ("relu,¶, bn", f"an item is empty; known are {KNOWN}"),
    ("residual(¶)", f"an item is empty; known are {KNOWN}"),
    ("residual(relu |¶)", f"an item is empty; known are {KNOWN}"),
    ("bn, ¶conv", "conv needs a number of output channels…"),
    ("bn, ¶conv k3", "conv k3: conv needs a number of output channels…"),
    ("flatten, ¶linear", "linear needs a number of outputs…"),
    ("¶pool", "pool needs a window size…"),
    ("¶conv 8.5", "conv 8.5: the number of output channels of conv is '8.5'; expected a whole…"),
    ("¶conv -8", "conv -8: the number of output channels of conv is '-8'; expected a whole…"),
    ("¶conv 8x8", "conv 8x8: the number of output channels of conv is '8x8'; expected a whole…"),
    ("¶conv 0", "conv 0: out_channels is 0; expected a whole number of at least 1"),
    ("¶conv 8 k0", "conv 8 k0: kernel_size is 0; expected…"),
    ("¶conv 8 k3 s0x1", "conv 8 k3 s0x1: stride is (0, 1); expected…"),
    ("¶conv 8 k1.5", "conv 8 k1.5: k of conv is '1.5'; expected a whole number"),
    (
        "¶conv 8 k3x3x3",
        "conv 8 k3x3x3: conv does not know what 'k3x3x3' means; the layer conv takes …",
    ),
    ("¶conv 8 q3", "conv 8 q3: conv does not know what 'q3' means; the layer conv takes …"),
    ("¶conv 8 k3 k5", "conv 8 k3 k5: conv has k twice; the layer conv takes …"),
    ("¶conv 8 k3 kernel5", "conv 8 k3 kernel5: conv has k twice; the layer conv takes …"),
    ("¶conv 8 stride=2 s2", "conv 8 stride=2 s2: conv has s twice; the layer conv takes …"),
    (
        "¶conv 8 number3",
        "conv 8 number3: conv does not know what 'number3' means; the layer conv takes …",
    ),
    ("¶conv 8 k==3", "conv 8 k==3: conv does not know what 'k==3' means; the layer conv takes …"),
    ("¶conv 8 fast im2col", "conv 8 fast im2col: the algorithm is given twice: write either …"),
    ("¶conv 8 fast fast", "conv 8 fast fast: conv has fast twice; the layer conv takes …"),
    ("¶conv 8 nobias nobias", "conv 8 nobias nobias: conv has nobias twice; …"),
    ("¶conv 8 9", "conv 8 9: conv does not know what '9' means; the layer conv takes …"),
    ("¶conv 65537", "conv 65537: the number of output channels of conv is 65537; at most 65536…"),
    ("¶relu 3", "relu 3: relu does not know what '3' means; the layer relu takes no further words"),
    ("¶pool 3 p2", "pool 3 p2: padding is 2; expected at most half of kernel_size 3…"),
    ("relu, ¶dropout 1", "dropout 1: p is 1.0; expected a probability, 0 <= p < 1"),
    ("relu, ¶dropout -0.1", "dropout -0.1: p is -0.1; expected a probability, 0 <= p < 1"),
    (
        "relu, ¶dropout half",
        "dropout half: dropout does not know what 'half' means; the layer dropout takes "
        "<probability>",
    ),
    ("¶leaky 1x2", "leaky 1x2: …"),
    (
        "¶residual",
        "residual needs one or two branches in brackets: write residual(conv 1 k3 p1, relu) or "
        "residual(conv 8 k3 p1 | conv 8 k1), for example; the layer residual takes (layers), to "
        "whose output the input is added, or (layers | layers), whose outputs are added",
    ),
    ("¶residual(relu | relu | relu)", "residual needs one or two branches in brackets: …"),
    ("¶residual relu", "residual relu: residual needs one or two branches in brackets: …"),
    (
        "¶concat",
        "concat needs branches in brackets, with | between them: write "
        "concat(conv 8 k3 p1 | conv 8 k1), for example; the layer concat takes (layers | layers …",
    ),
    (
        "¶residual 3(relu)",
        "residual 3(relu): residual needs one or two branches in brackets: …",
    ),
    (
        "¶relu | conv 8",
        "| stands between the branches of a layer, inside its brackets: "
        "concat(conv 8 k3 p1 | conv 8 k1), for example",
    ),
    ("relu, ¶residual(relu) | residual(relu)", "| stands between the branches of a layer, …"),
    ("residual(relu | tanh), ¶| relu", "| stands between the branches of a layer, …"),
    ("bn, ¶residual(relu) x", "residual has words after its bracket"),
    ("relu¶)", "a bracket closes that was not opened"),
    ("bn, residual(relu, residual(¶pool 99))", "pool 99 needs an input of at least 99×99, …"),
    ("residual(tanh | gelu, ¶what)", f"'what' is not a layer; known are {KNOWN}"),
    (
        "conv 2, ¶residual(conv 3 p1)",
        "residual(conv 3 p1) needs layers that keep the shape, or a second branch behind |, got "
        "(3, 26, 26) from the body and (2, 26, 26) from the input",
    ),
    (
        "conv 2, ¶residual(conv 3 p1 | tanh)",
        "residual(conv 3 p1 | tanh) needs two branches of one shape, got (3, 26, 26) from the body "
        "and (2, 26, 26) beside it",
    ),
    # Inside a bracket the item before is the one before the bracket.
    ("conv 8 k26, residual(¶pool 5)", "pool 5 needs an input of at least 5×5, conv gives 3×3"),
    # Numbers that no training survives, or no memory holds.
    ("relu, ¶leaky 1e999", "leaky 1e999: …"),
    ("relu, ¶bn eps1e999", "bn eps1e999: …"),
    ("relu, ¶bn eps-1", "bn eps-1: …"),
    ("relu, ¶bn m7", "bn m7: …"),
    ("relu, ¶conv 65536 k65536", "conv 65536 k65536 …"),
    # Only a composite has branches.
    (
        "bn, ¶relu(tanh)",
        "relu has no branches: leave out the brackets; the layer relu takes no further words",
    ),
    (
        "¶conv2d(8, 3)",
        "conv2d(8, 3): conv has no branches: leave out the brackets; the layer conv takes …",
    ),
    (
        "relu, " * 15 + "¶oops, " + "relu, " * 15 + "relu",
        f"'oops' is not a layer; known are {KNOWN}",
    ),
    ("relu,\n  ¶oops,\n  relu", f"'oops' is not a layer; known are {KNOWN}"),
]


@pytest.mark.parametrize(
    ("marked", "message"), SLIPS, ids=[marked.replace("¶", ">")[:50] for marked, _ in SLIPS]
)
def test_a_slip_is_named_and_pointed_at(marked: str, message: str) -> None:
    said, place = fail(marked.replace("¶", ""))
    start, more, _ = message.partition("…")
    assert (said[: len(start)] if more else said) == start
    assert place == marked.index("¶")


@pytest.mark.parametrize("keyword", sorted(LAYERS))
def test_an_error_lists_what_the_layer_understands(keyword: str) -> None:
    """Each option that is listed is understood: its own error message is another one."""
    shape: Shape = (4,) if keyword == "linear" else IMAGE
    said, _ = fail(f"{keyword} what", shape)
    known = re.search(rf"the layer {keyword} takes (.*)$", said)
    assert known, said
    options = re.findall(r"(?<!\S)([a-z_]+)<", known[1])
    flags = re.findall(r"(?<!\S)([a-z][a-z0-9_]*)(?!\S)", re.sub(r"<.*?>", "<>", known[1]))
    for word in [f"{letter}1" for letter in options] + flags:
        if known[1] == "no further words":
            break
        said, _ = fail(f"{keyword} {word} {word}", shape)
        assert f"'{word}'" not in said, said


def test_the_options_of_a_convolution() -> None:
    said, _ = fail("conv k3")
    assert said.startswith("conv k3: conv needs a number of output channels: write `conv 8`")
    known = said.partition("the layer conv takes ")[2].split()
    assert " ".join(known).startswith("<number of output channels> k<")
    assert {word[:2] for word in known} >= {"k<", "s<", "p<"}
    assert "nobias" in known


# Layers from elsewhere.


@pytest.fixture
def registered() -> Iterator[None]:
    """Takes the layers that a test defines out of the table of keywords again."""
    before = dict(LAYERS)
    yield
    LAYERS.clear()
    LAYERS.update(before)


@pytest.mark.usefixtures("registered")
def test_a_layer_from_elsewhere_is_read_and_written() -> None:
    class PowerOfTwo(Layer):
        keyword = "pow2d"

        def __init__(self, factor: float, times: int, sizes: object, rounded: bool) -> None:
            super().__init__()
            self.options = (factor, times, sizes, rounded)

        @classmethod
        def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:
            # Without `item.done()`, which is easily forgotten.
            return cls(
                item.option_real("f", 2.0, "factor"),
                item.option_whole("t", 1, "times"),
                item.option_pair("k", None, "size"),
                item.flag("rounded"),
            )

        def to_spec(self) -> str:
            return f"pow2d f{number_text(self.options[0])} t{self.options[1]}"

    model = parse("relu, pow2d t3 k2x4 rounded, poweroftwo f0.5")
    assert isinstance(model[1], PowerOfTwo)
    assert model[1].options == (2.0, 3, (2, 4), True)
    assert format_model(model) == "relu, pow2d f2.0 t3, pow2d f0.5 t1"
    said, _ = fail("pow2d t3 t4")
    taken = "the layer pow2d takes f<factor> t<times> k<size> rounded"
    assert said == f"pow2d t3 t4: pow2d has t twice; {taken}"
    said, _ = fail("pow2d round")
    assert "does not know what 'round' means; the layer pow2d takes f<factor> t" in said
    assert fail("pow2d t1.5")[0] == "pow2d t1.5: t of pow2d is '1.5'; expected a whole number"
    assert "did you mean pow2d?" in fail("pow2")[0]


@pytest.mark.usefixtures("registered")
def test_a_layer_from_elsewhere_without_options() -> None:
    class Swish(Layer):
        keyword = "swish"

    model = parse("swish, residual(swish)")
    assert isinstance(model[0], Swish)
    assert format_model(model) == "swish, residual(swish)"
    assert fail("swish 3")[0].endswith("the layer swish takes no further words")


@pytest.mark.usefixtures("registered")
def test_a_keyword_wins_over_another_name() -> None:
    class Dense(Layer):
        keyword = "dense"

    assert isinstance(parse("dense")[0], Dense)


@pytest.mark.usefixtures("registered")
def test_a_bug_in_a_layer_is_pointed_at() -> None:
    class Third(Layer):
        keyword = "third"

        @classmethod
        def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:
            assert input_shape[2]
            return cls()

    class Nothing(Layer):
        keyword = "nothing"

        @classmethod
        def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:
            return None  # type: ignore[return-value]

    assert fail("flatten, third")[0] == "third: tuple index out of range"
    assert "Nothing.from_spec returned None; expected a layer" in fail("nothing")[0]


@pytest.mark.parametrize("word", ["conv", "bn1d", "my_layer", "a", "x_"])
def test_keywords_that_can_be_read(word: str) -> None:
    assert re.fullmatch(KEYWORD, word)


@pytest.mark.parametrize("word", ["conv1", "Conv", "", "a b", "1d", "a(b", "ä", "_a", "a-b"])
def test_keywords_that_cannot_be_read(word: str) -> None:
    assert not re.fullmatch(KEYWORD, word)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.3, "0.3"),
        (1e-05, "1e-05"),
        (np.float64(0.3), "0.3"),
        (np.float32(0.25), "0.25"),
        (3, "3"),
        (np.int64(3), "3"),
        (1e22, "1e+22"),
    ],
)
def test_numbers_are_written_plainly(value: float, text: str) -> None:
    assert number_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from("efd"))
def test_a_number_is_read_back_exactly(value: float, kind: str) -> None:
    with np.errstate(over="ignore"):
        number: Any = np.array(value, kind)[()]
    if np.isfinite(number):
        item = SpecItem("word", [f"f{number_text(number)}"])
        assert item.option_real("f", None) == number


def test_scalars_of_numpy_in_options() -> None:
    half: Any = np.float32(0.5)
    third: Any = np.float32(0.3)
    layers = [
        LeakyReLU(third),
        Dropout(np.float64(0.3), rng=np.random.default_rng(0)),
        BatchNorm2d(1, np.float64(0.1), half),
    ]
    text = format_model(Model(layers))
    assert text == f"leaky {float(third)!r}, dropout 0.3, bn eps0.1 m0.5"
    assert format_model(parse(text)) == text


def test_the_whole_message() -> None:
    with pytest.raises(SpecError) as caught:
        parse("conv 8, conv 8 k24, pool 5")
    assert str(caught.value) == (
        "pool 5 needs an input of at least 5×5, conv2 gives 3×3 (character 21)\n"
        "  conv 8, conv 8 k24, pool 5\n"
        "                      ^"
    )


@pytest.mark.parametrize("text", ["residual(" * 25 + "relu" + ")" * 25, ", ".join(["relu"] * 501)])
def test_too_much_is_refused(text: str) -> None:
    message, _ = fail(text)
    assert re.search("nested deeper than 20|501 items; at most 500", message)


@pytest.mark.parametrize("text", ["residual(" * 10_000, "residual(relu", "relu, (", "(" * 10_000])
def test_an_open_bracket_is_named(text: str) -> None:
    assert fail(text)[0] == "a bracket is not closed"


@pytest.mark.parametrize("shape", [(), (5,), (1, 5)])
def test_any_input_shape_gives_a_model_or_an_error(shape: Shape) -> None:
    message, _ = fail("conv 8", shape)
    assert message.startswith("conv 8 needs")


WORDS = [
    *LAYERS,
    *[
        "(",
        ")",
        "|",
        ",",
        "x",
        "0",
        "1",
        "2",
        "3",
        "k1",
        "k3x2",
        "s2",
        "p1",
        "nobias",
        "cumulative",
        "m0.1",
        "eps1e-3",
        "1e999",
        "-1",
    ],
]
texts = st.one_of(
    st.text(),
    st.text("convplreusidatfg0123.x,|() -+e\n", max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join),
)


@settings(deadline=None)
@given(texts)
@example("conv " + "9" * 5000)
@example("dropout " + "9" * 5000)
@example("conv ٣, pool ²")
def test_garbage_gives_a_spec_error_or_a_model(text: str) -> None:
    try:
        model = parse(text, (1, 6, 6))
    except SpecError:
        return
    assert shapes(parse(format_model(model), (1, 6, 6))) == shapes(model)


def test_the_dtype_stands_in_front() -> None:
    model = parse("float64: conv 2 k3, relu", (1, 5, 5))
    assert {param.value.dtype for param in model.parameters()} == {np.dtype(np.float64)}
    assert format_model(model) == "float64: conv 2 k3, relu"
    assert format_model(model.astype(np.float32)) == "conv 2 k3, relu"
    assert format_model(parse("float32: relu", (2,))) == "relu"
    # An error behind it points to its own place.
    with pytest.raises(SpecError, match=r"\(character 10\)"):
        parse("float64: cov 2", (1, 5, 5))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_what_is_written_can_be_read_in_any_dtype(dtype: type[np.floating]) -> None:
    model = parse("conv 2 k3, relu", (1, 5, 5)).astype(dtype)
    name = np.dtype(dtype).name
    if name in ("float32", "float64"):
        assert parse(format_model(model), (1, 5, 5)).dtype == dtype
        return
    with pytest.raises(ValueError, match=f"in {name}, which has no text form.*float32 or float64"):
        format_model(model)
    with pytest.raises(SpecError, match=rf"cannot be in {name}: a text is of .*\(character 2\)"):
        parse(f" {name}: relu", (2,))

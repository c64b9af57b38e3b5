"""Graphs of what a network computes, put in a row."""

from __future__ import annotations

import numpy as np
import pytest

from core import Linear, Model, ReLU, Sigmoid, Tanh
from core.interop.graph import Node, in_a_row
from core.layer import Layer


def layer(kind: type[Layer], *inputs: Node) -> Node:
    return Node(kind.__name__, list(inputs), make=lambda: [kind()])


def spec(end: Node) -> str:
    return Model(in_a_row(end)).to_spec()


def test_a_chain() -> None:
    assert spec(layer(Tanh, layer(ReLU, Node("x")))) == "relu, tanh"


def test_what_a_function_leaves_out_is_left_out() -> None:
    assert spec(layer(Tanh, Node("view", [layer(ReLU, Node("x"))]))) == "relu, tanh"


@pytest.mark.parametrize("is_first", [True, False])
def test_an_add_of_the_input_is_a_residual(is_first: bool) -> None:
    x = layer(ReLU, Node("x"))
    body = layer(Tanh, layer(Sigmoid, x))
    end = Node("add", [x, body] if is_first else [body, x], "add")
    assert spec(layer(ReLU, end)) == "relu, residual(sigmoid, tanh), relu"


def test_two_branches_and_one_more() -> None:
    x = Node("x")
    two = Node("add", [layer(Tanh, x), layer(ReLU, x)], "add")
    three = Node("add_1", [two, layer(Sigmoid, x)], "add")
    assert spec(three) == "residual(residual(tanh | relu) | sigmoid)"


def test_a_concatenation_of_branches_that_have_branches() -> None:
    x = Node("x")
    first = layer(Tanh, x)
    inner = Node("add", [first, layer(ReLU, first)], "add")
    assert spec(Node("cat", [x, inner], "concat")) == "concat(identity | tanh, residual(relu))"


def test_what_is_read_from_outside_of_its_branch_is_named() -> None:
    x = Node("x")
    shared = Node("conv1", [x], make=lambda: [Linear(2, 2, rng=np.random.default_rng(0))])
    left, right = layer(Tanh, shared), Node("add", [layer(ReLU, x), shared], "add")
    with pytest.raises(ValueError, match="conv1 is read from outside of its branch"):
        in_a_row(Node("cat", [left, right], "concat"))


def test_a_number_added_to_itself_is_refused() -> None:
    x = layer(ReLU, Node("x"))
    with pytest.raises(ValueError, match="add adds a number to itself"):
        in_a_row(Node("add", [x, x], "add"))


def test_a_layer_of_two_tensors_is_refused() -> None:
    x = Node("x")
    with pytest.raises(ValueError, match="Tanh reads 2 tensors"):
        in_a_row(layer(Tanh, x, layer(ReLU, x)))

"""Losses, number by number."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

import numpy as np

from core.explanations import links
from core.explanations.names import latex, letters, summed
from core.explanations.parts import Reason, constant, function, largest, of_sum, term, total
from core.explanations.place import Place

if TYPE_CHECKING:
    from core.losses import CrossEntropyLoss, Loss, MSELoss


def output(loss: Loss, at: Place) -> Reason:
    """What the last layer gives."""
    last = list(at.trace.layers)[-1]
    return links.same(at, at.of("X_out", "forward", last), f"output of {last}")


def targets(loss: CrossEntropyLoss | MSELoss, at: Place) -> Reason:
    """What the data set says."""
    return links.leaf(at, float(loss.targets[at.index]), "label of the data set")


def highest(loss: CrossEntropyLoss, at: Place) -> Reason:
    """The largest logit of the sample."""
    (n,), z = at.index, at.of("logits")
    return largest(
        lambda n: rf"{latex('max', n)} = \max_{{k}} {latex('logits', n, 'k')}",
        "n",
        at.index,
        [term(z(n, k), note=f"class {k}") for k in range(z.array.shape[1])],
    )


def exponential(loss: CrossEntropyLoss, at: Place) -> Reason:
    """The exponential of a logit, less the largest so that nothing overflows."""
    return function(
        "exp(x)",
        of_sum(exp),
        lambda n, k: rf"{latex('exp', n, k)} = \exp({latex('logits', n, k)} - {latex('max', n)})",
        "n k",
        at.index,
        [
            term(at.of("logits")(*at.index)),
            term(constant(-1), at.of("max")(at.index[0]), note="the largest logit"),
        ],
    )


def inv_sum(loss: CrossEntropyLoss, at: Place) -> Reason:
    """One over the sum of the exponentials."""
    (n,), e = at.index, at.of("exp")
    classes = e.array.shape[1]
    return function(
        "1 / x",
        of_sum(lambda x: 1 / x),
        lambda n: (
            rf"{latex('inv_sum', n)} = "
            rf"\frac{{1}}{{{summed('k', classes)} {latex('exp', n, 'k')}}}"
        ),
        "n",
        at.index,
        [term(e(n, k), note=f"class {k}") for k in range(classes)],
    )


def probability(loss: CrossEntropyLoss, at: Place) -> Reason:
    """Softmax: the share of the exponential in their sum."""
    n, classes = at.index[0], at.of("exp").array.shape[1]
    return total(
        lambda n, k: (
            rf"{latex('probabilities', n, k)} = \frac{{{latex('exp', n, k)}}}"
            rf"{{{summed('j', classes)} {latex('exp', n, 'j')}}}"
        ),
        "n k",
        at.index,
        [term(at.of("exp")(*at.index), at.of("inv_sum")(n))],
    )


def log_sum(loss: CrossEntropyLoss, at: Place) -> Reason:
    """The logarithm of the sum of the exponentials."""
    (n,), e = at.index, at.of("exp")
    classes = e.array.shape[1]
    return function(
        "log(x)",
        of_sum(log),
        lambda n: rf"{latex('log_sum', n)} = \log {summed('k', classes)} {latex('exp', n, 'k')}",
        "n",
        at.index,
        [term(e(n, k), note=f"class {k}") for k in range(classes)],
    )


def sample_loss(loss: CrossEntropyLoss, at: Place) -> Reason:
    """-log of the right class's probability, as a sum that no small probability spoils."""
    (n,) = at.index
    label = int(loss.targets[n])

    def write(n: object, label: object) -> str:
        parts = f"{latex('log_sum', n)} + {latex('max', n)} - {latex('logits', n, label)}"
        return rf"L_{{{n}}} = -\log {latex('probabilities', n, label)} = {parts}"

    return total(
        write,
        "n t_{n}",
        (n, label),
        [
            term(at.of("log_sum")(n), note="logarithm of the sum"),
            term(at.of("max")(n), note="the largest logit"),
            term(constant(-1), at.of("logits")(n, label), note=f"the right class, {label}"),
        ],
    )


def mean_loss(loss: CrossEntropyLoss, at: Place) -> Reason:
    """The mean over the batch."""
    each = at.of("sample_losses")
    count = len(each.array)
    written = rf"L = \frac{{1}}{{{count}}} {summed('n', count)} L_{{n}}"
    terms = [term(each(n), constant(1 / count), note=f"sample {n}") for n in range(count)]
    return Reason(written, written, tuple(terms))


def logit_gradient(loss: CrossEntropyLoss, at: Place) -> Reason:
    """The probability, less one for the right class, over N."""
    (n, k), count = at.index, len(loss.targets)
    terms = [term(at.of("probabilities")(n, k), constant(1 / count))]
    if k == loss.targets[n]:
        terms.append(term(constant(-1), constant(1 / count), note="the right class"))

    def write(n: object, k: object) -> str:
        right = rf"[t_{{{n}}} = {k}]"
        return (
            rf"{latex('g_logits', n, k)} = \frac{{1}}{{{count}}} "
            rf"({latex('probabilities', n, k)} - {right})"
        )

    return total(write, "n k", at.index, terms)


CROSS_ENTROPY = {
    "logits": output,
    "targets": targets,
    "max": highest,
    "exp": exponential,
    "inv_sum": inv_sum,
    "probabilities": probability,
    "log_sum": log_sum,
    "sample_losses": sample_loss,
    "loss": mean_loss,
    "g_logits": logit_gradient,
}


def difference(loss: MSELoss, at: Place) -> Reason:
    """The output less the target."""
    return total(
        lambda *k: f"{latex('difference', *k)} = {latex('X_out', *k)} - {latex('targets', *k)}",
        letters(at.index),
        at.index,
        [
            term(at.of("X_out")(*at.index)),
            term(constant(-1), at.of("targets")(*at.index), note="target"),
        ],
    )


def mean_square(loss: MSELoss, at: Place) -> Reason:
    """The mean squared difference."""
    d = at.of("difference")
    size = d.array.size
    written = rf"L = \frac{{1}}{{{size}}} \sum {latex('difference')}^{{2}}"
    cells = (tuple(map(int, index)) for index in np.ndindex(d.array.shape))
    return Reason(written, written, tuple(term(d(*k), d(*k), constant(1 / size)) for k in cells))


def difference_gradient(loss: MSELoss, at: Place) -> Reason:
    """Twice the difference over the number of numbers."""
    d = at.of("difference")
    size = d.array.size
    return total(
        lambda *k: rf"{latex('g_X_out', *k)} = \frac{{2}}{{{size}}} {latex('difference', *k)}",
        letters(at.index),
        at.index,
        [term(d(*at.index), constant(2 / size))],
    )


MEAN_SQUARE = {
    "X_out": output,
    "targets": targets,
    "difference": difference,
    "loss": mean_square,
    "g_X_out": difference_gradient,
}

"""Which module of PyTorch a module computes like, without PyTorch."""

from __future__ import annotations

import pytest

from core.interop.kinds import called, kind_of


class Module:
    """A module as PyTorch has it."""

    def forward(self) -> int:
        return 0


class Conv2d(Module):
    """A module of PyTorch, by where it is defined."""

    __module__ = "torch.nn.modules.conv"

    def forward(self) -> int:
        return self._conv_forward()

    def _conv_forward(self) -> int:
        return 1

    def reset_parameters(self) -> None:
        """Do nothing."""


def subclass(*bases: type, **defined: object) -> type:
    return type("Own", bases or (Conv2d,), defined)


def something() -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Conv2d, "Conv2d"),
        (subclass(), "Conv2d"),
        (subclass(subclass()), "Conv2d"),
        (subclass(__init__=Module.__init__, reset_parameters=something), "Conv2d"),
        (subclass(count=something), "Conv2d"),
        (subclass(forward=something), ""),
        (subclass(_conv_forward=something), ""),
        (subclass(__call__=something), ""),
        (subclass(weight=property(lambda self: 0)), ""),
        (subclass(subclass(object, forward=something), Conv2d), ""),
        (subclass(Module), ""),
        # One of another place that is called so.
        (type("Conv2d", (Module,), {}), ""),
    ],
)
def test_the_module_of_pytorch_that_computes_the_same(kind: type, name: str) -> None:
    assert kind_of(kind()) == name


def test_what_errors_call_a_module() -> None:
    assert called("net.0", Conv2d()) == "net.0 (Conv2d)"
    assert called("", Conv2d()) == "Conv2d"

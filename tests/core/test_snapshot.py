"""Snapshots: whatever an object holds is put back, into the same objects."""

from __future__ import annotations

import io
import logging
import os
import random
import sys
from array import array as python_array
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from queue import SimpleQueue
from threading import Lock
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from core.errors import StateError
from core.kernels.workspace import Workspace
from core.snapshot import capture, restore
from core.tensor import Tensor

Pair = namedtuple("Pair", ["first", "second"])


def holder(**attributes: Any) -> SimpleNamespace:
    return SimpleNamespace(**attributes)


class Slotted:
    __slots__ = ("__private", "gone", "kept")

    def __init__(self) -> None:
        self.kept = [1]
        self.__private = 2

    def private(self) -> int:
        return self.__private

    def change(self) -> None:
        self.kept.append(3)
        self.__private = 4
        self.gone = 5


@dataclass(frozen=True)
class Frozen:
    inside: list[int] = field(default_factory=lambda: [1])


class Counting(dict[str, int]):
    """A dictionary with an attribute."""

    def __init__(self) -> None:
        super().__init__(a=1)
        self.seen = [1]


class Pickled:
    """Keeps its state in its own way."""

    def __init__(self) -> None:
        self.seed, self.table = 1, np.arange(3)

    def __getstate__(self) -> dict[str, Any]:
        return {"seed": [self.seed]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.seed = state["seed"][0]
        self.table = np.arange(3) * self.seed


# name -> an object, how it changes, and what is read from it.
CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], object], Callable[[Any], object]]] = {
    "number": (lambda: holder(x=1), lambda h: setattr(h, "x", 2), lambda h: h.x),
    "new attribute": (lambda: holder(x=1), lambda h: setattr(h, "y", 2), vars),
    "lost attribute": (lambda: holder(x=1), lambda h: delattr(h, "x"), vars),
    "bytes": (lambda: holder(x=bytearray(b"ab")), lambda h: h.x.append(3), lambda h: bytes(h.x)),
    "no bytes": (lambda: holder(x=bytearray()), lambda h: h.x.extend(b"a"), lambda h: bytes(h.x)),
    "array of Python": (
        lambda: holder(x=python_array("d", [1.5, 2])),
        lambda h: h.x.append(0.25),
        lambda h: (h.x.typecode, h.x.tolist()),
    ),
    "array": (
        lambda: holder(x=np.arange(3)),
        lambda h: np.negative(h.x, out=h.x),
        lambda h: h.x.tolist(),
    ),
    "array of another shape": (
        lambda: holder(x=np.arange(3)),
        lambda h: setattr(h, "x", np.zeros((2, 2))),
        lambda h: (h.x.tolist(), h.x.dtype),
    ),
    "list": (lambda: [1, [2]], lambda x: x[1].append(3), list),
    "shorter list": (lambda: [1, 2], lambda x: x.clear(), list),
    "tuple": (
        lambda: holder(x=(1, np.zeros(2))),
        lambda h: h.x[1].fill(1),
        lambda h: (h.x[0], h.x[1].tolist()),
    ),
    "named tuple": (
        lambda: holder(x=Pair([1], 2)),
        lambda h: setattr(h, "x", Pair([3], 4)),
        lambda h: (h.x.first, h.x.second),
    ),
    "dictionary": (lambda: {"a": {"b": 1}}, lambda x: x["a"].update(b=2, c=3), dict),
    "order of keys": (
        lambda: {"a": 1, "b": 2},
        lambda x: x.update(a=x.pop("a")),
        lambda x: list(x.items()),
    ),
    "ordered dictionary": (
        lambda: OrderedDict(a=1, b=2),
        lambda x: x.move_to_end("a"),
        lambda x: list(x.items()),
    ),
    "default dictionary": (
        lambda: defaultdict(list, a=[1]),
        lambda x: x["b"].append(1),
        dict,
    ),
    "counter": (lambda: Counter("aab"), lambda x: x.update("b"), dict),
    "set": (lambda: {1, 2}, lambda x: x.add(3), set),
    "deque": (
        lambda: deque([1, 2], maxlen=2),
        lambda x: x.append(3),
        lambda x: (list(x), x.maxlen),
    ),
    "dictionary with attributes": (
        Counting,
        lambda x: (x.update(b=2), x.seen.append(2)),
        lambda x: (dict(x), x.seen),
    ),
    "slots": (Slotted, Slotted.change, lambda x: (x.kept, x.private(), hasattr(x, "gone"))),
    "frozen dataclass": (Frozen, lambda x: x.inside.append(2), lambda x: x.inside),
    "state of its own": (
        Pickled,
        lambda x: x.__setstate__({"seed": [7]}),
        lambda x: (x.seed, x.table.tolist()),
    ),
    "generator": (
        lambda: holder(rng=np.random.default_rng(1)),
        lambda h: h.rng.random(5),
        lambda h: h.rng.bit_generator.state,
    ),
    "replaced generator": (
        lambda: holder(rng=np.random.default_rng(1)),
        lambda h: setattr(h, "rng", np.random.Generator(np.random.MT19937(2))),
        lambda h: h.rng.bit_generator.state,
    ),
    "spawned children": (
        lambda: holder(rng=np.random.default_rng(1)),
        lambda h: h.rng.spawn(2),
        lambda h: h.rng.spawn(1)[0].random(),
    ),
    "old generator": (
        lambda: np.random.RandomState(1),
        lambda rng: rng.normal(),
        lambda rng: rng.get_state()[2:],
    ),
    "Python's generator": (
        lambda: random.Random(1),
        lambda rng: rng.random(),
        lambda rng: rng.getstate(),
    ),
    "tensor": (
        lambda: Tensor(np.zeros(2), "w"),
        lambda t: [np.add(t.value, 1, out=t.value), t.__setattr__("name", "v")],
        lambda t: (t.value.tolist(), t.name),
    ),
    "method": (
        lambda: holder(change=Slotted().change, x=np.zeros(1)),
        lambda h: h.change(),
        lambda h: h.change.__self__.kept,
    ),
}


@pytest.mark.parametrize(("make", "change", "read"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("into", ["the same", "another", "another, changed"])
def test_what_changed_is_put_back(
    make: Callable[[], Any],
    change: Callable[[Any], object],
    read: Callable[[Any], object],
    into: str,
) -> None:
    thing, other = holder(inside=make()), holder(inside=make())
    wanted = repr(read(make()))
    captured = capture(thing)
    change(thing.inside)
    target = thing if into == "the same" else other
    if into == "another, changed":
        change(other.inside)
    for _ in range(2):
        restore(target, captured)
        assert repr(read(target.inside)) == wanted
        change(target.inside)


def test_objects_stay_the_same_ones() -> None:
    array, inner = np.zeros(2), [1]
    thing = holder(x=array, y=inner, both=[array, inner])
    before = capture(thing)
    array += 1
    inner.append(2)
    thing.x, thing.y, thing.both = np.ones(1), [], []
    restore(thing, before)
    assert thing.x is array is thing.both[0]
    assert thing.y is inner is thing.both[1]
    assert (array.tolist(), inner) == ([0, 0], [1])


def test_shared_objects_stay_shared_in_another_object() -> None:
    def make() -> SimpleNamespace:
        shared = np.zeros(2)
        return holder(x=shared, y=[shared], loop=[])

    first, second = make(), make()
    first.loop.append(first)
    first.x += 5
    # What shared an array no longer does, and has lost it.
    second.y = [np.zeros(2)]
    restore(second, capture(first))
    assert second.x is second.y[0] is not first.x
    assert second.loop == [second]
    np.testing.assert_array_equal(second.x, [5, 5])


def test_what_another_object_lacks_is_copied() -> None:
    rng = np.random.default_rng(0)
    first, second = holder(a=rng, b=holder(rng=rng, x=np.ones(2))), holder(a=rng, b=None)
    second.a = np.random.default_rng(5)
    restore(second, capture(first))
    assert second.b.rng is second.a is not rng
    assert second.b.x is not first.b.x
    assert second.a.random() == rng.random()


def test_another_type_is_refused() -> None:
    with pytest.raises(StateError, match="of a list; it cannot be restored into a dict"):
        restore({}, capture([1]))


class WithScratch:
    transient: ClassVar[frozenset[str]] = frozenset({"cache"})
    referenced: ClassVar[frozenset[str]] = frozenset({"data"})

    def __init__(self) -> None:
        self.work = Workspace()
        self.buffer = self.work.array("x", (1000,), np.float64)
        self.turned = self.work.like("y", np.zeros((10, 100)).T)
        self.held: tuple[Any, ...] = ({"cell": self.buffer[:500].reshape(5, 100)},)
        self.cache = np.zeros(1000)
        self.data = [np.zeros(1000)]


class Inherits(WithScratch):
    transient: ClassVar[frozenset[str]] = frozenset({"more"})

    def __init__(self) -> None:
        super().__init__()
        self.more = np.zeros(1000)


def test_scratch_and_transient_attributes_are_not_state() -> None:
    thing = Inherits()
    before = capture(thing)
    assert before.nbytes < 4000
    for array in (thing.buffer, thing.cache, thing.more, thing.data[0]):
        array += 1
    thing.data = []
    thing.work = Workspace()  # The memory of a workspace that was given up is still scratch.
    assert capture(thing).nbytes < 4000
    restore(thing, before)
    assert thing.buffer[0] == thing.cache[0] == thing.more[0] == thing.data[0][0] == 1
    del thing.held
    del thing.buffer, thing.turned
    restore(thing, before)
    assert thing.held[0]["cell"].shape == (5, 100)


def test_what_is_left_out_stays_as_it_is() -> None:
    x, y = np.zeros(3), [1]
    thing = holder(x=x, part=x[1:], y=y, z=np.zeros(3))
    before = capture(thing, without=[x, y])
    x += 1
    y.append(2)
    thing.z += 1
    restore(thing, before)
    assert (x.tolist(), thing.part.tolist(), y, thing.z.tolist()) == (
        [1, 1, 1],
        [1, 1],
        [1, 2],
        [0, 0, 0],
    )


def test_views_go_on_to_share_memory() -> None:
    whole = np.zeros(4)
    thing = holder(whole=whole, half=whole[:2])
    before = capture(thing)
    thing.half = np.ones(2)
    restore(thing, before)
    thing.whole += 3
    assert thing.half.tolist() == [3, 3]


def test_arrays_that_are_gone_are_not_kept_alive() -> None:
    thing = holder(x=np.zeros(1000))
    before = capture(thing)
    (node,) = [node for node in before.nodes if node.kind is np.ndarray]
    alive = node.original
    assert alive() is thing.x
    thing.x = np.ones(1000)
    assert alive() is None
    restore(thing, before)
    assert not thing.x.any()
    # The copy is not handed out itself.
    thing.x += 1
    restore(thing, before)
    assert not thing.x.any()


def test_read_only_arrays_are_kept_by_reference() -> None:
    x = np.zeros(100_000)
    x.setflags(write=False)
    thing = holder(x=x)
    before = capture(thing)
    assert before.nbytes < 2000
    thing.x = None
    restore(thing, before)
    assert thing.x is x


def test_objects_in_arrays_are_captured() -> None:
    row, one = np.empty((2, 1), object), np.empty((), object)
    row[0, 0], row[1, 0] = np.random.default_rng(0), [1, row]
    one.fill(row[1, 0])
    thing = holder(row=row, one=one)
    other = holder(row=np.empty((2, 1), object), one=np.empty((), object))
    before = capture(thing)
    drawn = row[0, 0].random()
    row[1, 0].append(2)
    row[0, 0], one[()] = row[0, 0], 7
    restore(thing, before)
    assert thing.row is row
    assert row[1, 0] == [1, row]
    assert thing.one is one
    assert one.item() is row[1, 0]
    assert row[0, 0].random() == drawn
    restore(other, before)
    assert other.row[0, 0].random() == drawn
    assert other.one.item() is other.row[1, 0] is not row[1, 0]
    assert other.row[1, 0][1] is other.row


def test_a_change_of_dtype_drops_the_gradient() -> None:
    tensor = Tensor(np.zeros(2, np.float32))
    tensor.grad = np.ones(2, np.float32)
    before = capture(tensor)
    tensor.value = tensor.value.astype(np.float64)
    tensor.grad = np.ones(2)
    restore(tensor, before)
    assert [tensor.value.dtype, tensor.grad.dtype] == [np.dtype(np.float32)] * 2


def test_the_size_is_that_of_the_copies() -> None:
    small, large = capture(holder(x=np.zeros(1000))), capture(holder(x=np.zeros(51_000)))
    assert large.nbytes - small.nbytes == 400_000
    assert 8000 < small.nbytes < 9500


def test_a_snapshot_inside_is_not_captured_again() -> None:
    thing = holder(x=np.zeros(10_000), frames=[])
    for _ in range(4):
        thing.frames.append(capture(thing))
    assert thing.frames[-1].nbytes < thing.frames[0].nbytes + 1000


# Kinds of Python's own.


def test_what_a_partial_function_fixes_is_captured() -> None:
    rng = np.random.default_rng(0)
    thing = holder(draw=partial(np.random.Generator.random, rng), rise=partial(max, default=[1]))
    before, draw = capture(thing), thing.draw
    first = draw()
    thing.rise.keywords["default"].append(2)
    thing.draw = None
    restore(thing, before)
    assert thing.draw is draw
    assert (thing.draw(), thing.rise([])) == (first, [1])


def test_the_object_of_a_method_of_c_is_captured() -> None:
    held = [1]
    thing = holder(add=held.append, plain=len)
    before = capture(thing)
    thing.add(2)
    restore(thing, before)
    assert (held, thing.plain) == ([1], len)
    other = holder(add=[5].append, plain=len)
    restore(other, before)
    other.add(7)
    assert (other.add.__self__, held) == ([1, 7], [1])


def test_generators_of_python_go_on_the_same() -> None:
    thing = holder(rng=random.Random(3))
    # Keeps half of a pair of normal numbers.
    thing.rng.gauss(0, 1)
    before = capture(thing)
    first = [thing.rng.gauss(0, 1), thing.rng.random(), thing.rng.randrange(9)]
    other = holder(rng=random.Random(4))
    restore(thing, before)
    restore(other, before)
    for rng in (thing.rng, other.rng):
        assert [rng.gauss(0, 1), rng.random(), rng.randrange(9)] == first


@pytest.mark.parametrize(
    "make",
    [
        lambda: open(os.devnull),  # noqa: SIM115
        lambda: open(os.devnull, "rb"),  # noqa: SIM115
        lambda: iter([1]),
        lambda: (k for k in range(3)),
        count,
        lambda: map(str, [1]),
        lambda: memoryview(bytearray(3)),
        SimpleQueue,
        random.SystemRandom,
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(make: Callable[[], Any]) -> None:
    with ExitStack() as stack:
        value = make()
        if hasattr(value, "close"):
            stack.callback(value.close)
        kind = type(value).__name__
        with pytest.raises(StateError, match=f"^Noise 'noise2': attribute 'file' is a {kind}, wh"):
            capture(Noise(value))
        with pytest.raises(
            StateError, match=rf"Noise 'noise2': attribute 'file\.a\.1' is a {kind}"
        ):
            capture([holder(layer=Noise({"a": (1, value)}))])
        with pytest.raises(StateError, match=f"a {kind} cannot be captured"):
            capture(value)
        # Unless the class says that it need not be.
        capture(Watching(value))


class Noise:
    def __init__(self, file: object) -> None:
        self.name, self.file = "noise2", file


class Watching(Noise):
    referenced: ClassVar[frozenset[str]] = frozenset({"file"})


class Numbers:
    """An iterator whose state is in its attributes."""

    def __init__(self) -> None:
        self.k = 0

    def __iter__(self) -> Numbers:
        return self

    def __next__(self) -> int:
        self.k += 1
        return self.k


def test_what_stands_for_itself_is_no_trouble() -> None:
    log, text, numbers = logging.getLogger("core"), io.StringIO(), Numbers()
    thing = holder(out=sys.stdout, log=log, lock=Lock(), text=text, numbers=numbers)
    before = capture(thing)
    text.write("later")
    next(numbers)
    restore(thing, before)
    assert (thing.out, thing.log, text.getvalue(), next(numbers)) == (sys.stdout, log, "", 1)

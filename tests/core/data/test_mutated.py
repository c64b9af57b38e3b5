"""Damaged files of each kind give the right data or a clear error, quickly and in little memory."""

from __future__ import annotations

import gzip
import random
import struct
import time
import tracemalloc
from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
import pytest

from core.data.collect import Room, collect
from core.data.readers.found import DataFile
from core.data.readers.read import read_files
from core.errors import DataError

COUNT, SECONDS, MEMORY = 2000, 2.0, 300_000_000
IMAGES = np.random.default_rng(0).integers(0, 256, (12, 6, 6)).astype(np.uint8)
LABELS = np.arange(12, dtype=np.uint8) % 3


# What some ways of reading numbers take, and others do not.
ODD = ("1_0", "٣", "\uff11", "0x1f", "1e999", "nan", "+1", ".", "")


def npz() -> Sequence[DataFile]:
    file = BytesIO()
    np.savez(file, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:4], y_test=LABELS[:4])
    return [DataFile("a.npz", file.getvalue())]


def packed_npz() -> Sequence[DataFile]:
    file = BytesIO()
    np.savez_compressed(file, images=IMAGES, labels=LABELS, class_names=np.array(["a", "b", "c"]))
    return [DataFile("a.npz", file.getvalue())]


def idx() -> Sequence[DataFile]:
    heads = struct.pack(">HBBIII", 0, 8, 3, 12, 6, 6), struct.pack(">HBBI", 0, 8, 1, 12)
    return [
        DataFile("train-images-idx3-ubyte", heads[0] + IMAGES.tobytes()),
        DataFile("train-labels-idx1-ubyte", heads[1] + LABELS.tobytes()),
    ]


def packed_idx() -> Sequence[DataFile]:
    return [DataFile(f"{file.name}.gz", gzip.compress(file.content)) for file in idx()]


def cifar() -> Sequence[DataFile]:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 3072)).astype(np.uint8)
    return [DataFile("data_batch_1.bin", np.hstack([LABELS[:4, None], pixels]).tobytes())]


def csv() -> Sequence[DataFile]:
    rows = np.hstack([LABELS[:, None], IMAGES.reshape(12, 36)])
    head = ",".join(["label", *(f"pixel{k}" for k in range(36))])
    text = "\n".join([head, *(",".join(map(str, row)) for row in rows.tolist())])
    return [DataFile("a.csv", text.encode())]


def packed_csv() -> Sequence[DataFile]:
    rows = [" ".join(map(str, row)) for row in IMAGES.reshape(12, 36).tolist()]
    uses = ["Training"] * 8 + ["PublicTest"] * 4
    lines = [f"{label},{row},{use}" for label, row, use in zip(LABELS, rows, uses, strict=True)]
    return [DataFile("a.csv", "\n".join(["emotion,pixels,Usage", *lines]).encode())]


def npy() -> Sequence[DataFile]:
    files = []
    for name, array in (("X.npy", IMAGES), ("y.npy", LABELS)):
        file = BytesIO()
        np.save(file, array)
        files.append(DataFile(name, file.getvalue()))
    return files


def mutated(content: bytes, dice: random.Random) -> bytes:
    """Return some bytes with a few changed, cut, doubled or exchanged."""
    made = bytearray(content)
    for _ in range(dice.choice((1, 1, 2, 5, 20))):
        if not made:
            break
        at = min(dice.randrange(len(made)), dice.randrange(len(made)))
        end = min(len(made), at + dice.randrange(1, 30))
        way = dice.randrange(7)
        if way == 0:
            made[at] = dice.randrange(256)
        elif way == 1:
            made[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif way == 2:
            del made[at:end]
        elif way == 3:
            made[at:at] = made[at:end]
        elif way == 4:
            made[at:end] = bytes(dice.randrange(256) for _ in range(end - at))
        elif way == 5:
            made[at:end] = dice.choice(ODD).encode()
        else:
            del made[dice.randrange(len(made)) :]
    return bytes(made)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("make", [npz, packed_npz, npy, idx, packed_idx, cifar, csv, packed_csv])
def test_mutated_files_are_read_or_refused(make: Callable[[], Sequence[DataFile]]) -> None:
    files, dice, read = make(), random.Random(0), 0
    slowest, said = 0.0, set[str]()
    tracemalloc.start()
    try:
        for _ in range(COUNT):
            changed = dice.randrange(len(files))
            tried = [
                DataFile(file.name, mutated(file.content, dice) if k == changed else file.content)
                for k, file in enumerate(files)
            ]
            start = time.perf_counter()
            try:
                data = collect(
                    read_files(tried, 2**26), "a", Room(32, 2**22, may_leave_out=True)
                ).data_set()
            except DataError as error:
                said.add(str(error))
            else:
                read += 1
                for split in (data.train, data.test):
                    assert split.images.dtype == np.float32
                    assert split.images.min() >= 0
                    assert split.images.max() <= 1
                    assert split.labels.max() < data.classes
            slowest = max(slowest, time.perf_counter() - start)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0 < read < COUNT
    assert min(map(len, said)) > 20
    assert slowest < SECONDS
    assert peak < MEMORY

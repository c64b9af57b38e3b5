"""`.safetensors`: the package reads what is written here, and what it writes is read here."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_by_package
from safetensors.numpy import save as save_by_package

from core.io.state.safetensors import SafetensorsError, SafetensorsReader, write_safetensors

RNG = np.random.default_rng(0)
DTYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]
ARRAYS: dict[str, Any] = {
    "0.weight": RNG.normal(size=(2, 3, 1)),
    "number": np.array(3),
    "empty": np.zeros((0, 4), np.float32),
    "größe": np.arange(3, dtype=np.int8),
    **{f"of {dtype}": RNG.integers(0, 2, 5).astype(dtype) for dtype in DTYPES},
}


def written(arrays: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    write_safetensors(file, arrays)
    return file.getvalue()


def read(content: bytes) -> dict[str, Any]:
    with SafetensorsReader(io.BytesIO(content)) as reader:
        return {name: reader.read(name) for name in reader.sizes}


def same(found: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return found.keys() == wanted.keys() and all(
        found[name].dtype == array.dtype
        and found[name].shape == array.shape
        and np.array_equal(found[name], array)
        for name, array in wanted.items()
    )


def test_the_package_reads_what_is_written() -> None:
    assert same(load_by_package(written(ARRAYS)), ARRAYS)


def test_what_the_package_writes_is_read() -> None:
    assert same(read(save_by_package(ARRAYS, {"format": "pt"})), ARRAYS)
    assert same(read(save_by_package({})), {})


def test_the_order_is_kept_and_numbers_are_aligned() -> None:
    content = written({"a": np.zeros(3, np.int8), "b": np.zeros(2), "c": np.zeros(1, np.float32)})
    assert list(read(content)) == ["a", "b", "c"]
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    assert length % 8 == 0
    assert [header[name]["data_offsets"][0] for name in "abc"] == [20, 0, 16]


def test_other_memory_orders_are_written_row_by_row() -> None:
    array = np.arange(6.0).reshape(2, 3)
    odd = {"columns": np.asfortranarray(array), "big": array.astype(">f8"), "every": array[:, ::2]}
    found = read(written(odd))
    assert all(np.array_equal(found[name], odd[name]) for name in odd)


def test_a_path_gets_its_ending(tmp_path: Path) -> None:
    write_safetensors(tmp_path / "w", ARRAYS)
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]
    with SafetensorsReader(tmp_path / "w.safetensors") as reader:
        assert reader.shape("0.weight") == (2, 3, 1)
        assert reader.dtype("0.weight") == reader.read("0.weight").dtype
        assert np.array_equal(reader.read("0.weight"), ARRAYS["0.weight"])


def test_what_the_format_cannot_hold_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="w is of dtype <U1"):
        write_safetensors(tmp_path / "w", {"w": np.array("a")})
    with pytest.raises(ValueError, match="w is of dtype object"):
        write_safetensors(tmp_path / "w", {"w": np.array(None)})
    with pytest.raises(ValueError, match="__metadata__"):
        write_safetensors(tmp_path / "w", {"__metadata__": np.zeros(1)})
    assert not list(tmp_path.iterdir())


def file_of(header: object, numbers: bytes = bytes(8)) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + numbers


def entry(dtype: str = "F32", shape: object = (2,), offsets: object = (0, 8)) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def test_bfloat16_is_read_as_float32() -> None:
    found = read(file_of({"w": entry("BF16", (2, 2))}, bytes.fromhex("803f00c0 0000 807f")))["w"]
    assert found.dtype == np.float32
    assert found.tolist() == [[1.0, -2.0], [0.0, np.inf]]


FAULTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "no whole .safetensors"),
    "short": (b"\x02\0\0", "no whole .safetensors"),
    "header beyond the file": ((100).to_bytes(8, "little") + b"{}", "no whole .safetensors"),
    "header of many bytes": (file_of(b"{" + b" " * 2_000_001), "expected at most 2,000,000"),
    "no JSON": (file_of(b"{w"), "no JSON"),
    "no text": (file_of(b"{\xff\xff}"), "no JSON"),
    "deep": (file_of(b"[" * 100_000), "no JSON"),
    "a list": (file_of([1, 2]), "no JSON that describes arrays"),
    "a name twice": (
        file_of(json.dumps({"w": entry()})[:-1].encode() + b', "w": 1}'),
        "more than once",
    ),
    "no entry": (file_of({"w": 3}), "describes w wrongly"),
    "no dtype": (file_of({"w": {"shape": [2], "data_offsets": [0, 8]}}), "describes w wrongly"),
    "unknown dtype": (file_of({"w": entry("F8_E4M3", (8,))}), "F8_E4M3.*convert it to float32"),
    "text as shape": (file_of({"w": entry(shape="ab")}), "describes w wrongly"),
    "no whole shape": (file_of({"w": entry(shape=(2.0,))}), "no whole number"),
    "a bool as shape": (file_of({"w": entry(shape=(True, 2))}), "no whole number"),
    "a negative shape": (file_of({"w": entry(shape=(-1, -2))}), "no whole number"),
    "a huge shape": (file_of({"w": entry(shape=[10**4000] * 60)}), "no whole number"),
    "many axes": (file_of({"w": entry(shape=[1] * 65)}), "65 axes"),
    "backward": (file_of({"w": entry(offsets=(8, 0))}), "takes -8"),
    "another size": (file_of({"w": entry(shape=(3,))}), "12 bytes, but takes 8"),
    "outside": (file_of({"w": entry(shape=(4,), offsets=(0, 16))}), "take 16 bytes.*has 8"),
    "a rest": (file_of({"w": entry(shape=(1,), offsets=(0, 4))}), "take 4 bytes.*has 8"),
    "a gap": (file_of({"w": entry(shape=(1,), offsets=(4, 8))}), "begins at byte 4"),
    "overlapping": (
        file_of({"v": entry(), "w": entry(shape=(1,), offsets=(4, 8))}),
        "w begins at byte 4, but what lies before it ends at 8",
    ),
    "a strange bool": (file_of({"w": entry("BOOL", (8,))}, bytes(range(8))), "neither true nor"),
    "an axis beyond NumPy's": (
        file_of({"w": entry(shape=(0, 2**62, 2**62), offsets=(0, 0))}, b""),
        "no possible shape",
    ),
}


@pytest.mark.parametrize(("content", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named(content: bytes, message: str) -> None:
    with pytest.raises(SafetensorsError, match=message):
        read(content)


def test_the_package_refuses_them_too_but_for_its_larger_header() -> None:
    """What it reads and we refuse would be a file that somebody has, and vice versa."""

    def is_refused(reader: Callable[[bytes], object], content: bytes) -> bool:
        try:
            reader(content)
        except Exception:
            return True
        return False

    read_by_package = [
        name for name, (content, _) in FAULTS.items() if not is_refused(load_by_package, content)
    ]
    assert set(read_by_package) <= {"a strange bool", "many axes", "a bool as shape"}

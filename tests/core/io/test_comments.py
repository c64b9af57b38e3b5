"""Text that lies beside the arrays of a file."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import safetensors.numpy

from core.io.state.file import KINDS, read_with_comment, write_state


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("comment", ["", "conv 8 k3 p1, relu", "β"])
def test_a_comment_lies_beside_the_arrays(kind: str, comment: str) -> None:
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.ones(2, np.float32)}
    file = BytesIO()
    write_state(file, arrays, kind, comment)
    file.seek(0)
    found, said = read_with_comment(file)
    assert said == comment
    assert list(found) == list(arrays)
    assert all(np.array_equal(found[name], arrays[name]) for name in arrays)


def test_other_programs_pass_over_a_comment() -> None:
    arrays = {"a": np.arange(3.0)}
    archive, tensors = BytesIO(), BytesIO()
    write_state(archive, arrays, "npz", "linear 3")
    write_state(tensors, arrays, "safetensors", "linear 3")
    assert np.array_equal(np.load(BytesIO(archive.getvalue()))["a"], arrays["a"])
    assert np.array_equal(safetensors.numpy.load(tensors.getvalue())["a"], arrays["a"])


def test_what_is_no_text_beside_tensors_is_no_comment() -> None:
    tensors = safetensors.numpy.save({"a": np.ones(2)}, {"comment": "linear 2"})
    assert read_with_comment(BytesIO(tensors))[1] == "linear 2"
    odd = tensors.replace(b'"linear 2"', b"[1,2,3,4] ")
    assert read_with_comment(BytesIO(odd))[1] == ""


def test_a_comment_that_an_archive_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"takes 65,536 bytes; expected at most 65,535"):
        write_state(BytesIO(), {"a": np.ones(1)}, "npz", "x" * 65_536)

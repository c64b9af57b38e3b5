"""What is said of files of PyTorch makes files that can be read. Run by `make verify-torch`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import Flatten, Linear, Model
from core.errors import StateError
from tests.reference.modules import Module, nn, torch

# How a network is saved, and what is done of what is said: the first line of it, and the one that
# stands between the two.
SAVED: dict[str, tuple[Callable[[Module], Any], bool, bool]] = {
    "state": (lambda net: net.state_dict(), False, False),
    "checkpoint": (lambda net: {"model": net.state_dict(), "epoch": 3}, False, True),
    "network": (lambda net: net, True, False),
}


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("how", SAVED)
def test_the_lines_make_a_file_of_the_weights(
    how: str, zipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    saved, is_whole, has_entry = SAVED[how]
    torch.save(saved(net), "my net.pt", _use_new_zipfile_serialization=zipped)
    model = Model(Flatten(), Linear(4, 3))
    with pytest.raises(StateError) as caught:
        model.load("my net.pt")
    said = str(caught.value)
    plain, whole = re.findall(r"^state = torch\.load.*", said, re.MULTILINE)
    (entry,) = re.findall(r"state = state\[.*\]", said)
    (save,) = re.findall(r"^np\.savez.*", said, re.MULTILINE)
    lines = [whole if is_whole else plain, *[entry] * has_entry, save]
    exec("\n".join(lines), {"torch": torch, "np": np})
    model.load("my net.npz")
    for name, value in net.state_dict().items():
        assert np.array_equal(model.state_dict()[name], value.numpy())

"""Files that PyTorch writes of a small network and its optimiser, in the folder `states`.

Run `python -m tests.reference.make_states` with PyTorch and `safetensors` installed.

`torch.npz` and `torch.safetensors` hold the network and Adam's state after three steps, by the
names that `core.io.state.optimizer` gives them; `torch.pt` and `old.pt` are pickles; `after.npz`
holds the batch and the weights after two more steps.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
from safetensors.torch import save_file

from tests.reference.modules import nn, torch

FOLDER = Path(__file__).with_name("states")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(0)
    module = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 4, 3, padding=1), bn1=nn.BatchNorm2d(4), act=nn.ReLU(),
            pool=nn.MaxPool2d(2), flat=nn.Flatten(), fc=nn.Linear(64, 3),
        )
    ).double()  # fmt: skip
    optimizer = torch.optim.Adam(module.parameters(), lr=0.01, betas=(0.8, 0.95), weight_decay=0.1)
    images, labels = torch.rand(6, 1, 8, 8, dtype=torch.float64), torch.arange(6) % 3

    def step() -> None:
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(images), labels).backward()
        optimizer.step()

    for _ in range(3):
        step()
    torch.save(module.state_dict(), FOLDER / "torch.pt")
    torch.save(module.state_dict(), FOLDER / "old.pt", _use_new_zipfile_serialization=False)
    state = {name: value.clone() for name, value in module.state_dict().items()}
    group = optimizer.param_groups[0]
    for name in ("lr", "betas", "eps", "weight_decay"):
        state[f"optimizer.Adam.{name}"] = torch.tensor(group[name], dtype=torch.float64)
    for name, param in module.named_parameters():
        kept = optimizer.state[param]
        state["optimizer.Adam.step"] = kept["step"].long()
        for slot in ("exp_avg", "exp_avg_sq"):
            state[f"optimizer.Adam.{slot}.{name}"] = kept[slot].clone()
    np.savez(FOLDER / "torch.npz", **{name: t.numpy() for name, t in state.items()})
    save_file(state, FOLDER / "torch.safetensors")
    for _ in range(2):
        step()
    after = {f"after/{name}": t.numpy() for name, t in module.state_dict().items()}
    np.savez(FOLDER / "after.npz", images=images.numpy(), labels=labels.numpy(), **after)


if __name__ == "__main__":
    main()

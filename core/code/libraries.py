"""An iteration with `core` and with PyTorch: the layers as they are made, and one training step."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.code.constructors import BOTH, CORE, TORCH
from core.code.losses import LOSSES, TORCH_TARGETS
from core.code.optimisers import OPTIMISERS, OptimiserText
from core.code.script import Parts, updated_names
from core.code.text import WIDTH, definitions, template

# The classes of `core` that a script may make.
KNOWN = {
    kind.__name__
    for kinds in (BOTH, CORE.makers, CORE.composites, LOSSES, OPTIMISERS)
    for kind in kinds
}


def _before(made: str, array: str) -> list[str]:
    """Return the lines that make the model as it was."""
    return [
        f"model = {made}",
        'before = [name for name in saved if name.startswith("before.")]',
        f'model.load_state_dict({{name.removeprefix("before."): {array} for name in before}})',
        "weights = dict(model.named_parameters())",
    ]


def _frozen(parts: Parts) -> list[str]:
    return [f'weights["{name}"].requires_grad = False' for name in parts.moment.frozen]


def _params(parts: Parts) -> list[str]:
    return [updated_names(parts.moment), "params = [weights[name] for name in updated]"]


def core_script(parts: Parts) -> str:
    """Return the script that needs NumPy and `core`."""
    moment, optimiser = parts.moment, parts.optimiser
    dtype = moment.model.dtype.name
    lines = [
        "# The model, the loss and the optimiser as they were.",
        *_before(f"{CORE.write(moment.model)}.astype(np.{dtype})", "saved[name]"),
        *_frozen(parts),
        f"criterion = {parts.loss.call}",
    ]
    used = [CORE.write(moment.model), parts.loss.call]
    if optimiser is not None:
        max_norm = parts.optimizer.max_norm
        clip = "" if max_norm is None else f", max_norm={max_norm!r}"
        made = f"{optimiser.call[:-1]}{clip})"
        used.append(made)
        lines += [*_params(parts), f"optimizer = {made}"]
        lines += [f"optimizer.steps = {parts.optimizer.steps}"]
        if optimiser.slots:
            lines.append("for k, name in enumerate(updated):")
        lines += [
            f'    optimizer.slots["{slot}"][k][...] = saved["{slot}." + name]'
            for slot in optimiser.slots
        ]
    lines += [
        "",
        "# The iteration.",
        'output = model.forward(saved["images"])',
        'loss = criterion(output, saved["labels"])',
        "criterion.backward()",
        "model.backward()",
        "trained = [name for name, weight in weights.items() if weight.requires_grad]",
        "gradients = {name: weights[name].grad for name in trained}",
        *(["optimizer.step()"] if optimiser is not None else []),
        "after = model.state_dict()",
    ]
    # As isort sorts them: names of capitals first.
    names = sorted(KNOWN & set(_names(used)), key=lambda name: (not name.isupper(), name))
    joined = f"from core import {', '.join(names)}"
    if len(joined) > WIDTH:
        joined = "\n".join(["from core import (", *(f"    {name}," for name in names), ")"])
    imports = f"from pathlib import Path\n\nimport numpy as np\n\n{joined}"
    functions = definitions(template("core"), _names(used))
    return parts.script("with ConvScope's framework", imports, functions, "\n".join(lines))


def torch_script(parts: Parts) -> str:
    """Return the script that needs PyTorch."""
    moment, optimiser = parts.moment, parts.optimiser
    made, kind = TORCH.write(moment.model), moment.model.dtype.name
    is_classes = parts.loss.targets in ("labels", "one-hot")
    lines = [
        "# The model, the loss and the optimiser as they were.",
        *_before(f"{made}.to(torch.{kind})", "torch.tensor(saved[name])"),
        *_frozen(parts),
        f"criterion = nn.{parts.loss.call}",
    ]
    if optimiser is not None:
        lines += [*_params(parts), f"optimizer = torch.optim.{optimiser.call}"]
        lines += _torch_slots(optimiser, parts.optimizer.steps)
    lines += [
        "",
        "# The iteration.",
        'labels = torch.tensor(saved["labels"])' + (".long()" if is_classes else ""),
        'output = model(torch.tensor(saved["images"]))',
        f"loss = criterion(output, {TORCH_TARGETS[parts.loss.targets]})",
        "loss.backward()",
        "loss = loss.detach()",
        "trained = [name for name, weight in weights.items() if weight.requires_grad]",
        "gradients = {name: weights[name].grad.numpy().copy() for name in trained}",
    ]
    if optimiser is not None:
        if parts.optimizer.max_norm is not None:
            lines.append(f"nn.utils.clip_grad_norm_(params, {parts.optimizer.max_norm!r})")
        lines.append("optimizer.step()")
    lines.append("after = {name: tensor.numpy() for name, tensor in model.state_dict().items()}")
    imports = "from pathlib import Path\n\nimport numpy as np\nimport torch\nfrom torch import nn"
    functions = definitions(template("torch"), _names([made]))
    return parts.script("with PyTorch", imports, functions, "\n".join(lines))


def _torch_slots(optimiser: OptimiserText, steps: int) -> list[str]:
    if not optimiser.slots:
        return []
    entries = [
        f'        "{theirs}": torch.tensor(saved["{ours}." + name]),'
        for ours, theirs in optimiser.slots.items()
    ]
    if optimiser.counts:
        entries.append(f'        "step": torch.tensor({float(steps)!r}),')
    return [
        "for name, param in zip(updated, params):",
        "    optimizer.state[param] = {",
        *entries,
        "    }",
    ]


def _names(texts: Iterable[str]) -> list[str]:
    """Return the words in some texts."""
    return [word for text in texts for word in re.findall(r"\w+", text)]

"""Odd inputs of all kinds, for all that reads something of a person."""

from __future__ import annotations

import random
import string
import time
import traceback
from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlencode

import numpy as np

from core.data import load_npz
from core.io.text import parse_model
from core.io.weights import load
from viz_app.place import address
from viz_app.run.anew.uploads import ChosenFile, read_upload
from viz_app.run.cost import HERE
from viz_app.run.presets import PRESETS
from viz_app.run.settings import SETTINGS

# Seconds that one input may take.
SLOWEST = 2.0
MODEL = "conv 4 k3 p1, bn, relu, residual(conv 4 k3 p1 | conv 4 k1), pool 2, flatten, linear 10"
WORDS = {
    "preset": "one", "data": "digits", "rate": "0.02", "batch": "8", "seed": "1", "stage": "5",
    "grain": "Inside", "inner": "2", "sample": "1", "channel": "1", "iteration": "3",
    "cell": "X_out,0,0,1,1", "changes": "1:learning_rate:0.1;2:batch_size:4", "model": MODEL,
}  # fmt: skip
CHARACTERS = string.printable + "äß٣कि→\u202e\0"


def mutated(text: str, dice: random.Random) -> str:
    """Return a text with some characters lost, doubled, swapped or replaced."""
    letters = list(text)
    for _ in range(dice.choice((0, 1, 1, 2, 5, 20))):
        at = dice.randrange(len(letters) + 1)
        how = dice.randrange(4)
        if how == 0 and letters:
            del letters[at - 1]
        elif how == 1:
            letters[at:at] = letters[:at][-dice.randrange(1, 9) :]
        elif how == 2:
            letters[at:at] = dice.choice(CHARACTERS) * dice.choice((1, 1, 1, 40))
        elif letters:
            other = dice.randrange(len(letters))
            letters[at - 1], letters[other] = letters[other], letters[at - 1]
    return "".join(letters)


def damaged(content: bytes, dice: random.Random) -> bytes:
    """Return bytes of which some are others, lost or doubled."""
    found = bytearray(content)
    for _ in range(dice.choice((1, 1, 3, 30))):
        at = dice.randrange(len(found) + 1)
        how = dice.randrange(3)
        if how == 0:
            found[at : at + 1] = dice.randbytes(1)
        elif how == 1:
            del found[at : at + dice.choice((1, 50, len(found)))]
        else:
            found[at:at] = found[at : at + dice.choice((1, 50, 500))]
    return bytes(found)


class Inputs:
    """Odd inputs of all kinds.

    Args:
        dice: decides on them.
    """

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._recipe = PRESETS["digits"].recipe("digits")
        self._model = parse_model(MODEL, (1, 8, 8), np.random.default_rng(0))
        weights, images = BytesIO(), BytesIO()
        self._model.save(weights)
        np.savez(
            images,
            images=np.zeros((8, 8, 8), np.uint8),
            labels=np.array([0, 1] * 4),
        )
        self._weights, self._images = weights.getvalue(), images.getvalue()
        self.kinds: tuple[Callable[[], object], ...] = (
            self.address, self.text, self.setting, self.weights, self.images,
        )  # fmt: skip

    def query(self) -> dict[str, str]:
        """Return some words of an address, right or wrong."""
        words = self._dice.sample(list(WORDS), self._dice.randrange(1, 6))
        return {word: mutated(WORDS[word], self._dice) for word in words}

    def address(self) -> object:
        """Read an address."""
        return address.read(address.parse("?" + mutated(urlencode(self.query()), self._dice)), HERE)

    def text(self) -> object:
        """Make a model of a text, as large as a server permits."""
        return self._recipe.parsed(mutated(MODEL, self._dice), np.random.default_rng(0), HERE)

    def setting(self) -> object:
        """Read a value of a setting."""
        name = self._dice.choice(list(SETTINGS))
        return SETTINGS[name].parse(mutated("0.0251", self._dice), self._recipe.data)

    def weights(self) -> object:
        """Load weights from a file."""
        return load(self._model, self._damaged(self._weights))

    def images(self) -> object:
        """Read an archive of images, as a file and as an upload."""
        content = self._damaged(self._images).getvalue()
        read_upload([ChosenFile("mine.npz", len(content))], content)
        return load_npz(BytesIO(content), "mine")

    def _damaged(self, content: bytes) -> BytesIO:
        return BytesIO(damaged(content, self._dice))


def try_inputs(count: int, seconds: float, seed: int) -> list[str]:
    """Try odd inputs; return what came of them but a refusal or an answer."""
    inputs, faults = Inputs(random.Random(seed)), list[str]()
    end, done = time.monotonic() + seconds, 0
    while done < count and time.monotonic() < end:
        kind, start = inputs.kinds[done % len(inputs.kinds)], time.monotonic()
        try:
            kind()
        except (ValueError, OSError) as error:
            if "literal" in str(error) or not str(error):
                faults.append(f"{kind.__name__}, input {done}: says {error!r}")
        except Exception:
            faults.append(f"{kind.__name__}, input {done}: {traceback.format_exc()}")
        if time.monotonic() - start > SLOWEST:
            faults.append(f"{kind.__name__}, input {done}: took {time.monotonic() - start:.1f} s")
        done += 1
    print(f"{done} odd inputs, {len(faults)} faults")
    return faults

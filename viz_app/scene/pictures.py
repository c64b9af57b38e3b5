"""The images that go into the network, as pictures: grey, or in their own colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.tensor import Array
from viz_app.scene.registry import Look
from viz_app.scene.scene import Panel, Tile

GREY, COLOURED = 1, 3  # channels
PARTS = 3  # of a colour: red, green, blue


def is_picture(images: Array) -> bool:
    """Return whether images of shape (N, C, H, W) can be seen as pictures.

    That is so if they are grey or red, green and blue, with numbers from 0 (dark) to 1 (bright), as
    far as they are not covered. It is not known what others were before somebody scaled them.
    """
    if images.ndim != len("NCHW") or images.shape[1] not in (GREY, COLOURED) or not images.size:
        return False
    return not bool(((images < 0) | (images > 1)).any())


def enters(look: Look, key: str) -> bool:
    """Return whether an array of the stage is the images that go into the network."""
    first, layer = next(iter(look.trace.layers.values()), None), look.layer
    if key != "X_in" or first is None or layer is None:
        return False
    return layer.input is first.input


def pictured(panel: Panel, image: Array) -> Panel:
    """Return a panel of an image of shape (C, H, W) as a picture: a pixel is as bright as it is.

    What is small below shows a channel each, in its part of the colour.
    """
    large, *small = panel.tiles
    tiles = [_painted(large, image), *(_painted(tile, _alone(image, tile)) for tile in small)]
    note = "0 is black, 1 is white" if len(image) == GREY else "channels 0, 1, 2: red, green, blue"
    return replace(panel, tiles=tiles, scale="none", note=note, is_picture=True)


def _alone(image: Array, tile: Tile) -> Array:
    """Return an image of which the other channels are dark."""
    here = np.zeros(len(image), bool)
    here[tile.prefix[-1]] = True
    return np.where(here[:, None, None], image, 0)


def _painted(tile: Tile, image: Array) -> Tile:
    above, below, left, right = tile.ring
    colours = np.repeat(image, PARTS, axis=0) if len(image) == GREY else image
    around = ((0, 0), (above, below), (left, right))
    return replace(tile, colours=np.moveaxis(np.pad(colours, around), 0, -1))

"""Data sets: bundled, drawn or the user's own, and the batches that training takes of them."""

from core.data.augment import Augment, Flip, Shift
from core.data.batches import Batches
from core.data.bundled import DATASETS, load_dataset
from core.data.dataset import DataSet, Split
from core.data.own import from_images, load_files, load_npz
from core.data.shapes import make_shapes
from core.data.strokes import make_strokes

__all__ = [
    "DATASETS",
    "Augment",
    "Batches",
    "DataSet",
    "Flip",
    "Shift",
    "Split",
    "from_images",
    "load_dataset",
    "load_files",
    "load_npz",
    "make_shapes",
    "make_strokes",
]

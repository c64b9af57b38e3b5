"""What to say of files that are known and not read, by what they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from core.io.heads import Head

# What is read.
KINDS = (
    "a .npz, two .npy of images and labels, IDX files of both, CIFAR-10's data_batch_1.bin, or a "
    "CSV of pixels with a label column"
)
TWO_ARRAYS = "X.npy and y.npy, or x_train.npy, y_train.npy, x_test.npy and y_test.npy"
_PICTURE = (
    "is {what}. In Python, import PIL.Image and pass images = "
    "[np.asarray(PIL.Image.open(path).convert('RGB').resize((32, 32))) for path in paths] with "
    "their labels to from_images; under Your data, its name has to end like that of a picture, "
    "such as .png. What Pillow cannot open has to be saved as PNG first"
)
_PICKLE = (
    "is a pickle, which could run anything and is not opened here. In Python: import pathlib, "
    "pickle, numpy as np; d = pickle.loads(pathlib.Path({name!r}).read_bytes(), "
    "encoding='latin1'); "
    "np.savez({npz!r}, images=d['data'], labels=d['labels']). For CIFAR-10 that is all"
)
_SAVE = "save its arrays with np.savez_compressed({npz!r}, images=images, labels=labels)"
# Of a file that has none.
_NAME = "mine.dat"
_SAID: Mapping[str, str] = {
    "picture": _PICTURE,
    "safetensors": "is {what}: if it holds weights, choose it under Load weights; if images with "
    f"labels, read it in Python with safetensors.numpy.load_file and {_SAVE}",
    "pickle": _PICKLE,
    "hdf5": f"is {{what}}: in Python, read it with h5py and {_SAVE}",
    "matlab": f"is {{what}}: in Python, d = scipy.io.loadmat({{name!r}}), then {_SAVE}",
    "parquet": f"is {{what}}: in Python, read it with pandas and {_SAVE}",
    "document": "is {what}, which holds no images with labels that can be read: expected " + KINDS,
    "page": "is {what}, perhaps with the download instead of it: open it in the browser, and save "
    "the file itself",
    "folder": "is a packed folder ({what}): unpack it, and choose its files",
    "packed": "is packed by {what}: unpack it first",
}
# What is read with others, or by another function.
_ALONE = (
    f"is a single array, without labels: choose that of the labels with it, such as {TWO_ARRAYS}, "
    "in Python by load_files(['X.npy', 'y.npy']); or save both with "
    "np.savez_compressed({npz!r}, images=images, labels=labels)"
)
_NO_ARCHIVE: Mapping[str, str] = {
    "npy": _ALONE,
    "text": "is a text file, no .npz archive: load_files([{name!r}]) reads tables (CSV)",
    "gzip": "is packed by gzip, no .npz archive: load_files([{name!r}]) unpacks it",
}


def refusal(name: str, head: Head | None) -> str:
    """Return what to say of a file that is not read, and what to do; empty if it may be.

    Args:
        name: of the file, with the folders that are known; empty if it has none.
        head: what it is.
    """
    return _filled(_SAID, name, head)


def refusal_as_archive(name: str, head: Head | None) -> str:
    """Return what to say of a file that is no `.npz`; empty if it may be one."""
    return _filled({**_SAID, **_NO_ARCHIVE}, name, head)


def _filled(said: Mapping[str, str], name: str, head: Head | None) -> str:
    if head is None or head.sort not in said:
        return ""
    text, given = said[head.sort], name or _NAME
    filled = text.format(name=given, npz=f"{PurePath(given).stem}.npz", what=head.words)
    if not name and "{name" in text:
        filled += f". Save it under a name first, such as {_NAME}"
    return f"{name or 'the file'} {filled}"

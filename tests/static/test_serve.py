from __future__ import annotations

import threading
from pathlib import Path
from urllib.request import urlopen

import pytest

from static.serve import main, site_server


def test_serves_the_files_of_a_folder_and_prints_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "index.html").write_text("the page")
    with site_server(tmp_path) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with urlopen(f"http://localhost:{server.server_port}/") as answer:
            assert answer.read() == b"the page"
        server.shutdown()
    assert capsys.readouterr() == ("", "")


def test_a_folder_without_a_site_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 1
    assert f"{tmp_path} holds no site" in capsys.readouterr().err

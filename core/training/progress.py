"""A progress bar, where the package `tqdm` is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Protocol


class _Bar(Protocol):
    """The methods of tqdm's bar that are used here."""

    def set_postfix_str(self, s: str, refresh: bool) -> None: ...
    def update(self) -> object: ...
    def close(self) -> None: ...


@contextmanager
def progress_bar(wanted: bool | None, total: int) -> Iterator[Callable[[str], None]]:
    """Show a progress bar inside the block.

    Args:
        wanted: whether to show one; if None, it is shown where `tqdm` is installed.
        total: how many steps there will be.

    Yields:
        A function that counts one step and shows a text beside the bar.

    Raises:
        ModuleNotFoundError: a bar is wanted, and `tqdm` is not installed.
    """
    bar: _Bar | None = None
    if wanted is not False:
        try:
            bar = import_module("tqdm").tqdm(total=total)
        except ModuleNotFoundError as error:
            if wanted:
                raise ModuleNotFoundError(
                    "a progress bar needs tqdm: install it (pip install tqdm), or leave "
                    "`progress` out"
                ) from error

    def count(text: str) -> None:
        if bar is not None:
            bar.set_postfix_str(text, refresh=False)
            bar.update()

    try:
        yield count
    finally:
        if bar is not None:
            bar.close()

"""How the parts of a page hear of changes in a run or a viewer, which other pages may share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import get_ident
from typing import Any

import panel as pn
import param
from panel.io.state import set_curdoc


def watch(
    source: param.Parameterized,
    names: Sequence[str],
    action: Callable[..., Any],
    precedence: int = 0,
) -> None:
    """Call an action whenever a source has changed, as long as the page that asks for it is open.

    Whoever makes the change, another page or a thread of its own, the action is called as a part of
    this page and under the lock of its document: models of Bokeh may only be changed so.

    Args:
        source: what may change.
        names: which of its parameters.
        action: called with the events.
        precedence: those with a lower one are called first.
    """
    page, thread = pn.state.curdoc, get_ident()

    def hear(*events: param.parameterized.Event) -> None:
        # Another thread may find the same document at work: Bokeh's is one for all threads.
        is_here = page is pn.state.curdoc and thread == get_ident()
        # A page without a server has no session and no lock.
        if page and page.session_context and not is_here:
            with set_curdoc(page):
                pn.state.execute(partial(action, *events), schedule=True)
        else:
            action(*events)

    watcher = source.param.watch(hear, list(names), precedence=precedence)
    if page and page.session_context:
        page.on_session_destroyed(lambda _: source.param.unwatch(watcher))

"""The kinds of questions, by the key that a file has for each."""

from __future__ import annotations

from collections.abc import Mapping

from viz_app.lessons.kinds.cells import CELLS, LARGEST
from viz_app.lessons.kinds.kind import Found, Kind
from viz_app.lessons.kinds.numbers import COUNT, NUMBER, SIGN
from viz_app.lessons.kinds.sentences import CHOOSE, ORDER
from viz_app.lessons.kinds.terms import TERMS

KINDS: Mapping[str, Kind] = {
    "cells": CELLS,
    "largest": LARGEST,
    "sign": SIGN,
    "number": NUMBER,
    "count": COUNT,
    "order": ORDER,
    "choose": CHOOSE,
    "terms": TERMS,
}

__all__ = ["KINDS", "Found", "Kind"]

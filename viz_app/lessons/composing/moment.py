"""Captures a moment as words of an address: as few as tell it from what the lesson says already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from viz_app.lessons.composing.draft import Draft, DraftStep
from viz_app.lessons.composing.fields import block_of, fields_of, with_field
from viz_app.lessons.error import LessonError
from viz_app.place import address
from viz_app.place.address import BESIDE_LESSON, WORDS

# Of the run, which all steps of a lesson usually share.
OF_RUN = (*WORDS, "grain")
# How it is drawn is for those to say who look at it; a step shows one run, and no probe.
NOT_CAPTURED = (*BESIDE_LESSON, "side", "probe", "against", "explained")


def new_draft(now: Mapping[str, str]) -> Draft:
    """Return a new lesson about the run that is in sight.

    Args:
        now: all words of the address of what is in sight.
    """
    moment = common_moment(now)
    head = {"title": "New lesson", "minutes": "5", "learns": "", "moment": moment}
    return Draft(block_of(head))


def common_moment(now: Mapping[str, str]) -> str:
    """Return the moment of a new lesson's head: the run that is in sight.

    Args:
        now: all words of the address of what is in sight.
    """
    own = _own({"preset": now["preset"]}, now)
    run = {word: own[word] for word in OF_RUN if word in own}
    return moment_text({"preset": now["preset"], "seed": now["seed"], **run})


def captured(draft: Draft, at: int, now: Mapping[str, str]) -> Draft:
    """Return a draft in which a step has the moment that is in sight.

    Args:
        draft: the draft.
        at: place of the step, from 0.
        now: all words of the address of what is in sight.

    Raises:
        LessonError: a block cannot be read.
    """
    head = words_of(draft.head)
    # A word that the moment does not have cannot be taken back: then it is not common.
    lost = {word: head[word] for word in head if word not in now and word not in NOT_CAPTURED}
    if lost:
        kept = {word: text for word, text in head.items() if word not in lost}
        draft = replace(
            draft,
            head=with_field(draft.head, "moment", moment_text(kept)),
            steps=tuple(
                _with_words(step, {**lost, **words_of(step.block)}) for step in draft.steps
            ),
        )
        head = kept
    step = _with_words(draft.steps[at], _own(head, now))
    return replace(draft, steps=(*draft.steps[:at], step, *draft.steps[at + 1 :]))


def words_of(block: str) -> dict[str, str]:
    """Return the words of the moment that a block of YAML names; none if it names none.

    Raises:
        LessonError: the block cannot be read.
    """
    moment = fields_of(block).get("moment", "")
    if not isinstance(moment, str):
        raise LessonError(0, "a moment of parts", "words of an address")
    return words_in(moment)


def words_in(moment: str) -> dict[str, str]:
    """Return the words of a moment, which may be a link.

    Raises:
        LessonError: there are too many.
    """
    try:
        return dict(address.parse(moment.rpartition("?")[2].partition("#")[0]))
    except ValueError as error:
        raise LessonError(0, str(error), "words of an address") from None


def moment_text(words: Mapping[str, str]) -> str:
    """Return words of an address, as people read them where nothing stands against it."""
    is_plain = not any(set("%&+#?=;\n") & set(text) for text in words.values())
    return "&".join(f"{k}={v}" for k, v in words.items()) if is_plain else urlencode(words)


def _with_words(step: DraftStep, words: Mapping[str, str]) -> DraftStep:
    return replace(step, block=with_field(step.block, "moment", moment_text(words)))


def _own(head: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """Return the words that have to be said besides those of the head."""
    own: dict[str, str] = {}
    while True:
        said = address.words_at(address.read({**head, **own}))
        more = {
            word: text
            for word, text in now.items()
            if word not in NOT_CAPTURED and word not in own and said.get(word) != text
        }
        if not more:
            return own
        # From which many others follow.
        own |= {"preset": more["preset"]} if "preset" in more else more

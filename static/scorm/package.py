"""The package: which lesson it is about, and the zip that an LMS takes."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from static.page import served_files
from static.parts import Site
from static.runtime.node import BuildError
from static.scorm.manifest import manifest
from viz_app.lessons import (
    FILES,
    Lesson,
    LessonError,
    answer_of,
    bundled,
    points_of,
    read_lesson,
    record_of,
)

PAGE = "index.html"


@dataclass(frozen=True)
class Chosen:
    """The lesson of a package.

    Attributes:
        lesson: the lesson.
        files: what the packages need besides for it, by name: the file of one's own lesson, which
            comes along from then on.
    """

    lesson: Lesson
    files: dict[str, bytes]


def choose(name: str) -> Chosen:
    """Return the lesson that somebody names.

    Args:
        name: of a lesson that comes along, or the path of a file.

    Raises:
        BuildError: there is no such lesson, or something is wrong with it; the message says what
            and in which line.
    """
    if name in FILES:
        return Chosen(bundled(name), {})
    path = Path(name)
    if not path.is_file():
        raise BuildError(
            f"{name} is no file, and none of the lessons that come along: {', '.join(FILES)}"
        )
    try:
        content = path.read_bytes()
        lesson = read_lesson(content, path.stem)
        _try(lesson)
    except (OSError, LessonError) as error:
        raise BuildError(f"{path}: {error}") from error
    return Chosen(lesson, {f"viz_app/lessons/files/{path.stem}.md": content})


def _try(lesson: Lesson) -> None:
    """Go to each step and ask its question: an LMS is a bad place to find what is wrong."""
    for step in lesson.steps:
        step = step.with_seed()
        record = record_of(step.words, step.line)
        points_of(step, record)
        if step.question is not None:
            answer_of(step.question, record)


def package(site: Site, lesson: Lesson) -> bytes:
    """Return the zip of a site that opens a lesson and reports to an LMS.

    The same site and lesson give the same bytes. What only a double click needs is left out.
    """
    files = served_files(site, lesson.name)
    files = {"imsmanifest.xml": manifest(lesson, PAGE, files), **files}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            is_packed = name.endswith(".bin")
            how = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, how)
    return packed.getvalue()

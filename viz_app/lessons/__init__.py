"""Lessons: predict, then see. The engine, without a page; `docs/lessons.md` has the file format.

A lesson is a text file. It holds questions about what is on the board, and no answer: those follow
from the trace of the moment, through the lines of index notation. What a page does with it:

    listed()                                     # title, minutes, what is learnt, of each
    lesson = bundled("1-one-iteration")          # or read_lesson(a file's text)
    letters = pack(a file's text)                # for a link; unpack(letters) gives it back
    progress = Progress.of(lesson)               # or read_kept(a text), to go on

    step = lesson.steps[progress.step - 1].with_seed(progress.seed, progress.level)
    viewer.open(moment_of(step.words, step.line))               # then, once it has arrived:
    record = Record(viewer.trace, viewer.place, step.line)      # without a page: record_of
    points = points_of(step, record)                            # what gets a spotlight
    answer = answer_of(step.question, record)                   # where it asks something

Until somebody commits, `answer.covered` says which cells the page must not show, and whether cells
that belong together may light up: that is what `Viewer.cover` takes. `answer.array` is what is
clicked at, `answer.options` what is chosen from or ordered, `answer.terms` what is filled in. Then:

    verdict = answer.judge(given)                # ValueError if that is no answer at all
    progress = progress.committed(step.seed, given, verdict, at=seconds)

and nothing is covered any more. "Again with other numbers" is `progress.again(other_seed(...))`,
which also goes one level of fading further; another step is `progress.at(number)`. `hand_in`
gives the file of answers, `write_answers` and `write_short` what is kept of them. A person model
`LessonState` thus needs `lesson`, `progress`, and the answer in sight; `commit`, `again` and
`resume` are the calls above.

To compose one, `Work` has a draft of its file in hand, and changes it; `write_lesson` writes the
file, and what `read_lesson` says of that is what is still wrong with it.

Everything that is wrong with a file is a `LessonError` with the number of the line.
"""

from viz_app.lessons.answer import Answer, Blank, Given, Verdict
from viz_app.lessons.answers.file import hand_in, read_answers, write_answers
from viz_app.lessons.answers.short import read_kept, write_short
from viz_app.lessons.ask import answer_of, other_seed, points_of
from viz_app.lessons.composing.draft import Draft, draft_of, write_lesson
from viz_app.lessons.composing.work import Work
from viz_app.lessons.error import LessonError
from viz_app.lessons.lesson import Entry, Lesson, Step
from viz_app.lessons.progress import Progress
from viz_app.lessons.question import Question
from viz_app.lessons.reading.lessons import FILES, bundled, listed, read_lesson
from viz_app.lessons.reading.links import pack, unpack
from viz_app.lessons.record import Record, moment_of, record_of

__all__ = [
    "FILES",
    "Answer",
    "Blank",
    "Draft",
    "Entry",
    "Given",
    "Lesson",
    "LessonError",
    "Progress",
    "Question",
    "Record",
    "Step",
    "Verdict",
    "Work",
    "answer_of",
    "bundled",
    "draft_of",
    "hand_in",
    "listed",
    "moment_of",
    "other_seed",
    "pack",
    "points_of",
    "read_answers",
    "read_kept",
    "read_lesson",
    "record_of",
    "unpack",
    "write_answers",
    "write_lesson",
    "write_short",
]

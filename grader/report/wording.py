"""The words on a report's page."""

from __future__ import annotations

from typing import Final

from grader.kit.messages import Message, tr
from grader.report.mistakes import Kind

KINDS: Final = {
    Kind.NAMED: tr("known mistake"),
    Kind.CHANGED: tr("a right answer with one change, which nobody wrote down yet"),
    Kind.SHARED: tr("a mistake of this class's own: the same behaviour, without a name yet"),
    Kind.DESCRIBED: tr("what the first failed check says"),
}

WORDS: Final[dict[str, Message]] = {
    "report": tr("report"),
    "class": tr("The class"),
    "waiting": tr("What waits for a person"),
    "why": tr("why"),
    "settles": tr("what settles it"),
    "who": tr("who"),
    "nothing_waits": tr("Nothing waits for a person."),
    "provisional": tr("Points that a person has still to give count as none until then."),
    "changes": tr("What has changed"),
    "before": tr("before"),
    "after": tr("after"),
    "difference": tr("difference"),
    "exercises": tr("The exercises"),
    "exercise": tr("exercise"),
    "points": tr("points"),
    "difficulty": tr("mean"),
    "difficulty_help": tr("Share of the points that the class got: a small one is a hard exercise."),
    "median": tr("median"),
    "discrimination": tr("discrimination"),
    "discrimination_help": tr(
        "Correlation of an exercise's points with those of all the others: near 0 or below, who is good at the rest is"
        " not good at this."
    ),
    "not_attempted": tr("not attempted"),
    "seconds": tr("time"),
    "seconds_help": tr("Seconds that it took to grade: median, and the longest."),
    "visible": tr("visible"),
    "visible_checks": tr("visible checks"),
    "hidden_checks": tr("hidden checks"),
    "visible_help": tr("Share of the checks that passed: those that students have, and the hidden ones."),
    "hidden": tr("hidden"),
    "green": tr("stopped at green"),
    "green_help": tr("Who passed every check that students have, and failed a hidden one."),
    "mistakes": tr("The mistakes"),
    "mistakes_help": tr(
        "Each student counts once in each exercise that was tried and not passed. Named mistakes are recognised by how"
        " an answer behaves; where nobody has named one, the first check that failed speaks."
    ),
    "no_mistakes": tr("No mistakes are known."),
    "called": tr("called"),
    "expected": tr("expected"),
    "actual": tr("actual"),
    "name_it": tr("Give it a name and a hint:"),
    "telltales": tr("Checks that told nobody from anybody"),
    "no_telltales": tr("Every check was passed by some and failed by others."),
    "check": tr("check"),
    "heat_map": tr("Everybody in every exercise"),
    "attempts": tr("Attempt after attempt"),
    "students": tr("The students"),
    "student": tr("student"),
    "late": tr("late"),
    "total": tr("total"),
    "remarks": tr("remarks"),
    "anonymous": tr("Without names: the numbers are drawn anew for each report."),
    "bright": tr("known mistakes"),
    "pale": tr("mistakes without a name"),
    "telltales_help": tr(
        "A check that nobody passed may be wrong, or its exercise unclear; one that everybody passed may ask for"
        " nothing."
    ),
    "passed_of_tried": tr("passed, of who tried"),
}

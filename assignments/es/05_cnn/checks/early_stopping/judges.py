"""What decides `early_stopping`, and what it says."""

import math

from grader.kit import Remote, assert_length, assert_returns, assert_that, tr, verbatim
from grader.kit.failures import CheckFailure, StudentError
from grader.kit.training.probes import ask

NEVER_RESET = tr("An improvement starts the count again, and your code goes on counting: set the count back to 0.")


TOO_LATE = tr("Your code stops one loss too late: it is time at loss number `patience` in a row without improvement.")


NEVER_TIME = tr("Your code never says that it is time to stop.")


NEVER_BETTER = tr("For your code no loss is ever an improvement: a loss below best - min_delta is one.")


TOO_EARLY = tr("Your code stops one loss too early: it is time at loss number `patience` in a row without improvement.")


BEST_AT_ONE = tr("The best loss before any is infinity: a first loss above 1 must count as an improvement.")


TIES = tr("A loss that equals the best is no improvement: it must be smaller, by more than min_delta.")


NAN = tr("Nothing is smaller than NaN, and NaN is smaller than nothing: it is no improvement.")


DELTA = tr("min_delta is by how much a loss must beat the best: loss < best - min_delta.")


LOWER_IS_BETTER = tr("It waits for a higher loss: a loss is better when it is lower.")


WITH_THE_ONE_BEFORE = tr("It compares each loss with the one before it: compare with the best so far.")


NOT_NOTED = tr("best stays infinity: after an improvement, note the new best loss.")


BEST_OF_ALL = tr("best changes although there was no improvement: only an improvement is a new best.")


NAN_LOSS = float("nan")


SEQUENCES = {
    "falling": (2, 0.0, [5.0, 4.0, 3.0, 2.0, 1.0]),
    "patience": (2, 0.0, [3.0, 2.0, 2.5, 2.4, 1.0]),
    "patience of one": (1, 0.0, [3.0, 2.0, 2.1, 2.2]),
    "reset": (2, 0.0, [3.0, 3.5, 2.0, 2.5, 1.5, 1.6, 1.7]),
    "tie": (2, 0.0, [2.0, 2.0, 2.0, 1.0]),
    "NaN": (2, 0.0, [2.0, NAN_LOSS, 1.5, NAN_LOSS, NAN_LOSS]),
    "NaN first": (2, 0.0, [NAN_LOSS, 1.5, 1.4]),
    "NaN alone": (3, 0.0, [NAN_LOSS, NAN_LOSS, NAN_LOSS]),
    "min_delta": (2, 0.5, [3.0, 2.75, 2.25, 2.0, 1.875]),
    "small steps": (3, 0.25, [2.0, 1.875, 1.75, 1.625, 1.5]),
    "negative": (2, 0.0, [-1.0, -2.0, -1.5, -2.0]),
    "above one": (3, 0.0, [9.0, 8.0, 7.0, 6.5]),
}
"""For each case patience, min_delta and the losses."""


RUN_STOPPING = """
def run_stopping(stopping, losses):
    found = []
    for loss in losses:
        answer = stopping.step(loss)
        found.append((answer, stopping.best))
    return found
"""


def stopping_table(patience, min_delta, losses):
    """By the definition: for each loss whether to stop, and the best so far; it ends where training does."""
    table = followed(patience, min_delta, losses)
    end = next((position for position, (stops, _) in enumerate(table, 1) if stops), len(table))
    return table[:end]


def beats_the_best(loss, best, last, delta):  # noqa: ARG001 - `last` is for a rule that is wrong
    return loss < best - delta


def followed(
    patience,
    min_delta,
    losses,
    *,
    is_better=beats_the_best,
    start=math.inf,
    late=0,
    least=0,
    resets=True,
    notes="improvements",
):
    """For each loss whether to stop, and the best so far; every keyword makes one mistake on purpose."""
    best, last, bad, table = start, math.inf, 0, []
    for loss in losses:
        if is_better(loss, best, last, min_delta):
            bad = 0 if resets else bad
            is_noted = notes == "improvements"
        else:
            bad += 1
            is_noted = False
        if is_noted or notes == "all" or (notes == "lowest" and loss < best):
            best = loss
        last = loss
        table.append((bad >= max(patience + late, least), best))
    return table


WRONG_STOPPINGS = (
    (NEVER_BETTER, {"is_better": lambda *_: False}),
    (NEVER_TIME, {"late": math.inf}),
    (TOO_LATE, {"late": 1}),
    (TOO_EARLY, {"late": -1}),
    (TOO_EARLY, {"late": -1, "least": 1}),
    (NEVER_RESET, {"resets": False}),
    (BEST_AT_ONE, {"start": 1.0}),
    (BEST_AT_ONE, {"start": 0.0}),
    (TIES, {"is_better": lambda loss, best, _, delta: loss <= best - delta}),
    (NAN, {"is_better": lambda loss, best, _, delta: not loss >= best - delta}),
    (DELTA, {"is_better": lambda loss, best, _, __: loss < best}),
    (DELTA, {"is_better": lambda loss, best, _, delta: loss < best + delta}),
    (DELTA, {"is_better": lambda loss, best, _, delta: loss < best * (1 - delta)}),
    (WITH_THE_ONE_BEFORE, {"is_better": lambda loss, _, last, delta: loss < last - delta}),
    (WITH_THE_ONE_BEFORE, {"is_better": lambda loss, _, last, delta: loss < last - delta, "notes": "lowest"}),
    (WITH_THE_ONE_BEFORE, {"notes": "all"}),
    (NOT_NOTED, {"notes": "nothing"}),
    (BEST_OF_ALL, {"notes": "lowest"}),
    *(
        (LOWER_IS_BETTER, {"is_better": rule, "start": start})
        for start in (-math.inf, 0.0)
        for rule in (lambda loss, best, _, delta: loss > best + delta, lambda loss, best, _, delta: loss > best - delta)
    ),
)
"""Mistakes, as `followed` makes them."""


def stopping_rows(student, patience, min_delta, losses):
    """What the student's `EarlyStopping` answers to each loss, and its best after it."""
    stopping = student.EarlyStopping(patience, min_delta) if min_delta else student.EarlyStopping(patience)
    assert_that(isinstance(stopping, Remote), tr("EarlyStopping(…) makes no object: is it a class?"))
    initial = stopping.best
    run = student.define(RUN_STOPPING, "run_stopping")
    run.label = "step"
    rows = run(stopping, losses)
    assert_length(rows, len(losses))
    return initial, [tuple(row) for row in rows]


def stopping_mistake(student):
    """The mistake whose answers are the student's for every one of `SEQUENCES` and a longer one, if there is one."""
    cases = [(patience, delta, losses) for patience, delta, losses in SEQUENCES.values()]
    lengths = [len(stopping_table(*case)) for case in cases]
    cases = [(patience, delta, losses[:n]) for (patience, delta, losses), n in zip(cases, lengths, strict=True)]
    cases.append((2, 0.0, [3.0, 2.0, 2.5, 2.25, 2.75, 2.5]))  # on and on after the end: late is not never
    try:
        found = [ask(student, stopping_rows, student, *case)[1] for case in cases]
    except (StudentError, CheckFailure):
        return None
    for hint, mistake in WRONG_STOPPINGS:
        tables = [followed(*case, **mistake) for case in cases]
        if repr(tables) == repr([[(stops, float(best)) for stops, best in rows] for rows in found]):
            return hint
    return None


STOPPING_RULE = tr(
    "By the definition: loss < best - min_delta is an improvement, sets best, and starts the count of losses without"
    " improvement again; any other loss counts, and it is time to stop when the count reaches patience."
)


def assert_early_stopping(student, patience, min_delta, losses, *, is_shown=False):
    """Fails unless `EarlyStopping` follows `stopping_table`; only a visible check shows its losses."""
    table = stopping_table(patience, min_delta, losses)
    initial, rows = stopping_rows(student, patience, min_delta, losses[: len(table)])
    for position, ((answer, best), (expected, expected_best)) in enumerate(zip(rows, table, strict=True), 1):
        assert_returns(answer, bool, name=tr("What step returns"))
        which = tr(
            "patience={patience}, min_delta={delta}, losses {losses}",
            patience=patience,
            delta=min_delta,
            losses=", ".join(f"{loss:g}" for loss in losses[:position]),
        )
        assert_that(
            answer is expected,
            tr("step gives the wrong answer at loss number {n}.", n=position),
            expected=verbatim(str(expected)),
            actual=tr("{answer} ({which})", answer=answer, which=which) if is_shown else verbatim(str(answer)),
            hint=(stopping_mistake(student) or STOPPING_RULE) if answer is not expected else None,
        )
        assert_returns(best, (float, int), name="best")
        assert_that(
            best == expected_best,
            tr("best is wrong after loss number {n}.", n=position),
            expected=verbatim(f"{expected_best:g}") if is_shown else None,
            actual=tr("{answer} ({which})", answer=f"{best:g}", which=which) if is_shown else None,
            hint=(stopping_mistake(student) or STOPPING_RULE) if best != expected_best else None,
        )
    assert_that(
        type(initial) is float and initial == math.inf,
        tr("best is not infinity before the first loss."),
        hint=BEST_AT_ONE if initial == 1 else tr('Before the first loss best is float("inf").'),
    )

"""What decides `early_stopping`, and what it says."""

import math

from grader.kit import Remote, assert_length, assert_returns, assert_that, tr, verbatim

NAN_LOSS = float("nan")


SEQUENCES = {
    "falling": (2, 0.0, [5.0, 4.0, 3.0, 2.0, 1.0]),
    "patience": (2, 0.0, [3.0, 2.0, 2.5, 2.4, 1.0]),
    "patience of one": (1, 0.0, [3.0, 2.0, 2.1, 2.2]),
    "reset": (2, 0.0, [3.0, 3.5, 2.0, 2.5, 1.5, 1.6, 1.7]),
    "tie": (2, 0.0, [2.0, 2.0, 2.0, 1.0]),
    "NaN": (2, 0.0, [2.0, NAN_LOSS, 1.5, NAN_LOSS, NAN_LOSS]),
    "NaN first": (2, 0.0, [NAN_LOSS, 1.5, 1.4]),
    "NaN alone": (3, 0.0, [NAN_LOSS, NAN_LOSS, NAN_LOSS, NAN_LOSS]),
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
    best, bad, table = math.inf, 0, []
    for loss in losses:
        is_better = loss < best - min_delta
        best, bad = (loss, 0) if is_better else (best, bad + 1)
        table.append((bad >= patience, best))
        if bad >= patience:
            break
    return table


def make_stopping(student, patience, min_delta=0.0):
    stopping = student.EarlyStopping(patience, min_delta) if min_delta else student.EarlyStopping(patience)
    assert_that(isinstance(stopping, Remote), tr("EarlyStopping(…) makes no object: is it a class?"))
    return stopping


def stopping_rows(student, patience, min_delta, losses):
    """What the student's `EarlyStopping` answers to each loss, and its best after it."""
    stopping = make_stopping(student, patience, min_delta)
    run = student.define(RUN_STOPPING, "run_stopping")
    run.label = "step"
    rows = run(stopping, losses)
    assert_length(rows, len(losses))
    return [tuple(row) for row in rows]


def assert_early_stopping(student, patience, min_delta, losses, *, is_shown=False):
    """Fails unless `EarlyStopping` follows `stopping_table`; only a visible check shows its losses."""
    table = stopping_table(patience, min_delta, losses)
    rows = stopping_rows(student, patience, min_delta, losses)  # on and on after the end: late is not never
    pairs = zip(rows[: len(table)], table, strict=True)
    for position, ((answer, best), (expected, expected_best)) in enumerate(pairs, 1):
        assert_returns(answer, (bool, int), name=tr("What step returns"))
        which = tr(
            "patience={patience}, min_delta={delta}, losses {losses}",
            patience=patience,
            delta=min_delta,
            losses=", ".join(f"{loss:g}" for loss in losses[:position]),
        )
        assert_that(
            bool(answer) is expected,
            tr("step gives the wrong answer at loss number {n}.", n=position),
            expected=verbatim(str(expected)),
            actual=tr("{answer} ({which})", answer=answer, which=which) if is_shown else verbatim(str(answer)),
        )
        if best is None and expected_best == math.inf:
            continue  # another check asks for infinity before the first loss that counts
        assert_returns(best, (float, int), name="best")
        assert_that(
            best == expected_best,
            tr("best is wrong after loss number {n}.", n=position),
            expected=verbatim(f"{expected_best:g}") if is_shown else None,
            actual=tr("{answer} ({which})", answer=f"{best:g}", which=which) if is_shown else None,
        )


def assert_types_of_stopping(student):
    """`best` is infinity before the first loss, and `step` returns a bool."""
    stopping = make_stopping(student, 2)
    initial = stopping.best
    assert_returns(initial, float, name="best")
    assert_that(
        initial == math.inf,
        tr("best is not infinity before the first loss."),
        expected=verbatim("inf"),
        actual=verbatim(f"{initial:g}"),
    )
    run = student.define(RUN_STOPPING, "run_stopping")
    run.label = "step"
    rows = run(stopping, [1.0])
    assert_length(rows, 1)
    assert_returns(rows[0][0], bool, name=tr("What step returns"))

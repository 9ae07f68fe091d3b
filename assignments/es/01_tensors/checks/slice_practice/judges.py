"""What decides `slice_practice`, and what it says."""

import torch

from grader.kit import assert_close, assert_dtype, assert_length, assert_shares_memory, tr

SELECTIONS = ("last_row", "third_column", "even_rows_odd_columns", "above")


GRID = torch.tensor([[3, 8, 1, 6, 4], [7, 2, 9, 5, 0], [11, 14, 10, 13, 12]])


COLUMN = tr("It has shape (M,) and (M, 1) was asked: an index drops its dimension, a slice keeps it.")


ROW = tr("It has shape (1, N) and (N,) was asked: a slice keeps its dimension, an index drops it.")


COUNT_FROM_0 = tr("Counting begins at 0: column 1 is the second one, column 3 the fourth.")


ROWS_FIRST = tr("That is the last column: the first index chooses the row, the second one the column.")


EVEN_FROM_0 = tr("Counting begins at 0: rows 0, 2, 4… are the even ones, columns 1, 3, 5… the odd ones.")


LAST_OF_ANY = tr("Is a number of rows or columns written in the code? The last one of any tensor has index -1.")


STRICTLY = tr("Above the threshold means greater than it: an equal value stays out.")


SELECT_WITH_MASK = tr("A mask in the brackets selects the values themselves, in one dimension.")


VIEW = tr("It is a copy: a list of indices copies, and so does clone. A slice with : is a view of x.")


def assert_selections(student, x, threshold, *names):
    """Some of the four selections of `slice_practice(x, threshold)`."""
    selections = student.slice_practice(x, threshold)
    assert_length(selections, 4)
    for name in names:
        assert_selection(x, threshold, selections, name)


def assert_selection(x, threshold, selections, selection):
    """One of the four selections."""
    m, n = x.shape
    found = selections[SELECTIONS.index(selection)]
    flat = x.flatten()
    match selection:
        case "last_row":
            expected, hint = x.select(0, m - 1), LAST_OF_ANY
            mistakes = [(x.narrow(0, m - 1, 1), ROW), (x.select(1, n - 1), ROWS_FIRST)]
        case "third_column":
            expected, hint = x.narrow(1, 2, 1), COUNT_FROM_0
            mistakes = [(x.select(1, 2), COLUMN), (x.narrow(1, 1, 1), COUNT_FROM_0)]
            if n > 3:
                mistakes.append((x.narrow(1, 3, 1), COUNT_FROM_0))
        case "even_rows_odd_columns":
            rows, columns = torch.arange(0, m, 2), torch.arange(1, n, 2)
            expected, hint, mistakes = x.index_select(0, rows).index_select(1, columns), EVEN_FROM_0, []
        case "above":
            expected, hint = flat[flat.gt(threshold)], SELECT_WITH_MASK
            mistakes = [(flat[flat.ge(threshold)], STRICTLY)]
    assert_close(found, expected, rtol=0, atol=0, name=selection, mistakes=mistakes, hint=hint)
    assert_dtype(found, x.dtype, name=selection)
    if selection != "above":
        assert_shares_memory(found, name=selection, hint=VIEW)

"""What decides `slice_practice`, and what it says."""

import torch

from grader.kit import assert_close, assert_dtype, assert_length, assert_shares_memory, tr

SELECTIONS = ("last_row", "third_column", "even_rows_odd_columns", "above")


GRID = torch.tensor([[3, 8, 1, 6, 4], [7, 2, 9, 5, 0], [11, 14, 10, 13, 12]])


VIEW = tr("The values are right, and they lie in a memory of their own: they are a copy, and no view of x.")


def assert_selection(student, x, threshold, selection):
    """One of the four selections of `slice_practice(x, threshold)`."""
    selections = student.slice_practice(x, threshold)
    assert_length(selections, 4)
    found = selections[SELECTIONS.index(selection)]
    m, n = x.shape
    match selection:
        case "last_row":
            expected = x.select(0, m - 1)
        case "third_column":
            expected = x.narrow(1, 2, 1)
        case "even_rows_odd_columns":
            expected = x.index_select(0, torch.arange(0, m, 2)).index_select(1, torch.arange(1, n, 2))
        case "above":
            flat = x.flatten()
            expected = flat[flat.gt(threshold)]
    assert_close(found, expected, rtol=0, atol=0, name=selection)
    assert_dtype(found, x.dtype, name=selection)
    if selection != "above":
        assert_shares_memory(found, name=selection, hint=VIEW)

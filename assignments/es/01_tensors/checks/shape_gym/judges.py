"""What decides `shape_gym`, and what it says."""

import torch

from grader.kit import assert_close, assert_length, assert_returns, tr

PIECES = ("rows", "cols_first", "flat", "lifted")


OTHER_ORDER = tr("Same shape, different order: compare the entry [0, 1] with the one that was asked.")


ROW_BY_ROW = tr("You read it row by row; the transpose was to be read, so x's two halves alternate.")


POSITION = tr("unsqueeze(k) puts the new dimension at position k, counted from 0.")


KEEP_ONES = tr("n = 1 is no exception: a dimension of size 1 stays. squeeze removes all of them.")


def assert_pieces(student, x, *names):
    """Some of the four tensors of `shape_gym(x)`."""
    pieces = student.shape_gym(x)
    assert_length(pieces, 4)
    for name in names:
        assert_piece(x, pieces, name)


def assert_piece(x, pieces, piece):
    """One of the four tensors."""
    n = x.numel() // 2
    halves = x[:n], x[n:]
    rows, columns = torch.stack(halves), torch.stack(halves, dim=1)
    expected = {"rows": rows, "cols_first": columns, "flat": columns.flatten(), "lifted": torch.stack(halves)[:, None]}
    mistakes = {
        "rows": [(columns.reshape(2, n), OTHER_ORDER)],
        "cols_first": [(rows.reshape(n, 2), OTHER_ORDER)],
        "flat": [(rows.flatten(), ROW_BY_ROW)],
        "lifted": [(rows.unsqueeze(0), POSITION), (rows.unsqueeze(2), POSITION), (x.unsqueeze(1), POSITION)],
    }
    found = pieces[PIECES.index(piece)]
    assert_returns(found, torch.Tensor, name=piece)
    assert_close(
        found,
        expected[piece],
        rtol=0,
        atol=0,
        name=piece,
        mistakes=mistakes[piece] if n > 1 else (),
        hint=KEEP_ONES if n == 1 and found.ndim < expected[piece].ndim else None,
    )

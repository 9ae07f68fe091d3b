"""What decides `shape_gym`, and what it says."""

import torch

from grader.kit import assert_close, assert_length

PIECES = ("rows", "cols_first", "flat", "lifted")


def assert_piece(student, x, piece):
    """One of the four tensors of `shape_gym(x)`."""
    pieces = student.shape_gym(x)
    assert_length(pieces, 4)
    halves = x[: x.numel() // 2], x[x.numel() // 2 :]
    columns = torch.stack(halves, dim=1)
    expected = {
        "rows": torch.stack(halves),
        "cols_first": columns,
        "flat": columns.flatten(),
        "lifted": torch.stack(halves)[:, None],
    }
    assert_close(pieces[PIECES.index(piece)], expected[piece], rtol=0, atol=0, name=piece)

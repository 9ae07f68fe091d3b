"""The drawing pad: what was drawn is what is read."""

import numpy as np

from grader.canvas import PEN, SIDE, drawing


def test_a_stroke_is_black_ink_on_transparent_paper() -> None:
    picture = drawing([[(50, 140), (230, 140)]])
    assert picture.shape == (SIDE, SIDE, 4)
    assert picture.dtype == np.uint8
    assert not picture[..., :3].any()
    ink = picture[..., 3] > 127
    assert ink[140, 50 - PEN + 1 : 230 + PEN].all()
    assert np.flatnonzero(ink[:, 140]).tolist() == list(range(140 - PEN, 140 + PEN + 1))
    assert not ink[140 + PEN + 2 :].any()


def test_the_pen_leaves_no_ink_between_strokes() -> None:
    ink = drawing([[(40, 40)], [(240, 240)]])[..., 3] > 127
    assert ink[40, 40]
    assert ink[240, 240]
    assert not ink[140, 140]

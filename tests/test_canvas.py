"""The drawing pad and the photographs: what was drawn is what is read."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from grader.notebook.canvas import PEN, SIDE, drawing, read_photo


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


def photograph(path: Path, **options: Any) -> None:
    """A dark bar, 40 pixels wide, on 1200 of paper that gets darker to the right; with grain."""
    rng = np.random.default_rng(0)
    light = np.linspace(200, 90, 1200)[None, :, None] * np.array([1.0, 0.97, 0.92])
    bar = np.zeros((900, 1200, 1), dtype=bool)
    bar[200:700, 580:620] = True
    pixels = np.where(bar, 0.15 * light, light) + rng.normal(0, 4, (900, 1200, 1))
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, **options)


def test_a_photograph_is_evenly_lit_and_its_ink_stays_dark(tmp_path: Path) -> None:
    photograph(tmp_path / "photo.jpg", quality=85)
    image = read_photo(tmp_path / "photo.jpg")
    assert image.shape == (600, 800, 3)
    assert image.dtype == np.uint8
    assert image[150:450, 390:410].mean() < 80
    assert image[:, :370].min() > 190
    assert image[:, 430:].min() > 190


def test_a_photograph_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the phone was turned
    photograph(tmp_path / "photo.jpg", exif=exif)
    assert read_photo(tmp_path / "photo.jpg").shape == (800, 600, 3)


def test_transparent_paper_is_white(tmp_path: Path) -> None:
    Image.fromarray(drawing([[(50, 140), (230, 140)]])).save(tmp_path / "drawn.png")
    image = read_photo(tmp_path / "drawn.png")
    assert image[20, 20].tolist() == [255, 255, 255]
    assert image[140, 140].max() < 10

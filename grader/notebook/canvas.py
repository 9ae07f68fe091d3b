"""A pad to draw a digit on, in a notebook, and photographs of digits on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from grader.kit.messages import tr
from grader.notebook.budget import is_graded_run

SIDE: Final = 280
PEN: Final = 15
"""Radius of the pen in pixels. Of 600 jittered drawings the solution's network read 73 % with 9 pixels, 78 % with 15,
and no more with 20, which fills the loops of a small 8."""

PHOTO_SIDE: Final = 800
"""Pixels of a photograph's longer side, at most."""

GRAIN: Final = 10
"""Pixels of a photograph that make one of the picture of its light: the light of a room has no details."""

Stroke = list[tuple[float, float]]
"""The points that the pen went through without leaving the paper."""


def digit_pad(read: Callable[[np.ndarray[Any, Any]], object]) -> None:
    """Shows a pad to draw on, with a button that hands the drawing to `read`.

    Nothing is shown where nobody can draw: while the notebook is graded, outside of Jupyter, or without ipycanvas.

    Args:
        read: takes the drawing, uint8 (280, 280, 4), black ink on transparent paper; what it prints or plots appears
            under the pad.
    """
    if is_graded_run() or not _is_in_kernel():
        return
    try:
        import ipywidgets as widgets
        from ipycanvas import Canvas
    except ImportError:
        print(
            tr("There is nothing to draw on here: pip install ipycanvas, and restart Jupyter. A photo works as well.")
        )
        return
    from IPython.display import display

    canvas = Canvas(width=SIDE, height=SIDE)
    canvas.layout.border = "1px solid gray"
    canvas.layout.width = canvas.layout.height = f"{SIDE}px"
    canvas.line_width, canvas.line_cap = 2 * PEN, "round"

    def lay_paper() -> None:
        canvas.fill_style = "white"  # or black ink on nothing would vanish in a dark theme
        canvas.fill_rect(0, 0, SIDE, SIDE)
        canvas.fill_style = "black"

    lay_paper()
    strokes: list[Stroke] = []
    is_down = False

    def put_down(x: float, y: float) -> None:
        nonlocal is_down
        is_down = True
        strokes.append([(x, y)])
        canvas.fill_circle(x, y, PEN)

    def draw_to(x: float, y: float) -> None:
        if is_down:
            canvas.stroke_line(*strokes[-1][-1], x, y)
            strokes[-1].append((x, y))

    def lift(*_: object) -> None:
        nonlocal is_down
        is_down = False

    canvas.on_mouse_down(put_down)
    canvas.on_mouse_move(draw_to)
    canvas.on_mouse_up(lift)
    canvas.on_mouse_out(lift)
    canvas.on_touch_start(lambda touches: put_down(*touches[0]))
    canvas.on_touch_move(lambda touches: draw_to(*touches[0]))
    canvas.on_touch_end(lift)

    output = widgets.Output()
    read_button = widgets.Button(description=str(tr("Read")), button_style="primary")
    clear_button = widgets.Button(description=str(tr("Clear")))

    def on_read(_: object) -> None:
        output.clear_output(wait=True)
        with output:
            if strokes:
                read(drawing(strokes))
            else:
                print(tr("Draw a digit first."))

    def on_clear(_: object) -> None:
        strokes.clear()
        lift()
        lay_paper()
        output.clear_output()

    read_button.on_click(on_read)
    clear_button.on_click(on_clear)
    display(widgets.VBox([canvas, widgets.HBox([read_button, clear_button]), output]))


def drawing(strokes: Sequence[Stroke]) -> np.ndarray[Any, Any]:
    """What the strokes leave on the pad: uint8 (280, 280, 4), black ink on transparent paper.

    The browser holds the same picture, but it arrives here only some time after the last stroke.
    """
    fine = 2
    ink = Image.new("L", (fine * SIDE, fine * SIDE))
    pen, radius = ImageDraw.Draw(ink), fine * PEN
    for stroke in strokes:
        points = [(fine * x, fine * y) for x, y in stroke]
        pen.line(points, fill=255, width=2 * radius)
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    picture = Image.new("RGBA", (SIDE, SIDE))
    picture.putalpha(ink.resize((SIDE, SIDE), Image.Resampling.BOX))
    return np.array(picture)


def read_photo(path: str | Path) -> np.ndarray[Any, Any]:
    """A photograph of ink on paper: upright, of moderate size, and evenly lit.

    A lamp, or the shadow of the hand with the phone, makes one corner of the paper darker than another. How bright the
    paper is at a place is the brightest around it (ink is narrower), smoothed; the photograph is divided by that.

    Args:
        path: of a PNG or JPEG file. What is transparent in it is white paper.

    Returns:
        uint8 (H, W, 3), the longer side 800 pixels at most, and paper nearly white everywhere.
    """
    with Image.open(path) as file:
        photo = ImageOps.exif_transpose(file).convert("RGBA")  # upright, however the phone was held
    photo = Image.alpha_composite(Image.new("RGBA", photo.size, "white"), photo).convert("RGB")
    photo.thumbnail((PHOTO_SIDE, PHOTO_SIDE))
    photo = photo.filter(ImageFilter.GaussianBlur(2))  # grain in a dark corner would look like pale ink
    coarse = photo.resize([max(1, side // GRAIN) for side in photo.size], Image.Resampling.BOX)
    paper = coarse.filter(ImageFilter.MaxFilter(25)).filter(ImageFilter.GaussianBlur(8)).resize(photo.size)
    evened = 255.0 * np.asarray(photo) / np.maximum(np.asarray(paper), 1)
    pixels: np.ndarray[Any, Any] = evened.clip(0, 255).round().astype(np.uint8)
    return pixels


def _is_in_kernel() -> bool:
    """Whether somebody looks at this through Jupyter."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")

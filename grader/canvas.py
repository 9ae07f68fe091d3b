"""A pad to draw a digit on, in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from grader.budget import is_graded_run
from grader.testing.messages import tr

SIDE: Final = 280
PEN: Final = 9
"""Radius of the pen in pixels: on 280 pixels, the stroke of the digits' 28."""


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

    canvas = Canvas(width=SIDE, height=SIDE, sync_image_data=True)
    canvas.layout.border = "1px solid gray"
    canvas.layout.width = canvas.layout.height = f"{SIDE}px"
    canvas.line_width, canvas.line_cap = 2 * PEN, "round"
    pen: list[tuple[float, float]] = []

    def put_down(x: float, y: float) -> None:
        pen[:] = [(x, y)]
        canvas.fill_circle(x, y, PEN)

    def draw_to(x: float, y: float) -> None:
        if pen:
            canvas.stroke_line(*pen[0], x, y)
            pen[:] = [(x, y)]

    def lift(*_: float) -> None:
        pen.clear()

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
            # Until something is drawn the canvas has no image, and get_image_data raises.
            image = np.array(canvas.get_image_data(), dtype=np.uint8) if canvas.image_data is not None else None
            if image is not None and image[..., 3].any():
                read(image)
            else:
                print(tr("Draw a digit first."))

    def on_clear(_: object) -> None:
        canvas.clear()
        output.clear_output()

    read_button.on_click(on_read)
    clear_button.on_click(on_clear)
    display(widgets.VBox([canvas, widgets.HBox([read_button, clear_button]), output]))


def _is_in_kernel() -> bool:
    """Whether somebody looks at this through Jupyter."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")

"""Puts scripts into outputs and error messages, for the instructor's browser."""

# score: 0
# verdicts: error
# forbids: <script>fetch;onerror;onload;application/javascript;svg+xml

# %%
from IPython.display import HTML, Javascript, Markdown, display

script = "<script>fetch('/formgrader/api/grade/1', {method: 'PUT', body: 'CANARY-SCRIPT'})</script>"
display(HTML(script), Javascript("CANARY-SCRIPT"), HTML("<img src=x onerror='CANARY-SCRIPT'>"))
display({"image/svg+xml": f"<svg>{script}</svg>", "text/html": f"<svg onload=\"CANARY-SCRIPT\"></svg>"}, raw=True)


def double(x):
    raise ValueError("<script>alert(1)</script>")

"""AulaTorch's steps in nbgrader's own lists of preprocessors, one a file; `grader.configure` puts them there.

nbgrader's notebooks pass through untouched: each step looks whether the assignment's source notebook has a check
cell of ours, and if it has none, does what nbgrader's own step would have done. Only running a notebook is nbgrader's
in courses alone that have no check of ours anywhere: where they have, every notebook runs confined.
"""

from grader.needs import require_linux

require_linux()

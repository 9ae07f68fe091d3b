"""The course's settings: the one file that an instructor edits.

It is an nbgrader configuration file, so everything in nbgrader's documentation can be set here too. To see every
setting of AulaTorch with its help text, run ``grader settings``. Any of them can be given on a command line as well:
``nbgrader autograde 01_tensors --AulaTorch.cell_timeout=20``.
"""

from pathlib import Path

c = get_config()

# ------------------------------------------------------------------------------------------------ the course

# The language of the notebooks and of every message to students: "es" or "en".
c.AulaTorch.language = "es"

# The name of the course, for nbgrader's exchange.
c.CourseDirectory.course_id = "aulatorch"

# The images of the exercises: "digits" comes with the package, "mnist" is torchvision's.
# c.AulaTorch.dataset = "digits"

# Where the checks are: a folder for each assignment.
c.AulaTorch.checks_directory = "grader/checks"

# ------------------------------------------------------------------------------------------------ its folders

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = f"assignments/{c.AulaTorch.language}"

# ------------------------------------------------------------------------------------------------ its limits

# Seconds for one cell, for one call of a student's function, and for a whole notebook.
# c.AulaTorch.cell_timeout = 60
# c.AulaTorch.call_timeout = 10
# c.AulaTorch.notebook_timeout = 600

# Whether graded notebooks draw their figures: "auto" (where a person grades something), "always" or "never".
# c.AulaTorch.figures = "auto"

# Where graded notebooks compute: "cpu", "cuda", "mps", or "auto".
# c.AulaTorch.device = "cpu"

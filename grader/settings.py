"""The course's settings, beside nbgrader's own: `c.AulaTorch.…` in ``course_config.py``."""

from __future__ import annotations

from pathlib import Path

from traitlets import Bool, Dict, Enum, Float, Integer, List, Unicode
from traitlets.config import LoggingConfigurable

_PACKAGE = Path(__file__).parent


class AulaTorch(LoggingConfigurable):
    """How an AulaTorch course is graded. Any of these can be given on nbgrader's command line as well, such as
    ``nbgrader autograde 01_tensors --AulaTorch.cell_timeout=20``.
    """

    language = Enum(
        ("es", "en"),
        default_value="es",
        help="Language of the generated notebooks and of every message to students: es or en.",
    ).tag(config=True)

    dataset = Enum(
        ("digits", "mnist"),
        default_value="digits",
        help="The images of the exercises: 'digits' comes with the package and needs no download; choose"
        " 'mnist' where every student's machine has torchvision's MNIST.",
    ).tag(config=True)

    device = Enum(
        ("auto", "cpu", "cuda", "mps"),
        default_value="cpu",
        help="Where graded notebooks compute. 'auto' takes a GPU where there is one; 'cpu' gives every student"
        " the same machine.",
    ).tag(config=True)

    cell_timeout = Float(
        60.0, min=0.1, help="Seconds that one cell of a notebook may run before it is interrupted."
    ).tag(config=True)

    call_timeout = Float(
        10.0,
        min=0.1,
        help="Seconds that one call of a student's function by a check may take. A check of training code asks"
        " for more by itself.",
    ).tag(config=True)

    notebook_timeout = Float(
        600.0,
        min=1.0,
        help="Seconds for a whole notebook, cells and checks together. What is left when they are over is graded"
        " as 'too slow'.",
    ).tag(config=True)

    restarts = Integer(
        8,
        min=0,
        help="How often a notebook's kernel is replaced after it died or hung; the cells before are run again.",
    ).tag(config=True)

    memory_limit = Float(
        4.0,
        min=0.5,
        help="GiB of memory that a notebook's kernel and the processes that it starts may hold together.",
    ).tag(config=True)

    figures = Enum(
        ("auto", "always", "never"),
        default_value="auto",
        help="Whether graded notebooks draw their figures, which takes a good part of a submission's time. 'auto'"
        " draws where the notebook has something for a person to grade; a line of text stands for the others. Students"
        " see theirs in the notebook that they handed in.",
    ).tag(config=True)

    output_limit = Integer(
        200_000,
        min=1_000,
        help="Characters of output kept of one cell; the rest is cut as it arrives.",
    ).tag(config=True)

    reply_limit = Float(256.0, min=1.0, help="MiB of tensors that a student's function may return to a check.").tag(
        config=True
    )

    scratch_limit = Float(
        1024.0, min=16.0, help="MiB of files that a notebook may write, in the private folder that it gets."
    ).tag(config=True)

    data_directories = List(
        Unicode(),
        help="Folders of released data that graded notebooks may read, besides the files handed in with them: a"
        " dataset that every student has, for one. Nothing else of the course can be read.",
    ).tag(config=True)

    accept_unprotected = List(
        Unicode(),
        help="Names of protections from student code that the course does without where a machine lacks them:"
        " `grader doctor` lists them. Without the name here, nothing is graded on such a machine.",
    ).tag(config=True)

    notebook_size_limit = Float(
        100.0,
        min=1.0,
        help="MiB of a submitted notebook file; a larger one is graded without its outputs, if it is smaller then.",
    ).tag(config=True)

    samples_directory = Unicode(
        "",
        help="Folder of the checks that students have; empty for the ones of the package.",
    ).tag(config=True)

    hidden_directory = Unicode(
        "",
        help="Folder of the hidden checks; empty for the ones of the repository. Never give it to students.",
    ).tag(config=True)

    show_hidden_titles = Bool(
        True,
        help="Whether feedback names the hidden checks. Their sources and inputs are never shown.",
    ).tag(config=True)

    seed = Integer(
        -1,
        min=-1,
        help="Seed of the checks' random inputs; -1 draws a new one for each grading and records it, so that"
        " any result can be had again by giving it here.",
    ).tag(config=True)

    thresholds = Dict(
        {
            "digits_mlp": {"announced": 0.92, "graded": 0.89, "spread": 0.0109},
            "digits_cnn": {"announced": 0.88, "graded": 0.80, "spread": 0.0155},
        },
        help="Accuracies that trainings must reach: `announced` is what students are told, `graded` what earns the"
        " points, and a result that misses it by less than `spread` is left to you. The defaults come from"
        " `grader calibrate ASSIGNMENT`; run it again after changing an exercise's data or network.",
    ).tag(config=True)

    @property
    def samples_path(self) -> Path:
        """The folder of the visible checks."""
        return Path(self.samples_directory) if self.samples_directory else _PACKAGE / "samples"

    @property
    def hidden_path(self) -> Path | None:
        """The folder of the hidden checks, or None on a student's machine, which has none."""
        folder = Path(self.hidden_directory) if self.hidden_directory else _PACKAGE / "hidden"
        return folder if folder.is_dir() else None

"""Lines for another environment are set aside and the rest of their cell runs; a name that is lost has its reason."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from grader.checking.asking import Questions
from grader.checking.missing import defines, missing_name, why_missing, why_untouched
from grader.checking.notebooks import InProcessNotebook
from grader.devkit.warmup import ASSIGNMENT, RIGHT, events, hand_in, make_course, released, run
from grader.grading.environment import Environment, set_aside_in
from grader.wire.asking import NobodyToAskError


@pytest.mark.parametrize(
    "lines",
    [
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "from google.colab import files\nuploaded = files.upload()",
        "import google.colab as colab; colab.drive.mount('/x')",
        "%matplotlib widget",
        "%matplotlib notebook",
        "%load_ext tensorboard",
        "%load_ext autoreload\n%autoreload 2",
        "%config InlineBackend.figure_format = 'retina'",
        "!pip install torch \\\n    numpy",
        "%pip install torch",
        "!wget http://example.org/data.csv",
        "found = !pip list",
        "%cd /content/drive/MyDrive",
        "get_ipython().system('pip install torch')",
        "get_ipython().run_line_magic('matplotlib', 'widget')",
        "import os\nos.system('pip install torch')",
        "import subprocess, sys\nsubprocess.check_call([sys.executable, '-m', 'pip', 'install', 'torch'])",
        "if True:\n    !pip install torch\n    %load_ext autoreload",
        "if True:\n    from google.colab import drive\n    drive.mount('/content/drive')",
        "if True: from google.colab import drive",
        "from kaggle_secrets import UserSecretsClient\nkey = UserSecretsClient().get_secret('google')",
        "%watermark -v google",
        "%nb_black pip",
        "%%memit",
        "import os\nos.chdir('/content/drive/MyDrive')",
        "import matplotlib\nmatplotlib.use('widget')",
    ],
)
def test_a_line_for_elsewhere_is_set_aside_and_the_rest_stays_where_it_was(lines: str) -> None:
    source = f"{lines}\nimport torch\nx = 1"
    runs, removed = Environment().set_aside(source)
    assert removed
    assert runs.splitlines()[-2:] == ["import torch", "x = 1"]
    assert runs.count("\n") == source.count("\n")
    compile(runs, "cell", "exec")
    for word in ("google", "colab", "pip", "wget", "widget", "load_ext", "drive"):
        assert word not in runs


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nimport torch",
        "text = '''\n!pip install torch\n%load_ext x\n'''",
        "%%bash\npip install torch",
        "try:\n    import google.colab\n    here = True\nexcept ImportError:\n    here = False",
        "z = x % cd",
        "import helper",
        "%timeit f(1)",
        "%time x = 1",
        "%env A=1",
        "%autosave 60",
        "import matplotlib\nmatplotlib.use('Agg')",
        "import os\nos.chdir('data')",
        "import torch\nprint(torch.zeros(2))",
        "!ls",
        "this is no Python (",
    ],
)
def test_everything_else_stays_as_it_is(source: str) -> None:
    assert Environment().set_aside(source) == (source, [])


def test_of_an_import_of_several_packages_those_that_are_there_stay() -> None:
    runs, removed = Environment().set_aside("if True:\n    import torch, wandb, json as j\nwandb.login()")
    assert runs == "if True:\n    import torch, json as j\npass"
    assert removed == ["import torch, wandb, json as j", "wandb.login()"]


def test_any_package_that_is_not_there_is_set_aside_unless_a_cell_may_have_written_it() -> None:
    cells = [(0, "import no_such_package as nsp\nx = 1"), (1, "nsp.start()\ny = 1")]
    asks = Questions()
    found = [(index, aside.runs) for index, aside in set_aside_in(cells, [], asks)]
    assert found == [(0, "pass\nx = 1"), (1, "pass\ny = 1")]
    assert list(set_aside_in(cells, ["no_such_package.py"], asks)) == []
    for maker in ("open('no_such_package.py', 'w')", "sys.path.append('lib')", "%%writefile lib/no.txt"):
        assert list(set_aside_in([(0, maker), *cells], [], asks)) == []


@pytest.mark.parametrize("asks", ["torch.cuda.set_device(0)", "print(torch.cuda.get_device_name(0))"])
def test_questions_about_a_gpu_are_set_aside(asks: str) -> None:
    assert Environment().set_aside(f"import torch\n{asks}\nx = 1") == ("import torch\npass\nx = 1", [asks])


def test_a_name_from_elsewhere_is_known_in_later_cells() -> None:
    environment = Environment()
    environment.set_aside("from google.colab import drive")
    assert environment.set_aside("drive.mount('/x')\ny = 1")[0] == "pass\ny = 1"


@pytest.mark.parametrize(
    "source",
    ["import numpy as np", "from a import b, np", "np = 1", "def np(:", "class np:", "np: int = 1", "a, np = 1, 2"],
)
def test_what_a_cell_defines_is_read_from_its_text(source: str) -> None:
    assert defines(source, "np")
    assert not defines("x = np.array(1) == np", "np")


def test_a_missing_name_is_explained_by_the_cell_that_lost_it() -> None:
    assert missing_name("NameError: name 'np' is not defined") == "np"
    cells = ["x = 1", "import nothing\nimport numpy as np", "", "check('f')", "def f(x):\n    return x"]
    why = why_missing("np", cells, {1: "ModuleNotFoundError: No module named 'nothing'"}, 3)
    assert why is not None
    assert "import nothing" in why.render("en")
    assert "ModuleNotFoundError" in why.render("en")
    below = why_missing("f", cells, {}, 3)
    assert below is not None
    assert "below its check" in below.render("en")
    assert why_missing("other", cells, {}, 3) is None


def test_a_name_that_a_cell_does_not_keep_is_explained() -> None:
    kept_by_nobody = why_missing("f", ["%%timeit\ndef f(x):\n    return x", "check('f')"], {}, 1)
    assert kept_by_nobody is not None
    assert "%%timeit" in kept_by_nobody.render("en")
    unread = why_missing("f", ["\ufeffdef f(x):\n    return x", "check('f')"], {0: "SyntaxError: it ends."}, 1)
    assert unread is not None
    assert unread.render("en").endswith("SyntaxError: it ends.")


def test_an_answer_below_its_check_is_pointed_out() -> None:
    stub = "def f(x):\n    raise NotImplementedError()"
    assert why_untouched([stub, "check('f')", "def f(x):\n    return x"], 1) is not None
    assert why_untouched([stub, "check('f')", stub], 1) is None
    assert why_untouched([stub, "def f(x):\n    return x", "check('f')", "def f(x):\n    return x"], 2) is None


@pytest.mark.parametrize(
    "asks", ["x = 1; input('name')", "import getpass\n1 if getpass.getpass() else 2\nif input(): pass"]
)
def test_a_notebook_in_this_process_asks_nobody(asks: str) -> None:
    notebook = InProcessNotebook(
        [asks, "import sys\nassert sys.stdin.read() == ''", "breakpoint()\nimport pdb\npdb.set_trace()\nraise KeyError"]
    )
    notebook.student("none")
    assert [type(error) for error in notebook.errors] == [NobodyToAskError, KeyError]


@pytest.mark.slow
@pytest.mark.xdist_group("autograde")
def test_grading_says_what_was_set_aside_and_what_was_lost(tmp_path: Path) -> None:
    make_course(tmp_path)
    colab = "from google.colab import drive\ndrive.mount('/x')\n%load_ext tensorboard\n!pip install x\n"
    hand_in(tmp_path, "colab", {name: colab + answer for name, answer in RIGHT.items()})
    hand_in(tmp_path, "syntax", RIGHT | {"double": "def double(x):\n    return (2 * x"})
    hand_in(tmp_path, "lost", RIGHT | {"double": "from torch import nothing\nimport numpy\n" + RIGHT["double"]})
    notebook = released(tmp_path)
    notebook.cells.append(new_code_cell(RIGHT["double"]))
    hand_in(tmp_path, "below", content=nbformat.writes(notebook).encode())
    run(tmp_path, "grader", "autograde", ASSIGNMENT)
    graded = {event["student"]: event["score"] for event in events(tmp_path, "graded")}
    assert graded == {"colab": 10, "syntax": 2, "lost": 2, "below": 0}

    def text(student: str) -> str:
        return (tmp_path / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text()

    assert "for another environment: " in text("colab")
    assert "!pip install x" in text("colab")  # the cell is shown as it was handed in
    assert "did not run to its end" in text("syntax")
    assert "SyntaxError" in text("syntax")
    assert "cannot import name 'nothing'" in text("lost")
    assert "did not run to its end" in text("lost")
    assert "below its check" in text("below")

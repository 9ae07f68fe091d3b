"""Parallel programs and debuggers in a graded notebook: they do what they do in a student's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.checking.elsewhere import differs_while_grading, section
from grader.checking.explanations import NOBODY_DEBUGS
from grader.checking.notebooks import InProcessNotebook
from grader.course import Checks
from grader.grading.core import GradedNotebook, grade_notebook
from grader.grading.policy import Policy
from grader.kit.messages import languages
from grader.sandbox.cells import Kernel, Limits
from grader.sandbox.zygote import Zygote

IMPORTS = """
import multiprocessing as mp
import torch
import torch.multiprocessing as tmp
def square(x):
    return x * x
"""
PROGRAMS = {
    "pool": "with mp.Pool(2) as pool:\n    print(pool.map(square, range(4)))",
    "pool of tensors": "with tmp.Pool(2) as pool:\n    print(sum(pool.map(torch.sum, list(torch.ones(8, 3)))).item())",
    "pool that spawns": "with mp.get_context('spawn').Pool(2) as pool:\n    print(pool.map(square, range(4)))",
    "start method": "mp.set_start_method('spawn')\nwith mp.Pool(2) as pool:\n    print(pool.map(square, range(4)))",
    "executor": (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "with ProcessPoolExecutor(2) as pool:\n    print(list(pool.map(square, range(4))))"
    ),
    "error in a pool": (
        "def fail(x):\n    raise KeyError(x)\n"
        "try:\n    mp.Pool(1).map(fail, [3])\nexcept KeyError as error:\n    print(error)"
    ),
    "queue": (
        "def put(q, n):\n    q.put(torch.full((2,), float(n)))\n"
        "q = mp.Queue()\nstarted = [mp.Process(target=put, args=(q, n)) for n in range(3)]\n"
        "for p in started:\n    p.start()\nprint(sorted(q.get().tolist() for _ in started))"
    ),
    "joinable queue": (
        "q = mp.JoinableQueue(3)\ndef take():\n    while True:\n        q.get(); q.task_done()\n"
        "mp.Process(target=take, daemon=True).start()\n"
        "for n in range(6):\n    q.put(n)\nq.join()\nprint(q.empty())"
    ),
    "value and array": (
        "v, a = mp.Value('i', 0), mp.Array('d', 2)\ndef count():\n    for _ in range(200):\n"
        "        with v.get_lock():\n            v.value += 1\n    a[1] = 2.5\n"
        "started = [mp.Process(target=count) for _ in range(3)]\n"
        "for p in started:\n    p.start()\nfor p in started:\n    p.join()\nprint(v.value, a[:])"
    ),
    "locks": (
        "r, c, e, s = mp.RLock(), mp.Condition(), mp.Event(), mp.BoundedSemaphore(2)\n"
        "with r, r, c:\n    print(c.wait(0.01), e.is_set(), s.get_value(), mp.Lock().acquire(timeout=1))\n"
        "try:\n    s.release()\nexcept ValueError as error:\n    print(error)"
    ),
    "manager": (
        "manager = mp.Manager()\nd, n, lock = manager.dict(), manager.list(), manager.Lock()\n"
        "def note(i):\n    with lock:\n        d[i] = i * i\n    n.append(i)\n"
        "with mp.Pool(2) as pool:\n    pool.map(note, range(3))\n"
        "print(sorted(d.items()), sorted(n))\nmanager.shutdown()\n"
        "p = mp.Process(target=square, args=(2,)); p.start(); p.join(); print(p.exitcode)"
    ),
    "shared memory": (
        "import numpy as np\nfrom multiprocessing import shared_memory\n"
        "block = shared_memory.SharedMemory(create=True, size=24)\n"
        "def fill(name):\n    other = shared_memory.SharedMemory(name)\n    np.ndarray(3, buffer=other.buf)[:] = 4\n"
        "p = mp.Process(target=fill, args=(block.name,)); p.start(); p.join()\n"
        "print(np.ndarray(3, buffer=block.buf).tolist())"
    ),
    "shared tensor": (
        "t = torch.zeros(2, 2)[:, 1].share_memory_()\n"
        "p = mp.Process(target=t.add_, args=(3,)); p.start(); p.join()\nprint(t.tolist(), t.is_shared())"
    ),
    "tensor shared through a queue": (
        "t, q = torch.zeros(2).share_memory_(), tmp.SimpleQueue()\n"
        "def fill():\n    q.get().fill_(5)\n"
        "p = tmp.Process(target=fill); p.start(); q.put(t); p.join()\nprint(t.tolist())"
    ),
    "shared model": (
        "model = torch.nn.Linear(2, 1)\nmodel.share_memory()\n"
        "def train(rank):\n    model(torch.ones(1, 2)).sum().backward()\n"
        "    for p in model.parameters():\n        p.data.copy_(p.grad)\n"
        "tmp.spawn(train, nprocs=1)\nprint(model.weight.tolist(), model.bias.requires_grad)"
    ),
    "what is sent stays": (
        "base = torch.zeros(3); part = base[0]; q = tmp.SimpleQueue(); q.put(part); q.get().add_(1); part += 2\n"
        "print(base.tolist())"
    ),
    "shared files go": (
        "import glob, tempfile, gc\nx = torch.ones(3).share_memory_(); y = x[1:]; del x; _ = gc.collect()\n"
        "held = len(glob.glob(tempfile.gettempdir() + '/shared-*')); del y; _ = gc.collect()\n"
        "print(held, len(glob.glob(tempfile.gettempdir() + '/shared-*')))"
    ),
    "workers of a loader": (
        "data = torch.utils.data.TensorDataset(torch.arange(4))\n"
        "print([b.tolist() for b, in torch.utils.data.DataLoader(data, 2, num_workers=2, persistent_workers=True)])"
    ),
    "joblib": "from joblib import Parallel, delayed\nprint(Parallel(n_jobs=-1)(delayed(square)(i) for i in range(4)))",
    "scikit-learn": (
        "from sklearn.datasets import load_iris\nfrom sklearn.linear_model import LogisticRegression\n"
        "from sklearn.model_selection import cross_val_score\n"
        "print(len(cross_val_score(LogisticRegression(max_iter=300), *load_iris(return_X_y=True), n_jobs=-1)))"
    ),
    "all processors but one": (
        "print(mp.cpu_count() <= 4, len(mp.Pool(max(1, mp.cpu_count() - 1)).map(square, range(4))))"
    ),
}
SAID = {
    **dict.fromkeys(("pool", "pool that spawns", "start method", "executor", "joblib"), "[0, 1, 4, 9]"),
    "pool of tensors": "24.0",
    "error in a pool": "3",
    "queue": "[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]",
    "joinable queue": "True",
    "value and array": "600 [0.0, 2.5]",
    "locks": "False False 2 True\nsemaphore or lock released too many times",
    "manager": "[(0, 0), (1, 1), (2, 4)] [0, 1, 2]\n0",
    "shared memory": "[4.0, 4.0, 4.0]",
    "shared tensor": "[3.0, 3.0] True",
    "tensor shared through a queue": "[5.0, 5.0]",
    "shared model": "[[1.0, 1.0]] True",
    "what is sent stays": "[2.0, 0.0, 0.0]",
    "shared files go": "1 0",
    "workers of a loader": "[[0, 1], [2, 3]]",
    "scikit-learn": "5",
    "all processors but one": "True 4",
}
DEBUGGERS = [
    "breakpoint()",
    "import pdb; pdb.set_trace()",
    "from pdb import set_trace; set_trace()",
    "import pdb; pdb.Pdb().set_trace()",
    "from IPython.core.debugger import set_trace; set_trace()",
    "import ipdb; ipdb.set_trace()",
    "import pdb\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    pdb.post_mortem()",
    "import code; code.interact()",
    "from IPython import embed; embed()",
    "import os; os.environ['PYTHONBREAKPOINT'] = 'IPython.core.debugger.set_trace'; breakpoint()",
]


@pytest.fixture(scope="module")
def says(zygote: Zygote) -> Callable[..., str]:
    """Runs cells in a kernel of their own; gives what they print, and the error that a cell ends with."""

    def run(*sources: str) -> str:
        cells = [new_code_cell(source) for source in sources]
        limits = Limits(60.0, 10_000, 2**20)
        with Kernel(zygote, new_notebook(cells=list(cells)), {}, limits, "cpu", debugger_text="PASSED BY") as kernel:
            for index, cell in enumerate(cells):
                assert kernel.run_cell(cell, index, 60.0) is None
        outputs = [output for cell in cells for output in cell.outputs]
        return "".join(output.get("text", output.get("evalue", "")) for output in outputs).strip()

    return run


OLD_LINUX = """
import sys
from grader.sandbox import confinement, zygote

confinement._SCOPES_ABI = 99  # no Linux has it: signals are kept in by seccomp, as before 6.12
if __name__ == "__main__":
    zygote.main(int(sys.argv[1]), sys.argv[2:])
"""


@pytest.mark.slow
def test_processes_end_where_a_kernel_may_signal_nobody_but_itself(tmp_path: Path) -> None:
    program = tmp_path / "old_linux.py"
    program.write_text(OLD_LINUX)

    class OldLinux(Zygote):
        program: ClassVar[Sequence[str]] = (str(tmp_path / "old_linux.py"),)

    sources = [
        IMPORTS,
        "import os\np = mp.Process(target=square, args=(2,)); p.start(); p.join()\n"
        "q = mp.Process(target=__import__('time').sleep, args=(600,)); q.start()\n"
        "try:\n    os.kill(q.pid, 0)\nexcept OSError:\n    print('may not')\n"
        "q.terminate(); q.join(20); print(p.exitcode, q.is_alive())",
        "with mp.Pool(2) as pool:\n    print(pool.map(square, range(4)))",
    ]
    cells = [new_code_cell(source) for source in sources]
    limits = Limits(60.0, 10_000, 2**20)
    with OldLinux() as zygote, Kernel(zygote, new_notebook(cells=list(cells)), {}, limits, "cpu") as kernel:
        for index, cell in enumerate(cells):
            assert kernel.run_cell(cell, index, 60.0) is None
    said = "".join(output.get("text", output.get("evalue", "")) for cell in cells for output in cell.outputs)
    assert said == "may not\n0 False\n[0, 1, 4, 9]\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_parallel_program_says_what_it_says_elsewhere(says: Callable[..., str], name: str) -> None:
    assert says(IMPORTS, PROGRAMS[name]) == SAID[name]


@pytest.mark.slow
def test_what_cannot_be_had_says_so_in_one_sentence(says: Callable[..., str]) -> None:
    listens = "from multiprocessing.connection import Listener\nListener(('localhost', 6000))"
    assert "is not available while grading: use a Pipe or a Queue" in says(listens)


@pytest.mark.slow
@pytest.mark.parametrize("source", DEBUGGERS)
def test_a_debugger_is_passed_by(says: Callable[..., str], source: str) -> None:
    assert says(source, "print('after')") == "PASSED BY\nafter"


@pytest.mark.slow
def test_a_breakpoint_in_a_loop_is_remarked_on_once(says: Callable[..., str]) -> None:
    assert says("for _ in range(50):\n    breakpoint()\nprint('after')") == "PASSED BY\nafter"


@pytest.mark.slow
def test_no_debugger_opens_at_an_error(says: Callable[..., str]) -> None:
    said = says("get_ipython().run_line_magic('pdb', 'on')", "1 / 0", "get_ipython().run_line_magic('debug', '')", "2")
    assert "division by zero" in said
    assert "raw_input" not in said


CHECKS = '''
from grader.kit import assert_equal, exercise

@exercise("squares")
def test_squares(student):
    """Squares."""
    assert_equal(student.squares([1, 2, 3]), [1, 4, 9])
'''
ANSWER = """
from multiprocessing import Pool
def square(x):
    breakpoint()
    return x * x
def squares(items):
    import pdb; pdb.set_trace()
    with Pool(2) as pool:
        return pool.map(square, items)
"""


@pytest.fixture
def grade(zygote: Zygote, tmp_path: Path) -> Callable[..., GradedNotebook]:
    """Grades a notebook of these cells and a check of `squares`."""
    (tmp_path / "visible.py").write_text(CHECKS)
    nbgrader = {"grade_id": "squares", "grade": True, "points": 4, "solution": False, "locked": True}
    last = new_code_cell('check("squares")', metadata={"nbgrader": nbgrader})

    def graded(language: str, *sources: str) -> GradedNotebook:
        policy = Policy(language, Checks.in_folder(tmp_path), seed=1)
        content = nbformat.writes(new_notebook(cells=[*map(new_code_cell, sources), last])).encode()
        return grade_notebook(content, policy, zygote=zygote)

    return graded


@pytest.mark.slow
@pytest.mark.parametrize("language", languages())
def test_an_answer_with_a_pool_and_breakpoints_passes(grade: Callable[..., GradedNotebook], language: str) -> None:
    graded = grade(language, "%pdb on\n%debug\nbreakpoint()\n" + ANSWER)
    assert graded.exercises[0].score == 4
    cell = nbformat.reads(graded.notebook.decode(), as_version=4).cells[0]
    assert NOBODY_DEBUGS.render(language) in "".join(output.get("text", "") for output in cell.outputs)


@pytest.mark.slow
def test_the_panel_of_a_lost_answer_names_what_grading_lacks(grade: Callable[..., GradedNotebook]) -> None:
    lost = "from urllib.request import urlopen\nurlopen('http://localhost')\ndef squares(items):\n    return items"
    result = grade("en", lost).exercises[0]
    assert any("`urllib.request.urlopen` needs the network" in notice.render("en") for notice in result.notices)
    right = (
        "import urllib.request as u\ntry:\n    u.urlopen('http://localhost')\nexcept Exception:\n    pass\n" + ANSWER
    )
    assert grade("en", right).exercises[0].notices == ()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import urllib.request\nurllib.request.urlopen('http://x')", "urllib.request.urlopen"),
        ("%matplotlib inline\nimport requests as r\ndef f():\n    return r.get('x')", "requests.get"),
        (
            "from torchvision.datasets import MNIST\nMNIST('x', download=True)",
            "torchvision.datasets.MNIST(download=True)",
        ),
        ("from multiprocessing.connection import Client\nClient('x')", "multiprocessing.connection.Client"),
        ("def f(x):\n    breakpoint()", "breakpoint"),
        ("import pdb\npdb.set_trace()", "pdb.set_trace"),
    ],
)
def test_what_differs_while_grading_is_found(source: str, name: str) -> None:
    (message,) = differs_while_grading([source, source])
    texts = {message.render(language) for language in languages()}
    assert len(texts) == len(languages())
    assert all(f"`{name}`" in text for text in texts)


@pytest.mark.parametrize(
    "source",
    [
        "from multiprocessing import Pool\nPool(2)",
        "from torchvision.datasets import MNIST\nMNIST('x', download=False)",
        "x.get('y')\nd = {}.get(1)",
        "# breakpoint()\n'pdb.set_trace()'",
        "def (",
        "!pip install x\nrequests",
    ],
)
def test_what_works_while_grading_is_not_warned_of(source: str) -> None:
    assert differs_while_grading([source]) == []


def test_the_cells_of_an_exercise_are_those_since_the_check_before() -> None:
    cells = ["a", "check('one')", "b", "c", "check('two')"]
    assert section(cells, 4) == ["b", "c"]
    assert section(cells, 1) == ["a"]
    notebook = InProcessNotebook(["pass", "check('one')", "breakpoint()", "check('two')"])
    assert notebook.differs_while_grading("one") == []
    assert len(notebook.differs_while_grading("two")) == 1

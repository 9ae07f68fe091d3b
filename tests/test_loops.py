"""The rule "no Python loops": what the source shows, and what only a large input shows."""

import sys
import textwrap

import pytest
import torch

from grader.kit import CheckFailure, StudentError, assert_no_python_loops, assert_scales
from grader.kit.connections import Loopback
from grader.kit.failures import UndefinedNameError
from grader.kit.loops import find_loops
from grader.kit.own_work import assert_own_work
from grader.kit.student import Student, last_call
from grader.wire.answering import NamespaceServer


def constructs(*cells: str, function: str = "f") -> list[str]:
    return [loop.construct for loop in find_loops([textwrap.dedent(cell) for cell in cells], function)]


def notebook(*cells: str) -> Student:
    """A notebook whose cells ran."""
    sources = [textwrap.dedent(cell) for cell in cells]
    namespace = {"torch": torch, "__name__": "__main__"}
    for source in sources:
        exec(source, namespace)
    return Student(Loopback(NamespaceServer(namespace), lambda: sources))


# ----------------------------------------------------------------------------------------------- source


@pytest.mark.parametrize(
    ("body", "construct"),
    [
        ("for i in range(3): pass", "for"),
        ("while x.any(): x = x - 1", "while"),
        ("return torch.stack([row * 2 for row in x])", "[… for …]"),
        ("return {i for i in x}", "{… for …}"),
        ("return {i: i for i in x}", "{…: … for …}"),
        ("return sum(row for row in x)", "(… for …)"),
        ("return list(map(abs, x))", "map"),
        ("return list(filter(None, x))", "filter"),
        ("return list(zip(x, x))", "zip"),
        ("return dict(enumerate(x))", "enumerate"),
        ("return next(iter(x))", "iter"),
        ("return np.vectorize(abs)(x)", "np.vectorize"),
        ("return torch.vmap(torch.abs)(x)", "torch.vmap"),
        ("return torch.func.vmap(torch.abs)(x)", "torch.func.vmap"),
        ("return np.apply_along_axis(abs, 0, x)", "np.apply_along_axis"),
        ("return x.apply_(abs)", "x.apply_"),
        ("import functools\n    return functools.reduce(max, x)", "functools.reduce"),
        ("import builtins\n    return list(builtins.map(abs, x))", "builtins.map"),
        ("from functools import reduce as fold\n    return fold(max, x)", "fold"),
        ("import itertools as it\n    return list(it.starmap(max, x))", "it.starmap"),
        ("each = map\n    return list(each(abs, x))", "map"),
        ("return x if len(x) == 0 else f(x[1:])", "recursion"),
        ("def go(i):\n        return i and go(i - 1)\n    return go(9)", "recursion"),
        ("go = lambda i: i and go(i - 1)\n    return go(9)", "recursion"),
    ],
)
def test_every_kind_of_loop_is_found(body, construct):
    assert constructs(f"import numpy as np\ndef f(x):\n    {body}\n") == [construct]


@pytest.mark.parametrize(
    "helper",
    [
        "def helper(x):\n    for row in x: pass",
        "helper = lambda x: [row for row in x]",
        "def slow(x):\n    return [row for row in x]\nhelper = slow",
        "from functools import cache\ndef slow(x):\n    return [row for row in x]\nhelper = cache(slow)",
        "from functools import cache\ndef helper(x):\n    return [row for row in x]\nhelper = cache(helper)",
        "from functools import partial\nhelper = partial(map, abs)",
        "import numpy as np\nhelper = np.vectorize(abs)",
        "import numpy as np\n@np.vectorize\ndef helper(x):\n    return abs(x)",
        "from torch import vmap as fast\nhelper = fast(abs)",
        "class Helper:\n    def __call__(self, x):\n        return [row for row in x]\nhelper = Helper()",
        "if True:\n    def helper(x):\n        return [row for row in x]",
        "%%time\ndef helper(x):\n    return [row for row in x]",
    ],
)
def test_a_loop_in_a_helper_of_another_cell_is_found(helper):
    assert len(constructs(helper, "def f(x):\n    return helper(x)")) == 1


@pytest.mark.parametrize("lookup", ['globals()["helper"](x)', 'eval("helper")(x)'])
def test_a_helper_that_is_looked_up_by_its_name_is_found(lookup):
    assert constructs("def helper(x):\n    for row in x: pass", f"def f(x):\n    return {lookup}") == ["for"]


def test_recursion_through_another_function_is_found():
    assert "recursion" in constructs("def f(x):\n    return g(x)\ndef g(x):\n    return f(x)")


@pytest.mark.parametrize(
    "cells",
    [
        ["def f(x):\n    return (x[:, None] - x).pow(2).sum(-1)"],
        ["def f(x):\n    f = x + 1\n    return f"],  # a variable of its own name
        ["x = [i for i in range(3)]", "def f(x):\n    return x"],  # a parameter named as something else
        ["def helper(x):\n    for row in x: pass", "def f(helper):\n    return helper + 1"],
        ["def helper(x):\n    for row in x: pass", "def helper(x):\n    return x", "def f(x):\n    return helper(x)"],
        ["TABLE = torch.stack([torch.eye(3) for _ in range(3)])", "def f(x):\n    return TABLE @ x"],  # data
        ["x = 1", "x = x + 1", "def f(y):\n    return x + y"],
        ["def load():\n    return [1 for _ in x]\nx = load()", "def f(y):\n    return y + x"],
        ["import numpy as np\ndef f(x):\n    return np.add.reduce(x)"],
        ["def f(x):\n    map = x + 1\n    return map"],
        ["f = torch.outer"],
        ["from torch import outer as f"],
        ["from functools import cache\ndef f(x):\n    return x\nf = cache(f)"],
        ["def f(x):\n    return other(x)\ndef unused(x):\n    for row in x: pass"],
        ["def f(x:\n", "def f(x):\n    return x"],  # a cell that is not Python never ran
        ["!ls\n%matplotlib inline\ndef f(x):\n    return x"],
    ],
)
def test_what_does_not_loop_is_left_alone(cells):
    assert constructs(*cells) == []


def test_allowed_loops_are_allowed_and_one_more_is_not():
    student = notebook("def f(x):\n    for _ in range(3):\n        x = x + 1\n    return x")
    assert_no_python_loops(student, "f", allowed=1)
    with pytest.raises(CheckFailure, match=r"There is a Python loop \(for\) in f"):
        assert_no_python_loops(student, "f")


def test_a_stub_is_not_attempted_and_never_free_of_loops():
    student = notebook('def f(x):\n    """Doc."""\n    # YOUR CODE HERE\n    raise NotImplementedError()')
    with pytest.raises(StudentError) as caught:
        assert_no_python_loops(student, "f")
    assert isinstance(caught.value, NotImplementedError)


def test_a_function_that_refuses_some_inputs_is_no_stub():
    student = notebook("def f(x):\n    if x.ndim > 9:\n        raise NotImplementedError\n    return x")
    assert_no_python_loops(student, "f")


def test_a_name_that_nothing_binds_is_undefined():
    with pytest.raises(UndefinedNameError):
        assert_no_python_loops(notebook("x = 1"), "f")


# ------------------------------------------------------------------------------- files beside the notebook

LOOPS = "def loop(x):\n    for row in x: pass\n\ndef fine(x):\n    return x\n"


@pytest.mark.parametrize(
    ("first", "call"),
    [
        ("from tools import loop", "loop(x)"),
        ("from tools import loop as fast", "fast(x)"),
        ("from tools import *", "loop(x)"),
        ("import tools", "tools.loop(x)"),
        ("import tools as t", "t.loop(x)"),
        ("import chain", "chain.go(x)"),
        ("from chain import go", "go(x)"),
        ("from chain import lazy", "lazy(x)"),
        ("", "__import__('tools') and (lambda m: m.loop(x))(1)\n    from tools import loop\n    return loop(x)"),
        ("import tools\ng = tools.loop", "g(x)"),
        ("from pack.inner import loop", "loop(x)"),
        ("import pack.inner", "pack.inner.loop(x)"),
    ],
)
def test_a_loop_in_a_file_beside_the_notebook_is_found(first, call):
    modules = {
        "tools": LOOPS,
        "pack.inner": LOOPS,
        "chain": "import tools\ndef go(x):\n    return tools.loop(x)\ndef lazy(x):\n    from tools import loop\n"
        "    return loop(x)",
    }
    cells = [first, f"def f(x):\n    return {call}"]
    assert [loop.construct for loop in find_loops(cells, "f", modules)] == ["for"]


def test_what_a_file_defines_beside_what_is_used_is_left_alone():
    for cells in (
        ["from tools import fine", "def f(x):\n    return fine(x)"],
        ["import tools", "def f(x):\n    return tools.fine(x)"],
    ):
        assert find_loops(cells, "f", {"tools": LOOPS}) == []


def test_the_file_is_read_where_the_notebook_imports_it(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "tools_of_mine.py").write_text("def loop(x):\n    for row in x: pass\n", encoding="utf-8")
    student = notebook("from tools_of_mine import loop", "def f(x):\n    return loop(x)")
    with pytest.raises(CheckFailure, match=r"There is a Python loop \(for\) in tools_of_mine.loop"):
        assert_no_python_loops(student, "f")


@pytest.mark.parametrize(
    "cells",
    [
        ["from sklearn.neighbors import NearestNeighbors", "def f(x):\n    return NearestNeighbors().fit(x.numpy())"],
        ["def f(x):\n    import sklearn.neighbors as n\n    return n.NearestNeighbors().fit(x.numpy())"],
        ["def g(x):\n    from sklearn import neighbors\n    return neighbors.NearestNeighbors().fit(x.numpy())",
         "def f(x):\n    return g(x)"],
        ["import importlib", "def f(x):\n    m = importlib.import_module('sklearn.neighbors')\n"
         "    return m.NearestNeighbors().fit(x.numpy())"],
    ],
)  # fmt: skip
def test_work_that_is_left_to_a_library_is_seen(cells):
    student = notebook(*cells)
    with pytest.raises(CheckFailure, match="f leaves its work to sklearn"):
        assert_own_work(student, "f", torch.ones(20, 3), libraries=["sklearn"])


def test_a_library_that_the_function_does_not_use_is_left_alone():
    student = notebook("from sklearn.neighbors import NearestNeighbors", "def f(x):\n    return torch.cdist(x, x)")
    assert_own_work(student, "f", torch.ones(20, 3), libraries=["sklearn"])


# ---------------------------------------------------------------------------------------------- scaling


def scales(source: str, *, seconds: float = 10.0) -> None:
    student = notebook(source)
    assert_scales(student, student.f, torch.ones(2000, 3), seconds=seconds)


def test_a_vectorised_function_scales():
    scales("def f(x):\n    return (x[:, None] - x).sum(-1)")


@pytest.mark.parametrize(
    "body",
    [
        "return torch.stack([row * 2 for row in x])",
        "return sum(x)",
        "return torch.stack(sorted(x, key=lambda row: row[0].item()))",
        "exec('for i in range(len(x)): y[i] = x[i]', {'x': x, 'y': torch.zeros_like(x)})\n    return x",
        "y = x.clone()\n    while len(y): y = y[1:]\n    return x",
    ],
)
def test_a_loop_over_tensors_is_stopped_however_it_is_written(body):
    with pytest.raises(CheckFailure, match="it loops somewhere"):
        scales(f"def f(x):\n    {body}")


@pytest.mark.parametrize(
    "body",
    [
        "return sum(i % 7 for i in range(len(x)))",
        "for i in x[:, 0].tolist(): i + 1",
        "return torch.from_numpy(np.vectorize(lambda value: value + 1)(x.numpy()))",
        "return sorted(range(len(x)), key=lambda i: -i)",
        "exec('for i in range(2000): i + 1')",
        "thread = threading.Thread(target=lambda: [i for i in range(2000)])\n    thread.start()\n    thread.join()",
    ],
)
def test_a_loop_without_tensors_shows_in_the_lines_that_run(body):
    with pytest.raises(CheckFailure, match="it loops somewhere"):
        scales(f"import threading\nimport numpy as np\ndef f(x):\n    {body}")


def test_what_is_slow_within_a_library_shows_in_the_time():
    with pytest.raises(CheckFailure, match="too slow"):
        scales("def f(x):\n    return len(sorted(range(300_000), key=str))", seconds=0.005)


@pytest.mark.parametrize(
    "body",
    [
        "return torch.einsum('nd,md->nm', x, x)",
        "return torch.cdist(x, x)",
        "return torch.vmap(lambda row: row.sum())(x)",
        "return torch.stack([block.sum(0) for block in x.split(50)])",
        "return torch.special.logsumexp(x, 0)",
    ],
)
def test_lines_of_libraries_do_not_count(body):
    scales(f"def f(x):\n    {body}")


def test_a_debugger_goes_on_afterwards():
    def debugger(*_):
        return None

    before = sys.gettrace()
    sys.settrace(debugger)
    try:
        scales("def f(x):\n    return x + 1")
        assert sys.gettrace() is debugger
    finally:
        sys.settrace(before)


def test_a_loop_that_swallows_the_stop_is_seen_all_the_same():
    with pytest.raises(CheckFailure, match="it loops somewhere"):
        scales("def f(x):\n    try:\n        return sum(x)\n    except BaseException:\n        return x.sum(0)")


def test_the_call_that_is_shown_is_the_students_own():
    with pytest.raises(CheckFailure):
        scales("def f(x):\n    return sum(x)")
    assert last_call().describe(reveal=False) == "f(float32[2000, 3])"


def test_what_the_function_raises_is_the_students_error():
    with pytest.raises(StudentError, match="ValueError: no"):
        scales("def f(x):\n    raise ValueError('no')")

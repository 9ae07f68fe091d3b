"""A function that returns nonsense of any kind earns nothing and is never the grader's fault."""

from __future__ import annotations

import ast

import pytest

from grader.checking.results import Verdict
from grader.devkit.answers import ROOT, assignments, check_in_process, exercises, solution
from grader.evidence.answers import references

NONSENSE = {
    "none": "None",
    "list": "[1.0, 2.0]",
    "empty_tuple": "()",
    "string": "'tensor'",
    "number": "3",
    "nan": "float('nan')",
    "zero_dim_tensor": "torch.tensor(1.0)",
    "nan_tensor": "torch.full((3, 3), float('nan'))",
    "empty_tensor": "torch.empty(0)",
    "dict": "{'a': torch.ones(2)}",
    "tuple_of_none": "(None, None)",
    "object": "object()",
    "function": "(lambda *args, **kwargs: None)",
    "liar": "type('Liar', (), {'__eq__': lambda *_: True, '__bool__': lambda _: True, 'shape': (1,)})()",
}


def function_names(assignment: str, exercise: str) -> list[str]:
    """The functions and classes that an exercise's solution cell defines."""
    cell = next(
        cell
        for cell in solution(assignment).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == f"{exercise}_answer"
    )
    return [node.name for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", NONSENSE)
@pytest.mark.parametrize(
    ("assignment", "exercise"),
    [(assignment, exercise) for assignment in assignments() for exercise in exercises(assignment)],
)
def test_nonsense_earns_nothing_and_is_judged(assignment: str, exercise: str, kind: str) -> None:
    functions = [
        f"def {name}(*args, **kwargs):\n    return {NONSENSE[kind]}\n" for name in function_names(assignment, exercise)
    ]
    results = check_in_process(assignment, {exercise: "\n".join(functions)})
    assert [result.check for result in results if result.passed] == []
    assert [result.fault for result in results if result.verdict is Verdict.GRADER_ERROR] == []


RIGHT_BUT_FOR_ITS_KIND = {
    "array": "v.detach().numpy()",
    "column": "v.unsqueeze(-1)",
    "complex": "v.to(torch.complex64)",
    "meta": "v.to('meta')",
}
CHANGED = """
import functools, torch

def _changed(function):
    def kind(v):
        if isinstance(v, (list, tuple)):
            return type(v)(map(kind, v))
        if isinstance(v, dict):
            return {{name: kind(item) for name, item in v.items()}}
        return {expression} if isinstance(v, torch.Tensor) else v

    return functools.wraps(function)(lambda *args, **kwargs: kind(function(*args, **kwargs)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", RIGHT_BUT_FOR_ITS_KIND)
@pytest.mark.parametrize(
    ("assignment", "exercise"),
    [
        (assignment, exercise)
        for assignment in ("01_tensors", "02_broadcasting", "03_autograd", "04_mlp", "05_cnn")
        for exercise in exercises(assignment)
    ],
)
def test_right_values_of_another_kind_are_judged(assignment: str, exercise: str, kind: str) -> None:
    right = references(ROOT / "solutions" / assignment / f"{assignment}.ipynb")[exercise]
    nodes = ast.parse(right).body
    names = [node.name for node in nodes if isinstance(node, ast.FunctionDef)]
    names += [
        f"{node.name}.{method.name}"
        for node in nodes
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name != "__init__"
    ]
    source = "\n".join(
        [
            right,
            CHANGED.format(expression=RIGHT_BUT_FOR_ITS_KIND[kind]),
            *(f"{name} = _changed({name})" for name in names),
        ]
    )
    results = check_in_process(assignment, {exercise: source})
    assert [result.fault for result in results if result.verdict is Verdict.GRADER_ERROR] == []

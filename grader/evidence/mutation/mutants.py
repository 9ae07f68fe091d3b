"""Mutants: right answers with one small change each, made in the way that students make mistakes."""

from __future__ import annotations

import hashlib
import random
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any, Final

from grader.evidence.mutation import operators, tensors
from grader.evidence.mutation.editing import Code
from grader.evidence.mutation.operators import Operator
from grader.evidence.mutation.wording import worded
from grader.kit.messages import Message

OPERATORS: Final[Mapping[str, Operator]] = {
    function.__name__: function
    for function in (
        operators.arithmetic,
        operators.operand,
        operators.in_place,
        operators.comparison,
        operators.condition,
        operators.constant,
        operators.statement,
        operators.argument,
        operators.swapped,
        operators.variable,
        operators.bounds,
        operators.loop,
        operators.early_return,
        operators.context,
        tensors.sibling,
        tensors.axis,
        tensors.keepdim,
        tensors.removed_call,
        tensors.removed_view,
    )
}
"""All of them, by the name that reports and marks call them; the first that makes a change gives it its name."""


@dataclass(frozen=True)
class Mutant:
    """A right answer with a change.

    Attributes:
        exercise: its name.
        base: the right answer's name: `grader.evidence.mistakes.REFERENCE` or that of a file ``right_*.py``.
        operator: what changed it, one of `OPERATORS`.
        line: of the base, from 1, where the change begins.
        old: the lines that were changed, without indentation.
        new: what they became.
        source: all of it.
        edit: the code that was taken away and what came in its place.
    """

    exercise: str
    base: str
    operator: str
    line: int
    old: str
    new: str
    source: str
    edit: tuple[str, str] = ("", "")

    @property
    def name(self) -> str:
        """What it is called where it is known: the same as long as the answer and the change are."""
        return f"changed_{hashlib.sha256(self.source.encode()).hexdigest()[:10]}"

    @property
    def change(self) -> Message:
        """What the change is called; see `worded`."""
        return worded(self.operator, *self.edit)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What a mark names it by, so that it outlives changes elsewhere in the answer."""
        return self.base, self.operator, self.old, self.new

    def __str__(self) -> str:
        return f"{self.exercise}/{self.base}:{self.line} {self.operator}: {self.old} -> {self.new}"


def mutants(exercise: str, bases: Mapping[str, str]) -> list[Mutant]:
    """All mutants of an exercise's right answers that differ from those, and from each other, in their bytecode.

    Args:
        exercise: its name.
        bases: the sources of its right answers by name.
    """
    known = {fingerprint(source) for source in bases.values()}
    found = []
    for base, source in bases.items():
        for mutant in _mutants_of(exercise, base, source):
            print_of_it = fingerprint(mutant.source)
            if print_of_it is not None and print_of_it not in known:
                known.add(print_of_it)
                found.append(mutant)
    return found


def _mutants_of(exercise: str, base: str, source: str) -> Iterator[Mutant]:
    code = Code(source)
    for name, operator in OPERATORS.items():
        for node in code.nodes():
            for edit in operator(node, code):
                if edit is not None:
                    parts = code.between(edit), edit.text
                    yield Mutant(exercise, base, name, *code.lines(edit), code.applied(edit), parts)


def sample(found: Sequence[Mutant], size: int | None, seed: int) -> list[Mutant]:
    """`size` of them drawn at random, in their order; all of them where there are no more or `size` is None."""
    if size is None or size >= len(found):
        return list(found)
    chosen = random.Random(seed).sample(range(len(found)), size)  # noqa: S311 - no secret
    return [found[place] for place in sorted(chosen)]


def fingerprint(source: str) -> tuple[Any, ...] | None:
    """What Python would run: two sources that differ in their looks alone have the same; None where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _content(compile(source, "<mutant>", "exec", dont_inherit=True, optimize=2))
    except (SyntaxError, ValueError):
        return None


def _content(code: CodeType) -> tuple[Any, ...]:
    constants = tuple(
        _content(item) if isinstance(item, CodeType) else (type(item).__name__, repr(item)) for item in code.co_consts
    )
    return code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars, code.co_exceptiontable

"""Which exercise a notebook's cell checks."""

from __future__ import annotations

import ast


def exercise_checked(source: str) -> str | None:
    """The exercise of a check cell, whose only statement is ``check("exercise")``; None for any other cell."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    match statements:
        case [ast.Expr(ast.Call(func=ast.Name(id="check"), args=[ast.Constant(value=str() as exercise)], keywords=[]))]:
            return exercise
    return None

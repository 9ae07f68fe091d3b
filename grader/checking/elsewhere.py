"""What a notebook uses that it cannot have while it is graded: said in the student's own check, before it costs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from grader.check_cells import exercise_checked
from grader.kit.messages import Message, tr

_NETWORK: Final = tr(
    "`{name}` needs the network, which there is none of while grading: read files that lie beside the notebook."
)
_CONNECTION: Final = tr(
    "`{name}` connects programs by an address, which is not possible while grading: use a Pipe or a Queue."
)
_ASKING: Final = tr("`{name}` cannot ask anybody while grading: write the value into the cell instead.")
_DEBUGGER: Final = tr("`{name}` is passed by while grading: delete it.")

_CALLS: Final[dict[str, Message]] = {
    **dict.fromkeys(
        (
            *("urllib.request.urlopen", "urllib.request.urlretrieve", "requests.get", "requests.post"),
            *("torch.hub.load", "torch.hub.load_state_dict_from_url", "torch.hub.download_url_to_file"),
            *("socket.create_connection", "torch.distributed.init_process_group"),
        ),
        _NETWORK,
    ),
    **dict.fromkeys(("input", "getpass.getpass"), _ASKING),
    **dict.fromkeys(("multiprocessing.connection.Listener", "multiprocessing.connection.Client"), _CONNECTION),
    **dict.fromkeys(
        (
            *("breakpoint", "pdb.set_trace", "pdb.post_mortem", "pdb.pm", "ipdb.set_trace", "pudb.set_trace"),
            "IPython.core.debugger.set_trace",
        ),
        _DEBUGGER,
    ),
}
_DOWNLOADS: Final = "download"
"""The argument with which torchvision's data sets are fetched."""
_MAX_SOURCE: Final = 50_000


def differs_while_grading(cells: Iterable[str]) -> list[Message]:
    """What these cells use that is missing, or passed by, in a graded notebook: one sentence a kind.

    Args:
        cells: the sources of a notebook's code cells; those that are not Python count as empty.
    """
    names: dict[str, str] = {}
    found: dict[str, Message] = {}
    for source in cells:
        for name, message in _found_in(source, names):
            found.setdefault(name, tr(message.text, name=name))
    return list(found.values())


def section(cells: Sequence[str], check: int) -> Sequence[str]:
    """The cells above a check cell, up to the check cell before it.

    Args:
        cells: the sources of a notebook's cells.
        check: the position of the check cell.
    """
    first = check
    while first > 0 and exercise_checked(cells[first - 1]) is None:
        first -= 1
    return cells[first:check]


def _found_in(source: str, names: dict[str, str]) -> Iterator[tuple[str, Message]]:
    """The calls of a cell; `names` says what imported names stand for, and learns the cell's own."""
    if len(source) > _MAX_SOURCE:
        return
    lines = ("pass" if line.startswith(("%", "!")) else line for line in source.split("\n"))
    try:
        tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    calls = []
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=imported):
                names |= {alias.asname: alias.name for alias in imported if alias.asname is not None}
            case ast.ImportFrom(module=str() as module, names=imported, level=0):
                names |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in imported}
            case ast.FunctionDef(name=own) | ast.ClassDef(name=own):
                names[own] = ""
            case ast.Call():
                calls.append(node)
    for call in calls:
        name = _full_name(call.func, names)
        if name in _CALLS:
            yield name, _CALLS[name]
        elif name.startswith("torchvision.datasets.") and any(
            keyword.arg == _DOWNLOADS and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            for keyword in call.keywords
        ):
            yield f"{name}(download=True)", _NETWORK


def _full_name(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_full_name(node.value, names)}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""

"""Lines of a cell that are meant for another environment than the grader's: Colab's drive, an installation, a widget.

They fail here, and what stands below them in their cell would be lost with them. So they are set aside, one by one: the
rest of the cell runs, its lines where they were.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec
from typing import Final

from grader.check_cells import dotted_name, without_magic
from grader.checking.asking import Questions
from grader.sandbox.import_path import python_variables

_PROGRAMS: Final = (
    "pip|pip3|conda|mamba|micromamba|uv|apt|apt-get|wget|curl|gdown|kaggle|git|unzip|tar|nvidia-smi|jupyter|sudo|brew|npm"
    r"|python3?\s+-m\s+(?:pip|jupyter)"
)
_SHELL: Final = re.compile(rf"^(?P<indent>\s*)(?:(?P<name>\w+)\s*=\s*)?(?:!!?|%sx\s+|%system\s+)\s*(?:{_PROGRAMS})\b")
_MAGIC: Final = re.compile(r"^(?P<indent>\s*)%(?P<magic>[a-zA-Z_]\w*)[ \t]*(?P<argument>.*)$")
_CELL_MAGIC: Final = re.compile(r"^\s*%%(\w+)")
_PYTHON_CELLS: Final = {"capture", "time", "timeit", "prun"}
"""Cell magics whose cell is Python."""
_MEASURING_CELLS: Final = {"memit", "mprun", "wandb", "snakeviz", "scalene", "heat", "black", "nb_black", "autotime"}
"""Cell magics of extensions, which are not loaded here; their cell is Python."""
_ELSEWHERE: Final = frozenset(
    {
        *("load_ext", "reload_ext", "unload_ext", "autoreload", "aimport", "tensorboard", "wandb", "bigquery"),
        *("pip", "conda", "mamba", "micromamba", "uv", "cd", "debug", "pdb", "gui", "connect_info", "qtconsole"),
    }
)
_SHELL_ALIASES: Final = frozenset(
    {
        *("ls", "ll", "lf", "lk", "ldir", "lx", "cat", "cp", "mv", "rm", "rmdir", "mkdir", "man", "less", "more"),
        *("clear", "edit", "autosave", "subshell", "colors"),
    }
)
"""What the kernel has besides IPython's own."""
_PLACES: Final = ("google.colab", "kaggle_secrets", "google.cloud", "sagemaker", "dbutils")
"""Packages that only another environment has."""
_NEEDS: Final = {"torch.utils.tensorboard": "tensorboard"}
"""Modules that are there and cannot be imported without another package."""
_EXTRAS: Final = frozenset(
    {
        *("seaborn", "plotly", "wandb", "tensorboard", "tensorflow", "keras", "torchinfo", "torchsummary", "torchviz"),
        *("ipywidgets", "ipympl", "pandas", "tqdm", "lightning", "pytorch_lightning", "torchmetrics", "torchaudio"),
        *("transformers", "datasets", "einops", "cv2", "skimage", "mlflow", "optuna", "gdown", "kaggle"),
        *("nest_asyncio", "jupyter_black", "lab_black", "watermark", "xgboost", "lightgbm", "nltk", "spacy"),
    }
)
"""Packages that notebooks import without need; of another name that is not here, a cell may have written the module."""
_GET_IPYTHON: Final = frozenset({"system", "getoutput", "enable_gui", "enable_matplotlib"})
_RUNS: Final = frozenset(
    {
        *("os.system", "os.popen", "subprocess.run", "subprocess.call", "subprocess.check_call"),
        *("subprocess.check_output", "subprocess.Popen", "subprocess.getoutput"),
    }
)
_PIP: Final = frozenset({"pip.main", "pip._internal.main", "pip._internal.cli.main.main"})
_BACKENDS: Final = frozenset({"matplotlib.use", "mpl.use", "plt.switch_backend", "matplotlib.pyplot.switch_backend"})
_DRAWS_HERE: Final = re.compile(r"(?i)(agg|cairo|svg|pdf|ps|pgf|template|inline|module://matplotlib_inline.*)$")
"""Matplotlib's backends that need no screen."""
_ASKS_A_GPU: Final = re.compile(r"torch\.cuda\.(get_device_\w+|set_device|current_device|mem\w+|synchronize)$")
_MAKES_MODULES: Final = re.compile(r"\.py\b|%%writefile|sys\.(path|modules|meta_path)|importlib|ModuleType")
"""What a notebook says whose cells write modules, or look for them elsewhere."""
_INSTALLS: Final = re.compile(rf"^\s*(?:{_PROGRAMS})\b")
_MAX_SOURCE: Final = 50_000


@dataclass
class Environment:
    """A notebook's cells on their way to a kernel, in order.

    Attributes:
        files: that lie beside the notebook: a module may be among them.
        is_complete: whether every module that is not installed, and no such file, is another environment's.
    """

    files: Collection[str] = ()
    is_complete: bool = False
    _names: set[str] = field(default_factory=set)

    def set_aside(self, source: str) -> tuple[str, list[str]]:
        """A cell's source without the lines that are meant for elsewhere, and those lines."""
        if len(source) > _MAX_SOURCE:
            return source, []
        lines = source.split("\n")
        first = next((line for line in lines if line.strip()), "")
        cell_magic = _CELL_MAGIC.match(first)
        if cell_magic is not None and cell_magic[1] not in _PYTHON_CELLS | _MEASURING_CELLS:
            return source, []
        removed: list[str] = []
        if cell_magic is not None and cell_magic[1] in _MEASURING_CELLS:
            removed.append(first.strip())
            lines[lines.index(first)] = "pass"
        in_text = _lines_in_strings(lines)
        for number, line in enumerate(lines):
            instead = None if number in in_text else _in_place_of(line)
            if instead is not None:
                removed.append(line.strip())
                lines[number] = instead
                if line.rstrip().endswith("\\"):
                    _blank_continuation(lines, number)
        removed += self._drop_statements(lines)
        return "\n".join(lines), removed

    def _drop_statements(self, lines: list[str]) -> list[str]:
        """Replaces whole statements, in place; magics are hidden from the parser."""
        plain = "\n".join(map(without_magic, lines))
        try:
            statements = ast.parse(plain).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
        removed: list[str] = []
        self._drop_among(statements, lines, removed)
        return removed

    def _drop_among(self, statements: Sequence[ast.stmt], lines: list[str], removed: list[str]) -> None:
        """Those of one block, and of the blocks of its conditions and loops."""
        for statement in statements:
            if isinstance(statement, ast.If | ast.With | ast.For | ast.While):
                self._drop_among(statement.body, lines, removed)
                self._drop_among(getattr(statement, "orelse", []), lines, removed)
                continue
            kept = self._kept_of_import(statement)
            if kept is None and not self._is_elsewhere(statement):
                continue
            start, end = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
            indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
            shares_line = len(indent.encode()) != statement.col_offset or any(
                other is not statement and other.lineno - 1 <= end and start <= (other.end_lineno or other.lineno) - 1
                for other in statements
            )
            if shares_line:
                self._drop_from_line(lines, statements, statement, removed)
                continue
            removed.append(lines[start].strip())
            lines[start] = f"{indent}{kept or 'pass'}"
            lines[start + 1 : end + 1] = [""] * (end - start)

    def _kept_of_import(self, statement: ast.stmt) -> str | None:
        """Of an import of several packages, of which some are missing, the others."""
        if not isinstance(statement, ast.Import):
            return None
        there = [alias for alias in statement.names if not self._is_missing(alias.name)]
        if not 0 < len(there) < len(statement.names):
            return None
        self._names |= {_bound(alias) for alias in statement.names if alias not in there}
        return ast.unparse(ast.Import(there))

    def _drop_from_line(
        self, lines: list[str], statements: Sequence[ast.stmt], statement: ast.stmt, removed: list[str]
    ) -> None:
        """Of several statements on one line, blanks this one; where one of them goes over lines, all stay."""
        here = [other for other in statements if other.lineno <= statement.lineno <= (other.end_lineno or 0)]
        if any(other.lineno != other.end_lineno for other in here):
            return
        raw = lines[statement.lineno - 1].encode()
        start, end = statement.col_offset, statement.end_col_offset or len(raw)
        removed.append(raw[start:end].decode(errors="replace"))
        lines[statement.lineno - 1] = (raw[:start] + b"pass".ljust(end - start) + raw[end:]).decode(errors="replace")

    def _is_elsewhere(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Import(names=names):
                found = [alias for alias in names if self._is_missing(alias.name)]
                if len(found) != len(names):
                    return False
                self._names |= {_bound(alias) for alias in found}
                return True
            case ast.ImportFrom(module=str() as module, names=names, level=0):
                if not self._is_missing(module):
                    return False
                self._names |= {alias.asname or alias.name for alias in names}
                return True
            case ast.Assert(test=ast.Call() as test):
                return dotted_name(test.func) == "torch.cuda.is_available"
            case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[ast.Call() as shown])):
                return self._is_call_elsewhere(shown)
            case ast.Expr(value=value) | ast.Assign(value=value):
                return isinstance(value, ast.Call) and self._is_call_elsewhere(value)
        return False

    def _is_missing(self, module: str) -> bool:
        top = module.partition(".")[0]
        if _is_place(module):
            return True
        top = _NEEDS.get(module, top)
        if not (self.is_complete or top in _EXTRAS) or any(
            name == f"{top}.py" or name.startswith(f"{top}/") for name in self.files
        ):
            return False
        try:
            return find_spec(top) is None and PathFinder.find_spec(top, _pythonpath()) is None
        except (ImportError, ValueError, AttributeError):
            return False

    def _is_call_elsewhere(self, call: ast.Call) -> bool:
        name = dotted_name(call.func)
        if name.partition(".")[0].removesuffix("()") in self._names or name.startswith(_PLACES):
            return True
        if name in _PIP or _ASKS_A_GPU.match(name):
            return True
        constants = (node.value for node in ast.walk(call) if isinstance(node, ast.Constant))
        texts = [value for value in constants if isinstance(value, str)]
        if name.startswith("get_ipython()."):
            method = name.rpartition(".")[2]
            if method in ("run_line_magic", "magic"):
                line = " ".join(texts) if method == "run_line_magic" else "".join(texts[:1])
                return _in_place_of(f"%{line.lstrip('%')}") is not None
            return method in _GET_IPYTHON
        if name in _BACKENDS:
            return bool(texts) and not _DRAWS_HERE.match(texts[0])
        if name == "os.chdir":
            return bool(texts) and bool(re.match(r"[/~]|[A-Za-z]:", texts[0]))
        if name in _RUNS:
            return bool(_INSTALLS.match(" ".join(texts))) or bool(re.match(r"-m pip\b", " ".join(texts)))
        return False


def _in_place_of(line: str) -> str | None:
    """What stands for a line that is meant for elsewhere; None for any other."""
    shell = _SHELL.match(line)
    if shell is not None:
        return f"{shell['indent']}{shell['name']} = []" if shell["name"] else f"{shell['indent']}pass"
    magic = _MAGIC.match(line)
    if magic is None:
        return None
    name, argument = magic["magic"], magic["argument"].strip()
    is_elsewhere = (
        name in _ELSEWHERE
        or name not in _line_magics()
        or (name == "matplotlib" and argument not in ("inline", "agg", "--list", "-l"))
        or (name == "config" and argument.startswith("InlineBackend"))
    )
    return f"{magic['indent']}pass" if is_elsewhere else None


@cache
def _line_magics() -> frozenset[str]:
    """The magics that a kernel has; those of extensions are not among them."""
    from IPython.core import magics
    from IPython.core.magic import Magics

    found = [getattr(magics, name, None) for name in dir(magics)]  # some are imported when they are asked for
    classes = [kind for kind in found if isinstance(kind, type) and issubclass(kind, Magics)]
    names = {name for kind in classes if kind is not Magics for name in kind.magics.get("line", {})}
    return frozenset(names | _SHELL_ALIASES)


def _blank_continuation(lines: list[str], number: int) -> None:
    while number + 1 < len(lines):
        number += 1
        continues = lines[number].rstrip().endswith("\\")
        lines[number] = ""
        if not continues:
            return


def _lines_in_strings(lines: Sequence[str]) -> set[int]:
    """The lines that begin inside a text over several lines, as far as quotes tell."""
    found, quote = set(), ""
    for number, line in enumerate(lines):
        if quote:
            found.add(number)
        for mark in re.findall(r'"""|\'\'\'', line):
            quote = "" if quote == mark else quote or mark
    return found


def _bound(alias: ast.alias) -> str:
    """The name that an import binds."""
    return (alias.asname or alias.name).partition(".")[0]


def _pythonpath() -> list[str]:
    """What a kernel's Python finds beside what this one does: the variable may have been set since this one started."""
    return python_variables().get("PYTHONPATH", "").split(os.pathsep)


def _is_place(module: str) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in _PLACES)


@dataclass(frozen=True)
class SetAside:
    """What a cell does not run.

    Attributes:
        runs: in its place.
        elsewhere: its lines that are meant for another environment.
        asking: its lines that ask for something to be typed.
    """

    runs: str
    elsewhere: Sequence[str]
    asking: Sequence[str]


def set_aside_in(
    sources: Sequence[tuple[int, str]], files: Collection[str], questions: Questions
) -> Iterator[tuple[int, SetAside]]:
    """The cells of which not all lines run, by their positions.

    Args:
        sources: positions and sources of the cells that run, in order.
        files: beside the notebook.
        questions: notes what would have been asked.
    """
    environment = Environment(files, not any(_MAKES_MODULES.search(source) for _, source in sources))
    for position, source in sources:
        runs, elsewhere = environment.set_aside(source)
        runs, asking = questions.set_aside(runs)
        if elsewhere or asking:
            yield position, SetAside(runs, elsewhere, asking)

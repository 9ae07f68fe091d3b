"""What a check observes of a student's code: each reply, as a fingerprint that can be compared and kept.

Nothing is computed while a check runs: the replies are noted as they came, and only those of a check that did not pass
become `Observation`s.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
import torch

from grader.kit.fingerprints import Sums, described, digest
from grader.wire.decoding import Decoder
from grader.wire.frames import Frame
from grader.wire.values import Json, ValueFormatError, origin

SINGLE: Final = 1e-4
"""How far two sums may be apart, relative to the sum of sizes, where two ways of computing give one answer."""

DOUBLE: Final = 1e-8
"""The same in double precision."""

MAX_REPLIES: Final = 400
MAX_BYTES: Final = 64 * 2**20
"""Of replies that are kept for one check."""

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]+|\bline \d+\b|(?:/[\w.-]+){2,}")
"""What depends on the day: addresses, numbers of lines, paths."""

_OWN_WORDS: Final = ("raise", "assert")


@dataclass(frozen=True)
class Observation:
    """One reply of the student's code.

    Attributes:
        exact: a digest of what must be equal: what was asked, types, shapes, whole numbers, texts, effects, errors.
        sums: over decimal numbers, each with how far another one may be apart from it.
    """

    exact: str
    sums: tuple[tuple[float, float], ...] = ()

    def agrees(self, other: Observation, slack: float = 1.0) -> bool:
        """Whether two replies are the same but for rounding, `slack` times what is usual."""
        return (
            self.exact == other.exact
            and len(self.sums) == len(other.sums)
            and all(
                abs(own - theirs) <= slack * max(allowed, as_well)
                for (own, allowed), (theirs, as_well) in zip(self.sums, other.sums, strict=True)
            )
        )

    def to_json(self) -> Json:
        """As JSON, with few digits."""
        return [self.exact, *(_short(number) for pair in self.sums for number in pair)]

    @classmethod
    def from_json(cls, node: Json) -> Self:
        """Reads `to_json`: numbers may be apart by what was cut off, which is more than double precision allows."""
        exact, *numbers = node
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return cls(exact, tuple((number, max(allowed, _short(_CUT * abs(number)))) for number, allowed in pairs))


_CUT: Final = 6e-7
"""A little more than a number of seven digits may be off, relative to it."""


def _short(number: float) -> float:
    return float(f"{number:.7g}")


@dataclass
class Notes:
    """The requests of one check and the replies to them, as they came."""

    replies: list[tuple[Frame, Frame]] = field(default_factory=list)
    size: int = 0

    def add(self, request: Frame, reply: Frame) -> None:
        """Notes a reply, as far as there is room."""
        self.size += len(reply.buffers)
        if len(self.replies) < MAX_REPLIES and self.size < MAX_BYTES:
            self.replies.append((request, reply))

    def observations(self) -> tuple[Observation, ...]:
        """What was observed, in order."""
        return tuple(_observation(request.content, reply) for request, reply in self.replies)


_notes: ContextVar[Notes | None] = ContextVar("notes", default=None)


@contextmanager
def noting() -> Iterator[Notes]:
    """Notes what is asked and replied in the ``with`` block."""
    found = Notes()
    token = _notes.set(found)
    try:
        yield found
    finally:
        _notes.reset(token)


_is_observed: ContextVar[bool] = ContextVar("is_observed", default=True)


@contextmanager
def unobserved() -> Iterator[None]:
    """What comes back in the ``with`` block is not compared with what known mistakes answer, unless it is an error.

    For replies in which right answers differ too: numbers drawn at random, the weights of a network of one's own. What
    a check says of them still tells one mistake from another, so let it say different things.
    """
    token = _is_observed.set(False)
    try:
        yield
    finally:
        _is_observed.reset(token)


def forget() -> None:
    """Leaves out what the check has noted so far: it has found that the replies depend on chance, and says so."""
    notes = _notes.get()
    if notes is not None:
        notes.replies.clear()


def observe(**facts: Json) -> None:
    """Notes what a check found out from replies that it left `unobserved`.

    Args:
        facts: plain data, the same for whoever makes the same mistake.
    """
    note(Frame({"op": "observe"}), Frame({"status": "observed", "name": json.dumps(facts, sort_keys=True)}))


def note(request: Frame, reply: Frame) -> None:
    """Notes a reply, if somebody wants to know."""
    notes = _notes.get()
    if notes is not None and (_is_observed.get() or reply.content.get("status") != "ok"):
        notes.add(request, reply)


def _observation(asked: Mapping[str, Json], reply: Frame) -> Observation:
    got, sums = reply.content, list[tuple[float, float, bool]]()
    exact = [asked.get("op"), _target(asked), asked.get("attribute"), got.get("status")]
    match got.get("status"):
        case "ok":
            exact.append(_came_back(got, reply.buffers, sums))
        case "error":
            exact += [got.get("type"), _said(got)]
        case _:
            exact.append(got.get("name"))
    text = json.dumps(exact, sort_keys=True, default=str)
    allowed = [(own, size * (DOUBLE if is_double else SINGLE) + 1e-12) for own, size, is_double in sums]
    return Observation(digest(text.encode()), tuple(allowed))


def _target(asked: Mapping[str, Json]) -> Json:
    """What was asked of: a name of the notebook, or anything without one."""
    target = asked.get("target")
    return asked.get("name") or (target.get("name") if isinstance(target, dict) else None)


def _said(got: Mapping[str, Json]) -> str:
    """What PyTorch or Python said; what a student's own ``raise`` says is in their own words."""
    frames = got.get("frames")
    last = frames[-1].get("text", "") if isinstance(frames, list) and frames and isinstance(frames[-1], dict) else ""
    return "" if str(last).startswith(_OWN_WORDS) else _ADDRESS.sub("", str(got.get("message"))[:300])


def _came_back(got: Mapping[str, Json], buffers: bytes, sums: Sums) -> Json:
    try:
        decoder = Decoder(buffers, lambda node: _Handle(str(node.get("type", ""))))
        value = _all(decoder.decode(got.get("value")), sums)
        gradients = _all(decoder.decode(got.get("gradients")), sums)
        effects = [_effect(decoder, effect, sums) for effect in _listed(got.get("effects"))]
    except ValueFormatError:
        return "unreadable"
    return [value, gradients, effects, got.get("random_changed")]


@dataclass(frozen=True)
class _Handle:
    """What stayed in the student's process."""

    type_name: str


def _effect(decoder: Decoder, effect: Json, sums: Sums) -> Json:
    if not isinstance(effect, dict):
        return None
    flags = [effect.get("changed"), bool(effect.get("writes")), effect.get("requires_grad_changed")]
    return [*flags, _all(decoder.decode(effect.get("value")), sums), _all(decoder.decode(effect.get("grad")), sums)]


def _listed(node: Json) -> Sequence[Any]:
    return node if isinstance(node, list) else ()


def _all(value: object, sums: Sums) -> Json:
    return [described(value, sums, _other), *_origins(value)]


def _other(value: object) -> Json:
    return ["object", value.type_name] if isinstance(value, _Handle) else [type(value).__name__, str(value)[:200]]


def _origins(value: object) -> Iterator[Json]:
    """Where tensors came from: on which device, tracked by autograd, sharing whose memory."""
    if isinstance(value, torch.Tensor | np.ndarray):
        found = origin(value)
        yield [found.requires_grad, found.is_leaf, found.device, sorted(found.shares), found.has_data, found.type_name]
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _origins(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _origins(item)

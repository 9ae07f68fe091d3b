"""What a reply must look like, for each kind of request: the grader reads nothing of one that does not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from grader.wire.operations import MAX_NAME, MAX_NAMES
from grader.wire.values import Json, ValueFormatError


def require_reply(request: Mapping[str, Json], reply: Mapping[str, Json]) -> None:
    """Makes sure that a reply has the parts that its request asks for, each of its type.

    The values themselves are for `grader.wire.decoding.Decoder` to judge.

    Args:
        request: the JSON of the request.
        reply: the JSON of the reply.

    Raises:
        ValueFormatError: a part is missing, or is something else.
    """
    match reply.get("status"):
        case "ok":
            _require_result(request, reply)
        case "error":
            _require_error(reply)
        case "missing":
            _require(isinstance(reply.get("name"), str))
        case "refused":
            _require(isinstance(reply.get("reason"), str))
        case _:
            raise ValueFormatError("the reply has no known status")


def _require(is_so: bool) -> None:
    if not is_so:
        raise ValueFormatError("the reply does not have the parts that a reply has")


def _require_result(request: Mapping[str, Json], reply: Mapping[str, Json]) -> None:
    _require("value" in reply)
    operation = request.get("op")
    if operation in ("put", "define"):
        value = reply["value"]
        _require(isinstance(value, dict) and type(value.get("object")) is int)
    if operation != "call" or "fake_device" in request:
        return
    inputs = list(_inputs(request))
    effects = reply.get("effects")
    _require(isinstance(effects, list) and len(effects) == len(inputs))
    _require(all(isinstance(effect, dict) for effect in effects or ()))
    _require(_are_texts(reply.get("random_changed")))
    _require(_are_texts(reply.get("defaults_changed", [])))
    seconds = reply.get("seconds")
    _require(isinstance(seconds, float) and math.isfinite(seconds) and seconds >= 0)
    if request.get("operations") is True:
        _require_operations(reply.get("operations"))
    if "cotangents" in request:
        gradients = reply.get("gradients")
        found = gradients.get("list") if isinstance(gradients, dict) else None
        wanted = sum(node.get("requires_grad") is True for node in inputs)
        _require(isinstance(found, list) and len(found) == wanted)


def _require_operations(node: Json) -> None:
    _require(isinstance(node, dict) and len(node) <= MAX_NAMES)
    _require(all(len(name) <= MAX_NAME and type(count) is int for name, count in node.items()))


def _inputs(request: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """The tensors and arrays among a call's arguments, in the order in which the server meets them."""
    waiting: list[Json] = [request.get("kwargs", {}), request.get("args", [])]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict) and ("tensor" in node or "array" in node):
            yield node
        elif isinstance(node, dict):
            waiting += reversed(list(node.values()))


def _require_error(reply: Mapping[str, Json]) -> None:
    _require(isinstance(reply.get("type"), str) and isinstance(reply.get("message"), str))
    _require(_are_texts(reply.get("bases")))
    frames = reply.get("frames")
    _require(isinstance(frames, list))
    for frame in frames or ():
        _require(isinstance(frame, dict))
        _require(isinstance(frame.get("function"), str) and isinstance(frame.get("text"), str))
        _require(type(frame.get("line")) is int)


def _are_texts(node: Json) -> bool:
    return isinstance(node, list) and all(isinstance(item, str) for item in node)

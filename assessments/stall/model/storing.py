"""A fitted model as bytes: only types named here are read back, and only bytes this installation has signed."""

import hashlib
import hmac
import io
import json
import zipfile
from dataclasses import asdict
from typing import Any, Final

import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from assessments.stall.model.fitting import Fitted
from assessments.stall.rules.features import FEATURES
from assessments.stall.rules.parameters import Parameters

#: Every type that may stand in a stored model. skops calls no others, and its own idea of what is safe is not asked.
TYPES: Final = frozenset(
    {
        "builtins.dict",
        "builtins.list",
        "builtins.str",
        "builtins.tuple",
        "numpy.dtype",
        "numpy.float64",
        "numpy.ndarray",
        "sklearn.impute._base.MissingIndicator",
        "sklearn.impute._base.SimpleImputer",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._data.StandardScaler",
    }
)
#: A model of this size is no model of ours.
MOST_BYTES: Final = 2_000_000


class Refusal(Exception):
    """These bytes are not a model this installation has made; the message says why."""


def pack(fitted: Fitted, key: bytes) -> tuple[bytes, bytes, bytes]:
    """The model as bytes, their SHA-256, and a signature under the key."""
    kept = {
        "features": list(FEATURES),
        "parameters": asdict(fitted.parameters),
        "pipeline": fitted.pipeline,
        "curve": fitted.curve,
    }
    content = _same_every_time(skops.io.dumps(kept))
    return content, hashlib.sha256(content).digest(), sign(content, key)


def sign(content: bytes, key: bytes) -> bytes:
    """A keyed hash of the bytes."""
    return hmac.new(key, b"stall-model\0" + content, hashlib.sha256).digest()


def unpack(content: bytes, signature: bytes, key: bytes) -> Fitted:
    """Read a model back; raises Refusal for bytes that were altered, are not ours, or name a type not listed."""
    if len(content) > MOST_BYTES:
        raise Refusal("it is too large")
    if not hmac.compare_digest(sign(content, key), signature):
        raise Refusal("it was altered, or another installation made it")
    strange = sorted(types_in(content) - TYPES)
    if strange:
        raise Refusal(f"it holds types that are not allowed: {', '.join(strange)}")
    kept: dict[str, Any] = skops.io.loads(content, trusted=sorted(TYPES))
    if kept.get("features") != list(FEATURES):
        raise Refusal("it was trained on other features than this version computes")
    pipeline, curve = kept["pipeline"], kept["curve"]
    if not isinstance(pipeline, Pipeline) or not isinstance(curve, LogisticRegression):
        raise Refusal("it is not a calibrated pipeline")
    return Fitted(pipeline, curve, Parameters(**kept["parameters"]))


def types_in(content: bytes) -> set[str]:
    """Every type that the stored model names, without making any of them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            schema = json.loads(bundle.read("schema.json"))
    except (zipfile.BadZipFile, KeyError, ValueError) as wrong:
        raise Refusal("it is not a stored model") from wrong
    found: set[str] = set()
    waiting: list[Any] = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("__class__"), str):
                found.add(f"{node.get('__module__')}.{node['__class__']}")
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found


def _same_every_time(bundle: bytes) -> bytes:
    """The same bundle without the hour and the memory addresses of its making: the same model has the same hash."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bundle)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as new:
        schema, named = _renumbered(json.loads(old.read("schema.json")))
        parts = {name: old.read(before) for before, name in named.items()}
        parts["schema.json"] = json.dumps(schema, sort_keys=True).encode()
        for name, content in sorted(parts.items()):
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return made.getvalue()


def _renumbered(schema: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The schema with objects numbered in the order in which they stand, and what its files are called now."""
    numbers: dict[int, int] = {}
    named: dict[str, str] = {}

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(one) for one in node]
        if not isinstance(node, dict):
            return node
        copy = dict(node)
        if isinstance(copy.get("__id__"), int):
            copy["__id__"] = numbers.setdefault(copy["__id__"], len(numbers) + 1)
        if isinstance(copy.get("file"), str):
            copy["file"] = named.setdefault(copy["file"], f"{len(named) + 1}.npy")
        return {key: walk(value) if isinstance(value, dict | list) else value for key, value in copy.items()}

    return walk(schema), named

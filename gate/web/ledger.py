"""The ledger on the web: its signed head and hash tiles as C2SP clients read them; entries and proofs for auditors."""

import base64
import gzip
from typing import Any, Literal

from flask import Response, current_app, g, jsonify
from flask_openapi.blueprint import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import NotFound

from gate.core.errors import UsageError
from gate.core.ledger.entries import SignedCheckpoint
from gate.core.ledger.tiles import Bundle, Tile, TileError, entry_bundle, is_within, parse_tile_path
from gate.usecases.ledger_ports import ReadingLedger
from gate.usecases.prove_entries import prove_consistency, prove_inclusion
from gate.web.api import Problem
from gate.web.door import Door
from gate.web.visitors import visitor

_MOST = 2**53 - 1
_PLAIN = "text/plain; charset=utf-8"
_FEW_SECONDS = "public, max-age=5"
FOR_EVER = "public, max-age=31536000, immutable"


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TilePath(_Shape):
    """A tile's place below its level, as C2SP tlog-tiles writes it."""

    level: int = Field(ge=0, le=63, examples=[0], description="Level of the hash tiles; 0 is that of the entries.")
    place: str = Field(
        max_length=100,
        examples=["x001/x234/067", "000.p/12"],
        description="Number of the tile in groups of three digits, `.p/WIDTH` behind it for a partial one.",
    )


class BundlePath(_Shape):
    """A bundle's place, as C2SP tlog-tiles writes it."""

    place: str = Field(
        max_length=100,
        examples=["000.p/12"],
        description="Number of the bundle in groups of three digits, `.p/WIDTH` behind it for a partial one.",
    )


class EntryPath(_Shape):
    """One entry of the ledger by its index."""

    index: int = Field(ge=0, le=_MOST, examples=[7], description="Index of the entry, from 0.")


class SizeQuery(_Shape):
    """Under which checkpoint: the newest, or the one over exactly so many entries."""

    size: int | None = Field(
        default=None,
        ge=1,
        le=_MOST,
        examples=[300],
        description="Size of the tree to prove it in; without it, that of the newest head.",
    )


class SizesPath(_Shape):
    """Two checkpoints by the number of their entries, the smaller first."""

    old: int = Field(ge=1, le=_MOST, examples=[200], description="Size of the earlier tree.")
    new: int = Field(ge=1, le=_MOST, examples=[300], description="Size of the later tree.")


class Head(BaseModel):
    """A signed head: how many entries, their root in base64, and the C2SP note that says so."""

    size: int
    root: str
    at: str
    note: str


class ConsistencyProof(BaseModel):
    """Two heads, and the hashes in base64 that show the older one to be the beginning of the newer (RFC 9162)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "old": {"size": 200, "root": "(base64)", "at": "2026-12-01T10:00:00Z", "note": "(note)"},
                    "new": {"size": 300, "root": "(base64)", "at": "2026-12-01T11:00:00Z", "note": "(note)"},
                    "path": ["(base64)"],
                }
            ]
        }
    )

    old: Head
    new: Head
    path: list[str]


class Entry(BaseModel):
    """One entry of the ledger; `payload` is what its kind says."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "schema": "gate.ledger-entry/1",
                    "index": 0,
                    "at": "2026-12-01T10:00:00Z",
                    "kind": "change-observed",
                    "subject": "change:500/1000/7",
                    "payload": {},
                }
            ]
        },
    )

    form: Literal["gate.ledger-entry/1"] = Field(alias="schema")
    index: int
    at: str
    kind: str
    subject: str
    payload: dict[str, Any]


_IS_NOTE: dict[str, Any] = {
    "description": "OK",
    "content": {
        "text/plain": {"schema": {"type": "string"}, "example": "gate.example/ledger\n300\n(root)\n\n(signature)\n"}
    },
}
_IS_PROOF: dict[str, Any] = {
    "description": "OK",
    "content": {
        "text/plain": {
            "schema": {"type": "string"},
            "example": "c2sp.org/tlog-proof@v1\nindex 7\n(hashes)\n\n(checkpoint)\n",
        }
    },
}
_IS_BYTES: dict[str, Any] = {
    "description": "OK",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}

blueprint = APIBlueprint(
    "ledger",
    __name__,
    abp_responses=dict.fromkeys(("400", "401", "403", "404", "405", "503"), Problem),
)


@blueprint.get("/ledger/checkpoint", summary="The ledger's signed head, a C2SP note", responses={200: _IS_NOTE})
def checkpoint() -> Response:
    """Return the newest checkpoint as a signed note, word for word."""
    with _door().gate.store.reading() as reading:
        found = reading.checkpoint()
    if found is None:
        raise NotFound
    g.cache_control = _FEW_SECONDS
    return Response(found.note, content_type=_PLAIN)


@blueprint.get(
    "/ledger/tile/<int:level>/<path:place>", summary="One tile of hashes (C2SP tlog-tiles)", responses={200: _IS_BYTES}
)
def tile(path: TilePath) -> Response:
    """Return the hashes of a tile, 32 bytes each; a tile never changes."""
    wanted = _parsed(f"tile/{path.level}/{path.place}")
    with _door().gate.store.reading() as reading:
        if not isinstance(wanted, Tile) or not is_within(wanted, size=_size(reading)):
            raise NotFound
        raw = reading.tile(wanted)
    g.cache_control = FOR_EVER
    return Response(raw, content_type="application/octet-stream")


@blueprint.get(
    "/ledger/tile/entries/<path:place>", summary="One bundle of entries (C2SP tlog-tiles)", responses={200: _IS_BYTES}
)
def bundle(path: BundlePath) -> Response:
    """Return the entries of a bundle, each after its length in two bytes, compressed by gzip."""
    _require_whole_sight()
    wanted = _parsed(f"tile/entries/{path.place}")
    with _door().gate.store.reading() as reading:
        if not isinstance(wanted, Bundle) or not is_within(wanted, size=_size(reading)):
            raise NotFound
        contents = reading.bundle(wanted)
    answer = Response(gzip.compress(entry_bundle(contents), mtime=0), content_type="application/octet-stream")
    answer.headers["Content-Encoding"] = "gzip"
    return answer


@blueprint.get("/api/v1/ledger/entries/<int:index>", summary="One ledger entry", responses={200: Entry})
def entry(path: EntryPath) -> Response:
    """Return the exact bytes of a ledger entry."""
    _require_whole_sight()
    with _door().gate.store.reading() as reading:
        found = reading.ledger_entry(path.index)
    if found is None:
        raise NotFound
    return Response(found.content, content_type="application/json")


@blueprint.get(
    "/api/v1/ledger/proof/inclusion/<int:index>",
    summary="Proof that an entry is under a checkpoint",
    responses={200: _IS_PROOF},
)
def inclusion(path: EntryPath, query: SizeQuery) -> Response:
    """Return a C2SP tlog-proof: whoever has the entry's bytes and the ledger's key needs nothing else."""
    try:
        with _door().gate.store.reading() as reading:
            proof = prove_inclusion(reading, path.index, size=query.size)
    except UsageError:
        raise NotFound from None
    return Response(proof.text(), content_type=_PLAIN)


@blueprint.get(
    "/api/v1/ledger/proof/consistency/<int:old>/<int:new>",
    summary="Proof that one head is the beginning of a later one",
    responses={200: ConsistencyProof},
)
def consistency(path: SizesPath) -> Response:
    """Return two heads and the path between them."""
    try:
        with _door().gate.store.reading() as reading:
            proof = prove_consistency(reading, path.old, path.new)
    except UsageError:
        raise NotFound from None
    steps = [_encoded(step) for step in proof.path]
    return jsonify(ConsistencyProof(old=_head(proof.old), new=_head(proof.new), path=steps).model_dump())


def _require_whole_sight() -> None:
    """Raise the uniform 404 for a token that is limited to repositories: the ledger tells of all of them (S15).

    What concerns its own repositories it gets by an export.
    """
    if visitor().repositories:
        raise NotFound


def _parsed(path: str) -> Tile | Bundle:
    try:
        return parse_tile_path(path)
    except TileError:
        raise NotFound from None


def _size(reading: ReadingLedger) -> int:
    newest = reading.checkpoint()
    return newest.size if newest else 0


def _head(checkpoint: SignedCheckpoint) -> Head:
    return Head(size=checkpoint.size, root=_encoded(checkpoint.root), at=checkpoint.at, note=checkpoint.note)


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _door() -> Door:
    door: Door = current_app.extensions["gate"]
    return door

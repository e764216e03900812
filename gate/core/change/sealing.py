"""Sealing: facts to their stored form and back, with everything personal beside them as salted commitments."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gate.core.canonical import canonical_bytes, require_canonical
from gate.core.change.consistency import inconsistencies, is_instant
from gate.core.change.facts import Facts, Instant
from gate.core.change.personal import PersonalTable, PersonalValue, UnsealError, conceal, reveal
from gate.core.change.plain import plain_value
from gate.core.errors import Fault, InvalidFileError, UnreadableError
from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.registry import Component
from gate.core.values import dataclass

SCHEMA = "gate.facts/1"
MAX_BYTES = 256 * 1024 * 1024
_MAX_DIGITS = 16
_SALT = lazy_regex(r"[0-9a-f]{32}")
_COMMITMENT = lazy_regex(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SealedFacts:
    """Facts as they are stored: canonical JSON without anything personal, its digest, and the personal values."""

    content: bytes
    digest: str
    personal: Mapping[str, PersonalValue]

    @property
    def erased(self) -> tuple[str, ...]:
        """Return the commitments whose values have been erased."""
        return tuple(sorted(commitment for commitment, entry in self.personal.items() if entry.is_erased))


@dataclass(frozen=True, slots=True)
class FactsFile:
    """A facts file as read: the sealed facts, and the time at which they were judged."""

    sealed: SealedFacts
    at: Instant


def seal(facts: Facts, *, salt: bytes) -> SealedFacts:
    """Return the stored form of facts; the same facts and salt give the same bytes.

    The digest covers everything except `digest` itself; the order of mappings does not matter. Raises UnreadableError
    for text that is no Unicode (a folder or argument in another encoding), ValueError for what no reader of the world
    may yield: floats, integers beyond 2**53 - 1, values of a wrong type.
    """
    return _sealed(facts, salt)[0]


def _sealed(facts: Facts, salt: bytes) -> tuple[SealedFacts, dict[str, Any]]:
    """Return the stored form of facts, and the same as plain values."""
    tree = _dumped(facts)
    del tree["digest"]
    require_canonical(tree)
    try:
        personal = conceal(tree, salt=salt)
        content = canonical_bytes(tree)
    except UnicodeEncodeError as error:
        raise _no_unicode(error) from None
    return SealedFacts(content, _digest(content), personal), tree


def unseal(content: bytes, personal: Mapping[str, PersonalValue]) -> Facts:
    """Return the facts of a stored form, exactly as they were sealed, with mappings sorted and `digest` set.

    A value that was erased reads `(erased)`. Raises UnsealError (a ValueError) where content and personal values do
    not fit together or are no facts.
    """
    facts = _unsealed(content, personal, is_part=False)
    _require_consistent(facts)
    return replace(facts, digest=_digest(content))


def _unsealed(content: bytes, personal: Mapping[str, PersonalValue], *, is_part: bool) -> Facts:
    """Return the facts of a stored form; of a part of it, personal values may belong to the others."""
    try:
        tree = _load(content)
        if not isinstance(tree, dict) or "digest" in tree:
            raise UnsealError("this is not the content of facts")
        reveal(tree, dict(personal), is_part=is_part)
        return _validated(tree)
    except RecursionError:
        raise UnsealError("the facts are nested too deeply") from None


def settle(facts: Facts, *, salt: bytes) -> tuple[Facts, SealedFacts]:
    """Return facts as they will be read back, with their digest, and their stored form.

    What is decided on the first can be decided again from the second, byte for byte. Files, and whatever of ownership
    holds only text, numbers and tuples of them, come back as they are: they are carried over, not written and read.
    """
    sealed, tree = _sealed(facts, salt)
    ownership = facts.ownership
    are_plain = [_is_plain(component) for component in ownership.components]
    dumped = zip(tree["ownership"]["components"], are_plain, strict=True)
    left = {**tree["ownership"], "components": [one for one, is_plain in dumped if not is_plain], "sections": []}
    content = canonical_bytes({**tree, "files": [], "earlier_contents": [], "ownership": left})
    read_back = _unsealed(content, sealed.personal, is_part=True)
    others = iter(read_back.ownership.components)
    pairs = zip(ownership.components, are_plain, strict=True)
    components = tuple([one if is_plain else next(others) for one, is_plain in pairs])
    whole = replace(
        read_back,
        files=facts.files,
        earlier_contents=facts.earlier_contents,
        ownership=replace(read_back.ownership, components=components, sections=ownership.sections),
        digest=sealed.digest,
    )
    _require_consistent(whole)
    return whole, sealed


def _is_plain(component: Component) -> bool:
    """Return whether a component has neither mappings, whose order may be another when read, nor models."""
    return not component.links and component.rollback is None and component.transfer is None


def content_salt(facts: Facts) -> bytes:
    """Return a salt that follows from the facts alone, for a checkout where the same facts shall give the same digest.

    SECURITY: whoever knows all the other values can try values for an erased one; a service uses a random salt.
    """
    tree = _dumped(replace(facts, files=(), earlier_contents=(), digest=""))
    try:
        return hashlib.sha256(b"gate.facts/1 salt\0" + canonical_bytes(tree)).digest()
    except UnicodeEncodeError as error:
        raise _no_unicode(error) from None


def erase(sealed: SealedFacts, commitments: Iterable[str]) -> SealedFacts:
    """Return sealed facts without the values named; content and digest stay, and a tombstone marks each place."""
    gone = dict.fromkeys(commitments, PersonalValue(None, None))
    unknown = gone.keys() - sealed.personal.keys()
    if unknown:
        raise UnsealError(f"there is no personal value {min(unknown)[:12]} in these facts")
    return replace(sealed, personal={**sealed.personal, **gone})


def facts_file_bytes(sealed: SealedFacts, at: Instant) -> bytes:
    """Return a facts file: one JSON object with schema, digest, time, sealed facts and personal values."""
    personal = {
        commitment: {"erased": True} if entry.is_erased else {"salt": entry.salt, "value": entry.value}
        for commitment, entry in sealed.personal.items()
    }
    head = canonical_bytes({"at": at, "digest": sealed.digest})[:-1]
    tail = canonical_bytes({"personal": personal, "schema": SCHEMA})[1:]
    return head + b',"facts":' + sealed.content + b"," + tail + b"\n"


def parse_facts_file(raw: bytes, *, file: str = "facts") -> tuple[Facts, Instant]:
    """Return the facts of a facts file and the time beside them. Raises InvalidFileError for anything else."""
    opened = open_facts_file(raw, file=file)
    try:
        return unseal(opened.sealed.content, opened.sealed.personal), opened.at
    except UnsealError as error:
        raise _fault(file, str(error)) from None


def open_facts_file(raw: bytes, *, file: str = "facts") -> FactsFile:
    """Return a facts file whose content has the digest it states, still sealed. Raises InvalidFileError otherwise."""
    if len(raw) > MAX_BYTES:
        raise _fault(file, f"a facts file has at most {MAX_BYTES // 1024 // 1024} MiB")
    try:
        tree = _load(raw)
        if not isinstance(tree, dict) or tree.get("schema") != SCHEMA:
            raise UnsealError(f'this is no facts file; its "schema" must be "{SCHEMA}"')
        if tree.keys() != {"schema", "at", "digest", "facts", "personal"}:
            raise UnsealError("a facts file has exactly the keys schema, at, digest, facts and personal")
        if not isinstance(tree["at"], str) or not is_instant(tree["at"]):
            raise UnsealError('"at" must be a time in UTC such as 2026-12-01T10:00:00Z')
        content = canonical_bytes(tree["facts"])
        if tree["digest"] != _digest(content):
            raise UnsealError("the facts do not have the digest that the file states; they were changed or cut")
        sealed = SealedFacts(content, _digest(content), _personal(tree["personal"]))
    except RecursionError:
        raise _fault(file, "the file is nested too deeply") from None
    except ValueError as error:
        raise _fault(file, str(error)) from None
    return FactsFile(sealed, tree["at"])


def _dumped(facts: Facts) -> dict[str, Any]:
    tree: dict[str, Any] = plain_value(facts)
    return tree


def _require_consistent(facts: Facts) -> None:
    for problem in inconsistencies(facts):
        raise UnsealError(f"the facts do not fit together: {problem}")


def _no_unicode(error: UnicodeEncodeError) -> UnreadableError:
    near = ascii(error.object[max(error.start - 20, 0) : error.end + 20])
    step = "Rename or rewrite it in UTF-8."
    return UnreadableError(f"The change holds text that is not valid Unicode, near {near}.", next_step=step)


def _validated(tree: dict[str, Any]) -> Facts:
    from pydantic import ValidationError

    from gate.core.change.stored_facts import StoredFacts

    raw = b'{"facts":' + json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode() + b"}"
    tree.clear()
    try:
        return StoredFacts.model_validate_json(raw).facts
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(step) for step in first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise UnsealError(f"{place}: {first['msg']}{more}") from None


def _personal(table: Any) -> PersonalTable:
    if not isinstance(table, dict):
        raise UnsealError('"personal" must be an object')
    return {commitment: _personal_value(commitment, entry) for commitment, entry in table.items()}


def _personal_value(commitment: str, entry: Any) -> PersonalValue:
    if not _COMMITMENT.fullmatch(commitment):
        raise UnsealError('a key of "personal" is no commitment (64 hexadecimal digits)')
    if entry == {"erased": True}:
        return PersonalValue(None, None)
    if not isinstance(entry, dict) or entry.keys() != {"salt", "value"}:
        raise UnsealError(f'the personal value {commitment[:12]} must hold "salt" and "value", or "erased": true')
    salt, value = entry["salt"], entry["value"]
    if not isinstance(salt, str) or not _SALT.fullmatch(salt) or not isinstance(value, str):
        raise UnsealError(f"the personal value {commitment[:12]} needs a salt of 32 hexadecimal digits and a text")
    return PersonalValue(salt, value)


def _load(raw: bytes) -> Any:
    """Return JSON as values. Raises UnsealError for what JSON readers disagree about."""
    try:
        return json.loads(
            raw.decode("utf-8"),
            parse_float=_refuse_number,
            parse_int=_bounded_integer,
            parse_constant=_refuse_number,
            object_pairs_hook=_unique,
        )
    except UnicodeDecodeError:
        raise UnsealError("this is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise UnsealError(f"this is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None


def _refuse_number(text: str) -> Any:
    raise UnsealError(f"{text[:20]} is no number that facts can hold")


def _bounded_integer(text: str) -> int:
    return int(text) if len(text) <= _MAX_DIGITS else _refuse_number(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnsealError("a key is written twice in one object")
    return found


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _fault(file: str, message: str) -> InvalidFileError:
    step = "save it again with `gate check --save-facts FILE`"
    return InvalidFileError([Fault(file, 0, 0, "invalid-facts", message, step)])

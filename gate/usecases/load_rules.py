"""Loading the rules of a revision: policy and ownership together, or the newest valid ones where they are broken."""

from collections.abc import Iterable

from gate.core.errors import GateError, InvalidFileError, UnreadableError
from gate.core.ownership.registry import Ownership
from gate.core.policy.model import PolicyDocument, built_in_policy
from gate.core.values import dataclass
from gate.usecases.load_ownership import load_ownership
from gate.usecases.ports import Readers, Tree

BUILT_IN = PolicyDocument(built_in_policy())
MAX_REVISIONS_BACK = 200
_FAULTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Rules:
    """Policy and ownership of one revision.

    `broken` is empty where that revision's own rules are in force; else it says what is wrong with them, one sentence
    each, and the rules are the newest valid ones before it.
    """

    policy: PolicyDocument
    ownership: Ownership
    broken: tuple[str, ...] = ()


def load_rules(tree: Tree, *, readers: Readers, config: str, repository: str | None) -> Rules:
    """Return the rules that a tree holds; files that are absent mean built-in defaults.

    Raises InvalidFileError with every fault of an invalid file, UnreadableError where one is there but cannot be read.
    """
    document = load_policy(tree, readers=readers, config=config)
    refuse_folder(tree, f"{config}/ownership.yaml")
    for name in ("policy", "ownership"):
        refuse_other_ending(tree, f"{config}/{name}")
    loaded = load_ownership(
        tree,
        load_yaml=readers.load_yaml,
        policy=document.policy,
        repository=repository,
        config=config,
        kept=readers.kept,
    )
    if document is not BUILT_IN:
        document = load_policy(tree, readers=readers, config=config, ownership=loaded.ownership)
    return Rules(document, loaded.ownership)


def load_policy(tree: Tree, *, readers: Readers, config: str, ownership: Ownership | None = None) -> PolicyDocument:
    """Return the policy of a tree, checked against the ownership records where they are given."""
    path = f"{config}/policy.yaml"
    raw = read_file(tree, path)
    if raw is None:
        return BUILT_IN
    from gate.core.policy.reading import parse_policy

    document = readers.kept.source("policy", {path: raw}, lambda: readers.load_yaml(raw, file=path))
    return parse_policy(document, ownership=ownership, checks=readers.policy_checks)


def read_file(tree: Tree, path: str) -> bytes | None:
    """Return a file's bytes, None where there is nothing of that name. Raises UnreadableError for anything else."""
    raw = tree.read(path)
    if raw is None:
        refuse_folder(tree, path)
    return raw


def refuse_folder(tree: Tree, path: str) -> None:
    """Raise UnreadableError where a folder stands in a file's place.

    SECURITY: that is a failure, not absence; else a change of names would bring back the built-in rules (R23).
    """
    if any(entry.path.startswith(f"{path}/") for entry in tree.entries()):
        raise UnreadableError(f"{path} is a folder, not a file.", next_step="Put the file there.")


def refuse_other_ending(tree: Tree, name: str) -> None:
    """Raise UnreadableError where a file ends in `.yml` and there is none in `.yaml`.

    SECURITY: whoever wrote it takes it for the rules in force; to go by the built-in ones would let through what it
    refuses (R23).
    """
    if tree.entry(f"{name}.yaml") is None and tree.entry(f"{name}.yml") is not None:
        raise UnreadableError(f"{name}.yml is not read.", next_step=f"Name it {name}.yaml.")


def rules_in_force(
    tree: Tree, earlier: Iterable[Tree], *, readers: Readers, config: str, repository: str | None
) -> Rules:
    """Return the rules of a tree, or where they are broken the newest valid ones of `earlier` with what is broken.

    `earlier` are the trees of the first-parent history, newest first; it is read no further than needed. Where none
    of them is valid the built-in defaults hold.
    """
    try:
        return load_rules(tree, readers=readers, config=config, repository=repository)
    except GateError as error:
        broken = sentences_of(error)
    for number, one in enumerate(earlier):
        if number >= MAX_REVISIONS_BACK:
            break
        try:
            rules = load_rules(one, readers=readers, config=config, repository=repository)
        except GateError:
            continue  # NOTE: broken as well; the next older one is tried, and the verdict is `error` in any case
        return Rules(rules.policy, rules.ownership, broken)
    return Rules(BUILT_IN, Ownership(), broken)


def faults_of(tree: Tree, *, readers: Readers, config: str, repository: str | None) -> tuple[str, ...]:
    """Return what is wrong with the rules that a tree holds, one sentence each; empty where they are valid."""
    try:
        load_rules(tree, readers=readers, config=config, repository=repository)
    except GateError as error:
        return sentences_of(error)
    return ()


def sentences_of(error: GateError) -> tuple[str, ...]:
    """Return an error as sentences, each fault of a file one, at most 20."""
    if isinstance(error, InvalidFileError):
        return tuple(str(fault) for fault in error.faults[:_FAULTS_SHOWN])
    return (str(error),)

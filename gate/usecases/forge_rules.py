"""Forge rules: those of a change's base, under the floor of its default branch and of its organisation."""

from collections.abc import Iterator

from gate.core.errors import GateError
from gate.core.forge.snapshot import ForgeRepository, Snapshot
from gate.core.policy.model import Policy, PolicyDocument
from gate.usecases.change_port import ChangeReader
from gate.usecases.forge_ports import Forge
from gate.usecases.governing_rules import under_floor, under_organisation
from gate.usecases.load_rules import BUILT_IN, Rules, load_policy, rules_in_force, sentences_of
from gate.usecases.ports import Readers, Tree


class OrganisationPolicyError(GateError):
    """The organisation's policy cannot be read or is invalid: nothing is decided without it."""

    code = "policy-missing"


def rules_at_forge(  # whose rules, and what reads them
    access: ChangeReader,
    snapshot: Snapshot,
    *,
    organisation: PolicyDocument | None,
    readers: Readers,
    config: str,
    is_proposed: bool = False,
) -> Rules:
    """Return the rules in force: the base's own, under the default branch's floor and the organisation's policy.

    `is_proposed` asks for those that would be in force once the change is merged, by the files of its head: they show
    what it proposes, and decide nothing. Raises UnreadableError where a tree cannot be read.
    """

    def at(sha: str) -> Rules:
        return rules_in_force(
            access.commit_tree(sha),
            earlier_trees(access, sha),
            readers=readers,
            config=config,
            repository=snapshot.repository.name,
        )

    rules = at(snapshot.head_sha if is_proposed else snapshot.base_sha)
    default = snapshot.repository.default_branch
    if snapshot.base_ref != default:
        rules = under_floor(rules, at(access.branch_tip(default)))
    return rules if organisation is None else under_organisation(rules, organisation)


def organisation_policy(
    forge: Forge, repository: ForgeRepository, *, name: str, readers: Readers, config: str
) -> PolicyDocument | None:
    """Return the policy of the organisation's repository `name`, None where none is named or it is this one.

    SECURITY: one that is named and cannot be read is never as if there were none: raises OrganisationPolicyError.
    """
    if not name or name.lower() == repository.name.lower():
        return None
    found = forge.find(name)
    if found is None:
        step = "Install the app on the repository that GATE_CONFIG_REPOSITORY names."
        raise OrganisationPolicyError(f"The organisation's policy in {name} cannot be read.", next_step=step)
    access = forge.access(found.key, installation=found.installation, name=found.name)
    tree = access.commit_tree(access.branch_tip(found.default_branch))
    try:
        document = load_policy(tree, readers=readers, config=config)
    except GateError as error:
        raise OrganisationPolicyError(
            f"The organisation's policy in {name} is invalid: {sentences_of(error)[0]}", next_step="Mend it there."
        ) from None
    return None if document is BUILT_IN else document


def asks_for_checks(policy: Policy) -> bool:
    """Return whether some rule looks at other check runs, so that they must be read."""
    todo = [rule.require for rule in policy.rules]
    while todo:
        require = todo.pop()
        if require.checks:
            return True
        todo += require.any_of or ()
    return False


def earlier_trees(access: ChangeReader, sha: str) -> Iterator[Tree]:
    """Yield the trees of the commits before one, newest first; the forge is only asked where somebody looks."""
    for earlier in access.first_parents(sha)[1:]:
        yield access.commit_tree(earlier)

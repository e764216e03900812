"""Simulating a change: what its own edit of policy or ownership would have changed for the changes of late."""

from gate.core.errors import GateError
from gate.core.explain.simulation import Brief, brief_of
from gate.usecases.forge_ports import ForgeRepositoryAccess
from gate.usecases.gate import Gate
from gate.usecases.load_rules import Rules
from gate.usecases.look_at_change import Look, rules_of
from gate.usecases.observing import touches_rules
from gate.usecases.recorded_changes import recorded_changes
from gate.usecases.simulate_policy import Proposal, simulate_over

RECENT = 50
"""How many changes are looked at: enough to show the effect, few enough not to keep a judgement waiting."""


def simulate_change(gate: Gate, access: ForgeRepositoryAccess, look: Look) -> Brief | None:
    """Return what a change's own rules would have changed lately; None where it edits none, or they are invalid.

    It is no part of the decision: the verdict on the same facts is the same with or without it.
    """
    snapshot, facts = look.snapshot, look.facts
    if not touches_rules(facts.files, gate.settings.config):
        return None
    proposed = rules_of(gate, access, snapshot, is_proposed=True)
    present = Rules(facts.policy, facts.ownership)
    if proposed.broken:
        return None  # the verdict names every fault of them already
    if (proposed.policy.policy, proposed.ownership) == (present.policy.policy, present.ownership):
        return None
    key = snapshot.key
    with gate.store.reading() as reading:
        listed = list(recorded_changes(reading, key.repository_key, limit=RECENT, but_not=key.number))
    past = [one for one in listed if one is not None]
    before = Proposal(present, access.commit_tree(snapshot.base_sha).read)
    after = Proposal(proposed, access.commit_tree(snapshot.head_sha).read)
    try:
        found = simulate_over(past, before=before, after=after, readers=gate.readers, left_out=len(listed) - len(past))
    except GateError as error:
        return Brief(f"It could not be tried on past changes: {error}")
    return brief_of(found)

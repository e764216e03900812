"""Tickets and other checks: what must be linked to a change, and what must have passed on its head."""

from collections.abc import Sequence

from gate.core.change.facts import Facts, Ticket
from gate.core.policy.demands import in_words
from gate.core.policy.model import TicketPolicy, TicketRequirement
from gate.core.verdict import RequirementState, RequirementView, RuleRef


def judge_tickets(
    facts: Facts,
    wanted: TicketPolicy | TicketRequirement,
    *,
    identity: str,
    title: str,
    rule: RuleRef | None,
    accepts_unknown: bool = False,
) -> RequirementView:
    """Return whether enough tickets of the right kind and state are linked.

    A tracker that could not be asked leaves the matter undecided, save in an emergency (`accepts_unknown`).
    """
    fitting = [ticket for ticket in facts.tickets if _fits(ticket, wanted)]
    unknown = [ticket for ticket in facts.tickets if ticket.state == "unknown" and _has_kind(ticket, wanted)]
    state, code, why, following = _outcome(facts, wanted, fitting, unknown, accepts_unknown=accepts_unknown)
    return RequirementView(
        id=identity, kind="ticket", title=title, state=state, code=code, why=why, next=following, rule=rule,
        needed=wanted.min, given=len(fitting),
    )  # fmt: skip


def _outcome(
    facts: Facts,
    wanted: TicketPolicy | TicketRequirement,
    fitting: Sequence[Ticket],
    unknown: Sequence[Ticket],
    *,
    accepts_unknown: bool,
) -> tuple[RequirementState, str, str, str]:
    asked = _asked(wanted)
    if len(fitting) >= wanted.min:
        return "met", "ticket-linked", f"Linked to {in_words([ticket.key for ticket in fitting])}.", ""
    if len(fitting) + len(unknown) >= wanted.min:
        keys = in_words([ticket.key for ticket in unknown])
        if accepts_unknown:
            return "met", "ticket-unverified", f"{keys} could not be looked up; the after-review must confirm it.", ""
        why = f"{keys} could not be looked up, so it is not known whether it is {asked}."
        return (
            "error",
            "ticket-unreadable",
            why,
            "Let the gate reach the tracker, or state it with `--ticket KEY=kind:state`.",
        )
    known = {ticket.key: ticket for ticket in facts.tickets}
    for key in facts.declaration.tickets:
        ticket = known.get(key)
        if ticket is not None and ticket.state == "missing":
            return "needs-author", "ticket-missing", f"There is no ticket {key}.", "Correct the key under `Tickets`."
    if facts.declaration.tickets:
        keys = in_words(list(facts.declaration.tickets))
        return "needs-author", "ticket-unfit", f"{keys} is not {asked}.", f"Name {asked} under `Tickets`."
    return "needs-author", "ticket-missing", "The declaration names no ticket.", f"Name {asked} under `Tickets`."


def _fits(ticket: Ticket, wanted: TicketPolicy | TicketRequirement) -> bool:
    is_there = ticket.state in {"open", "closed"}
    return is_there and _has_kind(ticket, wanted) and wanted.state in {None, ticket.state}


def _has_kind(ticket: Ticket, wanted: TicketPolicy | TicketRequirement) -> bool:
    return wanted.kinds is None or ticket.kind in wanted.kinds or (ticket.state == "unknown" and not ticket.kind)


def _asked(wanted: TicketPolicy | TicketRequirement) -> str:
    kinds = in_words(list(wanted.kinds), last="or") if wanted.kinds else ""
    words = [word for word in (wanted.state or "", kinds, "ticket") if word]
    text = " ".join(words)
    return f"{'an' if text[0] in 'aeiou' else 'a'} {text}" if wanted.min == 1 else f"{wanted.min} {text}s"


def judge_check(facts: Facts, wanted: str, *, identity: str, rule: RuleRef | None) -> RequirementView:
    """Return whether another check run, pinned to its app, succeeded on this head. Every run of that name must have."""
    name, _, app = wanted.rpartition("@")
    runs = [run for run in facts.checks if run.name == name and run.app == app]
    if runs and all(run.conclusion == "success" for run in runs):
        state: RequirementState = "met"
        code, why, following = "check-passed", f"The check `{name}` of {app} passed.", ""
    elif any(run.conclusion in {"failure", "timed_out", "cancelled", "action_required"} for run in runs):
        state = "needs-author"
        code, why, following = (
            "check-failed",
            f"The check `{name}` of {app} failed on this head.",
            "Mend what it names.",
        )
    else:
        state = "waiting"
        code, why = "check-missing", f"The check `{name}` of {app} has not succeeded on this head yet."
        following = "Wait for it, or start it."
    return RequirementView(
        id=identity, kind="rule", title=f"Check {name}", state=state, code=code, why=why, next=following, rule=rule
    )

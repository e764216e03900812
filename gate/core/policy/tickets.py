"""Tickets and other checks: what must be linked to a change, and what must have passed on its head."""

from collections.abc import Sequence

from gate.core.change.facts import Facts, Ticket
from gate.core.counting import agreeing, count_of
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
    # Trackers disregard case: a ticket named twice is one, whatever letters its key is written in.
    tickets: dict[str, Ticket] = {}
    for ticket in facts.tickets:
        tickets.setdefault(ticket.key.casefold(), ticket)
    fitting = [ticket for ticket in tickets.values() if _fits(ticket, wanted)]
    unknown = [ticket for ticket in tickets.values() if ticket.state == "unknown" and _has_kind(ticket, wanted)]
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
    if len(fitting) >= wanted.min:
        return "met", "ticket-linked", f"Linked to {_keys(fitting)}.", ""
    if len(fitting) + len(unknown) >= wanted.min:
        they, them = ("it", "it") if len(unknown) == 1 else ("they", "them")
        unread = f"{_keys(unknown)} could not be looked up"
        if accepts_unknown:
            return "met", "ticket-unverified", f"{unread}; the after-review must confirm {them}.", ""
        why = f"{unread}, so it is not known whether {they} {_are(wanted, len(unknown))}."
        following = "Let the gate reach the tracker, or state it with `--ticket KEY=kind:state`."
        return "error", "ticket-unreadable", why, following
    known = {ticket.key: ticket for ticket in facts.tickets}
    for key in facts.declaration.tickets:
        ticket = known.get(key)
        if ticket is not None and ticket.state == "missing":
            return "needs-author", "ticket-missing", f"There is no ticket {key}.", "Correct the key under `Tickets`."
    named = facts.declaration.tickets
    following = f"Name {_asked(wanted)} under `Tickets`."
    if fitting or unknown:
        why = f"{_asked(wanted)} are needed, and only {_keys([*fitting, *unknown])} can count."
        return "needs-author", "ticket-unfit", why, following
    if named:
        return "needs-author", "ticket-unfit", f"{in_words(named)} {_are(wanted, len(named), 'not ')}.", following
    return "needs-author", "ticket-missing", "The declaration names no ticket.", following


def _keys(tickets: Sequence[Ticket]) -> str:
    return in_words([ticket.key for ticket in tickets])


def _fits(ticket: Ticket, wanted: TicketPolicy | TicketRequirement) -> bool:
    is_there = ticket.state in {"open", "closed"}
    return is_there and _has_kind(ticket, wanted) and wanted.state in {None, ticket.state}


def _has_kind(ticket: Ticket, wanted: TicketPolicy | TicketRequirement) -> bool:
    return wanted.kinds is None or ticket.kind in wanted.kinds or (ticket.state == "unknown" and not ticket.kind)


def _asked(wanted: TicketPolicy | TicketRequirement) -> str:
    """Return what is asked for in words: `an open incident ticket`, `2 change tickets`."""
    return _one(wanted) if wanted.min == 1 else count_of(wanted.min, _noun(wanted))


def _are(wanted: TicketPolicy | TicketRequirement, number: int, negation: str = "") -> str:
    """Return the words that a number of tickets is or are what is wanted: `is a ticket`, `are not change tickets`."""
    return agreeing(number, f"is {negation}{_one(wanted)}", f"are {negation}{_noun(wanted)}s")


def _one(wanted: TicketPolicy | TicketRequirement) -> str:
    noun = _noun(wanted)
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _noun(wanted: TicketPolicy | TicketRequirement) -> str:
    kinds = in_words(list(wanted.kinds), last="or") if wanted.kinds else ""
    return " ".join(word for word in (wanted.state or "", kinds, "ticket") if word)


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

"""Delivering: a stored webhook delivery becomes looks at changes; what it may have made wrong is withdrawn first."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gate.core.change.facts import Instant
from gate.core.forge.hints import Hints, hints_of
from gate.core.forge.snapshot import ChangeKey, ForgeRepository, RepositoryKey
from gate.core.ledger.entries import EntryDraft
from gate.core.values import dataclass
from gate.usecases.compare_checks import logged_checks
from gate.usecases.declared_tickets import changes_that_name
from gate.usecases.gate import Gate, repository_subject
from gate.usecases.jobs import (
    SETTLE_SECONDS,
    compare_job,
    group_job,
    judge_job,
    protection_job,
    reconcile_job,
    sweep_job,
    withdraw_job,
)
from gate.usecases.store_ports import Writing
from gate.usecases.stored import Delivery, StoredChange
from gate.usecases.what_moved import note_editor

_GREEN = "success"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a delivery comes from, as its payload says: tenant, installation, and the repository it is about."""

    tenant: int
    installation: int
    repository: ForgeRepository | None


def deliver(gate: Gate, guid: str) -> str:
    """Turn one stored delivery into jobs, and return what became of it: `done`, `ignored` or `quarantined`.

    INVARIANT: whatever order deliveries come in, and however often, the same looks at the forge follow; nothing of a
    payload is taken for a fact save who pushed which commit (tests/threats/test_R60_*).
    """
    with gate.store.writing() as writing:
        delivery = writing.delivery(guid)
        if delivery is None:
            return "ignored"
        payload = _payload(delivery)
        hints = hints_of(delivery.event, payload, received_at=delivery.received_at)
        outcome = "ignored"
        if hints.kind != "ignore":
            outcome = _Delivering(gate, writing, origin_of(payload), hints).run(delivery.event, payload)
        writing.finish_delivery(guid, outcome=outcome)
    gate.measures.count("deliveries", event=delivery.event, outcome=outcome)
    return outcome


def origin_of(payload: Mapping[str, Any]) -> Origin:
    """Return where a delivery comes from; what a payload does not say is 0 or None."""
    installation = _number(_part(payload, "installation").get("id"))
    repository = _part(payload, "repository")
    owner = _part(repository, "owner") or _part(payload, "organization") or _part(payload, "installation", "account")
    tenant = _number(owner.get("id"))
    number, name = _number(repository.get("id")), repository.get("full_name")
    if not number or not isinstance(name, str):
        return Origin(tenant, installation, None)
    default = repository.get("default_branch")
    found = ForgeRepository(
        RepositoryKey(tenant if installation else 0, number),
        name,
        default if isinstance(default, str) else "",
        installation,
        is_private=repository.get("private") is not False,
    )
    return Origin(tenant, installation, found)


class _Delivering:
    """One delivery within its transaction."""

    def __init__(self, gate: Gate, writing: Writing, origin: Origin, hints: Hints) -> None:
        self.gate = gate
        self.writing = writing
        self.origin = origin
        self.hints = hints
        self.at: Instant = gate.instant()

    def run(self, event: str, payload: Mapping[str, Any]) -> str:
        """Leave the jobs that follow from the delivery."""
        if self._is_foreign():
            return "quarantined"
        for repository in _installed(payload, self.origin):
            self.writing.save_repository(repository)
        if event == "branch_protection_rule" or event.startswith("repository_ruleset"):
            self._protection(payload)
        if self.origin.repository is None:
            if self.hints.is_everything:
                self._everything(None)
                return "done"
            return "ignored"
        self.writing.save_repository(self.origin.repository)
        self._keep_editor(self.origin.repository.key)
        self._look(self.origin.repository.key, self.origin.repository.default_branch)
        return "done"

    def _is_foreign(self) -> bool:
        """Return whether the delivery names an installation that is another tenant's, and record that (S03).

        SECURITY: one secret signs for all tenants of an app, so that it does not say whose delivery it is. An
        installation never changes hands: what joins it with another owner would only move a known repository away.
        """
        installation, tenant = self.origin.installation, self.origin.tenant
        known = self.writing.installation_tenants(installation) if installation and tenant else ()
        if not known or tenant in known:
            return False
        payload = {"code": "foreign-installation", "installation": installation, "claimed": tenant, "known": known[0]}
        self.writing.append(EntryDraft("anomaly-seen", self.at, "service", payload=payload))
        return True

    def _keep_editor(self, repository: RepositoryKey) -> None:
        """Keep who edited the text of a change, for the ledger alone."""
        for number in self.hints.changes if self.hints.editor else ():
            key = ChangeKey(repository.tenant, repository.id, number)
            note_editor(self.writing, key, self.hints.editor, body=self.hints.names["body"])

    def _look(self, repository: RepositoryKey, default_branch: str) -> None:
        for push in self.hints.pushes:
            self.writing.save_push(repository, push)
        for number in self.hints.changes:
            key = ChangeKey(repository.tenant, repository.id, number)
            self._judge([found] if (found := self.writing.change(key)) else [], key)
        if self.hints.head_sha:
            self._shared(repository)
        if self.hints.base_ref:
            self._moved(repository, default_branch)
        if self.hints.rerequested_sha:
            self._judge_all(self.writing.open_changes(repository, head_sha=self.hints.rerequested_sha))
        if self.hints.issue:
            self._judge_all(changes_that_name(self.writing, repository, self.hints.issue))
        if self.hints.written_check:
            self._written(repository)
        if self.hints.group:
            self.writing.enqueue(group_job(repository, self.hints.group, at=self.at))
        if self.hints.is_everything:
            self._everything(repository)

    def _moved(self, repository: RepositoryKey, default_branch: str) -> None:
        """Judge what goes to a branch that moved; its rules may be those of others too. What moved is accounted for."""
        if self.writing.first_judged_base(repository, self.hints.base_ref) is not None:
            later = self.gate.instant(later_seconds=SETTLE_SECONDS)
            self.writing.enqueue(reconcile_job(repository, self.hints.base_ref, at=later))
        # The default branch's rules are a floor for every branch, so that a change of them concerns all.
        is_floor = self.hints.is_suspect and self.hints.base_ref == default_branch
        base_ref = None if is_floor else self.hints.base_ref
        self._judge_all(self.writing.open_changes(repository, base_ref=base_ref))
        if is_floor and self._is_of_the_organisation():
            self._everything(None)

    def _is_of_the_organisation(self) -> bool:
        """Return whether the delivery is about the repository that holds the policy of all the others."""
        name = self.origin.repository.name if self.origin.repository else ""
        return name.lower() == self.gate.settings.config_repository.lower() != ""

    def _judge(self, known: Sequence[StoredChange], key: ChangeKey) -> None:
        """Withdraw what is green and may be wrong now, then judge.

        SECURITY: what was read before this delivery is overtaken by it, so that no worker that read it earlier and
        writes it later turns anything green (R12, S21).
        """
        if self.hints.is_suspect:
            self.writing.begin_judgement(key)
        for change in known:
            if self.hints.is_suspect and change.published == _GREEN:
                self._withdraw(change)
        self.writing.enqueue(judge_job(key, at=self.at, why=self.hints.why))

    def _withdraw(self, change: StoredChange) -> None:
        repository = change.key.repository_key
        self.writing.enqueue(withdraw_job(repository, change.head_sha, at=self.at, why=self.hints.why))

    def _judge_all(self, changes: Iterator[StoredChange]) -> None:
        for change in list(changes):
            self._judge([change], change.key)

    def _shared(self, repository: RepositoryKey) -> None:
        """Withdraw what is green on the head of a change that came to it: one check speaks for all of them (R14)."""
        for change in list(self.writing.open_changes(repository, head_sha=self.hints.head_sha)):
            if change.key.number not in self.hints.changes and change.published == _GREEN:
                self._withdraw(change)

    def _written(self, repository: RepositoryKey) -> None:
        """Have the checks on a commit compared where somebody wrote one of the gate's name (R48).

        What the gate wrote itself and the ledger says so comes back like this too, and leads to nothing.
        """
        told, own = self.hints.names, self.gate.forge.app_id()
        if own is None or not told["check"].startswith(self.gate.settings.check_name):
            return
        if told["app"] == str(own):
            changes = self.writing.open_changes(repository, head_sha=self.hints.written_check)
            logged = {(str(run), said) for one in list(changes) for run, said in logged_checks(self.writing, one)}
            if not logged or (told["run"], told["said"]) in logged:
                return
        self.writing.enqueue(compare_job(repository, self.hints.written_check, at=self.at))

    def _everything(self, repository: RepositoryKey | None) -> None:
        """Judge all open changes of a repository; of the tenant's repositories where none is named."""
        if repository is not None:
            self._judge_all(self.writing.open_changes(repository))
            return
        for known in self.writing.repositories():
            if not self.origin.tenant or known.key.tenant == self.origin.tenant:
                self._judge_all(self.writing.open_changes(known.key))
        self.writing.enqueue(sweep_job(at=self.at))

    def _protection(self, payload: Mapping[str, Any]) -> None:
        repository = self.origin.repository
        subject = repository_subject(repository.key) if repository else "service"
        sender = _number(_part(payload, "sender").get("id"))
        action = payload.get("action")
        entry = EntryDraft(
            "protection-changed",
            self.at,
            subject,
            actor=f"github:{sender}" if sender else "",
            payload={"action": action if isinstance(action, str) else ""},
        )
        self.writing.append(entry)
        tenant = self.origin.tenant
        known = [one.key for one in self.writing.repositories() if not tenant or one.key.tenant == tenant]
        for key in [repository.key] if repository else known:
            self.writing.enqueue(protection_job(key, at=self.at, is_event=True))


def _installed(payload: Mapping[str, Any], origin: Origin) -> Iterator[ForgeRepository]:
    """Yield the repositories that an installation event makes known; their branches are read when they are needed."""
    for key in ("repositories", "repositories_added"):
        listed = payload.get(key)
        for entry in listed if isinstance(listed, list) else ():
            number = _number(entry.get("id")) if isinstance(entry, dict) else 0
            name = entry.get("full_name") if isinstance(entry, dict) else None
            if number and isinstance(name, str) and origin.installation and origin.tenant:
                yield ForgeRepository(RepositoryKey(origin.tenant, number), name, "", origin.installation)


def _payload(delivery: Delivery) -> Mapping[str, Any]:
    """Return a delivery's payload; it was checked when it came, so anything else is nothing."""
    try:
        value = json.loads(delivery.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _part(value: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        found = value.get(key)
        value = found if isinstance(found, dict) else {}
    return value


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53 else 0

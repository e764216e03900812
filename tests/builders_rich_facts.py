"""Builder of facts in which every part says something, for what must carry or survive all of them."""

from typing import Any

from builders_facts import (
    a_change,
    a_commit,
    a_declaration,
    a_file,
    a_plan,
    a_policy,
    a_signoff,
    account_key,
    accounts_of,
    an_ownership,
    some_facts,
)

from gate.core.change.declaration import DeclarationProblem, Window
from gate.core.change.facts import (
    Account,
    CheckRun,
    EarlierContent,
    Facts,
    Finding,
    FreezePeriod,
    GateFiles,
    Label,
    LookAlike,
    OwedReview,
    Problem,
    Push,
    Rehearsal,
    Team,
    Ticket,
)
from gate.core.ownership.records import Contact, PersonRecord, Subject, TeamRecord

STRANGER = "mail:mallory@evil.example.net"


def rich_facts(**overrides: Any) -> Facts:
    """Facts in which every part says something."""
    policy = a_policy(
        default_owner="platform",
        branches=["main", "release/*"],
        roles={"dba": ["carol", "person:alice", "team:web"], "veto-lift": ["@erin"]},
        signoffs={"each_component": 2, "from": ["owner", "backup"], "expire_after": "30d"},
        rules=[
            {
                "name": "Deep",
                "when": {"any": [{"not": {"paths": ["**/*.md"]}}, {"all": [{"title": "^fix"}, {"signed": True}]}]},
                "require": {"any_of": [{"signoffs": {"role:dba": 1}}, {"tickets": {"kinds": ["change"]}}]},
            }
        ],
        standard_changes=[
            {"name": "Locks", "when": {"only_paths": ["*.lock"]}, "approved_by": "platform", "until": "2027-01-01"}
        ],
        freezes=[
            {"name": "Close", "from": "2026-12-18T18:00", "to": "2027-01-04", "timezone": "Europe/Berlin"},
            {"name": "Holidays", "calendar": ".gate/holidays.ics", "except": ["emergency"]},
        ],
        emergency={"label": "break-glass", "signoffs": {"role:incident-commander": 1}},
        risk={"weights": {"tier_1": 5}, "high_from": 7},
        lines={"signoffs": 4},
    )
    given: dict[str, Any] = {
        "change": a_change(labels=(Label("urgent", account_key("alice")), Label("x", STRANGER)), is_draft=True),
        "files": (
            a_file("web/é😀.html", "added", is_binary=True),
            a_file("services/payments/link", mode="120000", link_target="/secure/k", other_path="old@x.io"),
        ),
        "commits": (a_commit(author=STRANGER, co_authors=(account_key("bob"), STRANGER), is_verified=None),),
        "accounts": {
            **accounts_of("dave", "alice"),
            STRANGER: Account(STRANGER, name="Mallory Moss", email="mallory@evil.example.net"),
            "login:oscar": Account("login:oscar", login="oscar"),
            "mail:noreply@github.com": Account("mail:noreply@github.com", "platform"),
            "mail:root@localhost": Account("mail:root@localhost", email="root@localhost"),
        },
        "ownership": an_ownership(
            people={
                "alice": PersonRecord(
                    name="Alice Adams",
                    github="alice",
                    email="alice@example.com",
                    subject=Subject(issuer="https://login.example.com", sub="alice-sub"),
                    contacts=(Contact(channel="phone", to="+49 30 1234"),),
                )
            },
            teams={
                "payments": TeamRecord(members=("alice",), contacts=(Contact(channel="email", to="pay@x.example"),))
            },
        ),
        "policy": policy,
        "declaration": a_declaration(
            change_type="standard",
            risk="low",
            tickets=("CHG-1",),
            window=Window("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"),
            rollback=a_plan(method="feature-flag", flag="new_rounding", reason="because of Bob"),
            problems=(DeclarationProblem("declaration-invalid", "I do not understand 'later'", "body", 4, "window"),),
            lines={"risk": 2},
        ),
        "pushers": (Push(STRANGER, "c" * 40),),
        "unattributed": ("nobody@nowhere.example.org",),
        "teams": {"acme/payments": Team(("alice", STRANGER)), "acme/x": Team(unreadable="404 Not Found")},
        "signoffs": (
            a_signoff("alice", scopes={"component:default/payments-api": "sha256:1"}, reason="Looks fine to me"),
            a_signoff("erin", "reject", account=STRANGER, subjects=("web",), void="dismissed", voided_by=STRANGER),
        ),
        "earlier_contents": (EarlierContent("k", (a_file("web/a.html"),)),),
        "findings": (Finding("artifact", "dist/x.whl", "wheel", None, "a wheel was added"),),
        "rehearsals": (Rehearsal("revert", True, "a" * 40, "gate", "reverted cleanly", "web"),),  # noqa: FBT003
        "tickets": (Ticket("CHG-1", "change", "open", "Payments round wrongly for Mr Jones"),),
        "checks": (CheckRun("unit", "github-actions", "success"),),
        "freeze_periods": (FreezePeriod(0, "2026-12-18T17:00:00Z", "2027-01-04T23:00:00Z"),),
        "look_alikes": (LookAlike("Web/x", "web/x", "differs only in case"),),
        "title_hits": {"^fix": False},
        "on_call": {"payments": ("alice",), "web": None, "other": (STRANGER,)},
        "flag_found": True,
        "is_first_contribution": None,
        "recent_incidents": ("web",),
        "owed_reviews": (OwedReview(7, "2026-12-01T00:00:00Z", ("web",)),),
        "gate_files": GateFiles(("policy.yaml: no",)),
        "broken_base": ("broken",),
        "problems": (Problem("too-many", "cut off", "split it", ("a", "b")),),
        "assumptions": ("mallory@evil.example.net is a person of its own",),
        "hidden_files": {"web/min.js": "generated", "a\uffee": "x", "a😀": "y", "Web/z": "z"},
    }
    return some_facts(**{**given, **overrides})

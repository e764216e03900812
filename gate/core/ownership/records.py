"""Ownership records: the format of `.gate/ownership.yaml`, version 1, as strict models."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from gate.core.strict import Field, Strict

Name = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$", description="A name: letters, digits, . _ / -")
]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
PartyRef = Annotated[
    str,
    Field(
        pattern=r"^(@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?|[A-Za-z0-9][A-Za-z0-9._/-]{0,99})$",
        description="A team or person of the records by name, or `@login`, or `@organisation/team`.",
    ),
]
NotifyRef = Annotated[
    str,
    Field(
        pattern=r"^(owner|owner:on-call|backup|(team|person|vendor):[A-Za-z0-9@][A-Za-z0-9._/-]{0,99})$",
        description="`owner`, `owner:on-call`, `backup`, `team:T`, `person:P` or `vendor:V`.",
    ),
]
Duration = Annotated[
    str, Field(pattern=r"^[1-9][0-9]{0,5}(m|h|d|w)$", description="A length of time: `15m`, `4h`, `30d`, `2w`.")
]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="A time of day: `18:30`.")]
ZoneName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z]+(/[A-Za-z0-9_+-]+){0,2}$", max_length=64, description="A time zone: `Europe/Berlin`."),
]
Login = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}(\[bot\])?$", description="A login at GitHub without `@`: `octocat`."
    ),
]
EmailAddress = Annotated[
    str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254, description="A mail address: `alice@example.com`.")
]
GithubTeam = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$",
        description="A team of GitHub without `@`: `organisation/team`.",
    ),
]
Kind = Literal["service", "database", "network", "server", "library", "pipeline", "website", "document", "other"]
Lifecycle = Literal["experimental", "production", "deprecated"]
DataClass = Literal["public", "internal", "confidential", "restricted"]
RollbackMethod = Literal[
    "revert",
    "redeploy-previous",
    "feature-flag",
    "migration-downgrade",
    "restore-backup",
    "forward-fix",
    "manual",
    "inherit",
]


class Contact(Strict):
    """One way to reach somebody: a channel and its address."""

    channel: Literal["email", "chat", "pager", "phone", "web"]
    to: Text


class Subject(Strict):
    """The person's account at a login provider (OpenID Connect)."""

    issuer: Text
    sub: Text


class QuietHours(Strict):
    """When a person is not to be disturbed, every day, by the clock of a zone; over midnight where `to` is first."""

    from_: ClockTime = Field(alias="from")
    to: ClockTime
    timezone: ZoneName = "UTC"


class Away(Strict):
    """A time in which somebody is away, both days included, and who is told in their place."""

    from_: dt.date = Field(alias="from")
    to: dt.date
    stand_in: Name | None = Field(default=None, description="A person of the records; entitled by the policy or not.")


class PersonRecord(Strict):
    """A person: who they are on the forge and by mail. The numeric id decides; the login is for display."""

    name: Text | None = None
    github: Login | None = None
    github_id: Annotated[int, Field(gt=0)] | None = None
    email: EmailAddress | None = None
    subject: Subject | None = None
    contacts: tuple[Contact, ...] = ()
    prefers: Literal["email", "chat", "pager", "phone", "review-request"] | None = Field(
        default=None, description="How they want to be told; default: the first contact, else mail."
    )
    quiet_hours: QuietHours | None = None
    away: tuple[Away, ...] = ()

    @property
    def account(self) -> str | None:
        """Return the key of their account at the forge, None where the record names none by its number."""
        return None if self.github_id is None else f"github:{self.github_id}"


class OnCall(Strict):
    """Where it is written who is on call: an iCalendar address or a file of the repository."""

    schedule: Text


class TeamRecord(Strict):
    """A team: its members by name or `@login`, and the forge's team whose members also count."""

    members: tuple[PartyRef, ...] = ()
    github_team: GithubTeam | None = None
    contacts: tuple[Contact, ...] = ()
    on_call: OnCall | None = None


class Playbook(Strict):
    """A component's standing rollback playbook, used by the methods `inherit` and `redeploy-previous`."""

    method: RollbackMethod
    steps: tuple[Text, ...] = ()
    verification: Text | None = None
    restore_minutes: Annotated[int, Field(gt=0)] | None = None
    rehearse: Text | None = None


class Milestone(Strict):
    """One step of a transfer, with the day on which it was done."""

    name: Text
    done: dt.date | None = None


class Transfer(Strict):
    """Ownership on the move: while it stands, both sides may sign off."""

    to: PartyRef
    reason: Text
    milestones: Annotated[tuple[Milestone, ...], Field(min_length=1)]


class ComponentRecord(Strict):
    """A component: something somebody owns. Without `paths` it is a thing without files, only ever declared."""

    name: Name
    owner: PartyRef
    title: Text | None = None
    kind: Kind = "other"
    tier: Annotated[int, Field(ge=1, le=4)] | None = None
    lifecycle: Lifecycle | None = None
    environments: tuple[Name, ...] = ()
    data_class: DataClass | None = None
    section: Name = "default"
    backup: PartyRef | None = None
    paths: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    repositories: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    migrations: Annotated[tuple[Text, ...], Field(min_length=1)] | None = Field(
        default=None, description="Further path patterns whose files are data migrations of this component."
    )
    depends_on: tuple[Name, ...] = ()
    escalation: Name | None = None
    links: Mapping[Name, Text] = Field(default_factory=dict)
    rollback: Playbook | None = None
    reviewed: dt.date | None = None
    review_every_days: Annotated[int, Field(gt=0, le=3660)] | None = None
    transfer: Transfer | None = None


class EscalationLevel(Strict):
    """Who is notified by which channel, and how long they have to acknowledge before the next level."""

    notify: Annotated[tuple[NotifyRef, ...], Field(min_length=1)]
    channel: Literal["email", "chat", "pager", "phone", "review-request"]
    acknowledge_within: Duration


class EscalationPolicy(Strict):
    """The ladder that is climbed while nobody acknowledges.

    An incident climbs at once. A sign-off that nobody gave is asked for again after `remind_after`, and climbs after
    `begin_after`. `repeat` is how often the whole ladder is climbed again.
    """

    remind_after: Duration = "1d"
    begin_after: Duration = "2d"
    repeat: Annotated[int, Field(ge=0, le=10)] = 0
    levels: Annotated[tuple[EscalationLevel, ...], Field(min_length=1)]


class Vendor(Strict):
    """Somebody outside who can be called."""

    name: Text
    contacts: Annotated[tuple[Contact, ...], Field(min_length=1)]


class HolidayCalendar(Strict):
    """Days on which nobody works: the whole-day events of an iCalendar address or of a file of the repository."""

    calendar: Text
    timezone: ZoneName = Field(default="UTC", description="By whose clock its days begin and end.")
    observed_by: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(
        description="People and teams of the records. Whoever is named keeps these alone, else those of their teams."
    )


class OwnershipRecords(Strict):
    """One records file, `version: 1`."""

    version: Literal[1]
    people: Mapping[Name, PersonRecord] = Field(default_factory=dict)
    teams: Mapping[Name, TeamRecord] = Field(default_factory=dict)
    components: tuple[ComponentRecord, ...] = ()
    escalations: Mapping[Name, EscalationPolicy] = Field(default_factory=dict)
    vendors: Mapping[Name, Vendor] = Field(default_factory=dict)
    holidays: Mapping[Name, HolidayCalendar] = Field(default_factory=dict)

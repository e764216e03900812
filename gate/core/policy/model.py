"""Policy: the format of `.gate/policy.yaml`, version 1, as strict models; every default is written here."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal, Self

from gate.core.ownership.records import DataClass, Duration, Kind, Name, PartyRef, RollbackMethod, Text
from gate.core.policy.signoff_policy import Count, SignoffParty, SignoffPolicy, VetoParty
from gate.core.strict import Field, Strict, model_validator
from gate.core.values import dataclass

RoleMember = Annotated[
    str,
    Field(
        pattern=r"^((team|person):)?@?[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$",
        description="A person by name, `@login`, `team:T` or `person:P`.",
    ),
]
Comparison = Annotated[
    str, Field(pattern=r"^(>=|<=|>|<|=)[0-9]{1,9}$", description="A comparison with a whole number: `>500`.")
]
Patterns = Annotated[tuple[Text, ...], Field(min_length=1)]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
LocalTime = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$",
        description="A date or a time: `2026-12-18T18:00`, in `timezone` unless it carries its own offset.",
    ),
]
CheckName = Annotated[
    str, Field(pattern=r"^.+@.+$", description="A check and the app that reports it: `test@github-actions`.")
]
Touch = Literal["data-migration", "artifact", "infrastructure-destroy", "submodule", "symlink", "binary", "gate-files"]
AllowedPlan = RollbackMethod | Literal["prose"]
DEFAULT_ALLOWED: tuple[AllowedPlan, ...] = (
    "revert",
    "redeploy-previous",
    "feature-flag",
    "migration-downgrade",
    "restore-backup",
    "manual",
    "inherit",
)


class ComponentCondition(Strict):
    """Conditions on a touched component; all keys must hold of one component, a list means any."""

    components: Names | None = None
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] | None = None
    tier: Annotated[tuple[Annotated[int, Field(ge=1, le=4)], ...], Field(min_length=1)] | None = None
    environment: Names | None = None
    data_class: Annotated[tuple[DataClass, ...], Field(min_length=1)] | None = None
    section: Names | None = None


class Condition(ComponentCondition):
    """When a rule applies: all keys must hold; `any`, `all` and `not` nest."""

    paths: Patterns | None = None
    only_paths: Patterns | None = None
    branches: Patterns | None = None
    repositories: Patterns | None = None
    authors: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    author_in: Annotated[tuple[VetoParty, ...], Field(min_length=1)] | None = None
    first_time_author: bool | None = None
    labels: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    title: Text | None = None
    change_type: Annotated[tuple[Literal["standard", "normal", "emergency"], ...], Field(min_length=1)] | None = None
    risk: Annotated[tuple[Literal["low", "medium", "high"], ...], Field(min_length=1)] | None = None
    touches: Annotated[tuple[Touch, ...], Field(min_length=1)] | None = None
    lines_changed: Comparison | None = None
    files_changed: Comparison | None = None
    components_touched: Comparison | None = None
    signed: bool | None = None
    any: Annotated[tuple["Condition", ...], Field(min_length=1)] | None = None
    all: Annotated[tuple["Condition", ...], Field(min_length=1)] | None = None
    not_: "Condition | None" = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a condition must say something; leave `when` out for a rule that always applies")
        return self


class RollbackRequirement(Strict):
    """What a rule asks of the rollback plan."""

    allow: Annotated[tuple[AllowedPlan, ...], Field(min_length=1)] | None = None
    max_restore_minutes: Annotated[int, Field(gt=0)] | None = None
    rehearsed: bool | None = None


class TicketRequirement(Strict):
    """Which tickets must be linked: of what kind, in what state, and how many."""

    kinds: Names | None = None
    state: Literal["open", "closed"] | None = None
    min: Count = 1


class Requirement(Strict):
    """What a rule asks for; at least one thing."""

    signoffs: Annotated[Mapping[SignoffParty, Count], Field(min_length=1)] | None = None
    rollback: RollbackRequirement | None = None
    tickets: TicketRequirement | None = None
    checks: Annotated[tuple[CheckName, ...], Field(min_length=1)] | None = None
    escalation: Literal[True] | None = None
    review_current: Literal[True] | None = None
    any_of: Annotated[tuple["Requirement", ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("`require` asks for nothing; name at least one of signoffs, rollback, tickets, checks")
        return self


class Rule(Strict):
    """A rule: when it matches a change, its requirements are added. Rules never take anything away."""

    name: Text
    when: Condition | None = None
    require: Requirement


class StandardChange(Strict):
    """A pre-approved model of change: what it matches waives what is named, until that moment (UTC)."""

    name: Text
    when: Condition
    approved_by: PartyRef
    until: LocalTime
    waives: Annotated[tuple[Literal["ownership", "rules", "tickets", "rollback"], ...], Field(min_length=1)] = (
        "ownership",
    )


class Freeze(Strict):
    """A freeze window, by two times or by an iCalendar file, for the components that its conditions name."""

    name: Text
    from_: LocalTime | None = Field(default=None, alias="from")
    to: LocalTime | None = None
    timezone: Text | None = None
    calendar: Text | None = None
    components: ComponentCondition | None = None
    except_: Annotated[tuple[Literal["emergency", "standard"], ...], Field(min_length=1)] | None = Field(
        default=None, alias="except"
    )

    @model_validator(mode="after")
    def _has_one_period(self) -> Self:
        if (self.calendar is None) == (self.from_ is None and self.to is None):
            raise ValueError("a freeze has either `from` and `to`, or a `calendar`")
        if self.calendar is None and (self.from_ is None or self.to is None):
            raise ValueError("a freeze needs both `from` and `to`")
        return self


class TicketPolicy(Strict):
    """Whether a change must name a ticket, of what kind, in what state."""

    required: bool = False
    kinds: Names | None = None
    state: Literal["open", "closed"] | None = None
    min: Count = 1


class DataLossLimits(Strict):
    """How many minutes of data a `restore-backup` plan may lose, by the strictest data class it touches."""

    public: Annotated[int, Field(ge=0)] = 1440
    internal: Annotated[int, Field(ge=0)] = 240
    confidential: Annotated[int, Field(ge=0)] = 60
    restricted: Annotated[int, Field(ge=0)] = 0


class RollbackPolicy(Strict):
    """Whether a rollback plan is required, which methods may stand in it, and whose rehearsals are accepted."""

    required: bool = True
    allow: Annotated[tuple[AllowedPlan, ...], Field(min_length=1)] = DEFAULT_ALLOWED
    max_restore_minutes: Annotated[int, Field(gt=0)] | None = None
    rehearsed: bool = False
    rehearsed_by: Annotated[tuple[Literal["gate", "reported"], ...], Field(min_length=1)] = ("gate",)
    flag_paths: Patterns | None = None
    data_loss_minutes: DataLossLimits = Field(default_factory=DataLossLimits)


class Emergency(Strict):
    """The break-glass path: who signs it off, which ticket it needs, and when it is reviewed at the latest."""

    label: Text
    signoffs: Annotated[Mapping[SignoffParty, Count], Field(min_length=1)]
    set_by: Annotated[tuple[VetoParty, ...], Field(min_length=1)] | None = Field(
        default=None, description="Who may set the label; default: those whose sign-offs it needs."
    )
    tickets: TicketPolicy = Field(default_factory=TicketPolicy)
    expires_after: Duration = "24h"
    review_within: Duration = "2d"


RiskTerm = Literal[
    "tier_1",
    "tier_2",
    "data_migration",
    "infrastructure_destroy",
    "many_components",
    "many_dependents",
    "large",
    "recent_incident",
    "first_time_author",
    "freeze_near",
]
DEFAULT_WEIGHTS: Mapping[RiskTerm, int] = {
    "tier_1": 3,
    "tier_2": 1,
    "data_migration": 3,
    "infrastructure_destroy": 3,
    "many_components": 1,
    "many_dependents": 1,
    "large": 1,
    "recent_incident": 2,
    "first_time_author": 1,
    "freeze_near": 1,
}


class RiskPolicy(Strict):
    """How the observed risk is summed up; weights that are not named keep their defaults."""

    weights: Mapping[RiskTerm, Annotated[int, Field(ge=0, le=100)]] = Field(default_factory=dict)
    medium_from: Annotated[int, Field(ge=1)] = 2
    high_from: Annotated[int, Field(ge=1)] = 5


Source = Literal["records", "codeowners", "backstage", "owners"]
Relaxation = Literal["standard_changes", "emergency", "unowned"]


class Policy(Strict):
    """One policy file, `version: 1`. What is not said has the default written here."""

    version: Literal[1]
    default_owner: PartyRef | None = None
    policy_owner: PartyRef | None = None
    enforcement: Literal["active", "evaluate"] = "active"
    branches: Patterns | None = None
    sources: Annotated[tuple[Source, ...], Field(min_length=1)] | None = None
    codeowners_dialect: Literal["github", "gitlab"] = "github"
    signoffs: SignoffPolicy = Field(default_factory=SignoffPolicy)
    rollback: RollbackPolicy = Field(default_factory=RollbackPolicy)
    tickets: TicketPolicy = Field(default_factory=TicketPolicy)
    unowned: Literal["block", "allow"] = "block"
    commit_paths: Literal["net", "every-commit"] = Field(
        default="net", description="`every-commit` also asks the owners of files that a later commit restored."
    )
    rules: tuple[Rule, ...] = ()
    standard_changes: tuple[StandardChange, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    emergency: Emergency | None = None
    roles: Mapping[Name, tuple[RoleMember, ...]] = Field(default_factory=dict)
    risk: RiskPolicy = Field(default_factory=RiskPolicy)
    delegate: Annotated[tuple[Relaxation, ...], Field(min_length=1)] | None = Field(
        default=None, description="Organisation policy only: relaxations that repositories may add themselves."
    )


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A policy with the place where each part of it is written.

    `lines` maps the path of an item (`rules/0`, `freezes/1`, `signoffs`) to its line (from 1); `file` is where it was
    read, `built-in defaults` where there is no policy file.
    """

    policy: Policy
    file: str = "built-in defaults"
    lines: Mapping[str, int] = field(default_factory=dict)


def built_in_policy() -> Policy:
    """Return the policy that holds where there is none: every default, made without building the strict reader."""
    return Policy.model_construct(
        version=1,
        signoffs=SignoffPolicy.model_construct(),
        rollback=RollbackPolicy.model_construct(data_loss_minutes=DataLossLimits.model_construct()),
        tickets=TicketPolicy.model_construct(),
        risk=RiskPolicy.model_construct(weights={}),
        roles={},
    )

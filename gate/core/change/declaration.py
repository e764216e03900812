"""The declaration: what the author states in the change request, as parsed, with the line of every value."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from gate.core.ownership.records import RollbackMethod
from gate.core.values import dataclass

ChangeType = Literal["standard", "normal", "emergency"]
RiskLevel = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class DeclarationProblem:
    """Something in the declaration that does not count, with its line (from 1; 0 where there is none) and source.

    Codes: `rollback-missing`, `rollback-template` (untouched template), `rollback-placeholder`, `rollback-ambiguous`
    (several sections or sources that disagree), `declaration-conflict`, `declaration-invalid` (a value that cannot be
    read), `declaration-suspicious-characters` (controls, or characters that reorder text), `declaration-unknown-key`,
    `unticked`, `not-understood`. `blocks` is false for what is only shown back.
    """

    code: str
    text: str
    source: str
    line: int = 0
    key: str = ""
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """When the author means to deploy: RFC 3339 instants in UTC, the end excluded."""

    from_at: str
    until_at: str


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """The rollback plan as the gate understood it; None or empty where the author said nothing.

    `method` is None where none was named. `is_prose` says that the plan was read from free prose (the method is
    then `manual`). Times are whole minutes.
    """

    method: RollbackMethod | None
    is_prose: bool = False
    steps: tuple[str, ...] = ()
    verification: str | None = None
    restore_minutes: int | None = None
    data_impact: str | None = None
    command: str | None = None
    flag: str | None = None
    artifact: str | None = None
    backup: str | None = None
    data_loss_minutes: int | None = None
    reason: str | None = None
    source: str = ""
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Declaration:
    """All that the author declared. Without a declaration: type `normal`, risk as observed, the rest empty.

    `sources` names where it was read (`body`, `body block`, a file's path, `commit message`). `lines` maps keys to
    lines for what is shown back to the author.
    """

    change_type: ChangeType = "normal"
    risk: RiskLevel | None = None
    environments: tuple[str, ...] = ()
    affects: tuple[str, ...] = ()
    tickets: tuple[str, ...] = ()
    window: Window | None = None
    rollback: RollbackPlan | None = None
    problems: tuple[DeclarationProblem, ...] = ()
    sources: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

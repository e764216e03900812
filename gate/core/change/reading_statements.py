"""Statements: what one source of the declaration says, value by value, each with its line."""

from collections.abc import Iterator
from dataclasses import field

from gate.core.change.declaration import ChangeType, DeclarationProblem, RiskLevel, Window
from gate.core.change.vocabulary import Key
from gate.core.ownership.records import RollbackMethod
from gate.core.values import dataclass

MAX_PROBLEMS = 50
Value = str | int | tuple[str, ...] | Window | ChangeType | RiskLevel | RollbackMethod


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a value as written: a line, a list item or a block of code.

    `plain` is the text without the addresses of its links; `is_link` says that there is nothing but links.
    """

    text: str
    plain: str
    line: int
    is_link: bool = False
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A key with its value as written. `is_soft` says that it stood as a heading, below which people write prose."""

    key: Key
    line: int
    parts: tuple[Part, ...]
    is_soft: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A key with its value as understood."""

    key: Key
    value: Value
    line: int
    source: str


@dataclass(slots=True)
class Reading:
    """What one source states. `gaps` are the problems that matter only while no other source gives the plan."""

    source: str
    statements: list[Statement] = field(default_factory=list)
    problems: list[DeclarationProblem] = field(default_factory=list)
    gaps: list[DeclarationProblem] = field(default_factory=list)
    plan_line: int = 0
    is_prose: bool = False

    def state(self, key: Key, value: Value, line: int) -> None:
        """Add a statement."""
        self.statements.append(Statement(key, value, line, self.source))

    def report(self, code: str, text: str, line: int, *, key: str = "", blocks: bool = True) -> None:
        """Add a problem; of those that block and of those that inform, 50 each are kept and the rest is mentioned."""
        alike = sum(1 for problem in self.problems if problem.blocks == blocks)
        if alike < MAX_PROBLEMS:
            self.problems.append(DeclarationProblem(code, text, self.source, line, key, blocks))
        elif alike == MAX_PROBLEMS:
            more = "There is more of this kind that is not listed; mend the above first."
            self.problems.append(DeclarationProblem(code, more, self.source, line, "", blocks))

    def not_understood(self, text: str, line: int, *, key: str = "") -> None:
        """Add what is only shown back to the author."""
        self.report("not-understood", text, line, key=key, blocks=False)

    def lack(self, code: str, text: str, line: int) -> None:
        """Add the reason why this source gives no rollback plan."""
        self.gaps.append(DeclarationProblem(code, text, self.source, line, "rollback"))

    def of(self, key: Key) -> Iterator[Statement]:
        """Yield the statements of one key."""
        return (statement for statement in self.statements if statement.key == key)

"""Checks: what apps say about a commit."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class CheckRun:
    """A check run, as the app that made it last wrote it."""

    id: int
    repository: Any
    head_sha: str
    name: str
    app_id: int
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    actions: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    suite_id: int = 0
    history: list[tuple[str, str | None]] = field(default_factory=list)
    """Every status and conclusion it had, oldest first: a test sees a green that was there for a moment."""


class RepositoryChecks:
    """The check runs of one repository."""

    def __init__(self, repository: Any) -> None:
        self.repository = repository
        self.runs: dict[int, CheckRun] = {}
        self.suites: dict[int, tuple[str, int]] = {}

    def on(self, sha: str) -> list[CheckRun]:
        """Return the runs on a commit, newest first."""
        return [run for run in reversed(self.runs.values()) if run.head_sha == sha]

    def newest(self, sha: str, name: str, app_id: int | None = None) -> CheckRun | None:
        """Return the newest run of a name on a commit, of one app where it is named."""
        found = (run for run in self.on(sha) if run.name == name and app_id in {None, run.app_id})
        return next(found, None)

    def create(self, sha: str, name: str, *, app_id: int, **settings: Any) -> CheckRun:
        """Add a run."""
        world = self.repository.world
        suite = next((key for key, value in self.suites.items() if value == (sha, app_id)), None)
        if suite is None:
            suite = world.next_id("suite", 120_001)
            self.suites[suite] = sha, app_id
        run = CheckRun(world.next_id("check", 110_001), self.repository, sha, name, app_id, suite_id=suite)
        self.runs[run.id] = run
        self.change(run, action="created", **settings)
        return run

    def change(self, run: CheckRun, *, action: str = "", **settings: Any) -> None:
        """Write to a run; a conclusion completes it."""
        now = self.repository.world.clock.now()
        was_completed = run.status == "completed"
        if settings.get("conclusion"):
            settings.setdefault("status", "completed")
        for key, value in settings.items():
            setattr(run, key, value)
        if run.status == "completed":
            run.completed_at = settings.get("completed_at") or run.completed_at or now
        else:
            run.conclusion, run.completed_at = None, None
        run.started_at = run.started_at or now
        run.history.append((run.status, run.conclusion))
        if run.status == "completed" and not was_completed:
            action = "completed"
        if action:
            self.tell(run, action)
        self.repository.world.checks_changed(self.repository, run.head_sha)

    def tell(self, run: CheckRun, action: str, sender: Any = None, **more: Any) -> None:
        """Send a webhook about a run; `requested_action` and `rerequested` come from people."""
        world = self.repository.world
        who = sender or world.app_account(run.app_id)
        world.events.emit(
            self.repository,
            "check_run",
            lambda: {"action": action, "check_run": world.shapes.check_run(run), **more},
            who,
        )

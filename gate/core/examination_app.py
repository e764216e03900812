"""Examination of the app: what GitHub shows of the gate's app, judged by what the gate needs."""

from collections.abc import Iterator, Mapping, Sequence

from gate.core.change.facts import Instant
from gate.core.examination import Finding
from gate.core.values import dataclass

_LEVELS = {"": 0, "none": 0, "read": 1, "write": 2, "admin": 3}
_ACCEPTED = range(200, 300)
_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationState:
    """Where the app is installed, and what it was granted there."""

    account: str
    is_suspended: bool
    permissions: Mapping[str, str]
    events: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDelivery:
    """The newest webhook that GitHub sent, and how it was answered (0: not at all)."""

    event: str
    at: Instant
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppState:
    """The gate's app as GitHub shows it to the app itself. `hook_url` is None where that cannot be read."""

    id: int
    slug: str
    hook_url: str | None
    installations: Sequence[InstallationState]
    last_delivery: LastDelivery | None = None


def examine_app(
    state: AppState, *, hook_url: str, permissions: Mapping[str, str], events: Sequence[str]
) -> Iterator[Finding]:
    """Yield what is to say of the app: where its webhooks go, where it is installed, and what it may do there."""
    area = "app"
    yield Finding("ok", area, f"GitHub knows the app {state.slug} (id {state.id}) by its key.")
    if state.hook_url is None:
        said = "Where the app's webhooks go cannot be read."
        yield Finding("warn", area, said, f"Look on the app's page whether it is {hook_url}.")
    elif state.hook_url != hook_url:
        said = f"The app's webhooks go to {state.hook_url}, not here."
        yield Finding("fail", area, said, f"Set the webhook address on the app's page to {hook_url}, or GATE_BASE_URL.")
    else:
        yield Finding("ok", area, f"The app's webhooks go to {hook_url}.")
    yield _last_delivery(state.last_delivery, hook_url)
    if not state.installations:
        yield Finding("fail", area, "The app is installed nowhere, so nothing is guarded.", "Install it.")
    for installation in state.installations:
        yield from _examine_installation(installation, permissions, events)


def _examine_installation(
    state: InstallationState, permissions: Mapping[str, str], events: Sequence[str]
) -> Iterator[Finding]:
    area = f"installation {state.account}"
    if state.is_suspended:
        said = "It is suspended: nothing there is judged, and a green check stays green."
        yield Finding("fail", area, said, "Unsuspend it in the account's settings.")
    lacking = [name for name, level in permissions.items() if _level(state.permissions.get(name)) < _level(level)]
    beyond = [name for name, level in state.permissions.items() if _level(level) > _level(permissions.get(name))]
    if lacking:
        wanted = ", ".join(f"{name}: {permissions[name]}" for name in lacking)
        said = f"The app lacks permissions there: {wanted}."
        yield Finding("fail", area, said, "Give them on the app's page, then accept them in the account's settings.")
    else:
        yield Finding("ok", area, "The app has every permission that it needs.")
    if beyond:
        granted = ", ".join(f"{name}: {state.permissions[name]}" for name in beyond)
        said = f"The app may do more than it needs: {granted}."
        yield Finding("warn", area, said, "Take that away on the app's page.")
    unheard = [event for event in events if event not in state.events]
    if unheard:
        more = f" and {len(unheard) - _SHOWN} more" if len(unheard) > _SHOWN else ""
        said = f"The app is not told of {', '.join(unheard[:_SHOWN])}{more}: the next sweep finds it out, later."
        yield Finding("warn", area, said, "Subscribe to these events on the app's page.")


def _last_delivery(last: LastDelivery | None, hook_url: str) -> Finding:
    if last is None:
        said = "GitHub has sent no webhook yet, or none in the days for which it remembers them."
        return Finding("warn", "webhooks", said, "Push a commit to a change and look again.")
    if last.status not in _ACCEPTED:
        answer = f"was answered by {last.status}" if last.status else "reached nobody"
        said = f"The newest webhook, `{last.event}` at {last.at}, {answer}."
        return Finding("fail", "webhooks", said, f"Let GitHub reach {hook_url}, and let the webhook secrets agree.")
    return Finding("ok", "webhooks", f"The newest webhook, `{last.event}` at {last.at}, was accepted.")


def _level(word: str | None) -> int:
    """Return how much a level of a permission allows; a word nobody knows allows nothing needed."""
    return _LEVELS.get(word or "", 0)

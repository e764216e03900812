"""Protection: whether a branch demands the gate's check, by rulesets and classic protection together."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from gate.adapters.github.answers import Row, optional_row, optional_text, row_of, rows_of
from gate.adapters.github.client import repository_path
from gate.adapters.github.place import Place
from gate.usecases.forge_ports import ForbiddenError, GoneError, Protection


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one of the two kinds of protection says; None where it says nothing or cannot be read."""

    pins: tuple[int | None, ...] = ()
    covers_admins: bool | None = None
    forbids_force_push: bool | None = None
    uses_queue: bool | None = None
    why: str = ""


def read_protection(place: Place, branch: str, check_name: str) -> Protection:
    """Return how a branch is protected. What cannot be read is None, and `why` says so: unknown is never yes."""
    rulesets, classic = _by_rulesets(place, branch, check_name), _by_classic(place, branch, check_name)
    pins = rulesets.pins + classic.pins
    pinned = sorted({pin for pin in pins if pin is not None})
    return Protection(
        is_required=bool(pins),
        # Two pins, or one without: any of the apps may answer, which is no pin.
        pinned_app=pinned[0] if len(pinned) == 1 and None not in pins else None,
        covers_admins=_any([rules.covers_admins for rules in (rulesets, classic) if rules.pins]),
        allows_force_push=_inverse(_any([rulesets.forbids_force_push, classic.forbids_force_push])),
        uses_queue=_any([rulesets.uses_queue, classic.uses_queue]),
        why=" ".join(text for text in (rulesets.why, classic.why) if text),
    )


def _by_rulesets(place: Place, branch: str, check_name: str) -> _Rules:
    path = f"{repository_path(place.name, 'rules', 'branches')}/{quote(branch, safe='')}"
    try:
        rules = rows_of(place.client.pages(path), "rules")
    except (GoneError, ForbiddenError) as error:
        return _Rules(why=f"Rulesets cannot be read: {error.message}")
    kinds = {optional_text(rule, "type") for rule in rules}
    demanding = [rule for rule in rules if _pins_of(rule, check_name)]
    return _Rules(
        pins=tuple(pin for rule in demanding for pin in _pins_of(rule, check_name)),
        covers_admins=_has_no_bypass(place, demanding) if demanding else None,
        forbids_force_push="non_fast_forward" in kinds,
        uses_queue="merge_queue" in kinds,
    )


def _pins_of(rule: Row, check_name: str) -> tuple[int | None, ...]:
    if optional_text(rule, "type") != "required_status_checks":
        return ()
    parameters = optional_row(rule, "parameters") or {}
    wanted = rows_of(parameters.get("required_status_checks") or [], "required checks")
    return tuple(_app(one.get("integration_id")) for one in wanted if optional_text(one, "context") == check_name)


def _has_no_bypass(place: Place, rules: Sequence[Row]) -> bool | None:
    """Return whether nobody may pass one of the rulesets that demand the check; None where none shows its list."""
    answers: list[bool | None] = []
    for rule in rules:
        number = rule.get("ruleset_id")
        if not isinstance(number, int):
            continue
        try:
            row = row_of(place.get("rulesets", number), "ruleset")
        except (GoneError, ForbiddenError):
            continue
        if isinstance(row.get("bypass_actors"), list):
            answers.append(not row["bypass_actors"])
    return _any(answers)


def _by_classic(place: Place, branch: str, check_name: str) -> _Rules:
    path = f"{repository_path(place.name, 'branches')}/{quote(branch, safe='')}/protection"
    try:
        row = row_of(place.client.get(path), "protection")
    except GoneError:
        return _Rules(forbids_force_push=False, uses_queue=False)
    except ForbiddenError as error:
        return _Rules(why=f"Classic branch protection cannot be read: {error.message}")
    checks = optional_row(row, "required_status_checks") or {}
    wanted = rows_of(checks.get("checks") or [], "required checks")
    pins = tuple(_app(one.get("app_id")) for one in wanted if optional_text(one, "context") == check_name)
    return _Rules(
        pins=pins,
        covers_admins=_is_on(row, "enforce_admins") if pins else None,
        forbids_force_push=not _is_on(row, "allow_force_pushes"),
        uses_queue=False,
    )


def _app(value: object) -> int | None:
    """Return an app's id; GitHub writes -1 for any app."""
    return value if isinstance(value, int) and value > 0 else None


def _is_on(row: Row, key: str) -> bool:
    return (optional_row(row, key) or {}).get("enabled") is True


def _any(answers: Sequence[bool | None]) -> bool | None:
    """Return True where one answer is, None where one is unknown or there is none, else False."""
    if True in answers:
        return True
    return None if None in answers or not answers else False


def _inverse(value: bool | None) -> bool | None:  # noqa: FBT001  # a logic of three values
    return None if value is None else not value

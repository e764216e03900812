"""Rules: which of them match a change, for which components and files, and what they demand together."""

from collections.abc import Mapping, Sequence

from gate.core.change.facts import MODE_SUBMODULE, MODE_SYMLINK, Facts
from gate.core.policy.conditions import Circumstances, asks_about_components
from gate.core.policy.model import Condition, Rule
from gate.core.policy.touched import Touched, TouchedPart
from gate.core.signoff.scope import Subject
from gate.core.values import dataclass
from gate.core.verdict import RuleRef


@dataclass(frozen=True, slots=True)
class MatchedRule:
    """A rule that holds of the change: the components it concerns, and the subject that its sign-offs cover."""

    rule: Rule
    ref: RuleRef
    parts: Sequence[TouchedPart]
    is_about_components: bool
    subject: Subject
    files: Sequence[str]


def matched_rules(facts: Facts, touched: Touched, circumstances: Circumstances) -> list[MatchedRule]:
    """Return the rules that match, in the order as written.

    A rule that speaks of components matches when one touched component makes all its keys hold, and concerns just
    those. A condition that cannot be evaluated counts as matched.
    """
    found = []
    for number, rule in enumerate(facts.policy.policy.rules):
        is_about_components = rule.when is not None and asks_about_components(rule.when)
        concerned = _concerned(rule.when, touched, circumstances, is_about_components=is_about_components)
        if concerned is None:
            continue
        line = facts.policy.lines.get(f"rules/{number}", 0)
        ref = RuleRef(name=rule.name, file=facts.policy.file, line=line)
        subject, files = _subject(rule, facts, touched)
        found.append(MatchedRule(rule, ref, concerned, is_about_components, subject, files))
    return found


def _concerned(
    when: Condition | None, touched: Touched, circumstances: Circumstances, *, is_about_components: bool
) -> Sequence[TouchedPart] | None:
    """Return the touched components that a rule concerns, None where it does not match at all.

    Files that nobody owns are asked as a component without properties, so that owning more never ends a match.
    """
    parts = list(touched.parts)
    if when is None:
        return parts
    if not is_about_components:
        return parts if circumstances.holds(when, None, is_demanding=True) is not False else None
    chosen = [p for p in parts if circumstances.holds(when, p.component, is_demanding=True) is not False]
    is_for_unowned = bool(touched.unowned or not parts)
    if not chosen and not (is_for_unowned and circumstances.holds(when, None, is_demanding=True) is not False):
        return None
    return chosen


def _subject(rule: Rule, facts: Facts, touched: Touched) -> tuple[Subject, Sequence[str]]:
    """Return what a rule's sign-offs cover: the files its path or touch conditions matched, else all files."""
    lists, kinds = _conditions_on_files(rule.when)
    if not lists and not kinds:
        return Subject(f"rule:{rule.name}", rule.name, has_all_files=True), [file.path for file in facts.files]
    touching = files_that_touch(facts, touched)
    files = {path for patterns in lists for path in (*touched.matched[patterns], *touched.matched_by_way[patterns])}
    files |= {path for kind in kinds for path in touching.get(kind, ())}
    paths = files | {path for patterns in lists for path in touched.matched_paths[patterns]}
    if not files:
        return Subject(f"rule:{rule.name}", rule.name, has_all_files=True), [file.path for file in facts.files]
    subject = Subject(f"rule:{rule.name}", rule.name, frozenset(paths), is_by_touch=bool(kinds))
    return subject, sorted(files)


def _conditions_on_files(when: Condition | None) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return every list of paths and every kind of thing touched that a condition asks for, outside of `not`."""
    lists: list[tuple[str, ...]] = []
    kinds: list[str] = []
    todo = [when] if when else []
    while todo:
        condition = todo.pop()
        lists += [patterns for patterns in (condition.paths, condition.only_paths) if patterns]
        kinds += list(condition.touches or ())
        todo += [*(condition.any or ()), *(condition.all or ())]
    return lists, kinds


def files_that_touch(facts: Facts, touched: Touched) -> Mapping[str, Sequence[str]]:
    """Return the files behind each kind of thing that a change can touch."""
    found: dict[str, list[str]] = {"gate-files": touched.gate_files}
    for finding in facts.findings:
        found.setdefault(finding.kind, []).append(finding.path)
    odd = {MODE_SUBMODULE: "submodule", MODE_SYMLINK: "symlink"}
    for file in touched.odd:
        kind = odd.get(file.mode) or odd[file.base_mode]
        found.setdefault(kind, []).append(file.path)
    found["binary"] = [file.path for file in facts.files if file.is_binary]
    return {kind: paths for kind, paths in found.items() if paths}

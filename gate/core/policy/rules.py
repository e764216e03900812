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
    """A rule that holds of the change: the components it concerns, and the subject that its sign-offs cover.

    `is_for_unowned` says that it concerns the files that nobody owns.
    """

    rule: Rule
    ref: RuleRef
    parts: Sequence[TouchedPart]
    is_for_unowned: bool
    subject: Subject
    files: Sequence[str]


def matched_rules(facts: Facts, touched: Touched, circumstances: Circumstances) -> list[MatchedRule]:
    """Return the rules that match, in the order as written.

    A rule that speaks of components matches when one touched component makes all its keys hold, and concerns just
    those. A condition that cannot be evaluated counts as matched.
    """
    found = []
    for number, rule in enumerate(facts.policy.policy.rules):
        concerned, is_for_unowned = _concerned(rule.when, touched, circumstances)
        if concerned is None:
            continue
        line = facts.policy.lines.get(f"rules/{number}", 0)
        ref = RuleRef(name=rule.name, file=facts.policy.file, line=line)
        subject, files = _subject(rule, facts, touched)
        found.append(MatchedRule(rule, ref, concerned, is_for_unowned, subject, files))
    return found


def _concerned(
    when: Condition | None, touched: Touched, circumstances: Circumstances
) -> tuple[Sequence[TouchedPart] | None, bool]:
    """Return the touched components that a rule concerns, None where it does not match, and if unowned files are.

    Files that nobody owns are asked as a component without properties, so that owning more never ends a match.
    """
    parts = list(touched.parts)
    holds_without = when is None or circumstances.holds(when, None, is_demanding=True) is not False
    is_for_unowned = holds_without and bool(touched.unowned)
    if when is None or not asks_about_components(when):
        return (parts if holds_without else None), is_for_unowned
    chosen = [p for p in parts if circumstances.holds(when, p.component, is_demanding=True) is not False]
    is_matched = bool(chosen or is_for_unowned or (holds_without and not parts))
    return (chosen if is_matched else None), is_for_unowned


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
    """Return the lists of paths and kinds of thing touched without which a condition cannot hold, outside of `not`.

    SECURITY: where one of several ways asks about no files, the rule may match for all of the change: whoever signs off
    on it then stands for every file, and not only for those that another way names.
    """
    lists: list[tuple[str, ...]] = []
    kinds: list[str] = []
    if when is None:
        return lists, kinds
    lists += [patterns for patterns in (when.paths, when.only_paths) if patterns]
    kinds += when.touches or ()
    ways = [_conditions_on_files(way) for way in when.any or ()]
    parts = [_conditions_on_files(part) for part in when.all or ()]
    for found in [*parts, *(ways if all(way != ([], []) for way in ways) else ())]:
        lists += found[0]
        kinds += found[1]
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

"""Completeness: whether everything that the decision depends on was seen and understood."""

from gate.core.change.facts import MODE_SYMLINK, Facts
from gate.core.policy.demands import in_words
from gate.core.policy.name_patterns import matches_name
from gate.core.policy.touched import Touched
from gate.core.verdict import RequirementState, RequirementView, RuleRef

_TITLES = {
    "branch-not-governed": "This branch is not under the gate",
    "component-unknown": "The declaration names an unknown component",
    "empty-diff": "The change holds no files",
    "ledger-frozen": "The ledger is not whole",
    "ownership-line-ignored": "A line that says who owns these files cannot be used",
    "policy-invalid": "The gate's own files cannot be used",
    "symlink": "A symbolic link leads to nothing",
    "unattributed-commit": "A commit is nobody's that is known",
}
"""What is wrong, in a few words, by code."""
_UNSEEN, _UNCLEAR = "Not all of the change could be seen", "The declaration cannot be used as it stands"


def judge_completeness(facts: Facts, touched: Touched) -> list[RequirementView]:
    """Return one requirement for each thing that was not seen or understood, or a single met one.

    SECURITY: unknown is not yes. Each of these blocks whatever else holds.
    """
    views = [_blocked(f"complete:{p.code}", p.code, p.why, p.next, files=p.files) for p in facts.problems]
    views += _rules_on_base(facts, touched)
    views += _governed_branch(facts)
    views += _content(facts, touched)
    views += _ownership_lines(touched)
    views += _declaration(facts)
    if touched.undeclarable:
        names = in_words([f"`{name}`" for name in touched.undeclarable])
        name, are = ("name", "is no component") if len(touched.undeclarable) == 1 else ("names", "are no components")
        why = f"The declaration affects {names}, which {are} of the ownership records."
        mend = f"Correct the {name} under `Affects`, or add the component on the base branch."
        views.append(_blocked("complete:component-unknown", "component-unknown", why, mend, state="needs-author"))
    return views or [_all_seen(facts)]


def _all_seen(facts: Facts) -> RequirementView:
    count = len(facts.files)
    return RequirementView(
        id="complete",
        kind="complete",
        title="Everything was seen",
        state="met",
        code="complete",
        why=f"All {count} changed files were read." if count != 1 else "The one changed file was read.",
        next="",
    )


def _blocked(
    identity: str,
    code: str,
    why: str,
    following: str,
    *,
    files: tuple[str, ...] = (),
    state: RequirementState = "error",
    rule: RuleRef | None = None,
    title: str = "",
) -> RequirementView:
    return RequirementView(
        id=identity,
        kind="complete",
        title=title or _TITLES.get(code, _UNSEEN),
        state=state,
        code=code,
        why=why,
        next=following,
        files=files,
        rule=rule,
    )


def _rules_on_base(facts: Facts, touched: Touched) -> list[RequirementView]:
    """Judge the gate's own files: valid on the base, and still valid after this change."""
    views = []
    only_gate_files = len(touched.gate_files) == len(facts.files) > 0
    if facts.broken_base and not (only_gate_files and not facts.gate_files.faults):
        why = (
            f"Policy or ownership records on the base branch are invalid ({str(facts.broken_base[0]).rstrip('.')}). "
            "The rest of this answer uses their newest valid version."
        )
        mend = "Mend them in a change of their own that touches only the gate's files; `gate lint` lists all faults."
        if only_gate_files:
            why += f" This change leaves them invalid: {facts.gate_files.faults[0]}"
            mend = "Run `gate lint` at the head of this change, and correct what it names."
        views.append(_blocked("complete:policy-invalid", "policy-invalid", why, mend))
    if facts.gate_files.faults and not facts.broken_base:
        why = f"This change makes the gate's own files invalid: {facts.gate_files.faults[0]}"
        mend = "Run `gate lint` and correct what it names."
        views.append(_blocked("complete:policy-invalid", "policy-invalid", why, mend, state="needs-author"))
    return views


def _governed_branch(facts: Facts) -> list[RequirementView]:
    """Refuse a base that the policy does not speak for: a lax branch of one's own never yields a green check."""
    policy = facts.policy.policy
    change = facts.change
    default = change.repository.default_branch
    governed = policy.branches or ((default,) if default else None)
    if governed is None or matches_name(change.base_ref, governed) or (default and change.base_ref == default):
        return []
    names = in_words([f"`{branch}`" for branch in governed])
    why = f"The gate does not speak for the branch `{change.base_ref}`, only for {names}."
    return [_blocked("complete:branch-not-governed", "branch-not-governed", why, "Add it to `branches` in the policy.")]


def _content(facts: Facts, touched: Touched) -> list[RequirementView]:
    views = []
    if not facts.files:
        why = "The change holds no files, so there is nothing that a sign-off could cover."
        mend = "Push the change, or judge it against the branch that it goes into, and not against itself."
        views.append(_blocked("complete:empty-diff", "empty-diff", why, mend))
    nameless = _nameless(facts)
    if nameless:
        shas = in_words([sha[:12] for sha in nameless[:4]])
        commits, it = ("commit", "it") if len(nameless) == 1 else ("commits", "them")
        why = f"Nobody can be named for {commits} {shas}, so nobody can be excluded on account of {it}."
        mend = "Commit with an address that the platform knows, or push the branch again under your own account."
        views.append(_blocked("complete:unattributed-commit", "unattributed-commit", why, mend, state="needs-author"))
    links = tuple(file.path for file in touched.odd if file.mode == MODE_SYMLINK and file.link_target is None)
    if links:
        why = f"The symbolic link {links[0]} leads to nothing inside the tree, so its owners cannot be told."
        mend = "Let the link point to a file of the repository, or leave it out."
        views.append(_blocked("complete:symlink", "symlink", why, mend, files=links, state="needs-author"))
    return views


def _nameless(facts: Facts) -> tuple[str, ...]:
    """Return the commits of which nobody can be told to have made them.

    SECURITY: the platform's own name as an author is a claim like any other; without a record of pushes it would
    exclude nobody.
    """
    excludes_pushers = {"pusher", "committer"} & set(facts.policy.policy.signoffs.exclude)
    found = dict.fromkeys(facts.unattributed if excludes_pushers else ())
    if facts.pushers is None:
        platform = {key for key, account in facts.accounts.items() if account.kind == "platform"}
        found |= dict.fromkeys(c.sha for c in facts.commits if c.author in platform and not c.is_mechanical_merge)
    return tuple(found)


def _declaration(facts: Facts) -> list[RequirementView]:
    """Block what the author stated and the gate could not read, or what two places state differently.

    What concerns the rollback plan alone is told with the rollback requirement.
    """
    problems = [p for p in facts.declaration.problems if p.blocks and not p.code.startswith("rollback-")]
    return [
        _blocked(
            f"complete:{problem.code}:{number}",
            problem.code,
            problem.text,
            f"Correct it in the declaration ({problem.source}{f', line {problem.line}' if problem.line else ''}).",
            state="needs-author",
            title=_UNCLEAR,
        )
        for number, problem in enumerate(problems, start=1)
    ]


def _ownership_lines(touched: Touched) -> list[RequirementView]:
    """Block what a line that the platform ignores would own: a typing error must not hide an owner."""
    return [
        _blocked(
            f"complete:ownership-line:{source}",
            "ownership-line-ignored",
            f"The ownership line {source} cannot be used ({rule.problem}), so who owns these files is not known.",
            "Correct that line on the base branch.",
            files=tuple(paths),
            rule=_line(rule.pattern, source),
        )
        for source, (rule, paths) in sorted(touched.blocked.items())
    ]


def _line(name: str, source: str) -> RuleRef:
    file, _, line = source.rpartition(":")
    return RuleRef(name=name, file=file or source, line=int(line) if line.isdigit() else 0)

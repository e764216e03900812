"""Initialising: what `gate init` writes for a repository, from what the repository already says."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gate.core.change.paths import shown
from gate.core.counting import count_of
from gate.core.identity import PLATFORM_EMAIL, Identity, ascii_lower, noreply_login
from gate.core.lazy_regex import lazy_regex
from gate.core.ownership.codeowners import CodeownersFile, parse_codeowners
from gate.core.ownership.matcher import PathMatcher
from gate.core.values import dataclass
from gate.usecases.initial_files import policy_text, records_text, workflow_text
from gate.usecases.ports import Tree

CODEOWNERS_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
RECORDS, POLICY = ".gate/ownership.yaml", ".gate/policy.yaml"
TEMPLATE, WORKFLOW = ".github/PULL_REQUEST_TEMPLATE.md", ".github/workflows/signoff-gate.yml"
MAX_SUGGESTED = 3
_NO_PARTY = -1
_OWN_NAMES = ("gate-policy", "maintainers")
_GITHUB = lazy_regex(r"@([A-Za-z0-9][A-Za-z0-9-]{0,38})")
_TEAM = lazy_regex(r"@([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9._-]+)")
MAX_ADDRESS = 254
_MACHINE = lazy_regex(r"(\A|[^a-z])(bot|robot|automation)([^a-z]|\Z)")
_EMAIL = lazy_regex(r"[^@\s]+@[^@\s]+")
_NOBODY = "Name people, teams and components in the records and a `policy_owner` in the policy."
# Whoever owns these owns the gate's own files in the repository's own words, best first.
_GATE_PATHS = (WORKFLOW, POLICY, ".gitattributes")


@dataclass(frozen=True, slots=True)
class Committer:
    """Somebody in the recent history, and how many of its commits they wrote."""

    identity: Identity
    commits: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The files to be written, by path, and sentences on what was found and chosen for records and policy.

    `template_notes` are on the pull-request template, whether records are written or not.
    """

    files: Mapping[str, str]
    notes: tuple[str, ...]
    template_notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Parties:
    """People and teams by the name that the records give them."""

    people: Mapping[str, Mapping[str, str]]
    teams: Mapping[str, Mapping[str, object]]
    named: Mapping[str, str]


def plan_initial_files(tree: Tree, committers: Sequence[Committer], *, template: str, version: str) -> Plan:
    """Return the files that make a repository work with the gate; the same repository gives the same bytes.

    An ownership source that the repository has stays the source: the policy names it, and the records only add what
    it cannot say. A frozen copy would drift from it and nobody would know which one holds.
    """
    paths = [entry.path for entry in tree.entries()]
    present = set(paths)
    place = next((one for one in CODEOWNERS_PLACES if one in present), None)
    codeowners = parse_codeowners(tree.read(place) or b"", file=place) if place else None
    ownerless = ""
    if codeowners is not None and (codeowners.unusable or not any(rule.owners for rule in codeowners.rules)):
        ownerless, codeowners = _why_ownerless(codeowners), None
    names = {path.rpartition("/")[2] for path in paths}
    has_catalog = "catalog-info.yaml" in names or "catalog-info.yml" in names
    if codeowners is not None:
        plan = _from_codeowners(codeowners, committers)
    elif has_catalog or "OWNERS" in names:
        plan = _from_source("backstage" if has_catalog else "owners", committers)
    else:
        plan = _from_history(committers)
    files = dict(plan.files)
    files[WORKFLOW] = workflow_text(version)
    notes: list[str] = []
    own = next((path for path in paths if _is_template(path)), None)
    if own is None:
        files[TEMPLATE] = template
    else:
        notes.append(f"{shown(own)} stays the pull-request template; give it a heading `Rollback plan`.")
    return Plan(dict(sorted(files.items())), (*filter(None, [ownerless]), *plan.notes), tuple(notes))


def _why_ownerless(codeowners: CodeownersFile) -> str:
    """Return why a CODEOWNERS file that is there does not become the source of ownership."""
    first = next(iter(codeowners.faults), None)
    return f"{shown(codeowners.file)} names no owner and is left out{f': {first}' if first else ''}."


def suggested(committers: Iterable[tuple[Identity, int]]) -> tuple[Committer, ...]:
    """Return the most active people of a history, most active first; machines are left out."""
    counts: Counter[str] = Counter()
    known: dict[str, Identity] = {}
    for identity, count in committers:
        email = ascii_lower(identity.email)
        is_machine = email == PLATFORM_EMAIL or _MACHINE.search(email) or _MACHINE.search(identity.name.lower())
        if is_machine or not _is_address(email):
            continue
        counts[email] += count
        known.setdefault(email, identity)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Committer(known[email], count) for email, count in ordered)


def _from_codeowners(codeowners: CodeownersFile, committers: Sequence[Committer]) -> Plan:
    """Keep CODEOWNERS as the source; add its people and teams, and name who owns the gate's own files."""
    parties = _parties(owner for rule in codeowners.rules for owner in rule.owners)
    choices = [_owners_of(codeowners, path) for path in (codeowners.file, *_GATE_PATHS)]
    owners = next((named for found in choices if (named := [one for one in found if one in parties.named])), [])
    is_all_owned = all(rule.owners or rule.problem for rule in codeowners.rules) and bool(
        _owners_of(codeowners, "some/file/that/no/other/rule/names")
    )
    notes = [f"{codeowners.file} stays the source of ownership ({count_of(len(codeowners.rules), 'rule')})."]
    if codeowners.faults:
        notes.append(f"`gate lint` finds {count_of(len(codeowners.faults), 'fault')} in its lines.")
    teams = dict(parties.teams)
    if owners:
        members = sorted(parties.named[owner] for owner in owners)
        owner = members[0] if len(members) == 1 else "gate-policy"
        if len(members) > 1:
            teams["gate-policy"] = {"members": members}
        people = dict(parties.people)
        notes.append(f"Changes of the gate's own files need {', '.join(owners)}, as {codeowners.file} says.")
    elif committers:
        people, team = _team_of(committers, people=parties.people, taken=parties.teams)
        owner, teams["gate-policy"] = "gate-policy", team
        notes.append(f"Nobody owns the gate's own files in {codeowners.file}: the most active committers do for now.")
    else:
        people = dict(parties.people)
        often = _named_most_often(codeowners, parties)
        owner = parties.named.get(often, "")
        whom = f"{often}, whom it names most often, does for now" if owner else "name a `policy_owner` in the policy"
        notes.append(f"Nobody owns the gate's own files in {codeowners.file}: {whom}.")
    unowned = (
        []
        if is_all_owned
        else [
            "# As on the platform: a file without owner needs nobody. To ask somebody, take this line out and set",
            "# `default_owner`.",
            "unowned: allow",
        ]
    )
    policy = policy_text(["records", "codeowners"], owner, unowned)
    intro = [
        f"# Who owns which file is written in {codeowners.file}, and stays there. This file adds what it cannot say:",
        "# people's addresses, teams, components with backup, escalation and rollback playbook.",
    ]
    return Plan(
        {RECORDS: records_text(intro, people, teams, (), _most_active(committers)), POLICY: policy}, tuple(notes)
    )


def _from_source(source: str, committers: Sequence[Committer]) -> Plan:
    """Keep the catalog or the OWNERS files as the source."""
    people, team = _team_of(committers, people={}, taken=())
    kind = "the Backstage catalog" if source == "backstage" else "the OWNERS files"
    intro = [f"# Who owns which file is written in {kind}, and stays there. This file adds what they cannot say."]
    extra = ["# Asked for every file that nobody else owns.", "default_owner: gate-policy"]
    if not committers:
        files = {RECORDS: records_text(intro, {}, {}, (), ()), POLICY: policy_text(["records", source], "", ())}
        return Plan(files, (f"Ownership stays in {kind}. {_NOBODY}",))
    files = {
        RECORDS: records_text(intro, people, {"gate-policy": team}, (), _most_active(committers)),
        POLICY: policy_text(["records", source], "gate-policy", extra),
    }
    note = f"Ownership stays in {kind}; files without owner go to the most active committers for now."
    return Plan(files, (note,))


def _from_history(committers: Sequence[Committer]) -> Plan:
    """Begin with one component for everything, owned by the people who work here."""
    people, team = _team_of(committers, people={}, taken=())
    intro = ["# Who is accountable for what. Later components win over earlier ones that match the same file."]
    if not committers:
        files = {RECORDS: records_text(intro, {}, {}, (), ()), POLICY: policy_text(["records"], "", ())}
        return Plan(files, (f"No CODEOWNERS, catalog or OWNERS file names an owner, and nobody committed. {_NOBODY}",))
    component = [
        "  - name: everything",
        "    title: All of this repository",
        "    owner: maintainers",
        '    paths: ["*"]',
    ]
    files = {
        RECORDS: records_text(intro, people, {"maintainers": team}, component, _most_active(committers)),
        POLICY: policy_text(["records"], "maintainers", ["default_owner: maintainers"]),
    }
    note = "No CODEOWNERS, catalog or OWNERS file names an owner: the most active committers own everything for now."
    return Plan(files, (note,))


def _named_most_often(codeowners: CodeownersFile, parties: _Parties) -> str:
    """Return the owner of most rules, the first by name among equals; empty where no owner has a usable name."""
    counts = Counter(owner for rule in codeowners.rules for owner in rule.owners if owner in parties.named)
    return min(counts, key=lambda owner: (-counts[owner], owner), default="")


def _owners_of(codeowners: CodeownersFile, path: str) -> tuple[str, ...]:
    """Return the owners that the file gives a path."""
    (index,) = PathMatcher([[rule.pattern for rule in codeowners.rules]]).match(path)
    if index == _NO_PARTY or codeowners.rules[index].problem is not None:
        return ()
    return codeowners.rules[index].owners


def _parties(owners: Iterable[str]) -> _Parties:
    """Return people and teams for the owners of a CODEOWNERS file, each account once and under a name of its own."""
    people: dict[str, Mapping[str, str]] = {}
    teams: dict[str, Mapping[str, object]] = {}
    named: dict[str, str] = {}
    known: dict[str, str] = {}
    ordered = sorted(dict.fromkeys(owners), key=lambda owner: ("/" in owner, ascii_lower(owner), owner))
    for owner in ordered:
        account = ascii_lower(owner)
        if account in known:
            named[owner] = known[account]
            continue
        taken = {ascii_lower(name) for name in (*people, *teams, *_OWN_NAMES)}
        team, login = _TEAM.fullmatch(owner), _GITHUB.fullmatch(owner)
        if team:
            name = _free(team[2], taken, otherwise=f"{team[1]}-{team[2]}")
            teams[name] = {"github_team": f"{team[1]}/{team[2]}"}
        elif login:
            name = _free(login[1], taken, otherwise=f"{login[1]}-github")
            people[name] = {"github": login[1]}
        elif _is_address(owner):
            name = _free(owner.partition("@")[0], taken, otherwise=owner.replace("@", "-at-"))
            people[name] = {"email": owner}
        else:
            continue
        named[owner] = known[account] = name
    return _Parties(people, teams, named)


def _is_address(text: str) -> bool:
    return len(text) <= MAX_ADDRESS and text.isprintable() and _EMAIL.fullmatch(text) is not None


def _team_of(
    committers: Sequence[Committer], *, people: Mapping[str, Mapping[str, str]], taken: Iterable[str]
) -> tuple[dict[str, Mapping[str, str]], dict[str, object]]:
    """Return the people with the most active committers among them, and a team of these."""
    known = {ascii_lower(value): name for name, record in people.items() for value in record.values()}
    everybody, members = dict(people), list[str]()
    for committer in committers[:MAX_SUGGESTED]:
        email = ascii_lower(committer.identity.email)
        login = noreply_login(email)
        if (login or email) not in known:
            used = {ascii_lower(name) for name in (*everybody, *taken, *_OWN_NAMES)}
            name = _free(login or email.partition("@")[0], used, otherwise=email.replace("@", "-at-"))
            spoken = "".join(letter for letter in committer.identity.name if letter.isprintable())[:200]
            account = {"github": login} if login and _GITHUB.fullmatch(f"@{login}") else {"email": email}
            everybody[name] = {**({"name": spoken} if spoken else {}), **account}
            known[login or email] = name
        members.append(known[login or email])
    return everybody, {"members": list(dict.fromkeys(members))}


def _free(wanted: str, taken: set[str], *, otherwise: str) -> str:
    """Return a name that the records accept and that is not taken yet."""
    for candidate in (wanted, otherwise):
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", candidate).lstrip("._-")[:80] or "somebody"
        if ascii_lower(name) not in taken:
            return name
    number = next(number for number in range(2, len(taken) + 3) if ascii_lower(f"{name}-{number}") not in taken)
    return f"{name}-{number}"


def _most_active(committers: Sequence[Committer]) -> list[str]:
    return [
        f"{shown(one.identity.name)} <{shown(one.identity.email)}>, {one.commits} commits"
        for one in committers[: 2 * MAX_SUGGESTED]
    ]


def _is_template(path: str) -> bool:
    folder, _, name = ascii_lower(path).rpartition("/")
    is_single = folder in {"", ".github", "docs"} and name in {"pull_request_template.md", "pull_request_template.txt"}
    return is_single or folder.rpartition("/")[2] == "pull_request_template"

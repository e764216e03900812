"""Claims about commits: each branch whole, as reconciled, as in a clone; nothing unexplained; every exception told."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
from typing import Iterator

from gate.verifier.export import Asked, BadExportError, Export, Row
from gate.verifier.tables import differing

_LINE = ("sha", "parent", "at", "how", "status", "code", "change")
_EXCEPTIONS = {
    "bypass-found", "break-glass-used", "signoff-voided", "signoff-refused", "link-refused", "anomaly-seen",
    "personal-data-erased", "key-rotated",
}  # fmt: skip


def branches_of(export: Export) -> Iterator[tuple[Row, list[Row]]]:
    """Yield each branch of the reconciliation with the rows of its commits."""
    rows: dict[tuple[str, str], list[Row]] = {}
    for one in export.lines("population/commits.jsonl"):
        rows.setdefault((one["repository"], one["branch"]), []).append(one)
    known = set()
    for branch in export.json("population/reconciliation.json")["branches"]:
        place = branch["repository"], branch["branch"]
        known.add(place)
        yield branch, rows.get(place, [])
    if rows.keys() - known:
        raise BadExportError("population/commits.jsonl holds a branch that was not reconciled")


def claim_commits(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield branches whose commits are not whole, or not those that the ledger's reconciliation counted."""
    reviews = list(export.entries.of_kind("review-done"))
    yield from _incomplete(export)
    for branch, rows in branches_of(export):
        where = f"{branch['repository']} {branch['branch']}"
        present = [row for row in rows if row["how"] != "force-push"]
        last = branch["baseline"]
        for row in present:
            if row["parent"] != last and last:
                yield f"{where}: {row['sha'][:12]} does not follow {last[:12]}: a commit is missing"
            last = row["sha"]
        if last != branch["tip"]:
            yield f"{where}: the last commit is not the branch's tip"
        yield from _against_ledger(export, branch, rows, reviews)
        names = {"commits": len(rows), "accounted": 0, "bypasses": 0}
        names["accounted"] = sum(row["status"] == "accounted" for row in rows)
        names["bypasses"] = sum(row["status"] == "bypass" for row in rows)
        for name, count in names.items():
            if branch[name] != count:
                yield f"{where}: the reconciliation counts {branch[name]} {name}, and there are {count}"
    yield from _as_table(export)


def _incomplete(export: Export) -> Iterator[str]:
    """Yield why the commits are not all there though the export says that it is complete."""
    told = export.json("population/reconciliation.json")
    if told["incomplete"] != export.manifest["incomplete"]:
        yield "the manifest and the reconciliation say different things of what is missing"
    last: dict[str, int] = {}
    for branch in told["branches"]:
        last[branch["subject"]] = max(last.get(branch["subject"], -1), branch["entry"])
    for one in export.manifest["repositories"]:
        subject = f"repository:{one['tenant']}/{one['id']}"
        if subject not in last and not told["incomplete"]:
            yield f"{one['name']} was never reconciled, and the export does not say so"
    for index, entry in export.entries.of_kind("change-merged"):
        subject = entry["subject"].replace("change:", "repository:").rpartition("/")[0]
        is_later = index > last.get(subject, index) and entry["at"] < export.manifest["period"]["to"]
        if is_later and not told["incomplete"]:
            yield f"entry {index} is a merge after the last reconciliation, and the export does not say so"


def _against_ledger(export: Export, branch: Row, rows: list[Row], reviews: list[tuple[int, Row]]) -> Iterator[str]:
    where = f"{branch['repository']} {branch['branch']}"
    mine = [
        (index, entry["payload"])
        for index, entry in reviews
        if entry["subject"] == branch["subject"]
        and entry["payload"].get("review") == "reconciliation"
        and entry["payload"]["branch"] == branch["branch"]
    ]
    if not mine or mine[-1][0] != branch["entry"]:
        yield f"{where}: the ledger's last reconciliation is another one"
        return
    payload = mine[-1][1]
    digest = hashlib.sha256()
    for row in rows:
        line = {name: row[name] for name in _LINE}
        digest.update(json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    said = (payload["tip"], payload["baseline"], payload["accounts"])
    if said != (branch["tip"], branch["baseline"], "sha256:" + digest.hexdigest()):
        yield f"{where}: the commits are not those that the ledger's reconciliation accounted for"
    for row in rows:
        yield from (f"{where}: {row['sha'][:12]} {why}" for why in _unfounded(export, branch, row))
    known = {row["sha"] for row in rows}
    for _, entry in export.entries.of_kind("bypass-found"):
        is_here = entry["subject"] == branch["subject"] and entry["payload"]["branch"] == branch["branch"]
        if is_here and entry["payload"]["commit"] not in known:
            yield f"{where}: the ledger has a bypass {entry['payload']['commit'][:12]} that the commits have not"


def _unfounded(export: Export, branch: Row, row: Row) -> Iterator[str]:
    """Yield why the ledger does not bear the account of a commit."""
    if row["status"] == "accounted":
        entry = _merged(export, branch["subject"], row["change"])
        merged = entry and entry["payload"]
        is_own = merged is not None and (row["how"] == "rebase" or merged["merge"] == row["sha"])
        if merged is None or not is_own or merged["verdict"] != "approved" or not merged["is_head_judged"]:
            yield "is accounted for by a change that the ledger has not approved"
    elif row["status"] == "bypass":
        found = export.entries.get(row["found"])
        if found["kind"] != "bypass-found" or found["payload"]["commit"] != row["sha"]:
            yield "is a bypass that the ledger does not have"


def _merged(export: Export, subject: str, change: int) -> Row | None:
    """Return what the ledger says of the merge of a change, None where it has none."""
    about = export.entries.about.get(subject.replace("repository:", "change:") + f"/{change}", [])
    found = [index for index, kind in about if kind == "change-merged"]
    return dict(export.entries.get(found[0])) if found else None


def _as_table(export: Export) -> Iterator[str]:
    """Yield what the table of the period says differently, or leaves out.

    What comes after the period is what both the commit and the ledger's entry of its merge put there.
    """
    since, until = export.manifest["period"]["from"], export.manifest["period"]["to"]
    subjects = {one["repository"]: one["subject"] for one in export.json("population/reconciliation.json")["branches"]}
    latest: dict[tuple[str, str], str] = {}
    wanted: list[Row] = []
    for row in export.lines("population/commits.jsonl"):
        place = row["repository"], row["branch"]
        latest[place] = max(latest.get(place, ""), row["at"])
        entry = None
        if row["status"] == "accounted" and row["at"] >= until:
            entry = _merged(export, subjects[row["repository"]], row["change"])
        is_later = entry is not None and entry["at"] >= until
        if row["how"] == "force-push" or (latest[place] >= since and not is_later):
            blank = {name: "" for name in ("found", "explained", "change") if row[name] in (-1, 0)}
            wanted.append({**row, **blank})
    yield from differing(export, "population/commits.csv", wanted)


def claim_explained(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield every bypass that nobody entitled has explained on the record, and counts that hide one."""
    total = 0
    for branch, rows in branches_of(export):
        count = 0
        for row in rows:
            if row["status"] == "bypass" and not _is_explained(export, row):
                count += 1
                yield f"{branch['repository']}: {row['sha'][:12]} ({row['code']}) is not explained"
        if branch["unexplained"] != count:
            yield f"{branch['repository']}: the reconciliation counts {branch['unexplained']} unexplained, not {count}"
        total += count
    said = export.json("population/reconciliation.json")["unexplained"], export.manifest["counts"]["unexplained"]
    if said != (total, total):
        yield f"the export counts other commits as unexplained than the {total} that are"


def _is_explained(export: Export, row: Row) -> bool:
    if row["explained"] < 0:
        return False
    entry = export.entries.get(row["explained"])
    payload = entry["payload"]
    return entry["kind"] == "review-done" and payload["commit"] == row["sha"] and row["found"] in payload["found"]


def claim_exceptions(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield exceptions of the ledger that the export does not list, and those that it lists without one."""
    wanted, closed = _exceptions_of(export)
    since = export.manifest["period"]["from"]
    wanted = {index for index in wanted if export.entries.get(index)["at"] >= since}
    listed = {row["entry"]: row for row in export.lines("exceptions/exceptions.jsonl")}
    for index in sorted(wanted - listed.keys()):
        yield f"entry {index} is an exception that the export does not list"
    for index in sorted(listed.keys() - wanted):
        yield f"entry {index} is listed as an exception and is none"
    for index in sorted(wanted & listed.keys()):
        entry, row = export.entries.get(index), listed[index]
        if (row["at"], row["subject"]) != (entry["at"], entry["subject"]) or row["closed_by"] != closed.get(index, ""):
            yield f"the exception of entry {index} is not told as the ledger has it"
    if export.manifest["counts"]["exceptions"] != len(wanted):
        yield f"the manifest counts other exceptions than the {len(wanted)} that are"
    yield from differing(export, "exceptions/exceptions.csv", (listed[index] for index in listed))


def _exceptions_of(export: Export) -> tuple[set[int], dict[int, int]]:
    """Return which entries of the ledger are exceptions, and which entry closed which."""
    wanted: set[int] = set()
    closed: dict[int, int] = {}
    for kind in sorted(_EXCEPTIONS):
        wanted.update(index for index, entry in export.entries.of_kind(kind) if not _is_late_acknowledgement(entry))
    for index, entry in export.entries.of_kind("review-done"):
        closed.update(dict.fromkeys(entry["payload"].get("found", ()), index))
    for index, entry in export.entries.of_kind("change-merged"):
        if entry["payload"]["verdict"] != "approved" or not entry["payload"]["is_head_judged"]:
            wanted.add(index)
    for index, entry in export.entries.of_kind("signoff-withdrawn"):
        if entry["payload"].get("decision") == "lift-veto":
            wanted.add(index)
    return wanted, closed


def _is_late_acknowledgement(entry: Row) -> bool:
    """Return whether an entry says that an acknowledgement came after its call was over, which breaks no rule."""
    return bool(entry["kind"] == "link-refused" and entry["payload"].get("code") == "call-over")


def claim_clone(export: Export, asked: Asked) -> Iterator[str]:
    """Yield branches whose commits are not those of `git rev-list --first-parent` in one of the auditor's clones."""
    for branch, rows in branches_of(export):
        name = f"{branch['repository']} {branch['branch']}"
        clone = next(
            (one for one in asked.clones if _git(one, "cat-file", "-e", branch["tip"] + "^{commit}") == ""), None
        )
        if clone is None:
            yield f"{name}: no clone that was given holds its tip {branch['tip'][:12]}"
            continue
        listed = (_git(clone, "rev-list", "--first-parent", branch["tip"]) or "").split()
        if branch["baseline"] in listed:
            listed = listed[: listed.index(branch["baseline"])]
        present = [row["sha"] for row in rows if row["how"] != "force-push"]
        if present != listed[::-1]:
            yield f"{name}: git lists {len(listed)} commits since the gate, and the export has {len(present)} or others"
        yield from _since_then(export, branch, clone)


def _since_then(export: Export, branch: Row, clone: str) -> Iterator[str]:
    """Yield why the branch in a clone goes on, within the period, past what was reconciled."""
    for prefix in ("refs/remotes/origin/", "refs/heads/"):
        tip = (_git(clone, "rev-parse", "--verify", "--quiet", prefix + branch["branch"]) or "").strip()
        if not tip:
            continue
        listed = (_git(clone, "log", "--first-parent", "--format=%H %ct", tip) or "").splitlines()
        shas = [line.split(" ")[0] for line in listed]
        if branch["tip"] not in shas:
            yield f"{branch['repository']} {branch['branch']}: the clone's branch does not hold the tip of the export"
            return
        later = listed[: shas.index(branch["tip"])]
        until = _seconds(export.manifest["period"]["to"])
        count = sum(
            int(line.split(" ")[1]) < min(until, _seconds(export.manifest["checkpoint"]["at"])) for line in later
        )
        if count:
            yield f"{branch['repository']} {branch['branch']}: {count} commits of the period are not in the export"
        return


def _seconds(at: str) -> int:
    return int(dt.datetime.strptime(at[:19] + "+0000", "%Y-%m-%dT%H:%M:%S%z").timestamp())


def _git(clone: str, *arguments: str) -> str | None:
    """Return what git prints in a clone, None where it fails; nothing of the clone's configuration is run."""
    line = [
        "git",
        "--no-pager",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-C",
        clone,
        *arguments,
    ]
    scrubbed = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "GIT_NO_REPLACE_OBJECTS": "1"}
    scrubbed.update({"GIT_CONFIG_NOSYSTEM": "1", "GIT_NO_LAZY_FETCH": "1", "HOME": os.devnull})
    done = subprocess.run(line, capture_output=True, check=False, env=scrubbed)
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None

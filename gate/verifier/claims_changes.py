"""Claims about changes: the population, proofs and statements, approvals, duties, the sample."""

from __future__ import annotations

import hashlib
import hmac
from typing import Iterator

from gate.verifier.export import Asked, BadExportError, Export, said_of, subject_of
from gate.verifier.facts import Facts
from gate.verifier.tables import differing, is_same, table_of
from gate.verifier.tlog import BadProofError, leaf_of, open_checkpoint, open_envelope, open_proof, root_by_path


def claim_population(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield changes that the ledger has merged in the period and the population has not, and the other way round."""
    period = export.manifest["period"]
    merged = {}
    for index, entry in export.entries.of_kind("change-merged"):
        if period["from"] <= entry["at"] < period["to"]:
            merged[index] = entry["subject"]
    seen: set[int] = set()
    unapproved, last = 0, -1
    for row in export.lines("population/changes.jsonl"):
        index = row["merge_entry"]
        if index <= last:
            yield f"change {row['id']} is out of order"
        last = index
        unapproved += row["verdict"] != "approved"
        if merged.get(index) != subject_of(row["id"]) or index in seen:
            yield f"change {row['id']} is in the population and was not merged in the period by entry {index}"
        seen.add(index)
    for index in sorted(merged.keys() - seen):
        yield f"{merged[index]} was merged in the period by entry {index} and is not in the population"
    counts = export.manifest["counts"]
    if (counts["changes"], counts["unapproved_merges"]) != (len(seen), unapproved):
        yield "the manifest counts other changes than the population has"
    yield from differing(export, "population/changes.csv", export.lines("population/changes.jsonl"))


def claim_proofs(export: Export, asked: Asked) -> Iterator[str]:
    """Yield ledger proofs that do not prove what they are said to."""
    size, root = open_checkpoint(export.read("ledger/checkpoint").decode(), asked.key)
    note = export.read("ledger/checkpoint").decode()
    for row in export.lines("population/changes.jsonl"):
        for name, index in (("verdict", row["verdict_entry"]), ("merge", row["merge_entry"])):
            if index < 0:
                continue
            file = f"changes/{row['id']}/{name}.tlog-proof"
            try:
                found, path, signed = open_proof(export.read(file).decode())
                made = root_by_path(leaf_of(export.entries.raw(index)), found, size, path)
            except (BadProofError, BadExportError, ValueError) as error:
                yield f"{file}: {said_of(error)}"
                continue
            if found != index or made != root or signed != note:
                yield f"{file} does not lead from entry {index} to the signed root"


def claim_statements(export: Export, asked: Asked) -> Iterator[str]:
    """Yield signed statements that are not signed by this key, or say something else than their packet."""
    for row in export.lines("population/changes.jsonl"):
        file = f"changes/{row['id']}/approval.intoto.jsonl"
        if row["verdict_entry"] < 0:
            continue
        try:
            found = open_envelope(export.read(file), asked.key)
            said, packet = found["predicate"], export.json(f"changes/{row['id']}/packet.json")
        except (BadProofError, BadExportError, KeyError, ValueError) as error:
            yield f"{file}: {said_of(error)}"
            continue
        wanted = {
            "state": packet["verdict"]["state"],
            "headSha": row["head_sha"],
            "decidedAt": row["decided_at"],
            "mergedAt": row["merged_at"],
            "facts": row["facts"],
            "verdict": "sha256:" + packet["verdict"]["sha256"],
            "signoffs": row["signoffs"],
            "exceptions": row["exceptions"],
        }
        if [one["digest"] for one in found["subject"]] != [{"gitCommit": row["merge_sha"]}]:
            yield f"{file} is about another commit"
        for name, value in wanted.items():
            if said.get(name) != value:
                yield f"{file} says something else of {name}"


def claim_approvals(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield changes that were merged without an approval of their very head before the merge."""
    for row in export.lines("population/changes.jsonl"):
        if row["verdict"] != "approved" or row["verdict_entry"] < 0:
            yield f"change {row['id']} was merged while the gate said {row['verdict'] or 'nothing'}"
            continue
        verdict, merge = export.entries.get(row["verdict_entry"]), export.entries.get(row["merge_entry"])
        if verdict["payload"]["state"] != "approved" or verdict["payload"]["head"] != merge["payload"]["head"]:
            yield f"change {row['id']} was approved at another head than it was merged at"
        if row["verdict_entry"] >= row["merge_entry"] or verdict["at"] > merge["at"]:
            yield f"change {row['id']} was merged before it was approved"
        decided = row["decided_at"]
        for need in export.json(f"changes/{row['id']}/verdict.json")["requirements"]:
            if any(one["at"] > decided for one in need["signoffs"]["counted"]):
                yield f"change {row['id']}: a sign-off that counted is later than the decision"


def claim_duties(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield sign-offs that counted though whoever gave them had a hand in the change."""
    found: set[tuple[str, str]] = set()
    for row in export.lines("population/changes.jsonl"):
        if row["verdict_entry"] < 0:
            continue
        folder = f"changes/{row['id']}"
        facts = Facts(export.read(f"{folder}/facts.json"))
        counted = {
            (one["source"], one["at"])
            for need in export.json(f"{folder}/verdict.json")["requirements"]
            for one in need["signoffs"]["counted"]
        }
        hands = facts.hands()
        for one in facts.tree["signoffs"]:
            person = facts.person_of(one["account"])
            if one["decision"] == "approve" and person in hands and (one["source"], one["at"]) in counted:
                found.add((row["id"], person))
                yield f"change {row['id']}: {facts.name_of(one['account'])} signed off on their own work"
    if len(found) != export.manifest["counts"]["self_approvals"]:
        yield f"the manifest counts other approvals of one's own work than the {len(found)} that are"


def claim_sample(export: Export, _asked: Asked) -> Iterator[str]:
    """Yield why the sample is not the one that the seed draws."""
    asked = export.manifest["sample"]
    if not asked["size"]:
        return
    seed = asked["seed"].encode()
    ids = [row["id"] for row in export.lines("population/changes.jsonl")]
    ranks = sorted((hmac.new(seed, one.encode(), hashlib.sha256).hexdigest(), one) for one in ids)[: asked["size"]]
    rows = table_of(export, "sample/sample.csv")
    if [(row["rank"], row["id"]) for row in rows] != ranks:
        yield "the sample is not the one that the seed draws"
    chosen = {row["id"] for row in rows}
    wanted = {row["id"]: row for row in export.lines("population/changes.jsonl") if row["id"] in chosen}
    for row in rows:
        if row["id"] in wanted and any(not is_same(row[name], value) for name, value in wanted[row["id"]].items()):
            yield f"the sample's row of {row['id']} is not that of the population"

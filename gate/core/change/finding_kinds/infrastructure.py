"""Destroyed infrastructure: resources no longer described, protections lifted, commands that destroy."""

import re
from collections.abc import Iterator, Mapping, Sequence

from gate.core.change.facts import Finding
from gate.core.change.finding_kinds.comparing import Scope, added_lines, gone_from, in_words, json_section
from gate.core.change.migration_tools.source_text import FileContent, blanked, closing, decoded
from gate.core.change.paths import quoted
from gate.core.lazy_regex import lazy_regex

_BLOCK = lazy_regex(r"^[ \t]*(?P<kind>resource|module|moved|removed)\b(?P<labels>[^\n{]*)\{", re.MULTILINE)
_BLOCK_AHEAD = 2000
_FROM = lazy_regex(r"\bfrom\s*=\s*(?P<address>[\w.-]+)")
_KEPT = lazy_regex(r"\bdestroy\s*=\s*false\b")
_LIFTED: Mapping[str, Sequence[tuple[str, re.Pattern[str]]]] = {
    "Terraform": [
        ("force_destroy = true", lazy_regex(r"\bforce_destroy\s*=\s*true\b")),
        ("deletion_protection = false", lazy_regex(r"\b(?:enable_)?deletion_protection\w*\s*=\s*false\b")),
        ("prevent_destroy = false", lazy_regex(r"\bprevent_destroy\s*=\s*false\b")),
        ("skip_final_snapshot = true", lazy_regex(r"\bskip_final_snapshot\s*=\s*true\b")),
        ("count = 0", lazy_regex(r"^[ \t]*count[ \t]*=[ \t]*0[ \t]*$", re.MULTILINE)),
    ],
    "Kubernetes": [("reclaim policy Delete", lazy_regex(r"(?i:reclaimPolicy):\s*[\"']?Delete\b"))],
    "CloudFormation": [("DeletionPolicy Delete", lazy_regex(r"\bDeletionPolicy[\"']?\s*:\s*[\"']?Delete\b"))],
}
_PROTECTED: Mapping[str, Sequence[tuple[str, re.Pattern[str]]]] = {
    "Terraform": [
        ("prevent_destroy = true", lazy_regex(r"\bprevent_destroy\s*=\s*true\b")),
        ("deletion_protection = true", lazy_regex(r"\b(?:enable_)?deletion_protection\w*\s*=\s*true\b")),
    ],
    "CloudFormation": [
        (
            "DeletionPolicy",
            lazy_regex(r"\bDeletionPolicy[\"']?\s*:\s*[\"']?(?:Retain|Snapshot|RetainExceptOnCreate)\b"),
        )
    ],
}
_SCOPES: Mapping[str, Scope] = {"Terraform": "folder", "Kubernetes": "folder", "CloudFormation": "file"}
"""Within what a thing may move without being destroyed: a Terraform folder is one state, a template is one stack."""
_DOCUMENT = lazy_regex(r"^---[^\n]*$", re.MULTILINE)
_KIND = lazy_regex(r"^kind:[ \t]*[\"']?(?P<kind>\w+)", re.MULTILINE)
_API = lazy_regex(r"^apiVersion:[ \t]*[\"']?(?P<api>[\w./-]+)", re.MULTILINE)
_STACK = lazy_regex(
    r"^ {1,8}(?P<name>\w+):[ \t]*\n(?:[ \t]*#[^\n]*\n)*[ ]+Type:[ \t]*[\"']?(?P<type>AWS::[\w:]+)", re.MULTILINE
)
_PIPELINE = lazy_regex(
    r"(?:\A|/)(?:\.github/.*\.ya?ml|\.gitlab-ci\.ya?ml|jenkinsfile|makefile|[^/]+\.(?:sh|ps1)|justfile)\Z"
)
_DESTROYS = lazy_regex(
    r"\b(?:terraform|tofu|terragrunt|pulumi|cdk|sls|serverless)\s+(?:run-all\s+)?(?:destroy|remove)\b"
    r"|\b(?:terraform|tofu)\s+apply\b[^\n]{0,200}\s-destroy\b|\bkubectl\s+delete\b|\bhelm\s+(?:uninstall|delete)\b"
    r"|\bcloudformation\s+delete-stack\b|\baws\s+s3\s+rb\b|\b(?:dropdb|DROP\s+DATABASE)\b"
)


def may_be_infrastructure(path: str) -> bool:
    """Return whether the content of a path is worth reading for destroyed infrastructure; the path in lower case."""
    return path.endswith((".tf", ".tf.json", ".yaml", ".yml", ".json", ".template")) or bool(_PIPELINE.search(path))


def find_destroyed(files: Sequence[FileContent]) -> Iterator[Finding]:
    """Yield what the changed files destroy, or no longer protect from being destroyed."""
    tools = {
        "Terraform": ([one for one in files if one.path.lower().endswith((".tf", ".tf.json"))], _terraform),
        "Kubernetes": ([one for one in files if one.path.lower().endswith((".yaml", ".yml"))], _kubernetes),
        "CloudFormation": (
            [one for one in files if one.path.lower().endswith((".yaml", ".yml", ".json", ".template"))],
            _cloudformation,
        ),
    }
    for tool, (its_files, named) in tools.items():
        for path, (names, is_blind) in gone_from(its_files, named, scope=_SCOPES[tool]).items():
            it = "it" if len(names) == 1 else "them"
            verb = "can no longer be read" if is_blind else f"{'is' if len(names) == 1 else 'are'} no longer described"
            yield _finding(path, tool, f"{in_words(names)} {verb}, so applying the change destroys {it}")
        for file in its_files:
            yield from _unprotected(file, tool)
    for file in files:
        if _PIPELINE.search(file.path.lower()):
            command = next((found[0] for line in added_lines(file) if (found := _DESTROYS.search(line))), None)
            if command is not None:
                yield _finding(file.path, "Pipeline", f"{quoted(command)} is new here")


def _finding(path: str, tool: str, said: str) -> Finding:
    return Finding("infrastructure-destroy", path, tool, None, f"{tool}: {said}.")


def _unprotected(file: FileContent, tool: str) -> Iterator[Finding]:
    """Yield protections that are lifted in a file of the tool: switched off, or no longer switched on."""
    head, base = decoded(file.head), decoded(file.base)
    texts = [blanked(text, "hash") if tool == "Terraform" and text else text for text in (head or "", base or "")]
    after, before = (text or "" for text in texts)
    if tool != "Terraform" and not _is_of(tool, after or before):
        return
    for name, pattern in _LIFTED.get(tool, ()):
        if len(pattern.findall(after)) > len(pattern.findall(before)):
            yield _finding(file.path, tool, f"`{name}` is new here, which lets it be destroyed")
    for name, pattern in _PROTECTED.get(tool, ()):
        if file.head is not None and len(pattern.findall(after)) < len(pattern.findall(before)):
            yield _finding(file.path, tool, f"`{name}` is taken away, which protected it from being destroyed")


def _is_of(tool: str, text: str) -> bool:
    return bool(_API.search(text) and _KIND.search(text)) if tool == "Kubernetes" else "AWS::" in text


def _terraform(path: str, text: str) -> frozenset[str] | None:
    """Return the resources and modules of a file, and those that it says were moved or are kept."""
    if path.lower().endswith(".json"):
        return _terraform_json(text)
    code = blanked(text, "hash")
    if code is None:
        return None
    found = set()
    for block in _BLOCK.finditer(code):
        if block["kind"] in {"resource", "module"}:
            labels = re.findall(r"[\w-]+", text[block.start("labels") : block.end("labels")])
            found.add(".".join(labels if block["kind"] == "resource" else ["module", *labels]))
            continue
        ahead = code[block.end() - 1 : block.end() + _BLOCK_AHEAD]
        inside = ahead[: closing(ahead, 0) + 1]
        address = _FROM.search(inside)
        if address and (block["kind"] == "moved" or _KEPT.search(inside)):
            found.add(address["address"])
    return frozenset(found)


def _terraform_json(text: str) -> frozenset[str] | None:
    resources = json_section(text, "resource")
    if resources is None:
        return None
    return frozenset(f"{kind}.{name}" for kind, named in resources.items() if isinstance(named, dict) for name in named)


def _kubernetes(_path: str, text: str) -> frozenset[str] | None:
    """Return the objects of a manifest as `Kind/name`; a list of kustomize is none."""
    found = set()
    for document in _DOCUMENT.split(text):
        api, kind, name = _API.search(document), _KIND.search(document), _name_in(document)
        if api and kind and name and not api["api"].startswith("kustomize.config"):
            found.add(f"{kind['kind']}/{name[:80]}")
    return frozenset(found)


def _name_in(document: str) -> str | None:
    """Return the value of `name` directly under `metadata`, None where there is none."""
    _, found, after = f"\n{document}".partition("\nmetadata:")
    depth = -1
    for line in after.split("\n")[1:] if found else ():
        inner = line.lstrip(" ")
        if not inner.strip() or inner.startswith("#"):
            continue
        indent = len(line) - len(inner)
        if indent == 0:
            return None
        depth = indent if depth < 0 else depth
        if indent == depth and inner.startswith("name:"):
            return inner.removeprefix("name:").split(" #")[0].strip(" \"'")
    return None


def _cloudformation(_path: str, text: str) -> frozenset[str] | None:
    """Return the resources of a stack as `Type Name`."""
    if "AWS::" not in text:
        return frozenset()
    if text.lstrip().startswith("{"):
        resources = json_section(text, "Resources")
        if resources is None:
            return None
        return frozenset(f"{one.get('Type')} {name}" for name, one in resources.items() if isinstance(one, dict))
    return frozenset(f"{found['type']} {found['name']}" for found in _STACK.finditer(text))

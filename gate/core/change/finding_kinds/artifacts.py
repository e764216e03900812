"""Published artifacts: a package's version that changes, and commands that begin to publish.

A version that changes is what release pipelines act on, and what they publish stays published. A Dockerfile that
changes is not counted: an image is replaced by deploying the previous one.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gate.core.change.facts import Finding
from gate.core.change.finding_kinds.comparing import added_lines
from gate.core.change.migration_tools.source_text import FileContent, decoded
from gate.core.change.paths import quoted
from gate.core.lazy_regex import lazy_regex

_BY_TEXT: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "pom.xml": ("Maven", lazy_regex(r"<version>\s*([^<\s]+)\s*</version>")),
    "chart.yaml": ("Helm", lazy_regex(r"^(?:version|appVersion):\s*[\"']?([^\s\"'#]+)", re.MULTILINE)),
    "build.gradle": ("Gradle", lazy_regex(r"^\s*version\s*=?\s*[\"']([^\"']+)[\"']", re.MULTILINE)),
    "build.gradle.kts": ("Gradle", lazy_regex(r"^\s*version\s*=\s*\"([^\"]+)\"", re.MULTILINE)),
    "setup.py": ("Python package", lazy_regex(r"\bversion\s*=\s*[\"']([^\"']+)[\"']")),
    "setup.cfg": ("Python package", lazy_regex(r"^version\s*=\s*(\S+)", re.MULTILINE)),
    "version": ("Version file", lazy_regex(r"\A\s*v?([0-9][\w.+-]*)\s*\Z")),
    "version.txt": ("Version file", lazy_regex(r"\A\s*v?([0-9][\w.+-]*)\s*\Z")),
}
_BY_ENDING: Mapping[str, tuple[str, re.Pattern[str]]] = {
    ".gemspec": ("Ruby gem", lazy_regex(r"\.version\s*=\s*[\"']([^\"']+)[\"']")),
    ".csproj": ("NuGet", lazy_regex(r"<(?:Package)?Version>\s*([^<\s]+)\s*</")),
    "version.rb": ("Ruby gem", lazy_regex(r"\bVERSION\s*=\s*[\"']([^\"']+)[\"']")),
    "version.py": (
        "Python package",
        lazy_regex(r"^__version__\s*(?::\s*\w+\s*)?=\s*[\"']([^\"']+)[\"']", re.MULTILINE),
    ),
    "__init__.py": (
        "Python package",
        lazy_regex(r"^__version__\s*(?::\s*\w+\s*)?=\s*[\"']([^\"']+)[\"']", re.MULTILINE),
    ),
}
_PARSED: Mapping[str, str] = {"pyproject.toml": "Python package", "cargo.toml": "Cargo", "package.json": "npm"}
_PIPELINE = lazy_regex(
    r"(?:\A|/)(?:\.github/(?:workflows|actions)/.*\.ya?ml|\.gitlab-ci\.ya?ml|\.circleci/config\.ya?ml|jenkinsfile|makefile"
    r"|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|\.goreleaser\.ya?ml|[^/]+\.sh|justfile|taskfile\.ya?ml)\Z"
)
_PUBLISHES = lazy_regex(
    r"\b(?:npm|pnpm|yarn|poetry|uv|cargo|hatch|flit|dart pub|flutter pub)\s+(?:npm\s+)?publish\b|\btwine\s+upload\b"
    r"|\bdocker\s+(?:buildx\s+[^\n]{0,200}--push|(?:image\s+)?push)\b|\bgh\s+release\s+create\b|\bmvn\b[^\n]{0,200}\bdeploy\b|\bgem\s+push\b"
    r"|\bgradlew?\b[^\n]{0,200}\bpublish|\bgoreleaser\b|\bhelm\s+push\b|\b(?:crane|oras|nuget|skopeo)\s+(?:push|copy)\b"
    r"|\bdotnet\s+nuget\s+push\b|\bgh-action-pypi-publish\b|\baction-gh-release\b|\bsemantic-release\b"
)


def may_be_artifact(path: str) -> bool:
    """Return whether the content of a path is worth reading for published artifacts; the path in lower case."""
    name = path.rpartition("/")[2]
    return name in _BY_TEXT or name in _PARSED or name.endswith(tuple(_BY_ENDING)) or bool(_PIPELINE.search(path))


def find_artifacts(file: FileContent) -> Iterator[Finding]:
    """Yield what a file publishes: a version that changes, or a command that begins to publish."""
    lower = file.path.lower()
    tool, before = _version(file, file.base)
    _, after = _version(file, file.head)
    if before is not None and after is not None and before != after:
        why = f"the version changes from {quoted(before)} to {quoted(after)}, and a published version stays published"
        yield Finding("artifact", file.path, tool, None, f"{tool}: {why}.")
    if _PIPELINE.search(lower):
        command = next((found[0] for line in added_lines(file) if (found := _PUBLISHES.search(line))), None)
        if command is not None:
            why = f"{quoted(command)} is new here, and what it publishes stays published"
            yield Finding("artifact", file.path, "Pipeline", None, f"Pipeline: {why}.")


def _version(file: FileContent, raw: bytes | None) -> tuple[str, str | None]:
    """Return the tool and the version that a manifest names; None where it names none or is not to be published."""
    name = file.name.lower()
    text = decoded(raw)
    tool, pattern = _BY_TEXT.get(name, ("", None))
    for ending, (its_tool, its_pattern) in _BY_ENDING.items():
        if name.endswith(ending) and pattern is None:
            tool, pattern = its_tool, its_pattern
    if text is None:
        return tool or _PARSED.get(name, ""), None
    if name in _PARSED:
        return _PARSED[name], _parsed_version(name, text)
    if pattern is None:
        return "", None
    if name == "pom.xml":
        before, _, rest = text.partition("<parent>")
        text = before + rest.partition("</parent>")[2]
    found = pattern.search(text)
    return tool, found[1] if found else None


def _parsed_version(name: str, text: str) -> str | None:
    import tomllib

    try:
        document: Any = json.loads(text) if name == "package.json" else tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("private") is True:
        return None
    if name == "package.json":
        version = document.get("version")
    else:
        tables = [document.get("project"), document.get("package"), (document.get("tool") or {}).get("poetry")]
        version = next((table["version"] for table in tables if isinstance(table, dict) and "version" in table), None)
    return version if isinstance(version, str) else None

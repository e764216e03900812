"""Routes of branch protection and rulesets."""

from typing import Any
from urllib.parse import quote

from doubles.github.protection import Ruleset, rulesets_of
from doubles.github.repositories import Repository
from doubles.github.routing import Answer, Refusal, Request, route

REPO = "/repos/{owner}/{repo}"


@route("GET", f"{REPO}/branches/{{branch}}/protection", "administration:read")
def get_protection(request: Request) -> Answer:
    """Answer the classic protection of a branch."""
    repository, name = request.repository, request.parameters["branch"]
    if repository.branch(name) is None:
        raise Refusal(404, "Branch not found")
    rule = repository.protections.get(name)
    if rule is None:
        raise Refusal(404, "Branch not protected")
    url = f"{request.world.shapes.repository_url(repository)}/branches/{quote(name)}/protection"
    body: dict[str, Any] = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rule.covers_admins},
        "allow_force_pushes": {"enabled": rule.allows_force_push},
        "allow_deletions": {"enabled": rule.allows_deletion},
        "required_linear_history": {"enabled": False},
    }
    if rule.checks:
        body["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "contexts_url": f"{url}/required_status_checks/contexts",
            "strict": rule.is_strict,
            "contexts": [check for check, _ in rule.checks],
            "checks": [{"context": check, "app_id": app_id} for check, app_id in rule.checks],
        }
    if rule.approvals:
        body["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "required_approving_review_count": rule.approvals,
        }
    return Answer(body)


def _source(rules: Ruleset) -> dict[str, Any]:
    is_repository = isinstance(rules.source, Repository)
    name = rules.source.full_name if is_repository else rules.source.login
    return {"source_type": "Repository" if is_repository else "Organization", "source": name}


@route("GET", f"{REPO}/rules/branches/{{branch}}", "metadata:read")
def list_rules(request: Request) -> Answer:
    """Answer the active rules of a branch, the organisation's included; one of evaluation only is not among them."""
    repository, name = request.repository, request.parameters["branch"]
    active = [
        rules for rules in rulesets_of(repository) if rules.enforcement == "active" and rules.covers(repository, name)
    ]
    found = [
        {
            **rule,
            "ruleset_source_type": _source(rules)["source_type"],
            "ruleset_source": _source(rules)["source"],
            "ruleset_id": rules.id,
        }
        for rules in active
        for rule in rules.rules()
    ]
    return request.page(found, dict)


def _shape(rules: Ruleset, *, is_whole: bool) -> dict[str, Any]:
    shape = {"id": rules.id, "name": rules.name, "target": "branch", "enforcement": rules.enforcement, **_source(rules)}
    if is_whole:
        shape |= {
            "conditions": {"ref_name": {"include": list(rules.branches), "exclude": []}},
            "rules": rules.rules(),
            "bypass_actors": list(rules.bypass),
        }
    return shape


@route("GET", f"{REPO}/rulesets", "metadata:read")
def list_rulesets(request: Request) -> Answer:
    """Answer the rulesets, in short."""
    has_parents = request.query.get("includes_parents", "true") == "true"
    found = rulesets_of(request.repository) if has_parents else request.repository.rulesets
    return request.page(found, lambda rules: _shape(rules, is_whole=False))


@route("GET", f"{REPO}/rulesets/{{ruleset_id}}", "metadata:read")
def get_ruleset(request: Request) -> Answer:
    """Answer one ruleset with its rules."""
    for rules in rulesets_of(request.repository):
        if rules.id == request.number("ruleset_id"):
            return Answer(_shape(rules, is_whole=True))
    raise Refusal(404, "Not Found")

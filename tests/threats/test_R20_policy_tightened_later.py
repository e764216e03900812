"""R20: when a policy changes, the repository's own or the organisation's, open changes are judged by it at once."""

from pathlib import Path

from builders_forge_world import POLICY
from builders_service import a_service

STRICT = "version: 1\nsignoffs: {each_component: 2}\n"


class TestWhenThePolicyChanges:
    def test_changes_that_were_opened_before_are_judged_by_it(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.approved()
            policy = POLICY + "signoffs: {each_component: 2}\n"
            service.forge.shop.commit("main", {".gate/policy.yaml": policy}, author=service.forge.carol)
            service.settle()
            assert service.check(pull) == "in_progress"
            service.forge.shop.commit("main", {".gate/policy.yaml": POLICY}, author=service.forge.carol)
            service.settle()
            assert service.check(pull) == "success"

    def test_the_organisations_too(self, tmp_path: Path) -> None:
        with a_service(tmp_path, settings={"config_repository": "acme/rules"}) as service:
            forge = service.forge
            files = {".gate/policy.yaml": "version: 1\n"}
            rules = forge.world.repository("acme/rules", files=dict(files), author=forge.carol)
            service.settle()
            pull = service.approved()
            rules.commit("main", {".gate/policy.yaml": STRICT}, author=forge.carol)
            service.settle()
            assert service.check(pull) == "in_progress"

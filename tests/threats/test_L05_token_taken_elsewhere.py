"""L05: a link is for one person, one change, one scope; nothing of it serves for anything else."""

from dataclasses import replace
from pathlib import Path

from builders_link_pages import a_trial, decide, form_of, opened
from builders_login import HTML
from builders_service import a_service
from builders_signoff import a_link, entries

from gate.core.forge.snapshot import ChangeKey


class TestALinkOfAnotherChange:
    def test_is_not_answered_by_this_ones_form(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            first, second = service.forge.a_pull(), service.forge.a_pull()
            service.settle()
            client = a_trial(service)
            here = opened(client, a_link(service, first, service.forge.alice))
            token = a_link(service, second, service.forge.alice)
            there = opened(client, token)
            for address in (there.request.path, f"/signoff/{token}"):
                assert client.post(address, data=form_of(here), headers=HTML).status_code == 403
            assert entries(service, second, "signoff-given") == []
            assert decide(client, there).status_code == 303
            assert entries(service, first, "signoff-given") == []


class TestATokenSignedForSomethingElse:
    def test_holds_only_for_what_was_issued_under_its_id(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull, other = service.forge.a_pull(), service.forge.a_pull()
            service.settle()
            gate = service.gate
            honest = gate.links.verify(a_link(service, pull, service.forge.alice), purpose="signoff", at=gate.now())
            elsewhere = ChangeKey(honest.change.tenant, honest.change.repository, other.number)
            for changed in (
                replace(honest, change=elsewhere),
                replace(honest, change=replace(honest.change, tenant=1)),
                replace(honest, account="github:1002"),
                replace(honest, scope="sha256:" + "0" * 64),
                replace(honest, jti="B" * 24),
                replace(honest, purpose="acknowledge"),
            ):
                token = gate.links.sign(changed, at=gate.now())
                assert a_trial(service).get(f"/signoff/{token}", headers=HTML).status_code == 401, changed
            token = gate.links.sign(honest, at=gate.now())
            assert a_trial(service).get(f"/signoff/{token}", headers=HTML).status_code == 303

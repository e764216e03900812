"""The ledger on the web: C2SP clients read head and hash tiles; entries and proofs are for auditors alone."""

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import second_ledger_reader as second
from builders_facts import AT
from builders_login import an_app
from builders_service import a_service
from builders_store import ORIGIN, a_draft, a_signer

from gate.core.ledger.note import verifier_key
from gate.core.secrets_digest import secret_hash
from gate.usecases.stored import ApiToken

VKEY = verifier_key(ORIGIN, a_signer().public_key)
ENTRIES = 300


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder: Path = tmp_path_factory.mktemp("ledger")
    with a_service(folder) as service:
        with service.store.writing() as writing:
            for number in range(ENTRIES):
                writing.append(a_draft(payload={"n": number}))
            for role in ("viewer", "owner", "auditor", "admin"):
                token = ApiToken(role, role, role, (), AT, "2999-01-01T00:00:00Z")
                writing.save_api_token(token, secret_hash(f"secret of {role}"))
            limited = ApiToken("limited", "limited", "auditor", ("acme/shop",), AT, "2999-01-01T00:00:00Z")
            writing.save_api_token(limited, secret_hash("secret of limited"))
        yield an_app(service).test_client()


def get(client: Any, path: str, role: str = "auditor") -> Any:
    headers = {"Authorization": f"Bearer secret of {role}"} if role else {}
    return client.get(path, headers=headers)


def contents(client: Any) -> list[bytes]:
    raw = [get(client, f"/ledger/tile/entries/{place}").data for place in ("000", "001.p/44")]
    return [entry for one in raw for entry in second.bundle(gzip.decompress(one))]


class TestWhatAClientOfTransparencyLogsReads:
    def test_the_head_is_a_signed_note_as_plain_text(self, client: Any) -> None:
        answer = get(client, "/ledger/checkpoint", role="")
        assert answer.content_type == "text/plain; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=5"
        assert second.opened_checkpoint(answer.text, VKEY)[:2] == (ORIGIN, ENTRIES)

    def test_tiles_and_bundles_make_up_the_tree_of_the_head(self, client: Any) -> None:
        _, size, root = second.opened_checkpoint(get(client, "/ledger/checkpoint").text, VKEY)
        entries = contents(client)
        assert second.mth(entries) == root
        for (level, index), width in second.tile_widths(size).items():
            answer = get(client, "/ledger/" + second.tile_path(level, index, width), role="")
            assert answer.data == second.tile(level, index, entries)
            assert answer.content_type == "application/octet-stream"
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"

    @pytest.mark.parametrize(
        "path",
        ["tile/0/001", "tile/0/001.p/45", "tile/0/1.p/44", "tile/1/000.p/2", "tile/64/000", "tile/0/x001", "tile/0/a"],
    )
    def test_what_is_no_tile_of_this_tree_is_not_there_and_not_kept(self, client: Any, path: Any) -> None:
        answer = get(client, f"/ledger/{path}", role="")
        assert answer.status_code in {400, 404}
        assert answer.headers["Cache-Control"] == "no-store, private"

    def test_an_earlier_partial_tile_is_still_served(self, client: Any) -> None:
        assert get(client, "/ledger/tile/0/001.p/7", role="").data == second.tile(0, 1, contents(client))[: 7 * 32]


class TestATokenThatIsLimitedToRepositories:
    @pytest.mark.parametrize("path", ["/api/v1/ledger/entries/7", "/ledger/tile/entries/000"])
    def test_reads_no_entries_since_they_tell_of_every_repository(self, client: Any, path: str) -> None:
        assert get(client, path).status_code == 200
        assert get(client, path, role="limited").status_code == 404


class TestProofs:
    @pytest.mark.parametrize("index", [0, 255, 256, 299])
    def test_an_entry_and_its_proof_are_all_that_an_auditor_needs(self, client: Any, index: Any) -> None:
        entry = get(client, f"/api/v1/ledger/entries/{index}").data
        proof = get(client, f"/api/v1/ledger/proof/inclusion/{index}")
        assert proof.content_type == "text/plain; charset=utf-8"
        assert second.is_proven(proof.text, entry, VKEY)
        assert not second.is_proven(proof.text, entry + b" ", VKEY)

    def test_two_heads_and_the_path_between_them(self, client: Any) -> None:
        answer = get(client, f"/api/v1/ledger/proof/consistency/{ENTRIES}/{ENTRIES}").json
        assert answer["path"] == []
        assert answer["old"] == answer["new"]
        assert base64.b64decode(answer["new"]["root"]) == second.mth(contents(client))

    @pytest.mark.parametrize(
        "path",
        ["inclusion/300", "inclusion/5?size=12", "consistency/1/300", "consistency/300/301", "consistency/301/300"],
    )
    def test_what_cannot_be_proven_is_not_there(self, client: Any, path: Any) -> None:
        assert get(client, f"/api/v1/ledger/proof/{path}").status_code == 404


class TestWhoMayRead:
    @pytest.mark.parametrize("path", ["/ledger/checkpoint", "/ledger/tile/0/000"])
    @pytest.mark.parametrize("role", ["", "viewer", "auditor"])
    def test_head_and_hashes_are_open_to_everybody(self, client: Any, path: Any, role: Any) -> None:
        assert get(client, path, role).status_code == 200

    @pytest.mark.parametrize(
        "path",
        [
            "/ledger/tile/entries/000",
            "/api/v1/ledger/entries/0",
            "/api/v1/ledger/proof/inclusion/0",
            "/api/v1/ledger/proof/consistency/300/300",
        ],
    )
    def test_entries_and_proofs_are_for_auditors_and_admins(self, client: Any, path: Any) -> None:
        got = [get(client, path, role).status_code for role in ("", "viewer", "owner", "auditor", "admin")]
        assert got == [401, 403, 403, 200, 200]

"""The double has the platform's limits: what is cut short there is cut short here, and in the same way."""

import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest
from builders_forge_world import ForgeWorld, a_world
from doubles.github.objects import Content, Executable, Submodule, Symlink

SHOP = "/repos/acme/shop"


@pytest.fixture
def forge() -> Iterator[ForgeWorld]:
    with a_world() as forge:
        yield forge


def ask(forge: ForgeWorld, path: str) -> Any:
    return forge.world.get(f"{SHOP}/{path}", forge.world.token(forge.bob))


class TestPulls:
    def test_a_pull_lists_250_commits_and_counts_all(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        tip = pull.head_sha
        for number in range(260):
            tip = forge.shop.make_commit({"n": f"{number}\n"}, parents=[tip], author=forge.dave)
        forge.shop.push(pull.head_ref, tip, pusher=forge.dave)
        assert ask(forge, "pulls/1")["commits"] == 261
        pages = [ask(forge, f"pulls/1/commits?per_page=100&page={page}") for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [100, 100, 50]
        assert ask(forge, f"compare/main...{tip}")["total_commits"] == 261
        assert len(ask(forge, f"compare/main...{tip}?per_page=100&page=3")["commits"]) == 61

    def test_a_comparison_has_300_files_on_its_first_page_only(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull({f"many/{number}": f"{number}\n" for number in range(310)})
        assert len(ask(forge, f"compare/main...{pull.head_sha}")["files"]) == 300
        assert ask(forge, f"compare/main...{pull.head_sha}?page=2")["files"] == []

    def test_a_file_has_no_mode(self, forge: ForgeWorld) -> None:
        forge.a_pull({"run": Executable("#!/bin/sh\n"), "link": Symlink("README.md"), "sub": Submodule()})
        files = {file["filename"]: file for file in ask(forge, "pulls/1/files")}
        assert files.keys() == {"run", "link", "sub"}
        assert all("mode" not in file for file in files.values())


class TestContents:
    def test_a_file_above_a_megabyte_comes_without_content(self, forge: ForgeWorld) -> None:
        forge.shop.commit("main", {"big": "x" * (1024 * 1024 + 1)}, author=forge.carol)
        found = ask(forge, "contents/big")
        assert (found["content"], found["encoding"], found["size"]) == ("", "none", 1024 * 1024 + 1)
        assert ask(forge, f"git/blobs/{found['sha']}")["size"] == 1024 * 1024 + 1

    def test_a_link_within_the_repository_is_followed_and_one_without_is_shown(self, forge: ForgeWorld) -> None:
        files: dict[str, Content] = {
            "in": Symlink("api/pay.py"),
            "out": Symlink("../../etc/passwd"),
            "sub": Submodule("2" * 40),
        }
        forge.shop.commit("main", files, author=forge.carol)
        assert ask(forge, "contents/in")["type"] == "file"
        assert (ask(forge, "contents/out")["type"], ask(forge, "contents/out")["target"]) == (
            "symlink",
            "../../etc/passwd",
        )
        assert ask(forge, "contents/sub")["type"] == "submodule"

    def test_a_path_of_strange_letters_is_shown(self, forge: ForgeWorld) -> None:
        forge.a_pull({"a b/ü#?.txt": "x\n", "bad-\udcff.txt": "y\n"})
        assert {file["filename"] for file in ask(forge, "pulls/1/files")} == {"a b/ü#?.txt", "bad-\ufffd.txt"}


class TestLists:
    def test_a_page_leads_to_the_next_and_the_last(self, forge: ForgeWorld) -> None:
        pull = forge.a_pull()
        for number in range(31):
            pull.comment(forge.bob, str(number))
        seen = list(_every_page(forge, f"{SHOP}/issues/1/comments"))
        assert [len(page) for page in seen] == [30, 1]

    def test_pushes_come_by_cursor(self, forge: ForgeWorld) -> None:
        for number in range(3):
            forge.shop.commit("topic", {"n": f"{number}\n"}, author=forge.dave)
        seen = list(_every_page(forge, f"{SHOP}/activity?ref=topic&per_page=2"))
        assert [[line["activity_type"] for line in page] for page in seen] == [["push", "push"], ["branch_creation"]]

    def test_pulls_are_found_by_state_head_and_base(self, forge: ForgeWorld) -> None:
        first, second = forge.a_pull(), forge.a_pull()
        first.close(forge.bob)
        assert [pull["number"] for pull in ask(forge, "pulls")] == [second.number]
        assert [pull["number"] for pull in ask(forge, "pulls?state=all")] == [2, 1]
        assert [pull["number"] for pull in ask(forge, f"pulls?head=acme:{second.head_ref}")] == [2]
        assert ask(forge, "pulls?base=release") == []
        assert [pull["number"] for pull in ask(forge, f"commits/{second.head_sha}/pulls")] == [2]

    def test_nothing_is_answered_above_the_rate(self, forge: ForgeWorld) -> None:
        forge.world.rate_limit = 1
        ask(forge, "pulls")
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(forge, "pulls")
        with refused.value:
            assert (refused.value.code, refused.value.headers["X-RateLimit-Remaining"]) == (403, "0")


def _every_page(forge: ForgeWorld, path: str) -> Iterator[list[Any]]:
    token = forge.world.token(forge.bob)
    following: str | None = path
    while following:
        body, links = forge.world.get_with_links(following, token)
        yield body
        following = links.get("next")


class TestWaiting:
    def test_webhooks_of_api_writes_have_arrived_after_waiting(self, forge: ForgeWorld) -> None:
        forge.world.webhooks_to("http://127.0.0.1:9/", "secret")
        forge.a_pull()
        forge.world.hooks.wait()
        assert [delivery.event for delivery in forge.world.hooks.log] == ["push", "pull_request"]
        assert all("failed to connect" in delivery.status for delivery in forge.world.hooks.log)

import pytest
from builders_github_forge import MakeShop, Shop

from gate.core.change.facts import ChangedFile


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop({f"src/{number}.py": f"{number}\n" for number in range(30)})


class TestManyFiles:
    def test_more_than_a_comparison_lists_are_all_there_with_their_lines(self, shop: Shop) -> None:
        found = shop.change({f"new/{number:04}.txt": "a\nb\n" for number in range(450)})
        assert len(found.files) == 450
        assert {(file.status, file.additions) for file in found.files} == {("added", 2)}
        assert found.problems == ()

    def test_more_than_github_lists_at_all_are_all_there(self, shop: Shop) -> None:
        found = shop.change({f"new/{number:04}.txt": f"{number}\n" for number in range(3_050)})
        assert len(found.files) == 3_050
        assert found.files[-1].path == "new/3049.txt"
        assert found.files[-1].additions == -1
        assert found.problems == ()


class TestManyCommits:
    def test_more_than_a_comparison_lists_are_all_there(self, shop: Shop) -> None:
        shas = [shop.repository.commit("topic", {"a": f"{number}\n"}, author=shop.alice) for number in range(270)]
        pull = shop.repository.open_pull(head="topic", author=shop.alice)
        found = shop.access().snapshot(pull.number)
        assert {commit.sha for commit in found.commits} == set(shas)
        assert found.problems == ()

    def test_first_parents_go_back_beyond_a_page(self, shop: Shop) -> None:
        shas = [shop.repository.commit("topic", {"a": f"{number}\n"}, author=shop.alice) for number in range(130)]
        access = shop.access()
        assert access.first_parents(shas[-1], count=120) == shas[:-121:-1]
        assert list(access.first_parents(shas[-1], count=200))[-1] == access.first_parents(shas[0], count=9)[-1]

    def test_first_parents_leave_side_branches_out(self, shop: Shop) -> None:
        before = shop.repository.tip("main")
        shop.repository.commit("topic", {"a": "2\n"}, author=shop.alice)
        main = shop.repository.commit("main", {"b": "2\n"}, author=shop.bob)
        merge = shop.repository.commit("main", {}, author=shop.bob, merge="topic")
        assert list(shop.access().first_parents(merge, count=3)) == [merge, main, before]


class TestOddPaths:
    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("docs/\u202egnp.exe", "suspicious-path"),
            ("secure/a\nb", "suspicious-path"),
            ("docs/\ufffd.txt", "undecodable-path"),
        ],
    )
    def test_what_cannot_be_judged_by_its_name_is_a_problem(self, shop: Shop, path: str, code: str) -> None:
        found = shop.change({path: "x\n"})
        assert [problem.code for problem in found.problems] == [code]
        assert [file.path for file in found.files] == [path]

    def test_names_beyond_ascii_are_fine(self, shop: Shop) -> None:
        found = shop.change({"größe/日本.txt": "x\n"})
        assert found.problems == ()
        assert [file.path for file in found.files] == ["größe/日本.txt"]


class TestWhatADiffViewHides:
    def test_attributes_pointers_binaries_and_reordered_text_are_told(self, shop: Shop) -> None:
        found = shop.change(
            {
                ".gitattributes": "*.lock linguist-generated\n/gen/** -diff\n*.bin binary\ngen/shown.py diff\n",
                "a.lock": "1\n",
                "gen/deep/x.py": "1\n",
                "gen/shown.py": "1\n",
                "sub/gen/x.py": "1\n",
                "x.bin": "text\n",
                "big.psd": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
                "logo.png": b"\x89PNG\0\xff",
                "trojan.py": "x = 1  # \u202e }\n",
                "plain.py": "x = 1\n",
                "src/0.py": None,
                "moved.py": "0\n",
            }
        ).hidden_files
        assert set(found) == {"a.lock", "gen/deep/x.py", "x.bin", "big.psd", "logo.png", "trojan.py"}
        assert "generated" in found["a.lock"]
        assert "switched off" in found["gen/deep/x.py"]
        assert "LFS" in found["big.psd"]
        assert found["logo.png"] == "binary file"
        assert "reorder" in found["trojan.py"]


class TestOneFileOfATree:
    def test_a_regular_file_is_read_by_its_id(self, shop: Shop) -> None:
        tree = shop.access().commit_tree(shop.repository.tip("main"))
        assert tree.read("src/7.py") == b"7\n"
        assert tree.read("src/none.py") is None
        assert tree.entry("src") is None
        assert len(tree.entries()) == 30
        assert [entry.path for entry in tree.entries()] == sorted(entry.path for entry in tree.entries())

    def test_blobs_above_the_limit_are_none(self, shop: Shop) -> None:
        sha = shop.repository.commit("main", {"big": "x" * 2_000, "small": "y"}, author=shop.bob)
        access = shop.access()
        entries = {entry.path: entry.blob for entry in access.commit_tree(sha).entries()}
        found = dict(access.blobs([entries["big"], entries["small"], entries["small"], ""], limit=1_000))
        assert found == {entries["big"]: None, entries["small"]: b"y"}

    def test_files_between_two_commits_are_those_since_they_parted(self, shop: Shop) -> None:
        head = shop.repository.commit("topic", {"a": "1\n"}, author=shop.alice)
        base = shop.repository.commit("main", {"b": "1\n"}, author=shop.bob)
        files: tuple[ChangedFile, ...] | None = shop.access().files_between(base, head)
        assert files is not None
        assert [file.path for file in files] == ["a"]

    def test_a_commit_that_is_gone_is_none(self, shop: Shop) -> None:
        assert shop.access().files_between(shop.repository.tip("main"), "e" * 40) is None

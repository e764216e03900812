"""R28: a submodule that moves is a changed file with both commits."""

from pathlib import Path

from builders_git import Submodule, a_repository

from gate.adapters.git.checkout import Checkout

OLD, NEW = "1" * 40, "2" * 40
MODULES = '[submodule "lib"]\n\tpath = vendor/lib\n\turl = https://example.com/lib\n\tignore = all\n'


class TestASubmodule:
    def test_that_moves_shows_both_commits(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {".gitmodules": MODULES, "vendor/lib": Submodule(OLD)})
        shop.commit({"vendor/lib": Submodule(NEW)}, branch="feature")
        shop.git("config", "submodule.lib.ignore", "all")
        (file,) = Checkout.open(shop.path).changes("main", "feature").files
        assert (file.path, file.mode, file.base_blob, file.blob) == ("vendor/lib", "160000", OLD, NEW)

    def test_that_takes_the_place_of_a_folder_touches_it_and_every_file(self, tmp_path: Path) -> None:
        shop = a_repository(tmp_path / "shop", {"vendor/lib/a": "1\n", "vendor/lib/b": "1\n"})
        shop.commit({"vendor/lib": Submodule(NEW)}, branch="feature")
        files = Checkout.open(shop.path).changes("main", "feature").files
        assert {file.path: file.status for file in files} == {
            "vendor/lib": "added",
            "vendor/lib/a": "deleted",
            "vendor/lib/b": "deleted",
        }

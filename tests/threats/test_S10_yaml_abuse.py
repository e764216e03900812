"""S10: a small file must not stand for a huge one, and no line may quietly override or smuggle in another."""

import time
from pathlib import Path

import pytest
from builders_gate_command import run_gate
from builders_git import a_repository

from gate.adapters.files.yaml_documents import load_yaml
from gate.core.errors import InvalidFileError

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
ATTACKS = {
    "an alias bomb": (BOMB, "anchor"),
    "a value that holds itself": ("rules: &r [*r]\n", "anchor"),
    "a key written twice": ("version: 1\nunowned: block\nunowned: allow\n", "duplicate-key"),
    "a merge key": ("version: 1\n<<: {unowned: allow}\n", "merge-key"),
    "a tag that builds an object": ("version: !!python/object/apply:os.system [id]\n", "tag"),
    "a tag that changes a type": ("version: !!str 1\n", "tag"),
    "five thousand levels": ("version: " + "[" * 5000 + "]" * 5000 + "\n", "too-complex"),
    "a second document": ("version: 1\n---\nunowned: allow\n", "several-documents"),
    "a line end that no reviewer sees": ("version: 1 # fine\u2028unowned: allow\n", "control-character"),
    "an overwritten line": ("version: 1\nunowned: block #\runowned: allow\n", "control-character"),
}


@pytest.mark.parametrize("attack", ATTACKS)
class TestAnAttackByYaml:
    def test_is_refused_by_name_and_at_once(self, attack: str) -> None:
        text, code = ATTACKS[attack]
        begun = time.perf_counter()
        with pytest.raises(InvalidFileError) as raised:
            load_yaml(text.encode(), file=".gate/policy.yaml")
        assert code in {fault.code for fault in raised.value.faults}
        assert time.perf_counter() - begun < 5

    def test_on_the_base_approves_nothing(self, tmp_path: Path, attack: str) -> None:
        repository = a_repository(tmp_path / "shop", {".gate/policy.yaml": ATTACKS[attack][0], "a.py": "a\n"})
        repository.commit({"a.py": "b\n"}, branch="feature")
        ran = run_gate("check", "--repo", repository.path, "--base", "main", "--head", "feature", "--format", "json")
        assert ran.code == 2
        assert ran.json["state"] == "error"


class TestWordsThatOtherReadersTakeForTruth:
    @pytest.mark.parametrize("word", ["yes", "no", "on", "off", "y", "n", "Yes", "NO"])
    def test_stay_words(self, word: str) -> None:
        assert load_yaml(f"k: {word}".encode(), file="f").data == {"k": word}

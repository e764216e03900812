"""S23: what the gate is made of is pinned by content and without the known faults; a change runs nothing of it."""

import re

import pytest
from architecture_map import ROOT
from jose.backends import ECKey, RSAKey
from jose.backends.cryptography_backend import CryptographyECKey, CryptographyRSAKey

LOCKS = [ROOT / "requirements.lock", *sorted((ROOT / "locks").glob("*.lock"))]
SAFE = {"werkzeug": (3, 0, 6), "flask": (3, 1, 1), "cryptography": (45,), "python-jose": (3, 4), "jinja2": (3, 1, 6),
        "requests": (2, 32, 4), "urllib3": (2, 5)}  # fmt: skip
"""The first versions without: multipart floods, a shared session cookie, weak curves, algorithm confusion, sandbox
escapes, a login that follows a redirect."""


def pinned(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;\\]+)", text, re.MULTILINE))


class TestWhatIsInstalled:
    @pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
    def test_is_pinned_by_hash(self, lock: object) -> None:
        text = lock.read_text()  # type: ignore[attr-defined]
        blocks = re.split(r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
        assert blocks
        assert all("==" in block and "--hash=sha256:" in block for block in blocks)
        assert "://" not in re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE), "no registry is named"

    @pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
    def test_has_none_of_the_known_faults(self, lock: object) -> None:
        found = pinned(lock.read_text())  # type: ignore[attr-defined]
        for name, least in SAFE.items():
            if name in found:
                assert tuple(map(int, re.findall(r"\d+", found[name])))[: len(least)] >= least, (name, found[name])

    def test_is_the_same_everywhere(self) -> None:
        whole = pinned(LOCKS[0].read_text())
        for lock in LOCKS[1:]:
            assert {name: version for name, version in pinned(lock.read_text()).items() if name in whole} == {
                name: whole[name] for name in pinned(lock.read_text()) if name in whole
            }

    def test_signs_and_verifies_by_the_cryptography_library_alone(self) -> None:
        assert (RSAKey, ECKey) == (CryptographyRSAKey, CryptographyECKey)


class TestACommandLine:
    def test_of_action_and_workflows_holds_no_expression(self) -> None:
        texts = [(ROOT / "action.yml").read_text(), (ROOT / "docs" / "action.md").read_text()]
        for text in texts:
            for script in re.findall(r"^\s*run: (.*)$", text, re.MULTILINE):
                assert "${{" not in script

    def test_of_the_image_installs_nothing_by_name(self) -> None:
        for line in re.findall(r"pip .*install .*", (ROOT / "Dockerfile").read_text()):
            assert "--require-hashes" in line or "--no-index" in line


class TestTheImage:
    def test_stands_on_a_digest(self) -> None:
        bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
        assert all(re.search(r"@sha256:[0-9a-f]{64}$", base) for base in bases)


class TestAnswers:
    def test_are_kept_by_no_cache_between(self) -> None:
        assert '"no-store, private"' in (ROOT / "gate" / "web" / "app.py").read_text()

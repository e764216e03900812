"""R36: the rollback plan is edited after it was approved; the digest that a sign-off binds sees it."""

import pytest
from builders_declaration import declared

from gate.core.change.plan_digest import plan_digest

_BODY = """\
Moves the ledger.

## Change
- Type: normal

## Rollback plan
- Method: manual
- Steps:
  1. Deploy image `shop:1.4`
     ```
     make deploy TAG=1.4
     ```
  2. See [the runbook](https://wiki.example.com/ledger)
- Verification: error rate below 0.1 %
- Time to restore: 15 minutes
"""


def _digest(body: str) -> str:
    return plan_digest(declared(body).rollback)


class TestWhatTheDigestSees:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("shop:1.4", "shop:1.3"),
            ("TAG=1.4", "TAG=0.1"),
            ("wiki.example.com/ledger", "wiki.example.net/ledger"),
            ("0.1 %", "10 %"),
            ("15 minutes", "15 hours"),
            ("Method: manual", "Method: revert"),
            ("  1. Deploy", "  1. ~~Deploy~~ Destroy"),
            ("  2. See", "  <!-- 2. See"),
            ("- Verification: error", "> - Verification: error"),
            ("## Rollback plan", "## Old plan"),
            ("- Time to restore", "\n## Rollback\n- Time to restore"),
            ("1. Deploy", "1. Do not deploy"),
            ("e deploy", "e deploy\u200b"),
        ],
    )
    def test_every_edit_of_what_is_approved(self, old: str, new: str) -> None:
        assert old in _BODY
        assert _digest(_BODY.replace(old, new)) != _digest(_BODY)


class TestWhatTheDigestDoesNotAskAgainFor:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Moves the ledger.", "Moves the ledger, at last."),
            ("\n", "\r\n"),
            ("- Verification", "* Verification"),
            ("## Rollback plan", "### Back-out plan:"),
            ("15 minutes", "PT15M"),
            ("Method: manual", "Method: Manual <!-- as agreed -->"),
        ],
    )
    def test_another_spelling_of_the_same_plan(self, old: str, new: str) -> None:
        assert old in _BODY
        assert _digest(_BODY.replace(old, new)) == _digest(_BODY)

"""Colleagues: who may stand in for somebody, as records and policy know them."""

import pytest
from builders_facts import PEOPLE, a_policy, account_key, an_ownership

from gate.core.signoff.colleagues import colleagues_of


def colleagues(account: str) -> dict[str, str]:
    return colleagues_of(account, ownership=an_ownership(), policy=a_policy(), teams={}, accounts={})


class TestWhoTheyAre:
    def test_all_who_are_asked_for_the_same_by_their_accounts(self) -> None:
        assert account_key("bob") in colleagues(account_key("alice"))

    def test_never_oneself(self) -> None:
        assert account_key("alice") not in colleagues(account_key("alice"))

    @pytest.mark.parametrize("kind", ["login", "person", "mail", "deleted:review", ""])
    def test_a_number_that_is_no_account_of_the_forge_is_nobody_of_the_records(self, kind: str) -> None:
        assert colleagues(f"{kind}:{PEOPLE['alice'].github_id}") == {}

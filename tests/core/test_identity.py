"""Identity: who an address, a login or a numeric id belongs to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.identity import AccountBook, Identity, ascii_lower, match_accounts
from gate.core.ownership.records import PersonRecord

PEOPLE = {
    "alice": PersonRecord(github="alice", github_id=1001, email="alice@example.com"),
    "bob": PersonRecord(github="Bob-B", email="Bob@Example.com"),
    "carol": PersonRecord(email="carol@example.com"),
}


def key_of(*, email: str = "", login: str = "", name: str = "") -> str | None:
    found = AccountBook(PEOPLE).account_of(Identity(name, email, login))
    return found[0] if found else None


class TestWhoItIs:
    @pytest.mark.parametrize(
        ("email", "key"),
        [
            ("alice@example.com", "person:alice"),
            ("ALICE@example.COM", "person:alice"),
            (" bob@example.com ", "person:bob"),
            ("1001+alice@users.noreply.github.com", "person:alice"),
            ("1001+renamed@users.noreply.github.com", "person:alice"),
            ("alice@users.noreply.github.com", "person:alice"),
            ("77+bob-b@users.noreply.github.com", "person:bob"),
            ("eve@example.com", "mail:eve@example.com"),
            ("Eve@EXAMPLE.com", "mail:eve@example.com"),
            ("77+eve@users.noreply.github.com", "github:77"),
            ("eve@users.noreply.github.com", "mail:eve@users.noreply.github.com"),
            ("noreply@github.com", "mail:noreply@github.com"),
            ("no address", "mail:no address"),
            ("", None),
        ],
    )
    def test_by_the_address_of_a_commit(self, email: str, key: str | None) -> None:
        assert key_of(email=email) == key

    @pytest.mark.parametrize(
        ("login", "key"),
        [
            ("alice", "person:alice"),
            ("@ALICE", "person:alice"),
            ("bob-b", "person:bob"),
            ("bob", "person:bob"),
            ("carol", "person:carol"),
            ("eve", "login:eve"),
        ],
    )
    def test_by_the_login_or_name_that_a_caller_gives(self, login: str, key: str) -> None:
        assert key_of(login=login) == key

    def test_a_login_registered_anew_under_another_id_is_somebody_else(self) -> None:
        assert key_of(email="2002+alice@users.noreply.github.com") == "github:2002"

    def test_a_kelvin_sign_is_no_k(self) -> None:
        people = {"kim": PersonRecord(email="kim@example.com")}
        found = AccountBook(people).account_of(Identity(email="\u212aim@example.com"))
        assert found is not None
        assert found[0] != "person:kim"

    def test_the_first_record_by_name_holds_where_two_claim_one_address(self) -> None:
        people = {"zoe": PersonRecord(email="team@example.com"), "adam": PersonRecord(email="team@example.com")}
        found = AccountBook(people).account_of(Identity(email="team@example.com"))
        assert found is not None
        assert found[0] == "person:adam"


class TestWhatAnAccountSays:
    def test_a_known_persons_account_carries_the_name_of_the_record(self) -> None:
        found = AccountBook(PEOPLE).account_of(Identity("A. Adams", "alice@example.com"))
        assert found is not None
        assert (found[1].person, found[1].login, found[1].name, found[1].kind) == ("alice", "alice", "A. Adams", "user")

    @pytest.mark.parametrize(
        ("email", "kind"),
        [
            ("noreply@github.com", "platform"),
            ("49699333+dependabot[bot]@users.noreply.github.com", "bot"),
            ("eve@example.com", "user"),
        ],
    )
    def test_machines_are_told_from_people(self, email: str, kind: str) -> None:
        found = AccountBook(PEOPLE).account_of(Identity(email=email))
        assert found is not None
        assert found[1].kind == kind

    def test_one_account_for_all_spellings(self) -> None:
        spellings = [Identity("A", "a@x.org"), Identity("B", "A@X.org"), Identity("none", "")]
        accounts, keys = match_accounts(spellings, {})
        assert list(accounts) == ["mail:a@x.org"]
        assert accounts["mail:a@x.org"].name == "A"
        assert keys == {spellings[0]: "mail:a@x.org", spellings[1]: "mail:a@x.org"}


class TestAsciiLower:
    @given(st.text(max_size=30))
    @settings(max_examples=100, deadline=None)
    def test_changes_nothing_beyond_ascii(self, text: str) -> None:
        assert [one for one in ascii_lower(text) if not one.isascii()] == [one for one in text if not one.isascii()]

"""Accounts met while a change is observed: each known once, by the forge's word before a commit's claim."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from gate.core.change.facts import Account, AccountKey, Commit, PersonKey
from gate.core.change.trailers import co_authors_in
from gate.core.forge.snapshot import ForgeAccount, ForgeCommit
from gate.core.identity import AccountBook, Identity
from gate.core.ownership.records import PersonRecord
from gate.usecases.change_port import ChangeReader


class AccountsMet:
    """The accounts of one observation, by key; they grow as they are met."""

    def __init__(
        self,
        access: ChangeReader,
        people: Mapping[str, PersonRecord],
        known: Mapping[AccountKey, Account] = MappingProxyType({}),
    ) -> None:
        self._access = access
        self._people = people
        self._book = AccountBook(people)
        self.accounts: dict[AccountKey, Account] = dict(known)

    def meet(self, accounts: Iterable[ForgeAccount | None]) -> None:
        """Make accounts of the forge known."""
        for account in accounts:
            if account is not None:
                self.key_of(account)

    def meet_again(self, keys: Iterable[AccountKey]) -> None:
        """Make the accounts known whose sign-offs are kept here: at the forge by number, or by their record.

        One that is gone from the forge counts for nothing any more, and its no still stands.
        """
        for key in sorted(set(keys) - self.accounts.keys()):
            kind, _, name = key.partition(":")
            if kind == "github" and name.isdecimal():
                found = self._access.account_numbered(int(name)) or ForgeAccount(int(name), "", "unknown")
                self.key_of(found)
            elif kind == "person" and name in self._people:
                self.accounts[key] = Account(name, "user", self._people[name].github)

    def key_of(self, account: ForgeAccount) -> AccountKey:
        """Return the key of an account, which is known from now on.

        SECURITY: the forge's word holds, whatever a commit's address claimed of the same number before (R04).
        """
        key, found = self._book.account_of_forge(account)
        known = self.accounts.get(key)
        if known is None or known.email is not None:  # an address: a commit's claim
            self.accounts[key] = found
        return key

    def claimed(self, name: str, email: str) -> AccountKey | None:
        """Return the key of a name and address that the forge maps to no account."""
        found = self._book.account_of(Identity(name, email))
        if found is None:
            return None
        self.accounts.setdefault(*found)
        return found[0]

    def commit(self, commit: ForgeCommit) -> Commit:
        """Return a commit with the accounts behind it, which are known from now on."""
        author, committer = commit.author, commit.committer
        return Commit(
            sha=commit.sha,
            author=self.key_of(author) if author else self.claimed(commit.author_name, commit.author_email),
            committer=self.key_of(committer)
            if committer
            else self.claimed(commit.committer_name, commit.committer_email),
            co_authors=tuple(
                dict.fromkeys(
                    key for who in co_authors_in(commit.message) if (key := self.claimed(who.name, who.email))
                )
            ),
            is_verified=commit.is_verified,
            is_mechanical_merge=commit.is_mechanical_merge,
        )

    def person(self, account: ForgeAccount) -> PersonKey:
        """Return who is behind an account of the forge."""
        return self.accounts[self.key_of(account)].person

"""Sealing: what facts look like at rest, and what comes back."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from builders_facts import (
    AT,
    a_change,
    a_component,
    a_declaration,
    a_file,
    a_plan,
    a_signoff,
    an_ownership,
    some_facts,
)
from builders_rich_facts import rich_facts
from hypothesis import given, settings
from hypothesis import strategies as st

from gate.core.canonical import canonical_bytes
from gate.core.change.declaration import Window
from gate.core.change.facts import (
    Account,
    ChangedFile,
    Facts,
    FreezePeriod,
    Ticket,
)
from gate.core.change.personal import UnsealError
from gate.core.change.sealing import (
    SealedFacts,
    content_salt,
    erase,
    facts_file_bytes,
    open_facts_file,
    parse_facts_file,
    seal,
    settle,
    unseal,
)
from gate.core.errors import InvalidFileError, UnreadableError
from gate.core.ownership.records import Milestone, Transfer
from gate.core.ownership.registry import Component, Rule, Section

MAPPINGS = ("accounts", "teams", "title_hits", "on_call", "hidden_files")
SALT = b"0123456789abcdef"


def sealed_rich() -> SealedFacts:
    return seal(rich_facts(), salt=SALT)


def file_with(**changes: Any) -> bytes:
    """A facts file in which some top-level keys are replaced."""
    tree = json.loads(facts_file_bytes(sealed_rich(), AT))
    return json.dumps({**tree, **changes}).encode()


class TestWhatComesBack:
    def test_everything_that_went_in(self) -> None:
        facts = rich_facts()
        sealed = seal(facts, salt=SALT)
        again = unseal(sealed.content, sealed.personal)
        assert replace(again, digest="") == facts
        assert again.digest == sealed.digest
        assert isinstance(again.files, tuple)
        assert isinstance(again.policy.policy.roles["dba"], tuple)

    def test_a_file_gives_facts_and_time(self) -> None:
        facts, at = parse_facts_file(facts_file_bytes(sealed_rich(), AT))
        assert replace(facts, digest="") == rich_facts()
        assert at == AT

    def test_mappings_come_back_sorted_whatever_the_salt(self) -> None:
        orders = set()
        for salt in (b"a", b"b", b"c"):
            facts, _ = settle(rich_facts(), salt=salt)
            orders.add(tuple(facts.accounts))
        assert orders == {tuple(sorted(rich_facts().accounts))}

    def test_what_settles_is_what_will_be_read(self) -> None:
        facts, sealed = settle(rich_facts(), salt=SALT)
        read = unseal(sealed.content, sealed.personal)
        assert facts == read
        assert [list(getattr(facts, part)) for part in MAPPINGS] == [list(getattr(read, part)) for part in MAPPINGS]
        assert list(facts.ownership.people) == list(read.ownership.people)

    def test_ownership_that_is_carried_over_is_what_will_be_read(self) -> None:
        owned = [
            a_component(
                "plain", ("@alice", "who@example.com"), "/docs/of@example.org/", tier=2, environments=("live",)
            ),
            a_component("linked", "web", "/web/", links={"wiki": "https://b", "code": "https://a"}),
            a_component(
                "moving",
                "web",
                transfer=Transfer(
                    to="payments",
                    reason="moved by me@example.net",
                    milestones=(Milestone(name="all of it", done=dt.date(2026, 12, 1)),),
                ),
            ),
            a_component("last", "payments", "*", source="CODEOWNERS:7", reviewed="2026-01-01", depends_on=("linked",)),
        ]
        facts, sealed = settle(replace(rich_facts(), ownership=an_ownership(*owned)), salt=SALT)
        read = unseal(sealed.content, sealed.personal)
        assert repr(facts) == repr(read)
        assert list(facts.ownership.components[1].links) == ["code", "wiki"]
        assert sum(value.value in {"who@example.com", "of@example.org"} for value in sealed.personal.values()) == 2

    @pytest.mark.parametrize(
        "said",
        [
            {"change": a_change(title="ask nobody-else@example.org")},
            {"signoffs": (a_signoff("alice", reason="as nobody-else@example.org and x@example.net told me"),)},
            {"tickets": (Ticket("CHG-1", "change", "open", "for nobody-else@example.org"),)},
            {"declaration": a_declaration(rollback=a_plan(steps=("call sealed:" + "a" * 64, "mail y@example.org")))},
        ],
    )
    def test_an_address_that_stands_in_free_text_alone_settles(self, said: dict[str, Any]) -> None:
        facts, sealed = settle(some_facts(**said), salt=SALT)
        assert repr(facts) == repr(unseal(sealed.content, sealed.personal))
        assert b"example.org" not in sealed.content

    def test_ownership_that_does_not_fit_together_does_not_settle(self) -> None:
        rules = Section("default", (Rule("*", "CODEOWNERS:1", 7),), "CODEOWNERS")
        facts = some_facts(ownership=an_ownership(a_component("web", "web", "/web/"), sections=(rules,)))
        with pytest.raises(UnsealError, match="names component 7 of 1"):
            settle(facts, salt=SALT)

    def test_sealing_what_came_back_gives_the_same_digest(self) -> None:
        facts, sealed = settle(rich_facts(), salt=SALT)
        assert seal(facts, salt=SALT) == sealed

    @given(
        title=st.text(st.characters(exclude_categories=["Cs"])),
        name=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
        key=st.sampled_from(["mail:", "login:", "github:", ""]),
        rest=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    )
    @settings(max_examples=150, deadline=None)
    def test_any_text_always_comes_back(self, title: str, name: str, key: str, rest: str) -> None:
        account = key + rest
        facts = some_facts(
            change=a_change(title=title, author=account),
            accounts={account: Account(account, name=name, email=f"{rest}@example.com")},
        )
        facts = replace(facts, change=replace(facts.change, author=account))
        sealed = seal(facts, salt=SALT)
        assert replace(unseal(sealed.content, sealed.personal), digest="") == facts

    @pytest.mark.parametrize(
        "text", ["sealed:" + "0" * 64, "sealed-text:" + "0" * 64, "x sealed:" + "a" * 64 + " bob@example.com"]
    )
    def test_text_that_looks_like_a_commitment_comes_back_as_text(self, text: str) -> None:
        facts = some_facts(change=a_change(title=text), assumptions=(text,), unattributed=(text,))
        sealed = seal(facts, salt=SALT)
        assert replace(unseal(sealed.content, sealed.personal), digest="") == facts


class TestTheDigest:
    def test_covers_every_part(self) -> None:
        digests = {seal(rich_facts(), salt=SALT).digest}
        plain = some_facts()
        for part in Facts.__dataclass_fields__:
            if part != "digest":
                digests.add(seal(rich_facts(**{part: getattr(plain, part)}), salt=SALT).digest)
        assert len(digests) >= len(Facts.__dataclass_fields__) - 1

    def test_does_not_depend_on_the_order_of_mappings(self) -> None:
        facts = rich_facts()
        turned = replace(facts, accounts=dict(reversed(list(facts.accounts.items()))))
        assert seal(turned, salt=SALT).digest == seal(facts, salt=SALT).digest

    def test_does_not_depend_on_the_digest_of_before(self) -> None:
        assert seal(replace(rich_facts(), digest="sha256:x"), salt=SALT).digest == sealed_rich().digest

    def test_a_salt_from_the_content_gives_one_digest(self) -> None:
        first, second = rich_facts(), replace(rich_facts(), digest="sha256:y")
        assert seal(first, salt=content_salt(first)).digest == seal(second, salt=content_salt(second)).digest
        assert content_salt(first) != content_salt(some_facts())


class TestWhatIsHidden:
    @pytest.mark.parametrize(
        "secret",
        [
            "mallory",
            "Mallory Moss",
            "alice@example.com",
            "Alice Adams",
            "alice-sub",
            "+49 30 1234",
            "pay@x.example",
            "Looks fine",
            "Mr Jones",
            "because of Bob",
            "new_rounding",
            "revert the merge commit",
            "half to even",
            "oscar",
            "root@localhost",
            "nobody@nowhere",
            "'later'",
        ],
    )
    def test_nothing_personal_stands_in_the_content(self, secret: str) -> None:
        sealed = sealed_rich()
        assert secret not in sealed.content.decode()
        assert any(secret in (entry.value or "") for entry in sealed.personal.values())

    def test_a_person_has_one_commitment_wherever_they_stand(self) -> None:
        content = json.loads(sealed_rich().content)
        key = content["pushers"][0]["account"]
        assert key.startswith("mail:sealed:")
        assert key in content["accounts"]
        assert content["commits"][0]["author"] == content["signoffs"][1]["voided_by"] == key

    def test_equal_texts_have_different_commitments(self) -> None:
        facts = some_facts(
            change=a_change(title="same"), declaration=a_declaration(rollback=a_plan(steps=("same", "same")))
        )
        content = json.loads(seal(facts, salt=SALT).content)
        first, second = content["declaration"]["rollback"]["steps"]
        assert len({first, second, content["change"]["title"]}) == 3

    def test_paths_stay_readable_even_where_they_look_like_addresses(self) -> None:
        facts = some_facts(files=(a_file("vendor/left@pad.js"),))
        sealed = seal(facts, salt=SALT)
        assert b"vendor/left@pad.js" in sealed.content
        assert replace(unseal(sealed.content, sealed.personal), digest="") == facts


class TestErasure:
    def test_leaves_content_and_digest_and_says_erased(self) -> None:
        sealed = sealed_rich()
        title = json.loads(sealed.content)["change"]["title"].removeprefix("sealed-text:")
        gone = erase(sealed, [title])
        assert (gone.content, gone.digest) == (sealed.content, sealed.digest)
        facts, _ = parse_facts_file(facts_file_bytes(gone, AT))
        assert facts.change.title == "(erased)"
        assert open_facts_file(facts_file_bytes(gone, AT)).sealed.erased == (title,)

    def test_of_everything_leaves_usable_facts_in_which_people_stay_apart(self) -> None:
        sealed = sealed_rich()
        gone = erase(sealed, sealed.personal)
        facts, _ = parse_facts_file(facts_file_bytes(gone, AT))
        assert len(facts.accounts) == len(rich_facts().accounts)
        assert facts.pushers is not None
        assert facts.pushers[0].account in facts.accounts
        assert "mallory" not in repr(facts)

    def test_of_a_text_with_the_only_mention_of_an_address_is_readable(self) -> None:
        sealed = seal(some_facts(change=a_change(title="for zoe@example.com")), salt=SALT)
        title = json.loads(sealed.content)["change"]["title"].removeprefix("sealed-text:")
        assert unseal(sealed.content, erase(sealed, [title]).personal).change.title == "(erased)"

    def test_of_something_unknown_is_refused(self) -> None:
        with pytest.raises(UnsealError, match="no personal value 000000000000"):
            erase(sealed_rich(), ["0" * 64])


class TestWhatIsRefused:
    def test_a_list_where_facts_have_a_tuple(self) -> None:
        with pytest.raises(ValueError, match="wrong type"):
            seal(some_facts(files=[a_file("a")]), salt=SALT)

    @pytest.mark.parametrize("value", [1.5, float("nan"), 2**53])
    def test_numbers_without_a_canonical_form(self, value: Any) -> None:
        with pytest.raises(ValueError, match=r"float|wrong type|2\*\*53"):
            seal(some_facts(files=(a_file("a", additions=value),)), salt=SALT)

    @pytest.mark.parametrize(
        "facts",
        [some_facts(files=(a_file("a\udcff"),)), some_facts(change=a_change(title="caf\udce9"))],
        ids=["path", "title"],
    )
    def test_text_that_is_no_unicode(self, facts: Facts) -> None:
        with pytest.raises(UnreadableError, match=r"not valid Unicode, near .*\\udc"):
            seal(facts, salt=SALT)

    def test_a_title_that_is_no_unicode_has_no_salt_either(self) -> None:
        with pytest.raises(UnreadableError, match="not valid Unicode"):
            content_salt(some_facts(change=a_change(title="caf\udce9")))

    @pytest.mark.parametrize(
        ("raw", "sentence"),
        [
            (b"", "not JSON"),
            (b"\xff", "not UTF-8"),
            (b"[]", "no facts file"),
            (b'{"schema": "gate.verdict/1"}', "no facts file"),
            (b'{"schema": "gate.facts/1"}', "exactly the keys"),
            (b'{"schema": "gate.facts/1", "schema": "gate.facts/1"}', "twice"),
            (b"[" * 200_000, "nested too deeply"),
            (b'{"x":' * 100_000, "nested too deeply"),
            (b'{"at": ' + b"9" * 10_000 + b"}", "no number"),
            (b'{"at": 1e999}', "no number"),
            (b'{"at": NaN}', "no number"),
        ],
    )
    def test_what_is_no_facts_file(self, raw: bytes, sentence: str) -> None:
        with pytest.raises(InvalidFileError, match=sentence):
            parse_facts_file(raw, file="saved.json")

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"at": "yesterday"}, "a time in UTC"),
            ({"at": 5}, "a time in UTC"),
            ({"digest": "sha256:" + "0" * 64}, "do not have the digest"),
            ({"facts": {}}, "do not have the digest"),
            ({"personal": []}, "must be an object"),
            ({"personal": {}}, "is missing"),
            ({"personal": {"x": {"erased": True}}}, "no commitment"),
            ({"personal": {"0" * 64: {"erased": False}}}, '"salt" and "value"'),
            ({"personal": {"0" * 64: {"salt": "00", "value": "x"}}}, "32 hexadecimal"),
            ({"personal": {"0" * 64: {"salt": "0" * 32, "value": 7}}}, "32 hexadecimal"),
            ({"personal": {"0" * 64: {"salt": "0" * 32, "value": "x"}}}, "not the one"),
            ({"more": 1}, "exactly the keys"),
        ],
    )
    def test_a_file_that_was_changed(self, changes: dict[str, Any], sentence: str) -> None:
        with pytest.raises(InvalidFileError, match=sentence) as caught:
            parse_facts_file(file_with(**changes), file="saved.json")
        assert "saved.json: " in str(caught.value)
        assert "--save-facts" in str(caught.value)

    def test_a_personal_value_that_was_replaced(self) -> None:
        sealed = sealed_rich()
        commitment, entry = next(iter(sealed.personal.items()))
        with pytest.raises(UnsealError, match="not the one"):
            unseal(sealed.content, {**sealed.personal, commitment: replace(entry, value="somebody else")})

    def test_a_personal_value_that_belongs_nowhere(self) -> None:
        other = seal(some_facts(change=a_change(title="another")), salt=SALT)
        sealed = seal(some_facts(), salt=SALT)
        with pytest.raises(UnsealError, match="belongs to nothing"):
            unseal(sealed.content, {**other.personal, **sealed.personal})

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            (lambda tree: tree.update(more=1), "more"),
            (lambda tree: tree["change"].update(is_draft="no"), "change/is_draft"),
            (lambda tree: tree["files"][0].update(status="renamed"), "files/0/status"),
            (lambda tree: tree["change"].update(title="open"), "in the open"),
            (lambda tree: tree.pop("files"), "files"),
            (lambda tree: tree["policy"]["policy"].update(unowned="maybe"), "policy/policy/unowned"),
        ],
    )
    def test_content_of_another_shape(self, change: Any, sentence: str) -> None:
        sealed = sealed_rich()
        tree = json.loads(sealed.content)
        change(tree)
        with pytest.raises(UnsealError, match=sentence):
            unseal(canonical_bytes(tree), sealed.personal)

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"signoffs": (a_signoff(at="yesterday"),)}, "signoffs/at is no time in UTC"),
            ({"signoffs": (a_signoff(at="2026-02-30T00:00:00Z"),)}, "signoffs/at is no time in UTC"),
            ({"freeze_periods": (FreezePeriod(3, AT, AT),)}, "names freeze 3"),
            ({"declaration": a_declaration(window=Window("x", AT))}, "window/from_at"),
            ({"ownership": an_ownership(a_component("a", "b", "/x", reviewed="soon"))}, "reviewed is no date"),
            (
                {"ownership": replace(an_ownership(), sections=(Section("s", (Rule("/", "F:1", 99),), "F"),))},
                "names component 99 of 2",
            ),
        ],
    )
    def test_facts_that_do_not_fit_together(self, facts: dict[str, Any], sentence: str) -> None:
        sealed = seal(some_facts(**facts), salt=SALT)
        with pytest.raises(InvalidFileError, match=sentence):
            parse_facts_file(facts_file_bytes(sealed, AT))

    @given(st.data())
    @settings(max_examples=100, deadline=None)
    def test_no_damage_is_ever_anything_but_a_fault(self, data: st.DataObject) -> None:
        raw = bytearray(facts_file_bytes(seal(some_facts(), salt=SALT), AT))
        for _ in range(data.draw(st.integers(1, 3))):
            at = data.draw(st.integers(0, len(raw) - 1))
            raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
        try:
            facts, _ = parse_facts_file(bytes(raw))
        except InvalidFileError:
            return
        assert replace(facts, digest="") == some_facts()

    def test_two_keys_for_one_person(self) -> None:
        """A second entry for the same address under another salt would let two people become one unseen."""
        first = seal(some_facts(accounts={"mail:a@example.com": Account("x")}), salt=b"1")
        second = seal(some_facts(accounts={"mail:a@example.com": Account("x")}), salt=b"2")
        tree, other = json.loads(first.content), json.loads(second.content)
        tree["accounts"].update(other["accounts"])
        with pytest.raises(UnsealError, match="same person"):
            unseal(canonical_bytes(tree), {**second.personal, **first.personal})


class TestManyFiles:
    def test_ten_thousand_files_come_back(self) -> None:
        files = tuple(ChangedFile(f"a/{number}.py", "added") for number in range(10_000))
        facts = some_facts(files=files, ownership=an_ownership())
        sealed = seal(facts, salt=SALT)
        assert unseal(sealed.content, sealed.personal).files == files

    def test_many_components_come_back(self) -> None:
        components = tuple(Component(f"c{n}", "s", (f"@o{n}", f"u{n}@example.com"), f"F:{n}") for n in range(2_000))
        facts = some_facts(ownership=replace(an_ownership(), components=components))
        sealed = seal(facts, salt=SALT)
        assert unseal(sealed.content, sealed.personal).ownership.components == components
        assert b"u7@example.com" not in sealed.content

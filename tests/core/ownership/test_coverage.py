"""Coverage: shares of files, changes and components."""

from builders_facts import a_component, an_ownership
from hypothesis import given
from hypothesis import strategies as st

from gate.core.ownership.coverage import Coverage, Share, measure_coverage, missing_aspects
from gate.core.ownership.records import EscalationLevel, EscalationPolicy, Playbook
from gate.core.ownership.registry import Component, Ownership, Rule, Section
from gate.core.ownership.resolve import OwnershipIndex

LADDER = EscalationPolicy(levels=(EscalationLevel(notify=("owner",), channel="email", acknowledge_within="1h"),))


def measured(ownership: Ownership, *paths: str, changes: tuple[tuple[str, ...], ...] = ()) -> Coverage:
    return measure_coverage(ownership, paths, OwnershipIndex(ownership), changes=changes)


class TestFiles:
    def test_a_file_counts_where_a_known_owner_has_it(self) -> None:
        ownership = an_ownership(a_component("a", "web", "/a/"), a_component("b", "gone-team", "/b/"))
        found = measured(ownership, "a/x", "b/x", "c")
        assert (found.files, found.unowned) == (Share(1, 3), ("b/x", "c"))

    def test_a_further_section_does_not_make_a_file_owned(self) -> None:
        ownership = an_ownership(a_component("a", "web", "/a/"), a_component("law", "web", "*", section="legal"))
        assert measured(ownership, "a/x", "y").unowned == ("y",)

    def test_a_faulty_line_blocks_what_another_section_owns(self) -> None:
        ownership = Ownership(
            components=(Component("a", "default", ("@a",), "f:1"),),
            sections=(
                Section("default", (Rule("*", "f:1", 0),), "f"),
                Section("codeowners", (Rule("/x", "c:1", None, problem="bad"),), "c"),
            ),
        )
        found = measured(ownership, "x", "y")
        assert (found.files, found.blocked, found.unowned) == (Share(1, 2), ("x",), ())

    def test_a_change_counts_where_all_of_its_files_do(self) -> None:
        ownership = an_ownership(a_component("a", "web", "/a/"))
        assert measured(ownership, changes=(("a/x",), ("a/x", "b"), ())).changes == Share(2, 3)


class TestComponents:
    def test_what_is_named_and_nobody_knows_counts_as_lacking(self) -> None:
        whole = {
            "backup": "platform",
            "escalation": "ladder",
            "rollback": Playbook(method="revert"),
            "links": {"Runbook": "https://example.com"},
        }
        ownership = an_ownership(
            a_component("whole", "web", tier=1, **whole),
            a_component("named", "nobody", tier=1, backup="gone", escalation="gone", links={"docs": "x"}),
            escalations={"ladder": LADDER},
        )
        whole_one, named = ownership.components
        assert missing_aspects(ownership, whole_one) == ()
        assert missing_aspects(ownership, named) == ("owner", "backup", "escalation", "playbook", "runbook")
        found = measured(ownership)
        assert [gap.component for gap in found.gaps] == ["named"]
        assert dict(dict(found.tiers)[1])["backup"] == Share(1, 2)


class TestShares:
    @given(st.integers(0, 10**6), st.integers(0, 10**6))
    def test_a_hundred_percent_always_means_that_nothing_is_missing(self, have: int, more: int) -> None:
        assert (Share(have, have + more).percent == 100.0) == (more == 0)

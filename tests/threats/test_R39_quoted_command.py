"""R39: a command in a quote, in code, or of an app is none; the author's own counts no more than their review."""

from pathlib import Path

import pytest
from builders_service import a_service


class TestACommandThatIsNobodysOwn:
    @pytest.mark.parametrize(
        "body",
        [
            "> /signoff",
            "```\n/signoff\n```",
            "`/signoff`",
            "Shall I /signoff?",
            "- /signoff",
            "`He wrote\n/signoff\nthere`\nand nobody agreed.",
        ],
    )
    def test_counts_for_nothing(self, tmp_path: Path, body: str) -> None:
        with a_service(tmp_path) as service:
            pull = service.judged_pull(minutes_ago=2)
            pull.comment(service.forge.alice, body)
            service.settle()
            assert service.check(pull) == "in_progress"
            with service.store.reading() as reading:
                assert reading.signoffs(service.key(pull)) == ()

    def test_counts_for_nothing_by_the_author_or_by_somebody_who_is_not_asked(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.judged_pull(minutes_ago=2)
            pull.comment(service.forge.dave, "/signoff")
            pull.comment(service.forge.erin, "/signoff payments-api")
            service.settle()
            assert service.check(pull) == "in_progress"
            (view,) = [one for one in service.verdict(pull).requirements if one.id == "ownership:payments-api"]
            assert {(one.person, one.code) for one in view.signoffs.not_counted} == {
                ("dave", "author"),
                ("erin", "not-eligible"),
            }

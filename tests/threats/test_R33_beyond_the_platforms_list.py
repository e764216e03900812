"""R33, R34: what the platform lists in part only is judged in full: files beyond 3,000, commits beyond 250, reviews."""

from pathlib import Path

from builders_service import a_service

FILES = 3_001
COMMITS = 251


class TestFilesBeyondTheList:
    def test_the_owner_of_the_last_of_3001_files_is_asked(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            many = {f"api/generated/f{number:04}.py": f"x = {number}\n" for number in range(FILES - 1)}
            pull = service.forge.a_pull({**many, "web/zz-last.html": "<p>last</p>\n"})
            service.settle()
            assert service.errors == []
            pull.review(service.forge.alice, "APPROVED")
            service.settle()
            assert service.check(pull) == "in_progress"
            waiting = {one.id: one.code for one in service.verdict(pull).requirements if one.state != "met"}
            assert waiting == {"ownership:storefront": "paths-uncovered"}
            pull.review(service.forge.erin, "APPROVED")
            service.settle()
            assert service.check(pull) == "success"


class TestOtherLists:
    def test_the_hand_of_an_owner_in_the_first_of_many_commits_is_seen(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            forge = service.forge
            tip = forge.shop.make_commit(
                {"api/pay.py": "first\n"}, parents=[forge.shop.tip("main")], author=forge.alice, message="First"
            )
            for number in range(COMMITS - 1):
                files = {"api/pay.py": f"{number}\n"}
                tip = forge.shop.make_commit(files, parents=[tip], author=forge.dave, message="More")
            forge.shop.push("long", tip, pusher=forge.dave)
            pull = forge.shop.open_pull(head="long", author=forge.dave, title="Long", body=forge.a_pull().body or "")
            service.settle()
            pull.review(forge.alice, "APPROVED")
            service.settle()
            assert service.check(pull) == "in_progress"

    def test_a_rejection_beyond_the_first_page_of_reviews_stands(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            for number in range(100):
                pull.review(service.forge.erin, "COMMENTED", body=f"{number}")
            service.lose_webhooks()
            pull.review(service.forge.alice, "APPROVED")
            pull.review(service.forge.bob, "CHANGES_REQUESTED")
            service.settle()
            assert service.check(pull) == "failure"
            assert "veto" in service.codes(pull)

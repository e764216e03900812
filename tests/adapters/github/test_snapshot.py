import pytest
from builders_github_forge import MakeShop, Shop
from doubles.github.objects import Executable, Submodule, Symlink

from gate.core.change.facts import ChangedFile
from gate.core.forge.snapshot import ForgeAccount, Snapshot
from gate.usecases.forge_ports import GoneError

BASE = {
    "README.md": "Shop\n",
    "api/pay.py": "price = 1\nvat = 2\n",
    "api/old.py": "one\ntwo\nthree\nfour\nfive\nsix\n",
    "run.sh": "#!/bin/sh\n",
    "secure/key": "key\n",
    "vendor/lib": Submodule("1" * 40),
}


@pytest.fixture
def shop(a_shop: MakeShop) -> Shop:
    return a_shop(BASE)


def files_of(snapshot: Snapshot) -> dict[str, ChangedFile]:
    return {file.path: file for file in snapshot.files}


class TestWhatASnapshotHolds:
    def test_it_says_who_wants_what_from_where_to_where(self, shop: Shop) -> None:
        head = shop.repository.commit("topic", {"api/pay.py": "price = 3\n"}, author=shop.alice)
        pull = shop.repository.open_pull(head="topic", title="Raise", body="Text", author=shop.alice)
        found = shop.access().snapshot(pull.number)
        assert (found.state, found.title, found.body, found.is_draft) == ("open", "Raise", "Text", False)
        assert found.author == ForgeAccount(shop.alice.id, "alice")
        assert (found.base_ref, found.base_sha) == ("main", shop.repository.tip("main"))
        assert (found.head_ref, found.head_sha) == ("topic", head)
        assert found.head_repository == found.repository.key.id == shop.repository.id
        assert found.repository.name == shop.repository.full_name
        assert found.key.tenant == shop.organisation.id
        assert found.merge_bases == (shop.repository.tip("main"),)
        assert found.problems == ()

    def test_files_show_mode_content_and_lines_of_both_sides(self, shop: Shop) -> None:
        found = files_of(
            shop.change(
                {
                    "api/pay.py": "price = 3\nvat = 2\n",
                    "new.py": "a\nb\n",
                    "README.md": None,
                    "run.sh": Executable("#!/bin/sh\n"),
                    "vendor/lib": Submodule("2" * 40),
                    "logo.png": b"\x89PNG\0\xff",
                }
            )
        )
        assert {path: (file.status, file.additions, file.deletions) for path, file in found.items()} == {
            "api/pay.py": ("modified", 1, 1),
            "new.py": ("added", 2, 0),
            "README.md": ("deleted", 0, 1),
            "run.sh": ("changed", 0, 0),
            "vendor/lib": ("modified", 1, 1),
            "logo.png": ("added", -1, -1),
        }
        assert (found["run.sh"].base_mode, found["run.sh"].mode) == ("100644", "100755")
        assert found["vendor/lib"].mode == "160000"
        assert found["logo.png"].is_binary
        assert found["README.md"].blob == ""
        assert found["new.py"].base_mode == ""

    def test_a_rename_is_a_deletion_and_an_addition_that_point_at_each_other(self, shop: Shop) -> None:
        found = files_of(shop.change({"api/old.py": None, "docs/new.py": "one\ntwo\nthree\nfour\nfive\nsix\n"}))
        assert (found["api/old.py"].status, found["api/old.py"].other_path) == ("deleted", "docs/new.py")
        assert (found["docs/new.py"].status, found["docs/new.py"].other_path) == ("added", "api/old.py")

    def test_links_show_where_they_lead_within_the_tree(self, shop: Shop) -> None:
        found = files_of(
            shop.change(
                {
                    "docs/in": Symlink("../secure/key"),
                    "docs/out": Symlink("../../etc/passwd"),
                    "docs/root": Symlink("/etc/passwd"),
                    "docs/loop": Symlink("loop"),
                    "docs/far": Symlink("in"),
                }
            )
        )
        assert {path: file.link_target for path, file in found.items()} == {
            "docs/in": "secure/key",
            "docs/out": None,
            "docs/root": None,
            "docs/loop": None,
            "docs/far": "secure/key",
        }

    def test_commits_carry_accounts_names_trees_and_parents(self, shop: Shop) -> None:
        first = shop.repository.commit("topic", {"a": "1\n"}, author=shop.alice, message="One")
        second = shop.repository.commit(
            "topic", {"a": "2\n"}, author=("Eve", "eve@nowhere.example"), committer=shop.bob, verified=False
        )
        pull = shop.repository.open_pull(head="topic", author=shop.alice)
        found = {commit.sha: commit for commit in shop.access().snapshot(pull.number).commits}
        assert set(found) == {first, second}
        assert found[first].author == ForgeAccount(shop.alice.id, "alice")
        assert found[first].message == "One"
        assert found[first].is_verified is True
        assert found[second].author is None
        assert (found[second].author_name, found[second].author_email) == ("Eve", "eve@nowhere.example")
        assert found[second].committer == ForgeAccount(shop.bob.id, "bob")
        assert found[second].is_verified is False
        assert found[second].parents == (first,)
        assert found[second].tree == shop.repository.history.at(second).tree

    def test_the_platforms_own_committer_is_nobody(self, shop: Shop) -> None:
        shop.repository.commit("topic", {"a": "1\n"}, author=shop.alice, committer=shop.world.web_flow)
        pull = shop.repository.open_pull(head="topic", author=shop.alice)
        (commit,) = shop.access().snapshot(pull.number).commits
        assert commit.committer is not None
        assert commit.committer.kind == "platform"

    def test_a_merged_change_still_shows_what_it_changed(self, shop: Shop) -> None:
        shop.repository.commit("topic", {"a": "1\n"}, author=shop.alice)
        pull = shop.repository.open_pull(head="topic", author=shop.alice)
        pull.merge(shop.bob)
        found = shop.access().snapshot(pull.number)
        assert (found.state, found.merge_sha) == ("merged", shop.repository.tip("main"))
        assert found.merged_by == ForgeAccount(shop.bob.id, "bob")
        assert list(files_of(found)) == ["a"]

    def test_a_change_that_is_not_there_is_gone(self, shop: Shop) -> None:
        with pytest.raises(GoneError):
            shop.access().snapshot(404)


class TestWhatPeopleSaid:
    def test_reviews_come_with_the_commit_that_they_were_given_on(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        first = pull.head_sha
        pull.review(shop.bob, "APPROVED", body="fine")
        head = shop.repository.commit("topic", {"a": "2\n"}, author=shop.alice)
        pull.review(shop.carol, "CHANGES_REQUESTED")
        pull.review(shop.bob, "COMMENTED")
        found = shop.access().snapshot(pull.number).reviews
        assert [(one.account.login, one.state, one.commit) for one in found if one.account] == [
            ("bob", "approved", first),
            ("carol", "changes-requested", head),
            ("bob", "commented", head),
        ]
        assert found[0].body == "fine"

    def test_pending_reviews_are_nothing_yet(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        pull.review(shop.bob, "PENDING")
        assert shop.access().snapshot(pull.number).reviews == ()

    def test_a_dismissal_says_by_whom_and_of_what(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        pull.review(shop.bob, "CHANGES_REQUESTED").dismiss(shop.alice, "no")
        (review,) = shop.access().snapshot(pull.number).reviews
        assert (review.state, review.state_before) == ("dismissed", "changes-requested")
        assert review.dismissed_by == ForgeAccount(shop.alice.id, "alice")

    def test_a_deleted_account_is_nobody_and_no_crash(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        pull.review(shop.bob, "APPROVED")
        pull.comment(shop.bob, "hello")
        shop.bob.delete()
        shop.alice.delete()
        found = shop.access().snapshot(pull.number)
        assert found.author is None
        assert [review.account for review in found.reviews] == [None]
        assert [comment.account for comment in found.comments] == [None]
        assert found.is_first_contribution is None

    def test_bots_are_told_from_people(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        robot = shop.world.bot("renovate")
        pull.comment(robot, "bump")
        (comment,) = shop.access().snapshot(pull.number).comments
        assert comment.account is not None
        assert comment.account.kind == "bot"

    def test_an_edited_comment_says_so(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        pull.comment(shop.bob, "as written")
        pull.comment(shop.bob, "first").edit("/signoff", shop.alice)
        found = shop.access().snapshot(pull.number).comments
        assert [(comment.body, comment.is_edited) for comment in found] == [("as written", False), ("/signoff", True)]

    def test_every_page_is_read(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        for number in range(205):
            pull.review(shop.bob, "COMMENTED", body=str(number))
            pull.comment(shop.bob, str(number))
        found = shop.access().snapshot(pull.number)
        assert [review.body for review in found.reviews] == [str(number) for number in range(205)]
        assert [comment.body for comment in found.comments] == [str(number) for number in range(205)]

    def test_labels_say_who_set_them_last(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        pull.label("emergency", shop.alice)
        pull.unlabel("emergency", shop.alice)
        pull.label("emergency", shop.bob)
        (label,) = shop.access().snapshot(pull.number).labels
        assert (label.name, label.set_by) == ("emergency", ForgeAccount(shop.bob.id, "bob"))


class TestWhoPushed:
    def test_every_push_to_the_branch_is_listed_whoever_wrote_the_commits(self, shop: Shop) -> None:
        first = shop.repository.commit("topic", {"a": "1\n"}, author=shop.alice)
        second = shop.repository.commit("topic", {"a": "2\n"}, author=shop.alice, pusher=shop.carol)
        shop.repository.commit("other", {"b": "2\n"}, author=shop.bob)
        pull = shop.repository.open_pull(head="topic", author=shop.alice)
        found = shop.access().snapshot(pull.number)
        assert found.pushes is not None
        assert {(push.account.login, push.after) for push in found.pushes if push.account} == {
            ("alice", first),
            ("carol", second),
        }
        assert found.pushes_unreadable == ""

    def test_a_forks_pushes_are_read_from_the_fork(self, shop: Shop) -> None:
        fork = shop.repository.fork(shop.alice)
        head = fork.commit("topic", {"a": "1\n"}, author=shop.alice, pusher=shop.carol)
        pull = shop.repository.open_pull(head="alice:topic", author=shop.alice)
        found = shop.access().snapshot(pull.number)
        assert found.head_repository == fork.id
        if found.pushes is None:
            assert "alice/" in found.pushes_unreadable
        else:
            assert [(push.account.login, push.after) for push in found.pushes if push.account] == [("carol", head)]

    def test_a_record_that_cannot_be_read_is_none_with_a_reason(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        shop.repository.activity_hidden = True
        found = shop.access().snapshot(pull.number)
        assert found.pushes is None
        assert shop.repository.full_name in found.pushes_unreadable

    def test_a_fork_that_is_gone_is_no_crash(self, shop: Shop) -> None:
        fork = shop.repository.fork(shop.alice)
        head = fork.commit("topic", {"a": "1\n"}, author=shop.alice)
        pull = shop.repository.open_pull(head="alice:topic", author=shop.alice)
        pull.head_repository = None
        found = shop.access().snapshot(pull.number)
        assert (found.head_repository, found.pushes, found.head_sha) == (None, None, head)
        assert "gone" in found.pushes_unreadable
        assert list(files_of(found)) == ["a"]


class TestWhichBase:
    def test_it_is_the_branchs_tip_and_not_what_the_request_remembers(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        tip = shop.repository.commit("main", {"later": "x\n"}, author=shop.bob)
        found = shop.access().snapshot(pull.number)
        assert found.base_sha == tip
        assert found.merge_bases != (tip,)
        assert list(files_of(found)) == ["a"]

    def test_a_tag_of_its_name_is_never_taken_for_it(self, shop: Shop) -> None:
        pull = shop.pull({"a": "1\n"})
        tip = shop.repository.tip("main")
        shop.repository.objects.set_ref("refs/tags/main", pull.head_sha)
        access = shop.access()
        assert access.snapshot(pull.number).base_sha == access.branch_tip("main") == tip

    def test_a_branch_that_is_the_beginning_of_another_is_none(self, shop: Shop) -> None:
        shop.repository.commit("feature-a", {"a": "1\n"}, author=shop.alice)
        with pytest.raises(GoneError):
            shop.access().branch_tip("feature")

    def test_branches_with_slashes_are_found(self, shop: Shop) -> None:
        sha = shop.repository.commit("release/1.0", {"a": "1\n"}, author=shop.alice)
        assert shop.access().branch_tip("release/1.0") == sha

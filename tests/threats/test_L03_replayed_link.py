"""L03: one link decides once, however often and however many at the same time use it."""

from pathlib import Path

from builders_link_pages import answers_at_once
from builders_service import a_service
from builders_signoff import a_link, entries

TIMES = 200


class TestTwoHundredAtTheSameTime:
    def test_give_one_signoff_and_one_entry(self, tmp_path: Path) -> None:
        with a_service(tmp_path) as service:
            pull = service.forge.a_pull()
            service.settle()
            answers = [{"decision": "approve"}, {"decision": "reject", "comment": "No."}] * (TIMES // 2)
            codes = answers_at_once(service, a_link(service, pull, service.forge.alice), answers, together=20)
            assert codes == {303: 1, 409: TIMES - 1}
            kinds = ("signoff-given", "signoff-rejected", "signoff-voided", "link-refused", "signoff-refused")
            assert len(entries(service, pull, *kinds)) == 1
            with service.store.reading() as reading:
                assert len(reading.signoffs(service.key(pull))) == 1

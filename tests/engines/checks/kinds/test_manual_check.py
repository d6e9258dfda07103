"""Kind `manual`: nothing for a prober to do."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.engines.checks import check_kinds
from tests.engines.checks.rude import look


def test_a_person_answers_not_a_prober() -> None:
    assert check_kinds.get("manual").passive
    with pytest.raises(BadInput, match="由平台判断"):
        look("manual", "一号厅摄像头画面")

"""What intake's tests share with alerting's: a province, people, a desk that remembers nothing."""

from tests.systems.operations.alerting.conftest import _no_desk_in_memory, engineer, province, top

__all__ = ["_no_desk_in_memory", "engineer", "province", "top"]

"""`taxops init` founds an installation once, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password

from taxops import cli
from taxops.platform.identity.models import OrgUnit, Person, Role, RoleAssignment

pytestmark = pytest.mark.django_db

WHO = ("--system", "zhangwei:张伟", "--security", "lina:李娜", "--audit", "wangjun:王军")
ROOT = ("--org", "145000", "--name", "国家税务总局测试省税务局")
HEAD = "机构代码,机构名称,层级,上级代码,成立日期\n"


def test_three_administrators_can_sign_in_and_must_change_their_password(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "orgs.csv"
    table.write_text(HEAD + "145010,南江市税务局,市/州局,145000,2018-07-05\n", encoding="utf-8")
    assert cli.main(["init", *ROOT, "--orgs", str(table), *WHO, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["organisations"] == 2
    for username, role in (
        ("zhangwei", "system_admin"),
        ("lina", "security_admin"),
        ("wangjun", "audit_admin"),
    ):
        person = Person.objects.get(username=username)
        assert person.must_change_password
        assert check_password(told["passwords"][username], person.password)
        assert RoleAssignment.objects.get(person=person).role.code == role
    assert cli.main(["init", *ROOT, *WHO]) == 2
    assert "已经初始化过" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ROOT, *WHO[:4]), "没有给出审计管理员"),
        ((*ROOT, *WHO[:5], "王军"), "不是「用户名:姓名」"),
        ((*ROOT, *WHO[:5], "ZhangWei:张伟"), "三员互斥"),
        ((*ROOT, *WHO, "--orgs", "nowhere.csv"), "没有文件"),
        (("--org", "一", "--name", "测试", *WHO), "代码"),
    ],
)
def test_what_will_not_do_stores_nothing(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    roles = Role.objects.count()
    assert cli.main(["init", *words]) == 2
    assert said in capsys.readouterr().err
    assert not OrgUnit.objects.exists()
    assert not Person.objects.exists()
    assert Role.objects.count() == roles


def test_rows_that_will_not_do_are_named_and_store_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "orgs.csv"
    table.write_text(HEAD + "145010,,市/州局,999999,2018-07-05\n", encoding="utf-8")
    assert cli.main(["init", *ROOT, "--orgs", str(table), *WHO]) == 2
    assert "第 2 行" in capsys.readouterr().err
    assert not OrgUnit.objects.exists()

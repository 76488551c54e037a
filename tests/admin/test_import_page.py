"""The operator's import and export pages."""

import io
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import db
from admin.account_texts import ACCOUNT_TEXTS
from admin.pending_imports import KEEP_SECONDS, PendingImports
from core.account_import import Outcome, Reason, recognise
from core.sso_token import parse_pasted
from tests.admin.conftest import PASSWORD
from tests.admin.test_console import HERE, OWN, sign_in
from tests.core.test_account_import import FOUND, token

FILES = Path(__file__).parents[1] / "data" / "import"


@pytest.fixture
def signed_in(operator: FlaskClient) -> FlaskClient:
    sign_in(operator)
    return operator


def post(operator: FlaskClient, path: str, **data: object) -> TestResponse:
    return operator.post(path, base_url=HERE, data=data, headers=OWN)


def upload(operator: FlaskClient, name: str) -> TestResponse:
    file = (io.BytesIO((FILES / name).read_bytes()), name)
    return post(operator, "/admin/import", file=file, text="")


def number_in(page: str) -> str:
    return re.findall(r'name="number" value="([^"]+)"', page)[0]


@pytest.mark.parametrize("path", ["/admin/import", "/admin/export"])
def test_only_the_operator_gets_in(operator: FlaskClient, path: str) -> None:
    assert operator.get(path, base_url=HERE).headers["Location"] == "/admin/sign-in"
    assert post(operator, path).headers["Location"] == "/admin/sign-in"
    assert post(operator, "/admin/import/confirm").headers["Location"] == "/admin/sign-in"


@pytest.mark.parametrize("path", ["/admin/import", "/admin/import/confirm", "/admin/export"])
def test_foreign_forms_are_refused(signed_in: FlaskClient, path: str) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert signed_in.post(path, base_url=HERE, headers=foreign).status_code == 403


def test_nothing_is_kept_before_the_operator_has_seen_it(signed_in: FlaskClient) -> None:
    assert signed_in.get("/admin/import", base_url=HERE).status_code == 200
    preview = upload(signed_in, "plain_lines_with_dirt.txt")
    assert preview.status_code == 200
    assert db.load_accounts() == []
    assert "格式：逐行文本" in preview.text
    assert "不是 SSO 令牌" in preview.text
    assert "导入 7 个账号" in preview.text
    assert "not a token at all" not in preview.text
    assert token(1) not in preview.text
    assert "hunter22" not in preview.text
    done = post(signed_in, "/admin/import/confirm", number=number_in(preview.text))
    assert done.status_code == 200
    assert len(db.load_accounts()) == 7
    assert token(1) not in done.text
    again = post(signed_in, "/admin/import/confirm", number=number_in(preview.text))
    assert again.status_code == 409


@pytest.mark.parametrize("name", FOUND)
def test_every_file_can_be_previewed_in_both_languages(signed_in: FlaskClient, name: str) -> None:
    for language in ("zh", "en"):
        file = (io.BytesIO((FILES / name).read_bytes()), name)
        page = post(signed_in, f"/admin/import?lang={language}", file=file)
        assert page.status_code == 200
        assert token(1) not in page.text


def test_a_pasted_text_is_as_good_as_a_file(signed_in: FlaskClient) -> None:
    db.add_account(parse_pasted(token(1)))
    page = post(signed_in, "/admin/import?lang=en", text=f"{token(1)}\n{token(2)}")
    assert "Import 1 account" in page.text
    assert "Duplicate" in page.text


def test_what_would_change_nothing_has_no_button(signed_in: FlaskClient) -> None:
    page = post(signed_in, "/admin/import", text="garbage")
    assert page.status_code == 200
    assert "没有可导入的账号" in page.text
    assert "confirm" not in page.text
    assert post(signed_in, "/admin/import", text="  ").status_code == 400


def test_a_name_cannot_run_in_the_page(signed_in: FlaskClient) -> None:
    entry = {"sso_token": token(1), "name": "<script>alert(1)</script>"}
    page = post(signed_in, "/admin/import", text=json.dumps([entry]))
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


def test_more_than_half_a_megabyte_may_be_pasted_and_16_mib_at_most(signed_in: FlaskClient) -> None:
    many = "\n".join(token(number) for number in range(4_000))
    assert len(many) > 600_000
    page = post(signed_in, "/admin/import", text=many)
    assert "导入 4000 个账号" in page.text
    assert "其余 3800 条未列出" in page.text
    assert post(signed_in, "/admin/import", text="x" * 17_000_000).status_code == 413


@pytest.mark.parametrize("format_", ["json", "txt", "csv"])
def test_an_export_wants_the_password_again(signed_in: FlaskClient, format_: str) -> None:
    db.add_account(parse_pasted(token(1)), name="=cmd")
    assert signed_in.get("/admin/export", base_url=HERE).status_code == 200
    for wrong in ("", "wrong"):
        refused = post(signed_in, "/admin/export", format=format_, password=wrong)
        assert refused.status_code == 401
        assert token(1) not in refused.text
    file = post(signed_in, "/admin/export", format=format_, password=PASSWORD)
    assert file.status_code == 200
    assert "attachment" in file.headers["Content-Disposition"]
    assert "no-store" in file.headers["Cache-Control"]
    assert (token(1) in file.text) == (format_ != "csv")
    if format_ == "csv":
        assert "'=cmd" in file.text
    else:
        assert db.plan_import(recognise(file.get_data()).findings).count(Outcome.DUPLICATE) == 1


def test_an_unknown_format_is_refused(signed_in: FlaskClient) -> None:
    assert post(signed_in, "/admin/export", format="x", password=PASSWORD).status_code == 400


def test_guessing_at_the_export_is_throttled(signed_in: FlaskClient) -> None:
    answers = [post(signed_in, "/admin/export", format="txt", password="x") for _ in range(8)]
    assert answers[-1].status_code in (401, 429)


def test_previews_are_few_used_once_and_forgotten() -> None:
    pending, found = PendingImports(), recognise(token(1))
    numbers = [pending.keep(found, 0.0) for _ in range(5)]
    assert pending.take(numbers[0], 1.0) is None
    assert pending.take(numbers[1], 1.0) is found
    assert pending.take(numbers[1], 1.0) is None
    assert pending.take(numbers[2], KEEP_SECONDS + 1) is None


def test_every_reason_and_outcome_has_a_sentence() -> None:
    wanted = {f"reason_{reason.name.lower()}" for reason in Reason}
    wanted |= {f"outcome_{outcome.value}" for outcome in Outcome}
    assert wanted <= set(ACCOUNT_TEXTS)

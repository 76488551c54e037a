import csv
import io

import pytest

from core.account_export import FORMATS, as_lines, as_table
from core.account_import import ImportedAccount
from tests.core.test_account_import import token


def row_of(**hints: object) -> dict[str, str]:
    account = ImportedAccount(place=1, sso_token=token(1), **hints)  # type: ignore[arg-type]
    (row,) = csv.DictReader(io.StringIO(as_table([account]).removeprefix("\ufeff")))
    return row


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@A1", " =1", "\t=1", "＝1", "|cmd", "%x"])
def test_no_cell_is_a_formula(cell: str) -> None:
    row = row_of(name=cell, note=cell, pool=cell, tags=(cell,), upstream_user_id="-u")
    for column in ("name", "note", "pool", "tags", "user_id"):
        assert row[column].startswith("'")


def test_a_table_holds_no_secret() -> None:
    cookies = {"cf_clearance": "CLEARANCE", "sso-rw": token(2)}
    account = ImportedAccount(place=1, sso_token=token(1), cookies=cookies, name="a,b")
    sheet = as_table([account])
    assert token(1)[:20] not in sheet
    assert "CLEARANCE" not in sheet
    assert '"a,b"' in sheet


def test_lines_are_tokens_and_nothing_else() -> None:
    accounts = [ImportedAccount(place=1, sso_token=token(n), name="x") for n in (1, 2)]
    assert as_lines(accounts) == f"{token(1)}\n{token(2)}\n"
    assert set(FORMATS) == {"json", "txt", "csv"}

from dataclasses import replace
from pathlib import Path

from core.settings import Settings
from supervisor.banner import admin_url, box, columns, mirror_url, ready_banner, table


def test_chinese_is_two_columns_wide():
    assert columns("管理 ab") == 7


def test_lines_of_a_box_are_equally_wide():
    assert len({columns(line) for line in box(["管理后台", "admin", ""]).splitlines()}) == 1


def test_values_of_a_table_start_in_one_column():
    first, second = table([("镜像", "x"), ("abcdef", "y")]).splitlines()
    assert columns(first.split("x")[0]) == columns(second.split("y")[0])


def test_urls_can_be_opened_whatever_is_bound():
    settings = Settings(bind="0.0.0.0", admin_bind=("::", 8081))
    assert mirror_url(settings) == "http://127.0.0.1:8080"
    assert admin_url(settings) == "http://[::1]:8081"


def test_public_address_wins():
    assert mirror_url(Settings(host="https://grok.example.com")) == "https://grok.example.com"
    assert mirror_url(replace(Settings(), tls_cert_file=Path("c"))) == "https://127.0.0.1:8080"


def test_ready_banner_speaks_both_languages():
    text = ready_banner(Settings(), "nginx 1.22.1")
    assert "已就绪" in text
    assert "is ready" in text

"""The documents say what the code does, and both languages say the same."""

import re
import shlex
from pathlib import Path

import pytest

from core.settings import Settings, load_settings
from docs.generate import generated, with_table
from serve import parse_arguments

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
TWINS = [
    (page, page.with_name(f"{page.stem}.en.md"))
    for page in PAGES
    if page.with_name(f"{page.stem}.en.md").exists()
]


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", generated(), ids=names(list(generated())))
def test_what_is_generated_is_up_to_date(path: Path) -> None:
    message = "run `python -m docs.generate` and commit the result"
    assert path.read_text("utf-8") == generated()[path], message


def test_the_sample_env_sets_nothing_and_every_line_of_it_works(tmp_path: Path) -> None:
    sample = (ROOT / ".env.example").read_text("utf-8")
    (tmp_path / "untouched").write_text(sample, "utf-8")
    assert load_settings(tmp_path / "untouched") == Settings()
    (tmp_path / "all").write_text(re.sub(r"(?m)^#([A-Z_]+=)", r"\1", sample), "utf-8")
    assert load_settings(tmp_path / "all").warnings == ()


def test_the_sample_env_puts_comments_on_lines_of_their_own() -> None:
    for line in (ROOT / ".env.example").read_text("utf-8").splitlines():
        assert " #" not in line


def test_the_marked_block_of_a_readme_is_replaced_and_nothing_else() -> None:
    page = "a\n<!-- settings -->\nold\n<!-- /settings -->\nb\n"
    assert with_table(page, "new") == (
        "a\n<!-- settings -->\n\nnew\n\n<!-- /settings -->\nb\n"
    )  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_files_named_in_a_command_or_sentence_exist(page: Path) -> None:
    shipped = r"`?((?:deploy|docs)/[\w.-]+\.\w+|docker-compose[\w-]*\.yml|[\w]+\.sh)"
    for name in re.findall(shipped, page.read_text("utf-8")):
        assert (ROOT / name).exists() or (ROOT / "deploy" / name).exists(), name


DEVELOPMENT = {"test", "test-fast", "lint", "bench"}


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_commands_in_documents_are_understood(page: Path) -> None:
    text = page.read_text("utf-8")
    for line in re.findall(r"(?m)python3 \S*(?:run|serve)\.py ([^\n#`]*)", text):
        if line.split()[0] not in DEVELOPMENT:
            parse_arguments([word for word in shlex.split(line) if word != "..."])
    for target in re.findall(r"(?m)^(?:make ([\w-]+))", text):
        assert f"\n{target}:\n" in (ROOT / "Makefile").read_text("utf-8")


def shape(page: Path) -> list[str]:
    """Headings by level, code by content, table rows by their number: what must agree."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"(?ms)^```(\w+)\n(.*?)^```", text)  # without a language: a drawing
    prose = re.sub(r"(?ms)^```.*?^```\n", "", text)
    marks = [re.match(r"#+|[-|]|\d\.|", line)[0] for line in prose.splitlines()]  # type: ignore[index]
    commands = [
        re.sub(r"\s+#.*|<[^>]*>", "", line) for _, block in blocks for line in block.splitlines()
    ]
    return [mark for mark in marks if mark] + commands


@pytest.mark.parametrize(("zh", "en"), TWINS, ids=names([zh for zh, _ in TWINS]))
def test_both_languages_have_the_same_shape_and_the_same_commands(zh: Path, en: Path) -> None:
    assert shape(zh) == shape(en)


@pytest.mark.parametrize(("zh", "en"), TWINS, ids=names([zh for zh, _ in TWINS]))
def test_each_language_links_to_the_other(zh: Path, en: Path) -> None:
    assert f"({en.name})" in zh.read_text("utf-8")
    assert f"({zh.name})" in en.read_text("utf-8")

"""Writes what can be derived from the settings: docs/env.md, docs/env.en.md, .env.example, README.

`python -m docs.generate` writes; a test fails when what is committed differs.
"""

import re
from pathlib import Path

from core.settings import Setting, Settings

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"(<!-- settings -->\n).*?(<!-- /settings -->)", re.DOTALL)

_ENV_ZH = """\
# 环境变量

[English](env.en.md)

本页由 `python -m docs.generate` 根据 `core/settings.py` 生成，请勿手改。

{table}

「兼容」一栏打勾的名字与 dairoot/grok-gateway 相同，含义也相同。

- 启动时一次列出全部问题并以退出码 78 结束；密码和代理口令不会出现在任何提示里。
- 当前目录的 `.env` 会被读取；已经存在的环境变量优先。空值等于没有设置。
- 布尔值可写 `true/false`、`1/0`、`yes/no`、`on/off`，大小写不限。
- 注释请单独成行：`docker run --env-file` 与 `-e` 会把行尾的 `# 注释` 当成值的一部分。
  我们会去掉它并给出警告；值里确实要有「空格加 #」时请加引号。
- 以 `GROK_` 开头却不认识的名字会被当成拼写错误而拒绝启动。
- 弱管理密码（少于 12 位、常见密码、与 `AUTHORIZATION` 相同）会被拒绝；只有全部监听都在本机时，
  `ALLOW_WEAK=1` 才能放行。
- 每个进程各读一次；修改后需要重启。
"""

_ENV_EN = """\
# Environment variables

[中文](env.md)

Made by `python -m docs.generate` from `core/settings.py`; do not edit by hand.

{table}

Names ticked under "compatible" are those of dairoot/grok-gateway and mean the same.

- All problems are listed at once and the start ends with exit code 78; no password and no proxy
  credential is ever shown.
- `.env` in the working directory is read; what is set in the environment already wins. An empty
  value is the same as none.
- Booleans may be `true/false`, `1/0`, `yes/no` or `on/off`, in any case.
- Put comments on lines of their own: `docker run --env-file` and `-e` take a `# comment` at the end
  of a line as part of the value. We cut it off and warn; quote a value that really holds a space
  and a #.
- A name that begins with `GROK_` and is not known counts as a typing mistake and stops the start.
- A weak admin password (under 12 characters, well known, or the same as `AUTHORIZATION`) is
  refused; `ALLOW_WEAK=1` lets it pass only while everything listens on loopback.
- Every process reads them once; restart after a change.
"""

_SAMPLE_HEAD = """\
# 复制为 .env 后修改；不需要的行保持注释即可。注释必须单独成行。
# Copy to .env and edit; leave what you do not need commented out. Comments on their own lines only.
#
# 仅 Docker Compose 使用：发布到宿主机的地址和端口。前面有反向代理时用 127.0.0.1:8080。
# Docker Compose only: the host's address and port; 127.0.0.1:8080 behind a reverse proxy.
#PUBLISH=8080
"""

_EXAMPLES = {
    "HOST": "https://grok.example.com",
    "PROXY_URL_POOL": "http://user:password@127.0.0.1:7890,socks5h://127.0.0.1:1080",
    "MODEL_ALIASES": "gpt-4o=grok-expert,gpt-4o-mini=grok-fast",
    "MIRROR_API_PREFIX": "a-long-random-word",
    "TRUSTED_PROXIES": "127.0.0.1",
    "DATABASE_URL": "postgresql://mirror:password@db:5432/mirror",
    "SECRET_KEY_FILE": "/etc/grok-mirror/secret.key",
    "GROK_CONNECT_TO": "*:443=127.0.0.1:9443",
    "GROK_CA_FILE": "/path/to/ca.pem",
    "TLS_CERT_FILE": "/path/to/fullchain.pem",
    "TLS_KEY_FILE": "/path/to/privkey.pem",
}


def table_zh() -> str:
    """The table of all settings in Chinese."""
    head = "| 变量 | 默认值 | 说明 | 兼容 |\n|---|---|---|:-:|\n"
    return head + "\n".join(_row(setting, setting.zh) for setting in Settings.table())


def table_en() -> str:
    """The table of all settings in English."""
    head = "| Variable | Default | What it does | Compatible |\n|---|---|---|:-:|\n"
    return head + "\n".join(_row(setting, setting.en) for setting in Settings.table())


def _row(setting: Setting, sentence: str) -> str:
    default = f"`{setting.default}`" if setting.default else "—"
    tick = "✓" if setting.from_dairoot else ""
    # A | would end the cell, even between backticks.
    return f"| `{setting.name}` | {default} | {sentence.replace('|', chr(92) + '|')} | {tick} |"


def env_example() -> str:
    """A .env in which every setting is explained and none is set."""
    parts = [_SAMPLE_HEAD]
    for setting in Settings.table():
        value = _EXAMPLES.get(setting.name, setting.default)
        parts.append(f"# {setting.zh}\n# {setting.en}\n#{setting.name}={value}\n")
    return "\n".join(parts)


def with_table(readme: str, table: str) -> str:
    """A README whose marked block holds this table."""
    return _BLOCK.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", readme)


def generated() -> dict[Path, str]:
    """Every derived file and what it should hold."""
    files = {
        ROOT / "docs/env.md": _ENV_ZH.format(table=table_zh()),
        ROOT / "docs/env.en.md": _ENV_EN.format(table=table_en()),
        ROOT / ".env.example": env_example(),
    }
    for path, table in ((ROOT / "README.md", table_zh()), (ROOT / "README.en.md", table_en())):
        if path.exists():
            files[path] = with_table(path.read_text("utf-8"), table)
    return files


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, "utf-8")

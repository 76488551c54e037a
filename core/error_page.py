"""Turns a refusal into the bytes a person or a program can read: one page, one JSON shape.

The JSON is OpenAI's nested error, because the same refusals answer API clients.
"""

import json
from html import escape
from string import Template

from core.refusals import Refusal

LANGUAGE_COOKIE = "mirror_lang"
"""Holds `zh` or `en` once somebody has chosen a language on a page of ours."""
PAGE_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"

_PAGE = Template("""<!doctype html>
<html lang="$lang"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>$title</title><style>
:root{color-scheme:light dark;--ink:light-dark(#111,#eee);--soft:light-dark(#666,#999);
--line:light-dark(#ddd,#333);--paper:light-dark(#fff,#111)}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);
color:var(--ink);font:16px/1.65 system-ui,-apple-system,"PingFang SC","Microsoft YaHei UI",
"Noto Sans SC","Noto Sans CJK SC",sans-serif;text-autospace:normal}
main{max-width:30rem;padding:2rem;box-sizing:border-box}
p{margin:.5rem 0}h1{font-size:1.35rem;margin:0 0 .75rem}
.status{color:var(--soft);font-variant-numeric:tabular-nums}.other{color:var(--soft)}
a{display:inline-block;margin-top:1rem;padding:.55rem 1.1rem;border:1px solid var(--line);
border-radius:10px;color:inherit;text-decoration:none}
code{font-size:.8rem;color:var(--soft);user-select:all}
</style></head><body><main>
<p class="status">$status</p><h1>$title</h1><p>$advice</p>
<p class="other" lang="$other_lang">$other_title $other_advice</p>$button
<p><code>$request_id</code></p></main></body></html>
""")


def html_page(refusal: Refusal, request_id: str, *, chinese: bool) -> bytes:
    """The page for a browser: the reader's language first, the other one below it."""
    zh = ("zh-CN", refusal.title_zh, refusal.advice_zh, "继续")
    en = ("en", refusal.title_en, refusal.advice_en, "Continue")
    (lang, title, advice, label), (other_lang, other_title, other_advice, _) = (
        (zh, en) if chinese else (en, zh)
    )
    button = f'<a href="{escape(refusal.action)}">{label}</a>' if refusal.action else ""
    return _PAGE.substitute(
        lang=lang,
        title=escape(title),
        advice=escape(advice),
        other_lang=other_lang,
        other_title=escape(other_title),
        other_advice=escape(other_advice),
        status=refusal.status,
        button=button,
        request_id=escape(request_id),
    ).encode()


def json_error(refusal: Refusal, request_id: str) -> bytes:
    """`{"error":{"message","type","param","code"}}`: what OpenAI's clients read."""
    kind = "invalid_request_error" if refusal.status < 500 else "server_error"
    message = f"{refusal.title_en}. {refusal.advice_en}".strip()
    error = {"message": message, "type": kind, "param": None, "code": refusal.code}
    return json.dumps({"error": error, "request_id": request_id}).encode()


def prefers_chinese(accept_language: str, chosen: str = "") -> bool:
    """What was chosen; else whether Chinese stands before English. With neither named, Chinese."""
    if chosen in ("zh", "en"):
        return chosen == "zh"
    lowered = accept_language.lower()
    zh, en = lowered.find("zh"), lowered.find("en")
    return en < 0 or 0 <= zh < en

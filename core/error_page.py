"""Turns a refusal into the bytes a person or a program can read: one page, one JSON shape.

The JSON is OpenAI's nested error, because the same refusals answer API clients.
"""

import json
from html import escape
from string import Template

from core.refusals import Refusal

LANGUAGE_COOKIE = "mirror_lang"
"""Holds `zh` or `en` once somebody has chosen a language on a page of ours."""
PAGE_CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
WRONG_HOST, SERVER_SIDE = 421, 500

_PAGE = Template("""<!doctype html>
<html lang="$lang"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>$title</title>
<link rel="icon" href="data:,"><style>
:root{color-scheme:light dark;--bg:light-dark(#fbfbfa,#0f0f10);--card:light-dark(#fff,#17171a);
--fg:light-dark(#18181b,#ececee);--mut:light-dark(#6b6b74,#9a9aa3);--line:light-dark(#e7e7e4,#2a2a2f)}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--bg);color:var(--fg);font:14px/1.65 system-ui,
-apple-system,"PingFang SC","HarmonyOS Sans SC","MiSans","Microsoft YaHei UI","Noto Sans SC",
"Noto Sans CJK SC",sans-serif;text-autospace:normal;line-break:strict}
header{display:flex;align-items:center;gap:9px;max-width:1280px;margin:0 auto;
padding:18px clamp(16px,3vw,40px);font-size:15px;font-weight:700}
svg{width:22px;height:22px;fill:currentColor}
svg path+path{fill:none;stroke:currentColor;stroke-width:1.6;opacity:.55}
main{max-width:440px;margin:0 auto;padding:clamp(32px,10vh,120px) 16px 64px}
section{display:grid;gap:18px;padding:28px;background:var(--card);border:1px solid var(--line);
border-radius:10px;overflow-wrap:anywhere}
p,h1{margin:0}h1{font-size:22px;line-height:1.4;font-weight:650;text-wrap:balance}
.mut{color:var(--mut)}.small{font-size:12.5px}
.code{color:var(--mut);font:500 13px ui-monospace,Consolas,monospace}
.other{padding-top:16px;border-top:1px solid var(--line)}
a{display:flex;align-items:center;justify-content:center;min-height:44px;border-radius:8px;
border:1px solid var(--line);color:inherit;text-decoration:none;font-weight:550}
a:hover{background:var(--bg)}:focus-visible{outline:2px solid currentColor;outline-offset:2px}
code{font:12px ui-monospace,Consolas,monospace;user-select:all}
</style></head><body>
<header><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10.5 4a8 8 0 0 0 0 16z"/>
<path d="M13.5 4a8 8 0 0 1 0 16"/></svg>Grok Mirror</header>
<main><section><div><p class="code">$status</p><h1>$title</h1><p class="mut">$advice</p></div>
$button<div class="other mut small" lang="$other_lang"><p>$other_title</p><p>$other_advice</p></div>
$request</section></main></body></html>
""")
_REQUEST = '<p class="mut small">{} <code>{}</code></p>'
_LABELS = {
    "/": ("返回首页", "Home"),
    "/-/sign-in": ("登录", "Sign in"),
    "/-/cars": ("选车", "Choose a car"),
    "/-/enter": ("输入密码", "Enter it"),
    "/-/me": ("我的账户", "My account"),
    "": ("重试", "Try again"),
}


def html_page(refusal: Refusal, request_id: str, *, chinese: bool) -> bytes:
    """The page for a browser: the reader's language first, the other one below it."""
    zh = ("zh-CN", refusal.title_zh, refusal.advice_zh)
    en = ("en", refusal.title_en, refusal.advice_en)
    (lang, title, advice), (other_lang, *other) = (zh, en) if chinese else (en, zh)
    number = "请求编号" if chinese else "Request number"
    return _PAGE.substitute(
        lang=lang,
        title=escape(title),
        advice=escape(advice),
        other_lang=other_lang,
        other_title=escape(other[0]),
        other_advice=escape(other[1]),
        status=refusal.status,
        button=_button(refusal, chinese=chinese),
        request=_REQUEST.format(number, escape(request_id)) if request_id else "",
    ).encode()


def _button(refusal: Refusal, *, chinese: bool) -> str:
    """The way on: what the refusal names, else the start page, or the same page once more."""
    if refusal.status == WRONG_HOST:
        return ""  # no page of this host helps
    path = refusal.action or ("" if refusal.status >= SERVER_SIDE else "/")
    zh, en = _LABELS.get(path, ("继续", "Continue"))
    return f'<a href="{escape(path)}">{zh if chinese else en}</a>'


def json_error(refusal: Refusal, request_id: str) -> bytes:
    """`{"error":{"message","type","param","code"}}`: what OpenAI's clients read."""
    kind = "invalid_request_error" if refusal.status < SERVER_SIDE else "server_error"
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

"""The sentences of importing and exporting accounts, in Chinese and English; part of `TEXTS`."""

ACCOUNT_TEXTS: dict[str, tuple[str, str]] = {
    "import_title": ("导入账号", "Import accounts"),
    "import_lead": (
        "粘贴或选择文件，先预览，确认后才写入。一次最多 1 万个。",
        "Paste or choose a file. You see a preview first; nothing is kept before you confirm. "
        "At most 10,000 at a time.",
    ),
    "import_formats": (
        "能识别：一行一个令牌或 Cookie、grok2api 各版本、Cookie-Editor / EditThisCookie、"
        "cookies.txt、Playwright、复制为 cURL、CSV（含 Excel）、SSO=… 列表、本站导出的 JSON。",
        "Understood: a token or cookie string a line, grok2api of every version, Cookie-Editor / "
        "EditThisCookie, cookies.txt, Playwright, copied as cURL, CSV (Excel's too), SSO=… lists, "
        "and JSON exported here.",
    ),
    "import_text": ("粘贴内容", "Paste"),
    "import_file": ("或选择文件（最大 16 MiB）", "Or a file (up to 16 MiB)"),
    "import_preview": ("预览", "Preview"),
    "import_preview_lead": (
        "格式：{format}。还没有写入任何内容。",
        "Format: {format}. Nothing has been kept yet.",
    ),
    "format_lines": ("逐行文本", "lines of text"),
    "format_list": ("列表", "a list"),
    "format_cookies": ("浏览器 Cookie", "browser cookies"),
    "import_confirm": ("导入 {count} 个账号", "Import {count} accounts"),
    "import_confirm_one": ("导入 1 个账号", "Import 1 account"),
    "import_nothing": ("没有可导入的账号。", "There is nothing to import."),
    "import_empty": ("请粘贴内容或选择文件。", "Paste something or choose a file."),
    "import_expired": (
        "预览已过期或已使用，请重新上传。",
        "That preview has expired or was used. Upload again.",
    ),
    "import_done": ("导入完成", "Imported"),
    "import_done_lead": (
        "账号从下一个请求起可用。",
        "The accounts can be used from the next request on.",
    ),
    "import_more": ("导入更多", "Import more"),
    "import_rest": ("其余 {count} 条未列出。", "{count} more are not listed."),
    "import_column_line": ("行", "Line"),
    "import_column_item": ("条目", "Item"),
    "import_column_account": ("账号", "Account"),
    "import_column_result": ("结果", "Result"),
    "outcome_new": ("新增", "New"),
    "outcome_updated": ("更新", "Updated"),
    "outcome_duplicate": ("重复", "Duplicate"),
    "outcome_malformed": ("无效", "Malformed"),
    "outcome_skipped": ("跳过", "Skipped"),
    "outcome_updated_lead": (
        "同一个 Grok 用户的新令牌，或找回已删除的账号",
        "A newer token of the same Grok user, or a deleted account brought back",
    ),
    "reason_empty": ("空的", "empty"),
    "reason_too_long": ("超过 16 KiB", "longer than 16 KiB"),
    "reason_not_a_token": (
        "不是 SSO 令牌（用点号连接的三段，以 eyJ 开头）",
        "not an SSO token (three parts joined by dots, starting with eyJ)",
    ),
    "reason_no_sso_cookie": ("Cookie 里没有 sso", "a cookie string without an sso cookie"),
    "reason_no_token": ("没有 SSO 令牌", "an entry without an SSO token"),
    "reason_not_json": ("不是有效的 JSON", "not valid JSON"),
    "reason_not_csv": ("不是可读的 CSV 行", "not a readable row of CSV"),
    "reason_oauth": (
        "OAuth 账号（grok_build），没有 SSO 令牌",
        "an OAuth account (grok_build): it has no SSO token",
    ),
    "reason_other_site": ("其他网站的 Cookie，没有 grok.com 的", "cookies of another site"),
    "reason_replaced": (
        "后面有同一 Grok 用户的另一个令牌",
        "a later entry holds another SSO token of the same Grok user",
    ),
    "reason_later_format": (
        "由更新版本的 Grok Mirror 导出",
        "written by a later version of Grok Mirror",
    ),
    "reason_too_many": (
        "超过 1 万个，其余未读",
        "more than 10,000; the rest was left out",
    ),
    "reason_nothing": ("没有找到账号", "no account was found"),
    "export_title": ("导出账号", "Export accounts"),
    "export_lead": (
        "JSON 和 TXT 含有 SSO 令牌：拿到文件的人就拿到了账号。请加密保存，用完删除。",
        "JSON and TXT hold the SSO tokens: whoever has the file has the accounts. Keep it "
        "encrypted and delete it after use.",
    ),
    "export_format": ("格式", "Format"),
    "export_json": ("JSON — 可再次导入", "JSON — imports again"),
    "export_txt": ("TXT — 一行一个令牌", "TXT — a token a line"),
    "export_csv": ("CSV — 不含令牌", "CSV — without tokens"),
    "export_password": ("再次输入管理密码", "The admin password again"),
    "export_button": ("下载", "Download"),
}

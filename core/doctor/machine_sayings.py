"""What may be said of this machine: settings, files, database, ports, versions."""

from core.doctor.saying import Level, Saying

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL

MACHINE = {
    "versions_ok": Saying(
        "versions", OK, "Grok Mirror {mirror}，Python {python}，{libraries}",
        "Grok Mirror {mirror}, Python {python}, {libraries}",
    ),
    "versions_old": Saying(
        "versions", FAIL, "{problem}", "{problem}",
        "重新安装依赖：python3 run.py version 会按锁文件重建 .venv。",
        "Install again: python3 run.py version rebuilds .venv from the lock.",
    ),
    "settings_ok": Saying("settings", OK, "没有疑问", "nothing to object to"),
    "settings_doubt": Saying("settings", WARN, "{doubt}", "{doubt}"),
    "config_ok": Saying(
        "config", OK, "有效，{count} 个上游主机", "valid, {count} upstream hosts"
    ),
    "config_wrong": Saying(
        "config", FAIL, "无法使用：{problem}", "cannot be used: {problem}",
        "改正该行；运行中的镜像仍使用上一份有效配置。",
        "Mend that line; a running mirror stays with the last good file.",
    ),
    "data_ok": Saying(
        "data", OK, "{path} 可写，剩余 {free}", "{path} can be written, {free} free"
    ),
    "data_new": Saying(
        "data", OK, "{path} 尚不存在，首次启动时创建（剩余 {free}）",
        "{path} is not there yet; the first start makes it ({free} free)",
    ),
    "data_low": Saying(
        "data", WARN, "{path} 只剩 {free}", "{path} has only {free} left",
        "清理磁盘；写满后无法新建对话。", "Make room; on a full disk no chat can be begun.",
    ),
    "data_full": Saying(
        "data", FAIL, "{path} 几乎已满，只剩 {free}", "{path} is nearly full, {free} left",
        "立即清理磁盘。", "Make room now.",
    ),
    "data_unwritable": Saying(
        "data", FAIL, "无法写入 {path}：{problem}", "cannot write to {path}: {problem}",
        "检查 DATA_DIR 及其所有者。", "See DATA_DIR and who owns it.",
    ),
    "key_ok": Saying("key", OK, "{path}，仅所有者可读", "{path}, private to its owner"),
    "key_new": Saying(
        "key", OK, "{path} 尚不存在，首次启动时创建",
        "{path} is not there yet; the first start makes it",
    ),
    "key_open": Saying(
        "key", WARN, "{path} 可被其他用户读取（权限 {mode}）",
        "{path} can be read by others (mode {mode})",
        "chmod 600 {path}", "chmod 600 {path}",
    ),
    "key_unreadable": Saying(
        "key", FAIL, "{path} 无法使用：{problem}", "{path} cannot be used: {problem}",
        "放回备份的密钥文件，或检查 SECRET_KEY_FILE 及权限。",
        "Put the key back from its backup, or see SECRET_KEY_FILE and who may read it.",
    ),
    "key_missing": Saying(
        "key", FAIL, "{path} 不存在，但数据库里有 {secrets} 个加密内容",
        "{path} is missing, but the database holds {secrets} sealed secrets",
        "放回密钥文件（SECRET_KEY_FILE）；没有它，令牌无法恢复。",
        "Put the key back (SECRET_KEY_FILE); without it no SSO token can be read.",
    ),
    "database_ok": Saying(
        "database", OK, "{kind} 完好，结构 {schema}，账号 {accounts}，用户 {users}",
        "{kind} is sound, schema {schema}, accounts {accounts}, users {users}",
    ),
    "database_new": Saying(
        "database", OK, "{kind} 尚未建立，首次启动时创建",
        "{kind} holds nothing yet; the first start fills it",
    ),
    "database_old": Saying(
        "database", WARN, "{kind} 完好，结构 {schema}，还差 {pending} 步升级",
        "{kind} is sound, schema {schema}, {pending} migrations behind",
        "下次启动时自动升级（SQLite 会先备份）。",
        "The next start migrates it (SQLite is copied before).",
    ),
    "database_too_new": Saying(
        "database", FAIL, "由更新的版本写成（{schema}）",
        "written by a later version ({schema})",
        "启动那个版本，或恢复升级前的备份。",
        "Start that version, or restore the backup made before the upgrade.",
    ),
    "database_damaged": Saying(
        "database", FAIL, "{kind} 已损坏：{problem}", "{kind} is damaged: {problem}",
        "停止服务，用 run.py restore 恢复备份；原文件会保留。",
        "Stop the mirror and put a copy back with run.py restore; the old file is kept.",
    ),
    "database_away": Saying(
        "database", FAIL, "{kind} 打不开：{problem}", "{kind} cannot be opened: {problem}",
        "检查 DATABASE_URL 或数据目录的权限，以及数据库是否在运行。",
        "See DATABASE_URL or who owns the data folder, and whether the database runs.",
    ),
    "database_sealed": Saying(
        "database", FAIL, "{secrets} 个加密内容中，现有密钥只能打开 {opened} 个",
        "the present key opens only {opened} of {secrets} sealed secrets",
        "放回当时的密钥文件，或重新导入打不开的账号。",
        "Put back the key of that time, or import the accounts anew that do not open.",
    ),
    "port_ours": Saying("port", OK, "{name}：镜像站在应答", "{name}: the mirror answers"),
    "port_free": Saying("port", OK, "{name}：空闲", "{name}: free"),
    "port_taken": Saying(
        "port", FAIL, "{name}：被其他程序占用", "{name}: in use by another program",
        "停止那个程序，或修改 {name}。", "Stop that program, or change {name}.",
    ),
    "port_unusable": Saying(
        "port", FAIL, "{name}：无法监听（{problem}）", "{name}: cannot be used ({problem})",
        "修改 {name}。", "Change {name}.",
    ),
    "port_dead": Saying(
        "port", FAIL, "{name}：镜像站在运行，但此端口不应答",
        "{name}: the mirror runs, but nobody answers here",
        "查看日志中 proxy 与 front 的报错。", "Look in the log for what proxy and front say.",
    ),
}  # fmt: skip

"""Every sentence of the pages, in Chinese and English; a key without both cannot be written."""

from admin.account_texts import ACCOUNT_TEXTS
from admin.console_texts import CONSOLE_TEXTS
from admin.conversation_texts import CONVERSATION_TEXTS
from admin.people_texts import PEOPLE_TEXTS
from admin.traffic_texts import TRAFFIC_TEXTS

LANGUAGES = ("zh", "en")

TEXTS: dict[str, tuple[str, str]] = {
    "brand": ("Grok Mirror", "Grok Mirror"),
    "other_language": ("English", "中文"),
    # sign-in
    "sign_in": ("登录", "Sign in"),
    "sign_in_lead": ("用管理员给你的账号登录。", "Use the name your operator gave you."),
    "user_name": ("用户名", "User name"),
    "password": ("密码", "Password"),
    "sign_in_hint": (
        "没有密码？向管理员要一个一次性登录链接。",
        "No password? Ask your operator for a one-time sign-in link.",
    ),
    "wrong_password": ("用户名或密码不对，请再试一次。", "Wrong user name or password. Try again."),
    "too_many_tries": (
        "尝试次数太多，请在 {seconds} 秒后再试。",
        "Too many tries. Try again in {seconds} seconds.",
    ),
    # one-time link
    "link_title": ("一次性登录", "One-time sign-in"),
    "link_lead": (
        "点击下面的按钮，以 {name} 的身份登录。此链接只能用一次。",
        "Press the button to sign in as {name}. This link works once.",
    ),
    "link_button": ("以 {name} 登录", "Sign in as {name}"),
    "link_dead_title": ("链接已失效", "This link no longer works"),
    "link_dead_lead": (
        "它已被使用或已过期。请向管理员要一个新的链接。",
        "It has been used or has expired. Ask your operator for a new one.",
    ),
    "go_to_sign_in": ("用密码登录", "Sign in with a password"),
    # cars
    "cars_title": ("选择一辆车，开始对话", "Choose a car and start talking"),
    "cars_lead": (
        "每辆车是一个 Grok 账号；同车的人共用次数，各看各的对话。",
        "A car is one Grok account; people in one car share its quota, not their conversations.",
    ),
    "cars_recommend_before": ("推荐", "We suggest"),
    "cars_recommend_after": ("：当前最空闲。", ": the least busy one now. "),
    "automatic": ("自动选择", "Automatic"),
    "automatic_lead": ("由系统挑选空闲的车", "We pick a free car for you"),
    "choose": ("选择", "Choose"),
    "continue": ("继续使用", "Keep using"),
    "current": ("当前", "Current"),
    "private": ("专属", "Private"),
    "car_free": ("空闲", "Free"),
    "car_busy": ("忙碌", "Busy"),
    "car_cooling": ("额度恢复中", "Cooling down"),
    "car_cooling_until": ("{time} 恢复", "Back at {time}"),
    "car_challenged": ("需要验证", "Being checked"),
    "car_out": ("已失效", "Signed out"),
    "car_users": ("{count} 人", "{count} users"),
    "car_users_one": ("1 人", "1 user"),
    "no_cars_title": ("还没有可用的车", "There is no car yet"),
    "no_cars_lead": (
        "管理员还没有添加 Grok 账号，或者全部已停用。",
        "Your operator has not added a Grok account, or all are switched off.",
    ),
    "car_unknown": (
        "这辆车不存在或不可用，请另选一辆。",
        "That car is gone or cannot be used. Choose another.",
    ),
    # me
    "me_title": ("我的账户", "My account"),
    "me_signed_in_as": ("已登录为", "Signed in as"),
    "me_car": ("当前的车", "Current car"),
    "me_car_none": ("首次对话时自动分配", "Picked with your first chat"),
    "me_automatic": ("自动", "automatic"),
    "me_chosen": ("自己选择", "your choice"),
    "me_expires": ("有效期至", "Valid until"),
    "me_forever": ("长期有效", "No end date"),
    "me_sessions": ("登录的浏览器", "Signed-in browsers"),
    "me_sessions_lead": (
        "不认识的浏览器？让它退出，并修改密码。",
        "One you do not know? Sign it out and have your password changed.",
    ),
    "me_this_browser": ("本浏览器", "This browser"),
    "me_unknown_browser": ("未知浏览器", "Unknown browser"),
    "me_last_seen": ("最近使用 {ago}", "Last used {ago}"),
    "me_since": ("登录于 {time}", "Signed in {time}"),
    "revoke": ("退出", "Sign out"),
    "change_car": ("换车", "Change car"),
    "to_grok": ("进入 Grok", "Open Grok"),
    "sign_out": ("退出登录", "Sign out"),
    "sign_out_lead": (
        "只退出镜像站；Grok 账号不受影响。",
        "This ends your session here only; the Grok account stays signed in.",
    ),
    "sign_out_everywhere_lead": (
        "Grok 账号本身不受影响。",
        "The Grok account itself stays signed in.",
    ),
    "sign_out_everywhere": ("在所有浏览器退出", "Sign out everywhere"),
    "signed_out": ("已退出登录。", "You are signed out."),
    "cancel": ("返回", "Back"),
    # time
    "just_now": ("刚刚", "just now"),
    "minutes_ago": ("{n} 分钟前", "{n} min ago"),
    "hours_ago": ("{n} 小时前", "{n} h ago"),
    "days_ago": ("{n} 天前", "{n} d ago"),
    "never": ("从未", "never"),
    # errors
    "error_400_title": ("请求有误", "That request was malformed"),
    "error_400_lead": ("请返回重试。", "Go back and try again."),
    "error_403_title": ("请求被拒绝", "Request refused"),
    "error_403_lead": (
        "请求不是从本站页面发出的。请返回，刷新后重试。",
        "It did not come from a page of this site. Go back, reload and try again.",
    ),
    "error_404_title": ("页面不存在", "No such page"),
    "error_404_lead": ("请检查网址。", "Check the address."),
    "error_405_title": ("不支持这种请求", "That cannot be done here"),
    "error_405_lead": ("请从页面上的按钮操作。", "Use the buttons on the page."),
    "error_413_title": ("内容过大", "Too large"),
    "error_413_lead": ("请缩短后重试。", "Shorten it and try again."),
    "error_500_title": ("镜像站内部错误", "The mirror made a mistake"),
    "error_500_lead": (
        "请稍后再试；若反复出现，请把请求编号告诉管理员。",
        "Try again later; if it keeps happening, tell your operator the request number.",
    ),
    "error_503_title": ("暂时无法处理", "Not available right now"),
    "error_503_lead": (
        "数据库暂时没有响应，请稍后重试。",
        "The database does not answer at the moment. Try again shortly.",
    ),
    "request_number": ("请求编号", "Request number"),
    "home": ("返回首页", "Home"),
    # admin
    "admin": ("管理后台", "Admin"),
    "admin_lead": ("输入管理密码。", "Enter the admin password."),
    "admin_wrong": ("密码不对。", "Wrong password."),
    "admin_same_origin": (
        "不安全：管理后台与镜像站同源。能控制 grok.com 脚本的人也能控制此页面。"
        "请关闭 ADMIN_SAME_ORIGIN，改用单独的管理端口。",
        "Unsafe: these pages share their origin with the mirror. Whoever controls grok.com's "
        "scripts controls this page. Switch ADMIN_SAME_ORIGIN off and use the admin port.",
    ),
    "status_cooling": ("冷却至 {time}", "Cooling until {time}"),
    **CONSOLE_TEXTS,
    **ACCOUNT_TEXTS,
    **CONVERSATION_TEXTS,
    **PEOPLE_TEXTS,
    **TRAFFIC_TEXTS,
}

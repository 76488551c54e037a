"""The sentences about a user's own conversations, their copies, and the badge on Grok's page."""

CONVERSATION_TEXTS: dict[str, tuple[str, str]] = {
    "conversations_title": ("我的对话", "My conversations"),
    "conversations_view": ("查看", "View"),
    "conversations_lead": (
        "你在各辆车上的对话，可以阅读、下载，或换一辆车接着聊。",
        "What you have talked about, in every car: read it, download it, or go on in another car.",
    ),
    "conversations_search": ("搜索标题", "Search titles"),
    "conversations_all": ("全部下载", "Download all"),
    "conversations_none": ("还没有对话", "No conversation yet"),
    "conversations_none_lead": (
        "在 Grok 里开始的对话会出现在这里。",
        "What you begin in Grok turns up here.",
    ),
    "conversations_no_match": ("没有匹配的标题", "No title matches"),
    "conversations_no_match_lead": ("换个词再试。", "Try another word."),
    "conversations_unread": (
        "还有 {count} 个对话的标题未取到，刷新页面即可继续。",
        "{count} more have not been looked up yet: reload the page to go on.",
    ),
    "conversation_untitled": ("未命名对话", "Untitled conversation"),
    "conversation_copy": ("存档", "archived"),
    "conversation_copy_only": ("仅存档", "archive only"),
    "conversation_temporary": ("临时", "temporary"),
    "conversation_from_copy": (
        "这是 {time} 的存档；原账号现在无法读取，或对话已在 Grok 中删除。",
        "This is the copy of {time}: the account cannot be asked now, or Grok has it no more.",
    ),
    "conversation_first_shown": (
        "这里只显示前 {count} 条，下载可得全部。",
        "The first {count} messages are shown; download it for all.",
    ),
    "conversation_you": ("你", "You"),
    "conversation_branch": ("对话的另一个分支", "another branch of the conversation"),
    "conversation_images": ("{count} 张图片", "{count} pictures"),
    "conversation_open": ("在 Grok 中打开", "Open in Grok"),
    "conversation_continue": ("在当前的车上继续", "Continue in my present car"),
    "conversation_continue_lead": (
        "在 {car} 上新建对话，并把这份记录作为背景发给 Grok；计 1 次提问。",
        "Begins a new conversation in {car} with this transcript as its context; it counts as one "
        "question.",
    ),
    "conversation_continue_no_car": (
        "先选择一辆可用的车，才能接着聊。",
        "Choose a car that works to go on with it.",
    ),
    "conversation_delete_copy": ("删除存档", "Delete the copy"),
    "conversation_gone_title": ("找不到这个对话", "No such conversation"),
    "conversation_gone_lead": (
        "它不存在、不是你的，或已在 Grok 中删除。",
        "It does not exist, is not yours, or has been deleted in Grok.",
    ),
    "trouble_no_account": (
        "{name} 已失效或不可用：那里的对话现在读不到，有存档的仍可阅读。",
        "{name} is signed out or switched off: what is there cannot be read now, but what is "
        "archived can.",
    ),
    "trouble_slow_down": (
        "Grok 暂时不让读取 {name}，请过一会儿再来。",
        "Grok wants {name} to be left alone for a while. Come back later.",
    ),
    "trouble_away": (
        "{name} 现在没有回答，请稍后重试。",
        "{name} does not answer at the moment. Try again shortly.",
    ),
    "export_running": (
        "你的上一次下载还没有结束。",
        "Your last download has not ended yet.",
    ),
    "continue_mode": (
        "没有可用的模式，请联系管理员。",
        "There is no mode you may use. Ask your operator.",
    ),
    "continue_day": ("今日次数已用完。", "You have no question left today."),
    "continue_month": ("本月次数已用完。", "You have no question left this month."),
    "continue_empty": ("这个对话没有内容可带过去。", "There is nothing in it to carry over."),
    "continue_busy": ("正在继续另一个对话，请稍候。", "Another one is being carried over. Wait."),
    "continue_failed": (
        "Grok 没有接受（{why}），请换一辆车或稍后重试。",
        "Grok did not take it ({why}). Try another car, or later.",
    ),
    # the archive
    "archive": ("对话存档", "Archive"),
    "archive_lead": (
        "默认关闭。开启后，管理员的机器会保存你的对话副本（加密，不含临时对话），账号失效后仍可阅读。"
        "最多 {most} MB。管理员持有密钥，理论上能够读取。",
        "Off unless you switch it on. Then the operator's machine keeps copies of your "
        "conversations (sealed; no temporary ones), so that they can be read when an account is "
        "dead. At most {most} MB. The operator holds the key, and could read them.",
    ),
    "archive_full": (
        "存档快满了：放不下的对话不再复制。删除一些副本可腾出空间。",
        "The archive is nearly full: what does not fit is not copied. Delete copies to make room.",
    ),
    "archive_on": ("已开启", "on"),
    "archive_off": ("已关闭", "off"),
    "archive_switch_on": ("开启存档", "Switch it on"),
    "archive_switch_off": ("停止存档", "Switch it off"),
    "archive_holds": ("{count} 个对话，{size}", "{count} conversations, {size}"),
    "archive_delete": ("删除我的存档", "Delete my archive"),
    "archive_delete_lead": (
        "关闭存档并删除全部 {count} 个副本；Grok 中的对话不受影响。无法撤销。",
        "Switches the archive off and deletes all {count} copies; what Grok has stays. "
        "This cannot be undone.",
    ),
    # the badge
    "badge_label": ("镜像站菜单", "Mirror menu"),
    "badge_left": ("今日剩余 {count}", "{count} left today"),
    "badge_left_month": ("本月剩余 {count}", "{count} left this month"),
    "badge_hide": ("暂时隐藏", "Hide for now"),
}

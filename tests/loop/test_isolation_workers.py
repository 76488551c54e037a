"""Two proxies behind nginx: what one was told the other knows at once."""

import json
import time

import requests

import db
from core.settings import Settings
from tests.browser.system import running

NEW = "/rest/app-chat/conversations/new"


def test_what_one_worker_was_told_the_other_knows_at_once(tmp_path, standin):
    seam = {"GROK_CONNECT_TO": standin.connect_to, "GROK_CA_FILE": str(standin.ca_file)}
    with running("serve", tmp_path, PROXY_WORKERS="2", **seam) as system:
        system.command("import", "-", "--yes", said=standin.accounts["super"].sso)
        db.open_database(Settings.from_environ(system.environ))
        try:
            cookie = db.start_session(db.ensure_user("alice").id, time.time(), "tests")
        finally:
            db.close_database()
        headers = {
            "origin": system.url,
            "x-statsig-id": "toy-signature",
            "cookie": f"mirror_session={cookie}",
        }
        last = time.monotonic() + 10
        while requests.get(f"{system.url}/api/auth/session", headers=headers).status_code != 200:
            assert time.monotonic() < last, "the proxies look once a second"
            time.sleep(0.1)
        for _ in range(20):
            body = {"message": "/plain hi", "modeId": "fast"}
            with requests.post(system.url + NEW, json=body, headers=headers, stream=True) as answer:
                assert answer.status_code == 200, answer.text
                first = json.loads(next(answer.iter_lines()))
                conversation = first["result"]["conversation"]["conversationId"]
                path = f"{system.url}/rest/app-chat/conversations_v2/{conversation}"
                told = [requests.get(path, headers=headers).status_code for _ in range(4)]
                assert told == [200] * 4

import pytest


def url(account, name):
    return f"https://assets.grok.com/users/{account.user_id}/generated/x/{name}"


async def test_user_files_need_the_cookie_of_their_account(standin, page, visitor, account):
    assert (await page.get(url(account, "image.jpg"))).status == 200
    assert (await visitor.get(url(account, "image.jpg"))).status == 403
    assert (await page.get(url(standin.accounts["heavy"], "image.jpg"))).status == 403
    assert (await page.get(url(account, "nothing.txt"))).status == 200
    missing = f"https://assets.grok.com/users/{account.user_id}/none/content"
    assert (await page.get(missing)).status == 404


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("bytes=0-99", 206, "bytes 0-99/65536"),
        ("bytes=65000-", 206, "bytes 65000-65535/65536"),
        ("bytes=-10", 206, "bytes 65526-65535/65536"),
        ("bytes=70000-", 416, "bytes */65536"),
        ("nonsense", 200, None),
    ],
)
async def test_ranges_of_videos(page, account, asked, status, said):
    answer = await page.get(url(account, "generated_video.mp4"), headers={"Range": asked})
    assert (answer.status, answer.headers.get("Content-Range")) == (status, said)


async def test_an_unchanged_file_is_304(page, account):
    first = await page.get(url(account, "image.jpg"))
    headers = {"If-None-Match": first.headers["ETag"]}
    assert (await page.get(url(account, "image.jpg"), headers=headers)).status == 304


async def test_public_media_need_no_cookie(visitor):
    answer = await visitor.get("https://imagine-public.x.ai/imagine-public/images/1.jpg?dl=1")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == "attachment"
    assert (await visitor.get("https://imagine-public.x.ai/none")).status == 404

POST = "https://grok.com/rest/media/post"


async def send(page, action, **body):
    return await (await page.post(f"{POST}/{action}", json=body)).json()


async def test_a_post_is_made_found_liked_and_removed(standin, page):
    made = (await send(page, "create", mediaType="MEDIA_POST_TYPE_VIDEO", prompt="a boat"))["post"]
    other = standin.control.plant("super", "post", prompt="older")
    assert (await send(page, "get", id=made["id"]))["post"]["prompt"] == "a boat"
    listed = await send(page, "list", pageSize=1)
    assert [item["id"] for item in listed["posts"]] == [other["id"]]
    assert listed["nextPageToken"] == other["id"]
    await send(page, "like", id=made["id"])
    liked = await send(page, "list", filter={"source": "MEDIA_POST_SOURCE_LIKED"})
    assert [item["id"] for item in liked["posts"]] == [made["id"]]
    assert made["id"] in (await send(page, "create-link", id=made["id"]))["shareLink"]
    await send(page, "delete", id=made["id"])
    assert (await page.post(f"{POST}/get", json={"id": made["id"]})).status == 404


async def test_another_accounts_post_does_not_exist(standin, page):
    foreign = standin.control.plant("heavy", "post", prompt="older")["id"]
    assert (await send(page, "list"))["posts"] == []
    for action in ("get", "like", "create-link", "delete"):
        assert (await page.post(f"{POST}/{action}", json={"id": foreign})).status == 404

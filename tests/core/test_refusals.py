from core.refusals import BY_CODE


def test_codes_are_unique_and_statuses_are_errors():
    assert len(BY_CODE) == len({refusal.title_en for refusal in BY_CODE.values()})
    assert all(400 <= refusal.status < 600 for refusal in BY_CODE.values())


def test_a_button_leads_to_a_path_of_the_mirror():
    for refusal in BY_CODE.values():
        assert not refusal.action or refusal.action.startswith("/")

from core.flow_record import FlowRecord


def test_a_record_belongs_to_the_hour_it_ended_in():
    record = FlowRecord(request_id="r", ended_at=7300.5, door="browser", outcome="ok")
    assert (record.hour, record.has_failed) == (7200, False)
    late = FlowRecord(request_id="r", ended_at=7199.9, door="browser", outcome="network")
    assert (late.hour, late.has_failed) == (3600, True)

import ssl

import aiohttp
import pytest

from standin import tls
from tests.standin.conftest import client


@pytest.mark.parametrize("mode", ["expired", "wrong_host", "self_signed"])
async def test_bad_certificates_fail_the_handshake(standin, mode):
    standin.control.switch(certificate=mode)
    async with client(standin) as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get("https://grok.com/")
    assert standin.control.requests() == []


async def test_a_handshake_can_break_off(standin):
    standin.control.switch(certificate="broken_off")
    async with client(standin) as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get("https://grok.com/")


@pytest.mark.parametrize("host", ["grok.com", "cdn.grok.com", "accounts.x.ai"])
async def test_the_good_certificate_covers_every_host(standin, host):
    async with client(standin) as session:
        assert (await session.get(f"https://{host}/none")).status in {200, 404}


def test_the_authority_survives_a_restart(tmp_path):
    first = tls.load_or_create(tmp_path)
    assert tls.load_or_create(tmp_path).certificate == first.certificate
    assert (tmp_path / "ca-key.pem").stat().st_mode & 0o077 == 0
    assert ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))

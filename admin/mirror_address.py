"""Where users and their programs find the mirror, as seen from the operator's own page."""

from urllib.parse import urlsplit

from admin.visitor import current_visitor
from core.settings import Settings


def mirror_address(settings: Settings) -> str:
    """HOST, or the name this page was reached by with the mirror's own port."""
    if settings.host:
        return settings.host
    if settings.admin_same_origin and current_visitor().request_id:
        return current_visitor().origin
    host = urlsplit(current_visitor().origin).hostname or "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if settings.tls_cert_file else 'http'}://{shown}:{settings.port}"


def api_address(settings: Settings) -> str:
    """What API clients take as their base URL."""
    return f"{mirror_address(settings)}{settings.mirror_api_prefix}/v1"

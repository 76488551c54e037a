"""What Grok says of an account, for a user who shares it: himself in the owner's place.

Rebuilt from an allow-list, so that a field nobody has heard of yet says nothing either.
"""

from typing import Any

NOBODYS_DOMAIN = "mirror.invalid"
_KEPT = frozenset(
    {
        *("status", "session", "user", "userId", "id", "createTime", "emailConfirmed"),
        *("subscriptions", "tier", "billingInterval", "billingPeriodEnd", "cancelAtPeriodEnd"),
        *("xSubscriptionType", "sessionTierId", "allowNsfwContent", "alwaysShowNsfwContent"),
        *("tosAcceptedVersion", "birthDateSet"),
    }
)


def masked(value: Any, user_name: str, display_name: str) -> Any:  # noqa: ANN401 - JSON
    """The same answer with the user's name in it and nothing else of a person."""
    if isinstance(value, list):
        return [masked(element, user_name, display_name) for element in value]
    if not isinstance(value, dict):
        return value
    own = {
        "email": f"{user_name}@{NOBODYS_DOMAIN}" if "@" not in user_name else user_name,
        "emailDomain": NOBODYS_DOMAIN,
        "givenName": display_name,
        "familyName": "",
        "profileImageUrl": "",
    }
    found = {}
    for name, member in value.items():
        if name in own:
            found[name] = own[name]
        elif name in _KEPT:
            found[name] = masked(member, user_name, display_name)
    return found

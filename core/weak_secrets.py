"""Says why a secret is too weak to guard anything. It never repeats the secret."""

MINIMUM_LENGTH = 12


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What sample files show where a value belongs; these count as "not set".
PLACEHOLDERS = _words("""
    none null nil undefined xxx xxx1 xxx2 xxxx xxxxxx placeholder example todo
    your_key your-key yourkey your_api_key your-api-key sk-xxx sk-xxxx sk-xxxxxx
    changeme change-me change_me
""")

COMMON = PLACEHOLDERS | _words("""
    admin admin123 admin1234 admin12345 admin123456 administrator adminadminadmin root toor
    password password1 password12 password123 password1234 passw0rd passwordpassword
    123456 12345678 123456789 1234567890 12345678910 123456789012 1234567890123
    qwerty qwertyuiop qwerty123456 abc123456789 abcdefghijkl letmein iloveyou secret
    grok grok-mirror grokmirror changemechangeme
    yourpassword your_password your-password your_admin_password your-admin-password
""")


def is_placeholder(secret: str) -> bool:
    """A value nobody chose: filled with x, or copied from a sample."""
    word = secret.strip().casefold()
    return word in PLACEHOLDERS or not word.strip("x*.<>")


def weakness(password: str, authorization: tuple[str, ...] = ()) -> str | None:
    """The reason why this admin password may not be used, or None."""
    word = password.casefold()
    if is_placeholder(password) or word in COMMON:
        return "is a well-known password"
    if len(password) < MINIMUM_LENGTH:
        return f"is shorter than {MINIMUM_LENGTH} characters"
    if len(set(word)) < 4:
        return "repeats the same few characters"
    if password in authorization:
        return "is also an API key in AUTHORIZATION"
    return None

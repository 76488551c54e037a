from importlib import metadata

from supervisor.versions import too_old


def test_what_is_installed_here_is_new_enough():
    assert too_old() == []


def test_each_old_part_is_named():
    problems = too_old(lambda name: {"h11": "0.14.0"}.get(name, "99"), (3, 11, 2))
    assert problems == [
        "Python 3.11.2: 3.12 or newer is needed",
        "h11 0.14.0: 0.16 or newer is needed",
    ]


def test_missing_part_is_named():
    def installed(name):
        raise metadata.PackageNotFoundError(name)

    assert "h2 is not installed" in too_old(installed)

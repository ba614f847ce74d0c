"""Which language an item is taken to be in."""

import pytest

from tocsin.decide.language import language_of


@pytest.mark.parametrize(
    ("declared", "title", "expected"),
    [
        ("en-US", "Anything", "en"),
        ("DE_at", "Irgendwas", "de"),
        (None, "The company said on Monday that it has sold the plant", "en"),
        (None, "Der Konzern hat das Werk nach dem Streik verkauft und wird mit der Stadt reden", "de"),
        (None, "Le groupe a vendu une usine dans le nord pour les actionnaires", "fr"),
        (None, "La empresa vende una planta en el norte por las deudas", "es"),
        (None, "Quillon Varnholt Marlow", "en"),
        (None, "", "en"),
        (" ", "", "en"),
        ("en", "\u65e5\u672c\u306e\u4f1a\u793e\u304c\u5de5\u5834\u3092\u58f2\u5374", "ja"),
        ("en", "\u041a\u043e\u043c\u043f\u0430\u043d\u0438\u044f \u043f\u0440\u043e\u0434\u0430\u043b\u0430", "ru"),
    ],
)
def test_language_is_declared_or_guessed(declared: str | None, title: str, expected: str) -> None:
    """The script outweighs what the feed declares, that outweighs small words, and English is the default."""
    assert language_of(declared, title, "") == expected

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.measures.descriptors import KINDS, MEASURED_CHARACTERS, describe
from feedback.measures.language import language_of

TEXT = "Hello I'm here. I like it!\n\n# Head\n- one\n* two\n1. x\n12) y **b** `c` http://a.b Ünïcode?"


def described(*texts):
    return [dict(zip(KINDS, row, strict=True)) for row in describe(texts).T.tolist()]


def test_eighteen_numbers_describe_a_text():
    [found] = described(TEXT)

    characters = len(TEXT)
    assert len(KINDS) == 18
    assert found == pytest.approx(
        {
            "words": 20,
            "word_length": len(re.sub(r"\s", "", TEXT)) / 20,
            "sentences": 4,
            "sentence_length": 5,
            "lines": 7,
            "paragraphs": 2,
            "list_items": 4,
            "headings": 1,
            "bold": 1,
            "code_marks": 2,
            "links": 1,
            "exclamation_marks": 1,
            "question_marks": 1,
            "first_person": 2,
            "digits": 3 / characters,
            "capitals": 5 / characters - 1 / characters,
            "punctuation": sum(not c.isalnum() and not c.isspace() and c.isascii() for c in TEXT) / characters,
            "non_ascii": 2 / characters,
        }
    )


def test_an_empty_text_has_zeros_and_only_the_beginning_is_read():
    empty, long = described("", "a!" * MEASURED_CHARACTERS)

    assert set(empty.values()) == {0.0}
    assert long["exclamation_marks"] == MEASURED_CHARACTERS / 2


@given(st.lists(st.text(max_size=60), max_size=12))
def test_a_text_is_described_the_same_alone_and_among_others(texts):
    together = describe(texts)

    assert together.shape == (18, len(texts))
    for place, text in enumerate(texts):
        assert np.array_equal(together[:, place], describe([text])[:, 0])
        assert together[0, place] == len(re.findall(r"[^ \t\r\v\f\n]+", text))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I reset the password of my account?", "en"),
        ("Wie kann ich das Passwort zurücksetzen?", "de"),
        ("Comment puis-je changer le mot de passe de mon compte ?", "fr"),
        ("¿Cómo puedo cambiar la contraseña?", "es"),
        ("Come posso cambiare la password del mio account?", "it"),
        ("Como posso mudar a minha senha?", "pt"),
        ("Hoe kan ik het wachtwoord wijzigen?", "nl"),
        ("パスワードを変更する方法", "ja"),
        ("如何更改密码", "zh"),
        ("漢字と仮名", "ja"),
        ("비밀번호를 변경", "ko"),
        ("Как мне изменить пароль?", "ru"),
        ("Як змінити пароль до облікового запису?", "uk"),
        ("كيف أغير كلمة المرور", "ar"),
        ("Jak mogę zmienić hasło do konta?", "pl"),
        ("Hogyan tudom megváltoztatni a jelszavamat?", "hu"),
        ("Hur byter jag lösenord på mitt konto?", "sv"),
        ("Cum îmi pot schimba parola contului?", "ro"),
        ("Şifremi nasıl değiştirebilirim?", "tr"),
        ("Làm thế nào để đổi mật khẩu?", "vi"),
        ("איך משנים סיסמה", "he"),
        ("मैं अपना पासवर्ड कैसे बदलूँ?", "hi"),
        ("Bagaimana cara mengganti kata sandi saya?", "id"),
        ("de la do a o", "unknown"),
        ("ok", "unknown"),
        ("x = f(1)", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_language_is_detected_or_unknown(text, language):
    assert language_of(text) == language

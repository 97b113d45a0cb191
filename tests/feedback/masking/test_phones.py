import pytest

from feedback.masking import mask_text


@pytest.mark.parametrize(
    "text",
    [
        "Tél. : 07 81 22 64 19",
        "Mon numéro de téléphone est le 07 81 22 64 19",
        "Meine Handynummer ist 0151 23456789",
        "Ruf mich an unter 030 1234567",
        "Llámame al 612 34 56 78",
        "Ligue para (21) 99876-5432",
        "Il mio numero di telefono è 347 123 4567",
        "Mijn telefoonnummer is 06 12345678",
        "Zadzwoń pod numer 601 234 567",
        "Moje telefonní číslo je 601 123 456",
        "Hívjon a 06 20 123 4567 számon",
        "Sunați la 0712 345 678",
        "Телефон: 8 (495) 123-45-67",
        "Звоните по номеру 89161234567",
        "Мій номер 050 123 4567",
        "Το κινητό μου είναι 691 234 5678",
        "Cep telefonum 0532 123 45 67",
        "Puh. 040 1234567",
        "Ring på 70 12 34 56",
        "Mitt mobilnummer er 40 61 23 45",
        "הטלפון שלי 050-234-5678",
        "رقم جوالي هو 0501234567",
        "شماره من 09121234567 است",
        "मेरा मोबाइल नंबर 9876543210 है",
        "আমার ফোন নম্বর 01812345678",
        "我的手机号是13912345678",
        "聯絡電話：0912345678",
        "携帯は090-1234-5678です",
        "제 번호는 010-1234-5678",
        "โทร 081 234 5678",
        "Số điện thoại của tôi là 0912 345 678",
        "No HP saya 0812-3456-7890",
        "Tawagan mo ako sa 0905 123 4567",
        "My cell phone number is 9876543210",
        "020 7946 0958 (office)",
        "8123 4567 (mobile)",
    ],
)
def test_a_number_is_recognised_by_the_words_of_its_country(text):
    masked = mask_text(text).text

    assert "[PHONE]" in masked
    assert not any(character.isdecimal() for character in masked)


@pytest.mark.parametrize(
    "text",
    [
        "07 81 22 64 19",
        "8 (912) 345-67-89 and (11) 98765-4321",
        "138 1234 5678 and 612 34 56 78",
        "0532 123 45 67 and 070-123 45 67",
        "+44 1234 567890 and +1 000 000 0000",
    ],
)
def test_national_spellings_are_recognised_by_their_shape(text):
    masked = mask_text(text).text

    assert not any(character.isdecimal() for character in masked)


@pytest.mark.parametrize(
    "text",
    [
        "the numbers 07 12 23 34 41 won",
        "1732147200 mobile users and 12345678 home pages",
        "order number 12345678, номер заказа 12345678, 订单号13812345678",
        "telling 12345678 and callback 12345678",
        "population 512 345 678 and 1 000 000 000",
        "2024-01-15 and 10/19/1972, ratio 16 9 16 9 16",
    ],
)
def test_other_numbers_stay(text):
    assert mask_text(text).text == text

"""Measures telephone numbers by country, in the spelling and words of each: `python -m benchmarks.masking_phones`."""

from collections.abc import Iterator

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from benchmarks.labelled_data import print_table
from feedback.masking import mask_text

# Sentences not used for tuning: the plain way of each language to give a number, before, around or behind it.
SENTENCES = {
    "AR": ("Podés llamarme al {}", "Teléfono de contacto: {}"),
    "AT": ("Sie erreichen mich unter {}", "Tel.: {}"),
    "AU": ("Give me a call on {}", "Mobile {}"),
    "BD": ("আমার মোবাইল নম্বর {}", "ফোন: {}"),
    "BE": ("Mijn gsm-nummer is {}", "Tél. {}"),
    "BG": ("Телефон за връзка: {}", "Обадете се на {}"),
    "BR": ("Meu telefone é {}", "WhatsApp: {}"),
    "CH": ("Meine Telefonnummer lautet {}", "Natel/Mobile: {}"),
    "CL": ("Mi celular es {}", "Fono: {}"),
    "CN": ("请拨打{}", "联系电话：{}"),
    "CO": ("Mi número de celular es {}", "Tel {}"),
    "CZ": ("Zavolejte na {}", "Tel.: {}"),
    "DE": ("Ruf mich unter {} an", "Handy: {}"),
    "DK": ("Ring til mig på {}", "Tlf.: {}"),
    "EG": ("رقم موبايلي {}", "تليفون: {}"),
    "ES": ("Mi teléfono es el {}", "Móvil {}"),
    "FI": ("Numeroni on {}, soita {}", "Puhelin: {}"),
    "FR": ("Vous pouvez me joindre au {}", "Portable : {}"),
    "GB": ("You can reach me on {}", "Mob: {}"),
    "GR": ("Το τηλέφωνό μου είναι {}", "Τηλ: {}"),
    "HU": ("A telefonszámom: {}", "Mobil: {}"),
    "ID": ("Hubungi saya di {}", "No. HP: {}"),
    "IL": ("אפשר להתקשר אליי לטלפון {}", "נייד {}"),
    "IN": ("मुझे {} पर कॉल करें", "Mobile no. {}"),
    "IR": ("شماره موبایل من {}", "تلفن: {}"),
    "IT": ("Il mio cellulare è {}", "Tel. {}"),
    "JP": ("お電話は{}まで", "TEL：{}"),
    "KE": ("Nipigie simu {}", "Tel: {}"),
    "KR": ("연락처는 {}입니다", "전화 {}"),
    "MX": ("Mi cel es {}", "Tel: {}"),
    "MY": ("Telefon saya {}", "H/P: {}"),
    "NG": ("Call me on {}", "Phone: {}"),
    "NL": ("Bel me op {}", "Mobiel: {}"),
    "NO": ("Mitt telefonnummer er {}", "Mobil: {}"),
    "PH": ("Tawagan mo ako sa {}", "Cell: {}"),
    "PK": ("میرا فون نمبر {}", "Mobile: {}"),
    "PL": ("Mój telefon: {}", "tel. {}"),
    "PT": ("O meu telemóvel é {}", "Telef. {}"),
    "RO": ("Numărul meu este {}", "Tel/Fax: {}"),
    "RU": ("Мой номер телефона {}", "Тел.: {}"),
    "SA": ("اتصل على {}", "جوال: {}"),
    "SE": ("Mitt nummer är {}", "Mobil: {}"),
    "SG": ("My handphone is {}", "Tel: {}"),
    "TH": ("เบอร์โทร {}", "โทรศัพท์: {}"),
    "TR": ("Beni {} numaralı telefondan arayın", "Tel: {}"),
    "TW": ("我的電話是{}", "手機：{}"),
    "UA": ("Мій телефон {}", "Тел. {}"),
    "US": ("Give me a call at {}", "{} (cell)"),
    "VN": ("Gọi cho tôi số {}", "ĐT: {}"),
    "ZA": ("My cell number is {}", "Tel {}"),
}


def main() -> None:
    header = ("country", "numbers", "found as printed", "found as digits alone")
    print_table("Telephone numbers in local-language sentences: share fully masked", header, list(lines()))


def lines() -> Iterator[tuple]:
    totals = [0, 0, 0]
    for region, sentences in SENTENCES.items():
        printed = _numbers(region)
        found = [_share(printed, sentences), _share(["".join(filter(str.isdigit, n)) for n in printed], sentences)]
        yield region, len(printed) * len(sentences), *found
        totals = [totals[0] + 1, totals[1] + found[0], totals[2] + found[1]]
    yield f"{totals[0]} countries", "", totals[1] / totals[0], totals[2] / totals[0]


def _numbers(region: str) -> list[str]:
    """A mobile and a fixed number of the country's numbering plan, as they are dialled there."""
    kinds = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
    examples = (phonenumbers.example_number_for_type(region, kind) for kind in kinds)
    return [phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL) for number in examples]


def _share(numbers: list[str], sentences: tuple[str, ...]) -> float:
    texts = [sentence.replace("{}", number) for number in numbers for sentence in sentences]
    masked = [mask_text(text).text for text in texts]
    return sum(not any(map(str.isdecimal, text)) for text in masked) / len(masked)


if __name__ == "__main__":
    main()

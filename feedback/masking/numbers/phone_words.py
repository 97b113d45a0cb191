"""The words that announce a telephone number, or label it from behind, in the languages of some fifty countries."""

import re
import unicodedata
from functools import lru_cache

import re2

_LOOK_BACK = 64
_ARABIC_ARTICLE = "ال"
_MOST_WORDS = 6


@lru_cache(maxsize=4_096)
def _plain(word: str) -> str:
    """A word in small letters without accents, which people leave out and add."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _words(text: str) -> frozenset[str]:
    return frozenset(_plain(word) for word in text.split())


_ANNOUNCE = _words("""
    call called calling cell cellphone contact dial fax helpline hotline landline mob mobil mobile phone phones
    sms tel wa
    telephone whatsapp viber tollfree
    anruf anrufen durchwahl festnetz ruf rufen bel bellen gsm mobiel
    appelez appeler appelle fixe joignable portable télécopie
    cel celular llama llame llamar llámame llámanos llámenos móvil fijo contacto contato fone ligue ligar cellulare
    chiama chiamami chiamare chiamaci suna sunați sună
    faks infolinia kom komórka komórkowy zadzwoń dzwoń volejte zavolejte mobitel hívj hívjon hívjál
    tlf ring ringe puh soita kännykkä numaram cep cebim ara arayın thoại đt sđt gọi hubungi hp ponsel telp tlp
    tawag tawagan simu
    моб мобильный мобильного мобільний мобилен мобилни сот сотовый тел факс звоните позвоните звони дзвоніть подзвоніть
    телефонуйте обадете вайбер ватсап телеграм
    τηλ κινητό κινητο κιν φαξ καλέστε
    טל נייד פקס סלולרי התקשר התקשרו תתקשרו ווטסאפ
    هاتف هاتفي جوال جوالي موبايل موبايلي تليفون تليفوني تلفون محمول رقمي اتصل اتصلوا فاكس واتساب تلفن موبایل همراه فون
    फ़ोन फोन मोबाइल दूरभाष कॉल संपर्क व्हाट्सएप ফোন মোবাইল তলফোন தொலைபேசி கைபேசி ఫోన్ మొబైల్ ਫੋਨ ફોન ফোনে
""")
# Words that begin so; the endings of many languages follow.
_STEMS = tuple(
    sorted(
        _words("""
    telefon telefoon telephon telefone telefono telefax téléphon telemóv telefón telepon puhelin matkapuhelin handynr
    handynummer mobilnummer mobiltelefon rufnummer mobielnummer mobilnr телефон τηλεφων numaras
    הטלפון טלפון
""")
    )
)
# These announce a number only through a word such as "at" or "on" between.
_ANNOUNCE_WITH_LINK = _words("answering message messages reach text write erreichen erreichbar nå joindre")
# These announce a number only with a colon.
_ANNOUNCE_WITH_COLON = _words("desk home office work bureau büro zuhause privat casa oficina ufficio")
# "Number" alone may be that of an order; with its owner it is a telephone number.
_NUMBER = _words("""
    number numbers numero número numéro nummer numer nummeret numret num nr no číslo číslem broj szám számon
    numărul numar
    numara номер номеру номера мобильника αριθμός מספר رقم شماره नंबर नम्बर নম্বর নাম্বার نمبر số nomor nombor
    namba sayı
    nummeren numret
""")
_OWNER = _words("""
    my our his her their your mon ma notre votre mein meine unser mijn mi su mio meu minha moje mój moja můj můj
    môj min mitt mit vårt numaram мой моя моят мій наш ваш μου שלי میرا من میرا मेरा मेरी आमार আমার tôi saya ko
    ako yangu

""")
_LINK = _words("""
    a al an anytime are at ay aus au auf bei by de der des di die do el em en er es est este et é è e for für gjelder
    het hier i ich il in ist is it je jest la las le les los lautet là me mich mig meg moi na ni nous o of on op or ou
    our para per pod por przez på pe registered sa se si ta the them to today tu u um und under unter us uns van via vom
    von was wir you your ä är от по это за на е до або или και στο στον το είναι ο η της הוא זה על ל في على هو هي ب إلى
    است به را है पर को से এ এই cu la les mo của với ke adalah ang ng kwa wa nambari kwenye sayısı den dan ter
    number numero nummer numer moi-même ici hier here now please bitte s.v.p svp pf
""")
# Words of scripts without spaces, and what may follow them.
_RUNNING = re2.compile(
    "(?:手机|手機|电话|電話|座机|座機|传真|傳真|致电|致電|拨打|撥打|联系方式|聯絡|联系|携帯|連絡先|ファックス|ファクス|スマホ"
    "|연락처|전화|휴대폰|핸드폰|팩스|제 번호|โทร|มือถือ|เบอร์|แฟกซ์)"
    r"(?:号码|號碼|番号|番號|번호|号|號)?(?:[\p{Thai}]{0,16})(?:는|은|：|로)?(?:[は是为為이]|คือ)?"
    r"[\s:：=#№.\-–(*\"'+]*$"
)
_WORD = re.compile(r"[^\W\d_]+(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0d7f\u0591-\u05c7\u064b-\u065f])*")
_SIGNS = " \t\n\r\u3000:：=#№.,/\\-–(*\"'|+"
_BETWEEN = re.compile(r"[\s:：=#№.,/\-–(*\"'|&]+")

_LABELS = (
    r"b[üu]ro|bureau|casa|cell(?:ulare)?|cel|direct|fax|fixe|gsm|handy|home|kom|m[óo]vil|mobiel|mobile?|mob|office"
    r"|phone|portable|privat|tel|telefon|work|моб|раб|дом|факс|тел|手机|电话|携帯|電話|휴대폰|جوال|هاتف"
)
# The word behind a number: in brackets, or alone up to the end of a line or part.
_LABEL_BEHIND = re2.compile(
    rf"(?i)^ ?(?:[(\[](?:{_LABELS})\.?[)\]]|[-–—/:,]? ?(?:{_LABELS})\.?(?:[ \t]{{0,16}}(?:[\n,;|/)]|\z)))"
)


def is_labelled(text: str, end: int) -> bool:
    """Tell whether a word behind this position says that a telephone number ends there."""
    return _LABEL_BEHIND.search(text[end : end + _LOOK_BACK]) is not None


def is_announced(text: str, start: int) -> bool:
    """Tell whether the words before this position announce a telephone number that begins there."""
    before = text[max(0, start - _LOOK_BACK) : start]
    if _RUNNING.search(before):
        return True
    words = before.rstrip(_SIGNS)
    signs = before[len(words) :]
    return bool(words) and bool(signs) and _walk_back(words, has_colon=any(sign in signs for sign in ":：="))


def _walk_back(before: str, *, has_colon: bool) -> bool:
    """Read words from the last one backwards, as long as each may stand between an announcement and its number."""
    words = list(_WORD.finditer(before))[-_MOST_WORDS:]
    end, links, numbers, owners = len(before), 0, 0, 0
    for word in reversed(words):
        if word.end() != end and not _BETWEEN.fullmatch(before, word.end(), end):
            return False
        end, plain = word.start(), _plain(word.group()).removeprefix(_ARABIC_ARTICLE)
        if plain in _ANNOUNCE or plain.startswith(_STEMS) or (links and plain in _ANNOUNCE_WITH_LINK):
            return True
        if has_colon and not links and plain in _ANNOUNCE_WITH_COLON:
            return True
        is_number, is_owner = plain in _NUMBER, plain in _OWNER
        if not (is_number or is_owner or plain in _LINK):
            return False
        numbers, owners, links = numbers + is_number, owners + is_owner, links + 1
        if numbers and owners:
            return True
    return False

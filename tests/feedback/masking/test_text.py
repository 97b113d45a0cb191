import pytest

from feedback.masking import (
    Options,
    Span,
    TooDeeplyNested,
    compile_pattern,
    mask_text,
    mask_texts,
    mask_value,
)

CARD = "4111111111111111"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail a@b.com, b.c+d@e-f.co.uk.", "mail [EMAIL], [EMAIL]."),
        ("üser@exämple.com and 'x@y.org' and a1@b.co", "[EMAIL] and '[EMAIL]' and [EMAIL]"),
        ("请联系user@example.com谢谢", "请联系[EMAIL]谢谢"),
        ("用户@例子.公司", "[EMAIL]"),
        ("npm i react@18.2.0 @app.route('/')", "npm i react@18.2.0 @app.route('/')"),
        ("555-123-4567, (415) 555-0132 and 415.555.0132 x12", "[PHONE], [PHONE] and [PHONE]"),
        ("+44 20 7946 0958; +49 30 901820; 0041 44 668 18 00", "[PHONE]; [PHONE]; [PHONE]"),
        ("+41 (0)96 471 07 95 or 1-800-555-0199", "[PHONE] or [PHONE]"),
        ("555-1234", "[PHONE]"),
        ("Fax: 9498777106, call me at 33 93 31", "Fax: [PHONE], call me at [PHONE]"),
        ("我的电话是13812345678。", "我的电话是[PHONE]。"),
        ("02.27.96.63.08", "[PHONE]"),
        ("123-45-6789 or 123 45 6789 or ssn 123456789", "[SSN] or [SSN] or ssn [SSN]"),
        ("078-05-1123", "[SSN]"),
        ("4111 1111 1111 1111 and 4111-1111-1111-1111", "[CREDIT_CARD] and [CREDIT_CARD]"),
        ("4111.1111.1111.1111 4111  1111  1111  1111", "[CREDIT_CARD] [CREDIT_CARD]"),
        ("4111111111111111 378282246310005 3782 822463 10005", "[CREDIT_CARD] [CREDIT_CARD] [CREDIT_CARD]"),
        ("6011000990139424 3530111333300000 30569309025904", "[CREDIT_CARD] [CREDIT_CARD] [CREDIT_CARD]"),
        ("４１１１１１１１１１１１１１１１", "[CREDIT_CARD]"),
        ("卡号4111111111111111号", "卡号[CREDIT_CARD]号"),
        ("4917 6100 0000 0000 and 6212345678901 232", "[CREDIT_CARD] and 6212345678901 232"),
        ("4111-1111 11111111 and 41111111 1111-1111", "[CREDIT_CARD] and [CREDIT_CARD]"),
        ("no12 GB29 NWBK 6016 1331 9268 19", "no12 [IBAN]"),
        ("IP:2a00:1450::1: refused, peer /93.184.216.34:5678", "IP:[IP]: refused, peer /[IP]:5678"),
        ("GB29 NWBK 6016 1331 9268 19, DE89370400440532013000", "[IBAN], [IBAN]"),
        ("from 93.184.216.34 to http://8.8.8.8:80/ or 8.8.4.0/24", "from [IP] to http://[IP]:80/ or [IP]/24"),
        ("2a00:1450::1, [2606:4700:4700::1111]:80 and ::ffff:8.8.8.8", "[IP], [[IP]]:80 and [IP]"),
        ("2345:0425:2CA1:0000:0000:0567:5673:23b5", "[IP]"),
        ("https://x.example/?email=eve.ray%40example.net&a=1", "https://x.example/?email=[EMAIL]&a=1"),
        ("eve&#64;example.net eve\\u0040example.net e\u200bve@example.net", "[EMAIL] [EMAIL] [EMAIL]"),
        ("eve [at] example [dot] net and eve@intranet.local", "[EMAIL] and [EMAIL]"),
        ("conversion 11.3.0.2", "conversion [IP]"),
        ("eve@example.net:hunter2", "[EMAIL]:hunter2"),
        ("paid with 4111 1111\n1111 1111 today", "paid with [CREDIT_CARD] today"),
        ("DE89 3704 0044\n0532 0130 00", "[IBAN]"),
    ],
)
def test_personal_data_is_masked(text, masked):
    assert mask_text(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "550e8400-e29b-41d4-a716-446655440000",
        "order 1234567890123",
        "epoch 1732147200 or 1732147200000",
        "3.14159265358979 and 0.4111111111111111",
        "1123-45-67890 and 000-00-0000 and 666-12-3456 and 987-65-4321",
        "4111111111111112 is no card",
        "version 1.2.3.4, foo==1.2.3.4, v10.4.2.1, Chrome/103.0.5.7 and 1.3.6.1.4.1",
        "sdkVersion=11.3.0.2, app_version: 11.3.0.2, firmware 11.3.0.2",
        "We upgraded from 11.3.0.2 to 11.3.1.4 and downgraded the driver from 11.3.0.2",
        "256.256.256.256, 0.0.0.0 and mask 255.255.255.0",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "std::vector<int> v; a[::2] b[1::2] 12:34:56 aa:bb:cc:dd:ee:ff",
        "2024-01-15 10:30:00, 15.01.2024 12 30, pages 100-1000",
        "1, 22, 333, 4444, 55555 and 1 000 000 000",
        "12345678-1234-5678-1234-567812345678, 87afb08c-30ac-4cdb-be53-08f763ceeac5",
        "epoch 1732147200.123456, 1732147200123456 and 1732147200123456789",
        "47223179-9330-4259-b66c-f2db26efb20c and 4929e1b2-4716-1089-b1c2-5105105105ab",
        "412-3456789-0123457 and 4111-11111-1111111",
        "127.0.0.1, 10.1.2.3, 192.168.0.1, 169.254.1.1, 192.0.2.7, ::1, fe80::1 and 2001:db8::1",
        "git clone git@github.com:org/repo.git, deploy@web1.example.org:/srv/app",
        "att = q@k.transpose(-2, -1), w = x@y.to(device), this@MainActivity.name",
        "systemctl status getty@tty1.service, icon@2x.png",
        "zip 02139-4307 and 07805-1121, ISBN 978-3-16-148410-0",
        "monkey: banana-split-with-cream and a sk-spinner-with-a-long-class-name",
        "",
    ],
)
def test_other_text_stays_untouched(text):
    assert mask_text(text).text == text
    assert mask_text(text).spans == ()


def test_addresses_that_identify_no_machine_are_masked_on_demand():
    options = Options(private_addresses=True)

    assert mask_text("from 10.1.2.3 to fe80::1", options=options).text == "from [IP] to [IP]"


def test_spans_are_offsets_of_the_given_text():
    masked = mask_text("é 😀 a@b.com, 555-123-4567")

    assert masked.spans == (Span(4, 11, "EMAIL"), Span(13, 25, "PHONE"))
    assert masked.counts == {"EMAIL": 1, "PHONE": 1}


def test_overlapping_finds_are_covered_by_the_longest():
    due = compile_pattern("DUE", r"1111 due \d+")

    masked = mask_text("4111 1111 1111 1111 due 2024", patterns=[due])

    assert masked.text == "[CREDIT_CARD]"
    assert masked.spans == (Span(0, 28, "CREDIT_CARD"),)


def test_lone_surrogates_keep_offsets():
    assert mask_text("\ud800 a@b.com").spans == (Span(2, 9, "EMAIL"),)


def test_many_texts_are_masked_as_each_alone():
    texts = ["a@b.com", "nothing", f"card {CARD}"]

    assert [masked.text for masked in mask_texts(texts)] == ["[EMAIL]", "nothing", "card [CREDIT_CARD]"]


def test_json_values_and_keys_are_masked():
    masked = mask_value({"a@b.co": [1, True, None, 2.5, {"note": "ssn 123-45-6789"}], "card": int(CARD)})

    assert masked.value == {
        "[EMAIL]": [1, True, None, 2.5, {"note": "ssn [SSN]"}],
        "card": "[CREDIT_CARD]",
    }
    assert masked.counts == {"EMAIL": 1, "SSN": 1, "CREDIT_CARD": 1}


@pytest.mark.parametrize("key", ["phone", "phone_number", "phoneNumber"])
def test_key_identifies_what_a_bare_number_is(key):
    assert mask_value({key: "5551234567"}).value == {key: "[PHONE]"}
    assert mask_value({"order": "5551234567"}).value == {"order": "5551234567"}


def test_keys_that_mask_alike_are_kept_apart():
    masked = mask_value({"a@b.co": 1, "c@d.co": 2})

    assert masked.value == {"[EMAIL]": 1, "[EMAIL] (2)": 2}


@pytest.mark.parametrize("key", ["api_key", "clientSecret", "access-token"])
def test_key_identifies_what_a_bare_secret_is(key):
    assert mask_value({key: "q1w2e3r4t5y6u7i8o9"}).value == {key: "[SECRET]"}
    assert mask_value({"order": "q1w2e3r4t5y6u7i8o9"}).value == {"order": "q1w2e3r4t5y6u7i8o9"}


def test_number_beside_other_personal_data_is_still_recognised_by_its_key():
    masked = mask_value({"ssn": "123456789 a@b.co"})

    assert (masked.value, masked.counts) == ({"ssn": "[SSN] [EMAIL]"}, {"SSN": 1, "EMAIL": 1})
    assert mask_value(masked.value).value == masked.value


def test_thousands_of_keys_that_mask_alike_are_kept_apart():
    masked = mask_value({f"{number}@b.co": number for number in range(6_000)})

    assert list(masked.value)[-1] == "[EMAIL] (6000)"
    assert masked.counts == {"EMAIL": 6_000}


def test_value_nested_too_deeply_is_rejected():
    value = [[["a@b.co"]]]

    assert mask_value(value, max_depth=3).value == [[["[EMAIL]"]]]
    with pytest.raises(TooDeeplyNested):
        mask_value(value, max_depth=2)

import random
import string

import pytest

from feedback.masking import mask_text

WORD = string.ascii_letters + string.digits
URL_SAFE = WORD + "-_"
BASE64 = WORD + "+/"
HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + "234567"
TWILIO = "0123456789abcdef" * 2


def drawn(count, alphabet=WORD):
    """Random characters that begin and end with letters and digits, the same at every run."""
    rng = random.Random(f"{count} {alphabet}")
    return "a1" + "".join(rng.choice(alphabet) for _ in range(count - 4)) + "1a"


SECRETS = {
    "openai": f"sk-{drawn(48)}",
    "openai project": f"sk-proj-{drawn(156, URL_SAFE)}",
    "openai short": "sk-1234567890abcdef",
    "anthropic": f"sk-ant-api03-{drawn(95, URL_SAFE)}",
    "github personal": f"ghp_{drawn(36)}",
    "github oauth": f"gho_{drawn(36)}",
    "github server": f"ghs_{drawn(36)}",
    "github fine-grained": f"github_pat_{drawn(22)}_{drawn(59)}",
    "gitlab": f"glpat-{drawn(20, URL_SAFE)}",
    "aws key id": "AKIAIOSFODNN7EXAMPLE",
    "aws session key id": "ASIAIOSFODNN7EXAMPLE",
    "google api": f"AIza{drawn(35, URL_SAFE)}",
    "google oauth": f"ya29.{drawn(100, URL_SAFE)}",
    "slack bot": f"xoxb-123456789012-1234567890123-{drawn(24)}",
    "slack user": f"xoxp-123456789012-{drawn(32)}",
    "slack webhook": f"hooks.slack.com/services/T00000000/B00000000/{drawn(24)}",
    "stripe": f"sk_live_{drawn(24)}",
    "stripe restricted": f"rk_live_{drawn(24)}",
    "stripe webhook": f"whsec_{drawn(32, BASE64)}",
    "twilio account": f"AC{TWILIO}",
    "twilio key": f"SK{TWILIO}",
    "sendgrid": f"SG.{drawn(22, URL_SAFE)}.{drawn(43, URL_SAFE)}",
    "hugging face": f"hf_{drawn(34)}",
    "npm": f"npm_{drawn(36)}",
    "pypi": f"pypi-AgEIcHlwaS5vcmc{drawn(150, URL_SAFE)}",
    "digitalocean": f"dop_v1_{TWILIO}{TWILIO}",
    "shopify": f"shpat_{TWILIO}",
    "mailgun": f"key-{TWILIO}",
    "databricks": f"dapi{TWILIO}",
    "linear": f"lin_api_{drawn(40)}",
    "notion": f"ntn_{drawn(46)}",
    "notion old": f"secret_{drawn(43)}",
    "discord bot": f"MTk4NjIyNDgzNDcxOTI1MjQ4.{drawn(6)}.{drawn(27, URL_SAFE)}",
    "telegram bot": f"123456789:AA{drawn(33, URL_SAFE)}",
    "crucible feedback": f"cf_{drawn(43, URL_SAFE)}",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "jwe": "eyJhbGciOiJSU0EtT0FFUCJ9.OKOawDo13gRp2ojaHV7LFpZcg.48V1_ALb6US04U3b.5eym8TW_c.XFBoMYUZ",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----",
    "private key in JSON": f"-----BEGIN PRIVATE KEY-----\\n{drawn(64, BASE64)}\\n-----END PRIVATE KEY-----",
    "private key with headers": f"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{drawn(64)}\n{drawn(9)}",
    "pgp": f"-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1.2\n\n{drawn(64)}\n-----END PGP PRIVATE KEY BLOCK-----",
    "private key cut off": "-----BEGIN PRIVATE KEY-----\nMIIEow",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_secrets_are_masked(secret):
    assert mask_text(f"key {secret}").text == "key [SECRET]"
    assert mask_text(f'{{"k": "{secret}"}}').text == '{"k": "[SECRET]"}'


AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abcdef1234567890", "Authorization: Bearer [SECRET]"),
        ('"authorization": "Basic dXNlcjpwYXNz"', '"authorization": "Basic [SECRET]"'),
        ("a bearer abcdef1234567890abcdef", "a bearer [SECRET]"),
        ('api_key = "q1w2e3r4t5y6u7i8o9"', 'api_key = "[SECRET]"'),
        ("X-Api-Key: q1w2e3r4t5y6u7i8o9", "X-Api-Key: [SECRET]"),
        (f"AWS_SECRET_ACCESS_KEY={AWS_SECRET}", "AWS_SECRET_ACCESS_KEY=[SECRET]"),
        (f'"SecretAccessKey": "{AWS_SECRET}"', '"SecretAccessKey": "[SECRET]"'),
        (f"AccountName=a;AccountKey={drawn(86, BASE64)}==;B=c", "AccountName=a;AccountKey=[SECRET];B=c"),
        (f"Name=Root;SharedAccessKey={drawn(43, BASE64)}=", "Name=Root;SharedAccessKey=[SECRET]"),
        (f"https://a.net/c?sv=2020&sig={drawn(43)}%3D&se=2", "https://a.net/c?sv=2020&sig=[SECRET]&se=2"),
        ("postgres://app:hunter2@db/app", "postgres://app:[SECRET]@db/app"),
        ("postgres://app:p@ss@db.example.com:5432/app", "postgres://app:[SECRET]@db.example.com:5432/app"),
        ("redis://:s3cret@cache:6379/0", "redis://:[SECRET]@cache:6379/0"),
        ("-----BEGIN PRIVATE KEY----- is the first line.", "[SECRET] is the first line."),
        ("AKIAIOSFODNN7EXAMPLE, AKIAIOSFODNN7EXAMPLE", "[SECRET], [SECRET]"),
        ("AKIA1234567890ABCDEFAKIA1234567890ABCDEF.", "[SECRET]."),
    ],
)
def test_only_the_secret_part_is_masked(text, masked):
    assert mask_text(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "sk-loading-spinner, sk-proj-name-of-a-style-class and a-task-force",
        "ghp_short1 and the prefix ghp_ alone, glpat- and hf_transformers_cache",
        "AKIA is a mark; ASIAN MARKETS; AC and SK are codes",
        f"md5 {TWILIO}, sha1 {TWILIO}01234567 and sha256 {TWILIO}{TWILIO}",
        "eyJhbGciOiJIUzI1NiJ9 has one part",
        "xox-games, whsec_ and SG.units.of.measure",
        "key-value-store-with-many-entries and lin_algebra_solver_for_matrices",
        "Bearer token authentication uses a bearer of the name authentication",
        "token: 12345, api key is required, secret key = your_secret_key_goes_here",
        "https://example.com:8080/path",
        "std::chrono::system_clock::now_as_a_very_long_identifier()",
        "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIE\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0B\n-----END PUBLIC KEY-----",
        "order 1234567890, 12345678:AB and 2024-11-21T14:33:02.123456Z",
    ],
)
def test_what_only_resembles_a_secret_stays(text):
    assert mask_text(text).text == text


def test_base64_of_an_image_stays_whole():
    images = [
        f"data:image/png;base64,iVBORw0KGgo{''.join(random.Random(n).choices(BASE64, k=4_000))}=" for n in range(50)
    ]

    assert [mask_text(image).text for image in images] == images


def test_hashes_and_uuids_stay():
    rng = random.Random(7)
    texts = [f"id {''.join(rng.choices(HEX, k=length))} of" for length in (32, 40, 64) * 300]

    assert [mask_text(text).text for text in texts] == texts

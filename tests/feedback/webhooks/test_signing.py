import base64

import pytest

from feedback.webhooks import signing

# The published example of Standard Webhooks.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'


def test_a_request_is_signed_as_the_published_example():
    assert signing.headers(SECRET, message_id=MESSAGE, timestamp=TIMESTAMP, body=BODY) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_signature_covers_id_time_body_and_secret():
    def signature(secret=SECRET, **changed):
        facts = {"message_id": MESSAGE, "timestamp": TIMESTAMP, "body": BODY}
        return signing.headers(secret, **(facts | changed))["webhook-signature"]

    other = "whsec_" + base64.b64encode(b"x" * 24).decode()
    signatures = [
        signature(),
        signature(other),
        signature(message_id="msg_2"),
        signature(timestamp=TIMESTAMP + 1),
        signature(body=BODY + b" "),
    ]
    assert len(set(signatures)) == 5


@pytest.mark.parametrize(
    ("secret", "is_valid"),
    [
        (base64.b64encode(b"x" * 24).decode(), True),
        ("whsec_" + base64.b64encode(b"x" * 64).decode(), True),
        ("whsec_" + base64.b64encode(b"x" * 23).decode(), False),
        ("whsec_" + base64.b64encode(b"x" * 65).decode(), False),
        ("whsec_not base64", False),
        ("whsec_é", False),
        ("", False),
    ],
)
def test_a_secret_is_the_base64_of_24_to_64_bytes(secret, is_valid):
    if is_valid:
        assert signing.key_of(secret)
    else:
        with pytest.raises(signing.InvalidSecret, match="openssl rand -base64 32"):
            signing.key_of(secret)

"""Media are references: bytes are hashed and dropped, URLs lose what gives access."""

import base64
import hashlib
import json

import pytest

from feedback.conversations import ConversationError, encode, read
from feedback.conversations.media import reference_url, safe_url
from feedback.conversations.messages import MediaBlock

DATA = bytes(range(256)) * 40
BASE64 = base64.b64encode(DATA).decode()
SHA256 = hashlib.sha256(DATA).hexdigest()


def _media(part, role="user"):
    conversation = read(json.dumps([{"role": role, "content": [part]}]).encode())
    return conversation.messages[0].blocks, conversation.notes


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{BASE64}", "detail": "low"}},
            MediaBlock("image", "image/png", SHA256, 10_240, extra={"detail": "low"}),
        ),
        (
            {"type": "image_url", "image_url": f"data:image/png;base64,{BASE64}"},
            MediaBlock("image", "image/png", SHA256, 10_240),
        ),
        (
            {"type": "input_image", "image_url": f"data:image/png;base64,{BASE64}"},
            MediaBlock("image", "image/png", SHA256, 10_240),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": BASE64, "format": "wav"}},
            MediaBlock("audio", "audio/wav", SHA256, 10_240),
        ),
        (
            {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{BASE64}", "filename": "a.pdf"}},
            MediaBlock("file", "application/pdf", SHA256, 10_240, name="a.pdf"),
        ),
        ({"type": "file", "file": {"file_id": "file-1"}}, MediaBlock("file", extra={"file_id": "file-1"})),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/gif", "data": BASE64}},
            MediaBlock("image", "image/gif", SHA256, 10_240),
        ),
        (
            {"type": "document", "title": "Plan", "source": {"type": "url", "url": "https://x.example/a.pdf"}},
            MediaBlock("file", url="https://x.example/a.pdf", name="Plan"),
        ),
        ({"type": "image", "image": BASE64}, MediaBlock("image", None, SHA256, 10_240)),
        ({"type": "image_url", "image_url": {"url": BASE64}}, MediaBlock("image", None, SHA256, 10_240)),
        ({"type": "image"}, MediaBlock("image")),
        (
            {"type": "video_url", "video_url": {"url": "https://x.example/a.mp4"}},
            MediaBlock("video", url="https://x.example/a.mp4"),
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:image/svg+xml,%3Csvg/%3E"}},
            MediaBlock("image", "image/svg+xml", hashlib.sha256(b"<svg/>").hexdigest(), 6),
        ),
    ],
)
def test_a_medium_is_a_reference(part, block):
    assert _media(part) == ([block], [])


def test_base64_of_urls_with_line_breaks_and_without_padding_is_read():
    sent = base64.urlsafe_b64encode(DATA + b"~").decode().rstrip("=")
    lines = "\n".join(sent[start : start + 76] for start in range(0, len(sent), 76))

    blocks, notes = _media({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{lines}"}})

    assert (blocks[0].sha256, blocks[0].size, notes) == (hashlib.sha256(DATA + b"~").hexdigest(), 10_241, [])


@pytest.mark.parametrize("data", ["not base64!", "QUJD=QUJD", "Q", "ÄÖÜ="])
def test_base64_that_is_none_is_dropped_with_a_note(data):
    blocks, notes = _media({"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}})

    assert blocks == [MediaBlock("audio", "audio/mpeg")]
    assert [(note.path, note.code) for note in notes] == [("[0].content[0]", "invalid_base64")]


def test_megabytes_of_media_are_within_the_bounds_of_text():
    data = base64.b64encode(bytes(3_000_000)).decode()
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}

    messages = read(json.dumps([{"role": "user", "content": [part]}]).encode()).messages

    assert messages[0].blocks[0].size == 3_000_000
    assert len(encode(messages)) < 300


def test_what_was_said_in_a_sound_is_the_content():
    sent = {
        "role": "assistant",
        "content": None,
        "audio": {"id": "audio_1", "data": "QUJD", "transcript": "It is blue."},
    }

    message = read(json.dumps([sent]).encode()).messages[0]

    assert message.answer == "It is blue."
    assert message.blocks[0] == MediaBlock(
        "audio", None, hashlib.sha256(b"ABC").hexdigest(), 3, extra={"id": "audio_1"}
    )


LONG = base64.b64encode(bytes(900_000)).decode()
REFERENCE = f"data:image/png;sha256={hashlib.sha256(bytes(900_000)).hexdigest()};size=900000,"


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": "![A cat](data:image/png;base64,DATA) Look."},
        {"role": "user", "content": [{"type": "text", "text": '<img src="data:image/png;name=a.png;base64,DATA">'}]},
        {
            "role": "assistant",
            "tool_calls": [{"id": "c1", "function": {"name": "f", "arguments": {"a": "data:image/png;base64,DATA"}}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": '{"shot": "data:image\\/png;base64,DATA"}'},
    ],
)
def test_long_data_urls_within_texts_become_references(message):
    sent = json.dumps([message]).replace("DATA", LONG)

    stored = encode(read(sent.encode()).messages)

    assert REFERENCE in stored.replace("\\\\/", "/")
    assert len(stored) < 500


def test_short_data_urls_and_invalid_ones_stay_in_the_text():
    texts = [f"![A cat](data:image/gif;base64,{LONG[:1_000]})", f"data:image/gif;base64,{LONG[:2_001]} and so on"]

    assert [
        read(json.dumps([{"role": "user", "content": text}]).encode()).messages[0].content for text in texts
    ] == texts


@pytest.mark.parametrize("piece", ["data:image/png;base64,", "data:a", ";base64,", "data:a;b=c;base64,QUJD"])
def test_data_urls_are_found_in_linear_time(piece, assert_linear):
    assert_linear(lambda size: read(json.dumps([{"role": "user", "content": piece * size}]).encode()), 2_000)


def test_a_claimed_hash_is_a_hash():
    url = "data:image/png;sha256=ann@x.example;size=many,"

    assert _media({"type": "image_url", "image_url": {"url": url}})[0] == [MediaBlock("image", "image/png")]


def test_text_too_long_beside_a_medium_is_rejected():
    parts = [{"type": "image"}, {"type": "text", "text": "x" * 1_000_001}]

    with pytest.raises(ConversationError) as caught:
        read(json.dumps([{"role": "user", "content": parts}]).encode())

    assert caught.value.path == "[0].content[1].text"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://x.example/a.png?width=20", "https://x.example/a.png?width=20"),
        ("https://ann:pw@x.example:8443/a.png", "https://x.example:8443/a.png"),
        ("https://x.example/a.png#access_token=abc", "https://x.example/a.png"),
        ("https://b.example/k?X-Amz-Credential=AKIA&X-Amz-Date=1&x-amz-signature=2&v=3", "https://b.example/k?v=3"),
        ("https://b.example/k?X-Goog-Signature=1&v=3", "https://b.example/k?v=3"),
        ("https://b.example/k?sv=2024&se=1&sp=r&sig=abc", "https://b.example/k?sv=2024&se=1&sp=r"),
        ("https://b.example/k?Expires=1&Signature=2&Key-Pair-Id=3&Policy=4&v=5", "https://b.example/k?v=5"),
        (
            "https://b.example/k?apiKey=1&api_key=2&oauth_token=3&sessionId=4&ACCESSTOKEN=5&v=6",
            "https://b.example/k?v=6",
        ),
        ("https://b.example/k?%74oken=1&v=2", "https://b.example/k?v=2"),
        ("https://c.example/k?ex=1&is=2&hm=3", "https://c.example/k?ex=1&is=2"),
        ("s3://bucket/key", "s3://bucket/key"),
        ("file:///home/a.png", "file:///home/a.png"),
        ("images/a.png", "images/a.png"),
        ("javascript:alert(1)", "javascript:"),
        ("https://[broken", ""),
    ],
)
def test_urls_lose_what_gives_access(url, safe):
    assert safe_url(url) == safe


def test_a_reference_without_a_url_reads_back_as_the_same():
    block = MediaBlock("image", "image/png", SHA256, 10_240)

    assert _media({"type": "image_url", "image_url": {"url": reference_url(block)}})[0] == [block]

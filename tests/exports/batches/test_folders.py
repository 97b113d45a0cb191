"""Sets leave as folders that Hugging Face's `datasets` loads."""

import hashlib
import io
import json
from zipfile import ZipFile

import pytest
from huggingface_hub import DatasetCard

from curation.choices import Strategy
from exports.choices import ExportFormat
from tests.exports.batches.test_products import set_with
from tests.exports.batches.test_requests import post
from tests.exports.factories import approved_set

pytestmark = pytest.mark.django_db

EDIT = {"strategy": Strategy.USER_EDIT, "prompt": "2+2", "response": "Four?", "edited_response": "Four."}
HELD_OUT = {"prompt": "3+3", "response": "Six.", "split": "test"}
HARD = {"strategy": Strategy.HARD_EXAMPLE, "prompt": "9+9", "response": "Nine."}
PAIR = {"prompt": "2+2", "chosen": "Four.", "rejected": "Four?"}


@pytest.fixture
def curated_set():
    return set_with([EDIT, HELD_OUT, HARD], [PAIR])


@pytest.fixture
def exported(export, folder, curated_set):
    """Export the set; the batch and its folder."""

    def run(format, **options):
        batch = export(curated_set, format, **options)
        return batch, folder / batch.files[0]["path"].partition("/")[0]

    return run


def texts(messages):
    return [message["content"] for message in messages]


def test_a_folder_for_load_dataset_holds_every_product_that_has_rows(exported, datasets):
    batch, place = exported(ExportFormat.HUGGINGFACE)

    configs = datasets.get_dataset_config_names(str(place))
    default = datasets.load_dataset(str(place))
    pairs = datasets.load_dataset(str(place), "preference")
    labelled = datasets.load_dataset(str(place), "kto")
    prompts = datasets.load_dataset(str(place), "prompt_only")
    assert configs == ["sft", "preference", "kto", "prompt_only"]
    assert {split: [texts(row["messages"]) for row in default[split]] for split in default} == {
        "train": [["2+2", "Four."]], "test": [["3+3", "Six."]]
    }  # fmt: skip
    assert [[texts(row[side]) for side in ("prompt", "chosen", "rejected")] for row in pairs["train"]] == [
        [["2+2"], ["Four."], ["Four?"]]
    ]
    assert [(texts(row["completion"]), row["label"]) for row in labelled["train"]] == [
        (["Four."], True), (["Four?"], False)
    ]  # fmt: skip
    assert [texts(row["prompt"]) for row in prompts["train"]] == [["9+9"]]
    assert (batch.product, batch.rows, batch.items.count()) == ("", 7, 4)


def test_a_folder_has_a_manifest_hashes_and_a_card(exported):
    batch, place = exported(ExportFormat.HUGGINGFACE, product="sft")

    files = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    sums = dict(reversed(line.split("  ")) for line in (place / "SHA256SUMS").read_text().splitlines())
    card = DatasetCard.load(place / "README.md")
    assert files == [
        "README.md",
        "SHA256SUMS",
        "manifest.json",
        "sft/test-00000-of-00001.parquet",
        "sft/train-00000-of-00001.parquet",
        "trainer_configs/axolotl_sft.yaml",
        "trainer_configs/llamafactory/dataset_info.json",
        "trainer_configs/trl_sft.py",
        "trainer_configs/unsloth_sft.py",
    ]
    assert sums == {
        path: hashlib.sha256((place / path).read_bytes()).hexdigest() for path in files if path != "SHA256SUMS"
    }
    assert json.loads((place / "manifest.json").read_text()) == batch.manifest
    assert card.data.pretty_name == batch.curated_set.name
    assert [config["config_name"] for config in card.data.configs] == ["sft"]
    assert "| `sft` | Supervised fine-tuning: conversations to imitate | train | 1 |" in card.text
    assert "| `sft` | hard examples | 1 |" in card.text
    assert f"| SHA-256 of the content | {batch.curated_set.content_hash} |" in card.text
    assert [file["rows"] for file in batch.files] == [1, 1, *[0] * 7]


def test_a_card_has_the_balance_of_pairs_and_labels(exported):
    _, place = exported(ExportFormat.HUGGINGFACE)

    assert (
        "## Balance\n\n"
        "- `preference`: chosen answers have 5 characters on average, rejected ones 5; "
        "the chosen one is longer in 0% of the pairs.\n"
        "- `kto`: 2 good and 1 bad answers.\n"
        "  With desirable_weight 1 and undesirable_weight"
    ) in (place / "README.md").read_text()


def test_the_name_of_a_set_does_not_change_the_layout_of_its_card(export, folder):
    batch = export(approved_set([EDIT], name="a | b\n# c <i>"), ExportFormat.HUGGINGFACE)

    card = (folder / batch.files[0]["path"].partition("/")[0] / "README.md").read_text()
    assert "\n# a \\| b \\# c \\<i\\>\n" in card
    assert DatasetCard(card).data.pretty_name == batch.curated_set.name


@pytest.mark.parametrize(
    ("product", "columns"),
    [
        ("sft", {"prompt": "2+2", "response": "Four.", "source": "user_edit", "score": 4.0}),
        ("preference", {"prompt": "2+2", "chosen": "Four.", "rejected": "Four?"}),
    ],
)
def test_plain_strings_leave_in_the_products_that_have_them(exported, datasets, product, columns):
    _, place = exported(ExportFormat.HUGGINGFACE, profile="crucible")
    _, on_disk = exported(ExportFormat.ARROW, profile="crucible", product=product)

    assert datasets.get_dataset_config_names(str(place)) == ["sft", "preference"]
    found = [datasets.load_dataset(str(place), product)["train"], datasets.load_from_disk(str(on_disk))["train"]]
    assert [[row | {"score": 4.0} if "score" in row else row for row in split] for split in found] == [[columns]] * 2


@pytest.mark.parametrize("format", ["parquet", "huggingface", "arrow"])
@pytest.mark.parametrize(
    ("url", "reason"), [("data:image/png;sha256=00,", "media_absent"), ("https://x.example/a.png", "unwritable")]
)
def test_a_row_with_an_image_is_left_out_and_costs_no_other_its_row(export, format, url, reason):
    image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]

    batch = export(set_with([HELD_OUT, HELD_OUT | {"messages": image}]), format, product="sft")

    assert (batch.status, batch.rows, batch.excluded) == ("published", 1, {reason: 1})


@pytest.mark.parametrize("format", ["parquet", "huggingface", "arrow"])
def test_the_formats_can_be_requested(api, curated_set, format):
    answer = post(api, curated_set, format, options={"profile": "crucible"})

    assert (answer.status_code, answer.data["status"]) == (201, "requested")


@pytest.mark.parametrize("format", ["parquet", "huggingface", "arrow"])
def test_folders_are_written_to_an_object_store_and_downloaded_as_archives(api, bucket, export, format):
    batch = export(set_with([EDIT, HELD_OUT]), format)

    answer = api.get(f"/api/v1/exports/{batch.pk}/download")
    with ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        hashes = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert (batch.status, answer.headers["Content-Type"]) == ("published", "application/zip")
    assert hashes == {file["path"]: file["sha256"] for file in batch.files}

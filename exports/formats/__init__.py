"""The formats by name."""

from exports.formats import arrow, csv, huggingface, jsonl, openai, parquet, sharegpt

FORMATS = {
    format.name: format
    for format in (
        jsonl.FORMAT,
        csv.FORMAT,
        parquet.FORMAT,
        huggingface.FORMAT,
        arrow.FORMAT,
        openai.FORMAT,
        sharegpt.FORMAT,
    )
}

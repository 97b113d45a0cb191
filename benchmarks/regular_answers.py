"""Good answers of a regular structure, and loops, both drawn at random, which the repetition check must tell apart."""

import json
import random
from collections.abc import Callable

_WORDS = [
    "amber",
    "basil",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "indigo",
    "jasper",
    "kelp",
    "lunar",
    "maple",
    "nectar",
    "onyx",
    "pearl",
    "quartz",
    "river",
    "slate",
    "tulip",
    "umber",
    "velvet",
    "willow",
    "xenon",
    "yarrow",
    "zephyr",
    "anchor",
    "beacon",
    "canyon",
    "dune",
]
_STATES = ("ok", "ok", "ok", "failed", "open", "closed")


def _count(rng: random.Random) -> int:
    return rng.randint(8, 60)


def _links(rng):
    host = rng.choice(_WORDS)
    return "\n".join(
        f"https://docs.{host}.example/en/latest/guides/{rng.choice(_WORDS)}/{n}" for n in range(_count(rng))
    )


def _link_list(rng):
    return "\n".join(
        f"- [{rng.choice(_WORDS).title()}](https://www.example.org/wiki/{rng.choice(_WORDS)}_{n})"
        for n in range(_count(rng))
    )


def _compact_json(rng):
    rows = [{"id": n, "name": rng.choice(_WORDS), "state": rng.choice(_STATES)} for n in range(_count(rng))]
    return json.dumps(rows, separators=(",", ":"))


def _pretty_json(rng):
    return json.dumps(
        {f"item{n}": {"type": "string", "required": True, "default": None} for n in range(_count(rng))}, indent=2
    )


def _json_lines(rng):
    return "\n".join(json.dumps({"id": n, "label": rng.choice(_STATES)}) for n in range(_count(rng)))


def _matrix(rng):
    size = rng.randint(4, 20)
    return json.dumps([[0] * size for _ in range(size)])


def _numeric_rows(rng):
    size = rng.randint(4, 16)
    return "\n".join(" ".join("1" if row == column else "0" for column in range(size)) for row in range(size))


def _zero_rows(rng):
    size = rng.randint(4, 16)
    return "[" + "\n ".join("[" + " ".join(["0."] * size) + "]" for _ in range(size)) + "]"


def _latex_matrix(rng):
    size = rng.randint(3, 9)
    rows = " \\\\\n".join(" & ".join(["0"] * size) for _ in range(size))
    return f"\\begin{{pmatrix}}\n{rows}\n\\end{{pmatrix}}"


def _html_table(rng):
    rows = "".join(f"<tr><td>{n}</td><td>{rng.choice(_STATES)}</td></tr>" for n in range(_count(rng)))
    return f"<table>{rows}</table>"


def _html_lines(rng):
    return (
        "<ul>\n"
        + "\n".join(f'  <li class="row"><a href="#">{rng.choice(_WORDS)} {n}</a></li>' for n in range(_count(rng)))
        + "\n</ul>"
    )


def _markdown_table(rng):
    rows = "\n".join(f"| {n} | {rng.choice(_WORDS)} | ok | yes |" for n in range(_count(rng)))
    return f"| id | name | state | open |\n|---|---|---|---|\n{rows}"


def _empty_table(rng):
    return "| Day | Task | Done |\n|---|---|---|\n" + "\n".join(["|   |   |   |"] * rng.randint(5, 20))


def _csv(rng):
    return "id,name,state,open\n" + "\n".join(f"{n},{rng.choice(_WORDS)},ok,yes" for n in range(_count(rng)))


def _spaced_csv(rng):
    return "id, name, state\n" + "\n".join(f"{n}, {rng.choice(_WORDS)}, ok" for n in range(_count(rng)))


def _tabs(rng):
    return "\n".join(f"{n}\t{rng.choice(_WORDS)}\tok\tyes" for n in range(_count(rng)))


def _python_signatures(rng):
    return "\n\n".join(
        f"def get_{rng.choice(_WORDS)}_{n}(self, key: str, default: int = 0) -> int:\n    ..."
        for n in range(_count(rng))
    )


def _typescript_signatures(rng):
    return "\n".join(
        f"export function get{rng.choice(_WORDS).title()}{n}(id: string): Promise<void>;" for n in range(_count(rng))
    )


def _java_fields(rng):
    return (
        "public class Row {\n"
        + "\n".join(f"    private final String {rng.choice(_WORDS)}{n};" for n in range(_count(rng)))
        + "\n}"
    )


def _numbered_rows(rng):
    return "\n".join(f"{n}. {rng.choice(_WORDS)}" for n in range(1, _count(rng)))


def _numbered_states(rng):
    return "\n".join(f"Row {n}: ok" for n in range(1, _count(rng)))


def _log(rng):
    return "\n".join(
        f"2026-03-{rng.randint(1, 28):02} 12:{n % 60:02}:07 INFO {rng.choice(_WORDS)} done in {rng.randint(3, 900)} ms"
        for n in range(_count(rng))
    )


def _plain_log(rng):
    return "\n".join(f"[INFO] Processing item {n} of 60 finished with status ok" for n in range(1, _count(rng)))


def _sql(rng):
    return "\n".join(f"INSERT INTO users (id, name) VALUES ({n}, '{rng.choice(_WORDS)}');" for n in range(_count(rng)))


def _assignments(rng):
    return "\n".join(f"{rng.choice(_WORDS).upper()}_{n}=true" for n in range(_count(rng)))


def _yaml(rng):
    return "services:\n" + "\n".join(
        f"  {rng.choice(_WORDS)}{n}:\n    image: nginx\n    restart: always" for n in range(_count(rng))
    )


def _signature_lines(rng):
    return "\n\n".join(
        [f"{role}: ____________________  Date: ____________" for role in ("Tenant", "Landlord", "Witness")]
        * rng.randint(1, 3)
    )


def _contents(rng):
    return "\n".join(f"Chapter {n} {rng.choice(_WORDS)} {'.' * 30} {n * 7}" for n in range(1, rng.randint(5, 30)))


def _ruled(rng):
    return f"{rng.choice(_WORDS)} report\n" + "-" * rng.randint(20, 90)


def _multiplication(rng):
    return "\n".join(f"{rng.randint(2, 9)} x {n} = {n * 7}" for n in range(1, _count(rng)))


def _tree(rng):
    return "\n".join(f"src/components/{rng.choice(_WORDS)}/{rng.choice(_WORDS)}{n}.tsx" for n in range(_count(rng)))


def _plan(rng):
    return "\n".join(
        f"Day {n}: Run {rng.randint(2, 12)} km, then rest {rng.choice((5, 10, 20))} minutes."
        for n in range(1, rng.randint(7, 30))
    )


def _assertions(rng):
    return "```python\n" + "\n".join(f"assert solve({n}) == {rng.randint(0, 99)}" for n in range(_count(rng))) + "\n```"


def _css(rng):
    return "\n".join(f".{rng.choice(_WORDS)}-{n} {{ margin: 0; padding: 0; }}" for n in range(_count(rng)))


def _xml(rng):
    return "<rows>" + "".join(f'<row id="{n}"><state>ok</state></row>' for n in range(_count(rng))) + "</rows>"


def _steps(rng):
    return "\n".join(
        f"**Step {n}:** Open the {rng.choice(_WORDS)} panel and choose {rng.choice(_WORDS)}."
        for n in range(1, rng.randint(4, 15))
    )


REGULAR: dict[str, Callable[[random.Random], str]] = {
    function.__name__.strip("_"): function
    for function in (
        *(
            _links,
            _link_list,
            _compact_json,
            _pretty_json,
            _json_lines,
            _matrix,
            _numeric_rows,
            _zero_rows,
            _latex_matrix,
        ),
        *(_html_table, _html_lines, _markdown_table, _empty_table, _csv, _spaced_csv, _tabs, _python_signatures),
        *(_typescript_signatures, _java_fields, _numbered_rows, _numbered_states, _log, _plain_log, _sql, _assignments),
        *(_yaml, _signature_lines, _contents, _ruled, _multiplication, _tree, _plan, _assertions, _css, _xml, _steps),
    )
}

_SENTENCES = (
    "The river runs to the sea and the sea runs to the river.",
    "I am a helpful assistant and I will help you with that.",
    "She said that he said that she said so.",
)
_OTHERS = {
    "chinese": "我们需要更多的时间来完成这个任务。",
    "japanese": "これはとても大切なことだと思います。",
    "thai": "ขอบคุณที่ใช้บริการของเราในวันนี้ค่ะ",
    "arabic": "نحن نعمل على حل هذه المشكلة الآن. ",
    "korean": "이것은 매우 중요한 문제입니다. ",
}


def _cut(text: str, rng: random.Random) -> str:
    return text[: len(text) - rng.randint(0, 15)]


def _sentence_loop(rng):
    return _cut("Here is the answer. " + (rng.choice(_SENTENCES) + " ") * rng.randint(6, 60), rng)


def _line_loop(rng):
    return _cut("It begins well.\n" + (rng.choice(_SENTENCES) + "\n") * rng.randint(6, 60), rng)


def _paragraph_loop(rng):
    return _cut("\n\n".join([" ".join(_SENTENCES)] * rng.randint(4, 12)), rng)


def _counted_loop(rng):
    sentence = rng.choice(_SENTENCES)
    return _cut("\n".join(f"{n}. {sentence}" for n in range(1, rng.randint(14, 60))), rng)


def _counted_steps(rng):
    return _cut(
        " ".join(f"Step {n}: Repeat the same as in step {n - 1} until done." for n in range(1, rng.randint(14, 60))),
        rng,
    )


def _character_loop(rng):
    return "The answer is " + rng.choice("aeho!?") * rng.randint(250, 900)


def _word_loop(rng):
    return _cut("so " + f"{rng.choice(_WORDS)} " * rng.randint(30, 400), rng)


def _other_script_loop(rng):
    return _cut("" + rng.choice(list(_OTHERS.values())) * rng.randint(8, 60), rng)


def _code_loop(rng):
    return "```python\nvalues = [\n" + _cut('    "the same value",\n' * rng.randint(40, 200), rng)


def _open_zeros(rng):
    return "[" + "0, " * rng.randint(400, 2_000)


def _table_loop(rng):
    return _cut("| Name | Value |\n|---|---|\n" + "| the same | cells again |\n" * rng.randint(40, 200), rng)


def _json_string_loop(rng):
    return json.dumps({"answer": rng.choice(_SENTENCES) * rng.randint(10, 60)})


LOOPS: dict[str, Callable[[random.Random], str]] = {
    function.__name__.strip("_"): function
    for function in (
        *(_sentence_loop, _line_loop, _paragraph_loop, _counted_loop, _counted_steps, _character_loop, _word_loop),
        *(_other_script_loop, _code_loop, _open_zeros, _table_loop, _json_string_loop),
    )
}

"""Good answers of a regular structure, drawn at random, which are no loops."""

import json
import random
from collections.abc import Callable

WORDS = [
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
    host = rng.choice(WORDS)
    return "\n".join(
        f"https://docs.{host}.example/en/latest/guides/{rng.choice(WORDS)}/{n}" for n in range(_count(rng))
    )


def _link_list(rng):
    return "\n".join(
        f"- [{rng.choice(WORDS).title()}](https://www.example.org/wiki/{rng.choice(WORDS)}_{n})"
        for n in range(_count(rng))
    )


def _compact_json(rng):
    rows = [{"id": n, "name": rng.choice(WORDS), "state": rng.choice(_STATES)} for n in range(_count(rng))]
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
        + "\n".join(f'  <li class="row"><a href="#">{rng.choice(WORDS)} {n}</a></li>' for n in range(_count(rng)))
        + "\n</ul>"
    )


def _markdown_table(rng):
    rows = "\n".join(f"| {n} | {rng.choice(WORDS)} | ok | yes |" for n in range(_count(rng)))
    return f"| id | name | state | open |\n|---|---|---|---|\n{rows}"


def _empty_table(rng):
    return "| Day | Task | Done |\n|---|---|---|\n" + "\n".join(["|   |   |   |"] * rng.randint(5, 20))


def _csv(rng):
    return "id,name,state,open\n" + "\n".join(f"{n},{rng.choice(WORDS)},ok,yes" for n in range(_count(rng)))


def _spaced_csv(rng):
    return "id, name, state\n" + "\n".join(f"{n}, {rng.choice(WORDS)}, ok" for n in range(_count(rng)))


def _tabs(rng):
    return "\n".join(f"{n}\t{rng.choice(WORDS)}\tok\tyes" for n in range(_count(rng)))


def _python_signatures(rng):
    return "\n\n".join(
        f"def get_{rng.choice(WORDS)}_{n}(self, key: str, default: int = 0) -> int:\n    ..."
        for n in range(_count(rng))
    )


def _typescript_signatures(rng):
    return "\n".join(
        f"export function get{rng.choice(WORDS).title()}{n}(id: string): Promise<void>;" for n in range(_count(rng))
    )


def _java_fields(rng):
    return (
        "public class Row {\n"
        + "\n".join(f"    private final String {rng.choice(WORDS)}{n};" for n in range(_count(rng)))
        + "\n}"
    )


def _numbered_rows(rng):
    return "\n".join(f"{n}. {rng.choice(WORDS)}" for n in range(1, _count(rng)))


def _numbered_states(rng):
    return "\n".join(f"Row {n}: ok" for n in range(1, _count(rng)))


def _log(rng):
    return "\n".join(
        f"2026-03-{rng.randint(1, 28):02} 12:{n % 60:02}:07 INFO {rng.choice(WORDS)} done in {rng.randint(3, 900)} ms"
        for n in range(_count(rng))
    )


def _plain_log(rng):
    return "\n".join(f"[INFO] Processing item {n} of 60 finished with status ok" for n in range(1, _count(rng)))


def _sql(rng):
    return "\n".join(f"INSERT INTO users (id, name) VALUES ({n}, '{rng.choice(WORDS)}');" for n in range(_count(rng)))


def _assignments(rng):
    return "\n".join(f"{rng.choice(WORDS).upper()}_{n}=true" for n in range(_count(rng)))


def _yaml(rng):
    return "services:\n" + "\n".join(
        f"  {rng.choice(WORDS)}{n}:\n    image: nginx\n    restart: always" for n in range(_count(rng))
    )


def _signature_lines(rng):
    return "\n\n".join(
        [f"{role}: ____________________  Date: ____________" for role in ("Tenant", "Landlord", "Witness")]
        * rng.randint(1, 3)
    )


def _contents(rng):
    return "\n".join(f"Chapter {n} {rng.choice(WORDS)} {'.' * 30} {n * 7}" for n in range(1, rng.randint(5, 30)))


def _ruled(rng):
    return f"{rng.choice(WORDS)} report\n" + "-" * rng.randint(20, 90)


def _multiplication(rng):
    return "\n".join(f"{rng.randint(2, 9)} x {n} = {n * 7}" for n in range(1, _count(rng)))


def _tree(rng):
    return "\n".join(f"src/components/{rng.choice(WORDS)}/{rng.choice(WORDS)}{n}.tsx" for n in range(_count(rng)))


def _plan(rng):
    return "\n".join(
        f"Day {n}: Run {rng.randint(2, 12)} km, then rest {rng.choice((5, 10, 20))} minutes."
        for n in range(1, rng.randint(7, 30))
    )


def _assertions(rng):
    return "```python\n" + "\n".join(f"assert solve({n}) == {rng.randint(0, 99)}" for n in range(_count(rng))) + "\n```"


def _css(rng):
    return "\n".join(f".{rng.choice(WORDS)}-{n} {{ margin: 0; padding: 0; }}" for n in range(_count(rng)))


def _xml(rng):
    return "<rows>" + "".join(f'<row id="{n}"><state>ok</state></row>' for n in range(_count(rng))) + "</rows>"


def _steps(rng):
    return "\n".join(
        f"**Step {n}:** Open the {rng.choice(WORDS)} panel and choose {rng.choice(WORDS)}."
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

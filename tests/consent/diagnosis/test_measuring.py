"""How the diagnosis is measured."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from consent.diagnosis.measuring import measured, report

TRACE = "11111111-2222-4333-8444-555555555555"


def case(pasted, cause, actor, link, **more):
    """A case with its right answer."""
    expected = {"codes": [], "cause_class": cause, "actor": actor, "approval_link_helps": link}
    basis = more.pop("basis", "docs")
    return {
        "kind": more.pop("kind", "prose"),
        "input": pasted,
        "label_basis": basis,
        "expected": {**expected, **more},
    }


WALL = ("admin_consent_required", "tenant_admin", True)
RIGHT = case("AADSTS90094", *WALL, codes=["AADSTS90094"], kind="log")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (RIGHT, (True, True, True, False, False)),
        (case("Need admin consent", "unknown", "vendor", False), (False, False, True, True, False)),
        (case("hello", *WALL), (False, False, True, False, True)),
        # Another cause that is right too is not held against anything.
        (
            case("hello", *WALL, also_accept=["unknown"]),
            (True, True, True, False, False),
        ),
        (case("AADSTS90094", *WALL), (True, True, False, False, False)),
    ],
)  # fmt: skip
def test_measured(given, expected):
    result = measured(given)

    assert (
        result.cause_is_right,
        result.actor_is_right,
        result.codes_are_right,
        result.bothered,
        result.turned_away,
    ) == expected


def test_measured_names():
    pasted = f"Trace ID: {TRACE} Timestamp: 2026-02-17 18:39:09Z"
    names = {"trace_id": TRACE, "timestamp": "2026-02-17 18:39:09Z", "app_id": "x"}

    assert measured(case(pasted, "unknown", "end_user", False, **names)).names == (2, 3)


def test_report_by_kind_and_cause():
    lines = report([measured(each) for each in (RIGHT, RIGHT, case("hello", *WALL))]).splitlines()

    assert lines[2:4] == [
        "| all | 3 | 66.7% | 66.7% | 100.0% | 0 of 0 | 0 | 1 |",
        "| documented or solved | 3 | 66.7% | 66.7% | 100.0% | 0 of 0 | 0 | 1 |",
    ]
    assert "| log | 2 | 100.0% | 100.0% | 100.0% | 0 of 0 | 0 | 0 |" in lines
    assert "| prose | 1 | 0.0% | 0.0% | 100.0% | 0 of 0 | 0 | 1 |" in lines
    assert "| admin_consent_required | 3 | 66.7% | 66.7% | 100.0% | 0 of 0 | 0 | 1 |" in lines


def test_report_of_guesses_alone_and_of_nothing():
    guess = case("hello", "unknown", "end_user", False, basis="inferred")

    assert "documented" not in report([measured(guess)])
    with pytest.raises(ValueError, match="nothing to report"):
        report([])


def run(cases, *options):
    """What the command prints."""
    answer = io.StringIO()
    call_command("diagnosis_report", str(cases), *options, stdout=answer)
    return answer.getvalue()


@pytest.fixture
def cases(tmp_path):
    """A file with one case."""
    file = tmp_path / "cases.jsonl"
    file.write_text(json.dumps(RIGHT) + "\n\n")
    return file


def test_command_prints_a_report(cases):
    assert "| log | 1 | 100.0% |" in run(cases)


def test_command_replaces_what_was_measured_before(cases, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# By hand\n\n# Measured\n\nlong ago\n")

    assert run(cases, "--into", str(page)) == ""

    text = page.read_text()
    assert text.startswith("# By hand\n\n# Measured\n\n| |")
    assert "long ago" not in text


def test_command_without_a_place_for_the_report(cases, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# By hand\n")

    with pytest.raises(CommandError, match="has no line"):
        run(cases, "--into", str(page))


@pytest.mark.parametrize("content", ["", "no json", "[1]", "{}"])
def test_command_with_a_file_of_something_else(tmp_path, content):
    file = tmp_path / "cases.jsonl"
    file.write_text(content)

    with pytest.raises(CommandError, match="holds no cases"):
        run(file)


def test_command_without_a_file(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.jsonl")

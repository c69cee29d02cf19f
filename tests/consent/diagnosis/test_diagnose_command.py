"""`manage.py diagnose`."""

import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command

from consent.diagnosis import diagnose

PAGE = "AADSTS50105: not assigned. Correlation ID: 66666666-7777-4888-9999-aaaaaaaaaaaa"


def run(monkeypatch, given: bytes, *options: str) -> str:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    answer = io.StringIO()
    call_command("diagnose", *options, stdout=answer)
    return answer.getvalue()


def test_diagnose_in_words(monkeypatch):
    assert run(monkeypatch, PAGE.encode()) == (
        "codes: AADSTS50105\n"
        "primary code: AADSTS50105\n"
        "cause: user_assignment_required\n"
        "actor: tenant_admin\n"
        "approval link helps: no\n"
        "correlation id: 66666666-7777-4888-9999-aaaaaaaaaaaa\n"
        "confidence: high\n"
        "evidence: AADSTS50105\n"
        "\n"
        f"{diagnose(PAGE).advice}\n"
    )


def test_diagnose_says_yes_where_approval_helps(monkeypatch):
    assert "approval link helps: yes\n" in run(monkeypatch, b"AADSTS90094")


def test_diagnose_as_json(monkeypatch):
    assert json.loads(run(monkeypatch, PAGE.encode(), "--json")) == diagnose(PAGE).as_dict()


def test_diagnose_of_bytes_that_are_no_utf8(monkeypatch):
    assert json.loads(run(monkeypatch, b"\xff\0AADSTS90094", "--json"))["codes"] == ["AADSTS90094"]


def test_diagnose_of_a_file(tmp_path):
    file = tmp_path / "paste.txt"
    file.write_text(PAGE, encoding="utf-8")
    answer = io.StringIO()
    call_command("diagnose", str(file), json=True, stdout=answer)
    assert json.loads(answer.getvalue()) == diagnose(PAGE).as_dict()


def test_diagnose_of_a_missing_file(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("diagnose", str(tmp_path / "none.txt"))


def test_diagnose_of_many_in_order(monkeypatch):
    lines = [{"id": "b", "input": PAGE}, {"id": 1, "input": ""}]
    given = "\n\n".join(map(json.dumps, lines)).encode()
    answers = [json.loads(line) for line in run(monkeypatch, given, "--jsonl").splitlines()]
    assert answers == [
        {"id": "b", **diagnose(PAGE).as_dict()},
        {"id": 1, **diagnose("").as_dict()},
    ]


@pytest.mark.parametrize("line", [b"no json", b'{"id": 1}', b"[1]", b'{"id": 1, "input": 2}'])
def test_diagnose_of_a_wrong_line_names_it(monkeypatch, line):
    with pytest.raises(CommandError, match="Line 2 is no object"):
        run(monkeypatch, b'{"id": 1, "input": ""}\n' + line, "--jsonl")

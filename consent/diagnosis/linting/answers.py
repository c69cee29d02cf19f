"""Judges an address that Microsoft sent a browser back with."""

from collections.abc import Iterator

from consent.diagnosis.linting import findings
from consent.diagnosis.linting.addresses import Address
from consent.diagnosis.linting.remarks import Remark
from consent.diagnosis.reader import read

_MOST_READ = 2048


def judge_answer(address: Address) -> Iterator[Remark]:
    """What is to be said of each part of an answer. Its words are read and never repeated."""
    told = address.parameters
    reading = read(" ".join(f"{name}={value}" for name, value in told.items())[:_MOST_READ])
    if "error" in told:
        yield Remark("error", findings.ANSWER_ERROR, value=reading.oauth_error)
    if reading.codes:
        yield Remark("error_description", findings.ANSWER_CODES, names=reading.codes)
    if reading.cancelled:
        yield Remark("error_subcode", findings.ANSWER_CANCEL, value="cancel")
    if reading.claims_approval:
        is_true = "error" not in told
        finding = findings.ANSWER_CLAIM if is_true else findings.ANSWER_TRUE_AND_ERROR
        yield Remark("admin_consent", finding, value="True")
    if "tenant" in told:
        yield Remark("tenant", findings.ANSWER_TENANT)
    if not told.get("state"):
        yield Remark("state", findings.ANSWER_WITHOUT_STATE)

"""Goal: every request in tests/corpus/bad gets one of its right answers, on the writer's path and on
the direct one, and leaves exactly the rows that it should."""

import json
import pathlib

import pytest
from harness.client import raw

CORPUS = pathlib.Path(__file__).parents[1] / "corpus/bad"
NAMES = sorted(p.stem for p in CORPUS.glob("*.req"))


@pytest.fixture(scope="module", params=["writer", "direct"])
def stack(request, stacks):
    return stacks(request.param)


def test_the_corpus_is_there():
    assert len(NAMES) > 150


@pytest.mark.parametrize("name", NAMES)
def test_corpus(stack, name):
    about = json.loads((CORPUS / f"{name}.json").read_text())
    before = stack.rows()
    answer = raw(stack.port, (CORPUS / f"{name}.req").read_bytes())
    status = answer.status if answer else 0
    assert status in about["status"], (about["reason"], answer)
    if about["stored_events"] is not None:
        assert stack.rows() - before == about["stored_events"], about["reason"]
    if about.get("error_mentions") and status == 400:
        assert about["error_mentions"] in answer.json()["error"], answer
    if about.get("results") is not None and answer.header("Content-Type") == "application/json":
        got = [r.get("status", 202) for r in answer.json()["results"]]
        assert got == about["results"], answer
    stack.good()

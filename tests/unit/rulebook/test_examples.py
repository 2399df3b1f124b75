"""The rulebooks that we hand out are right, and do not raise an eyebrow."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from routing.rulebook.book import read_book
from routing.rulebook.lint import Severity, lint

CONFIG = Path(__file__).parents[3] / "config"
AT = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize("name", ["rulebook.yaml", "demo/rulebook.yaml"])
def test_an_example_reads_without_mistakes_warnings_or_findings(name):
    found = read_book((CONFIG / name).read_text(encoding="utf-8"), name=name)

    assert (found.mistakes, found.warnings) == ((), ())
    assert found.book is not None
    assert [each for each in lint(found.book, at=AT) if each.severity is not Severity.NOTE] == []

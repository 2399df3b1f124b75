"""Whose package is `daemon`?"""

from collections.abc import Mapping
from pathlib import Path

import pytest

import daemon
from daemon.base.package_name import ForeignPackage, check_identity

HOME = Path("/opt/signalbox")


def found_in(folders: Mapping[str, Path | None]):
    return lambda package: folders.get(package, HOME / package)


def test_signalbox_knows_itself():
    check_identity()


def test_a_replaced_daemon_package_is_named_with_the_way_out(monkeypatch):
    monkeypatch.delattr(daemon, "SIGNALBOX")

    with pytest.raises(ForeignPackage, match=r"python-daemon.*make setup"):
        check_identity(found_in({}))


def test_a_package_from_elsewhere_is_named():
    cross_check = {"models": Path("/usr/lib/python3/models")}

    with pytest.raises(ForeignPackage, match='"models" comes from /usr/lib/python3/models'):
        check_identity(found_in(cross_check))


def test_a_missing_package_is_named():
    with pytest.raises(ForeignPackage, match='"training" cannot be found'):
        check_identity(found_in({"training": None}))

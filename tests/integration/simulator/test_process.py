"""The simulator as a process of its own, as the command line starts it."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.simulator.options import SimulatorOptions
from connectors.simulator.server import SalesforceSimulator

SERVE = """
from connectors.simulator.options import SimulatorOptions
from connectors.simulator.crms import serve
serve(SimulatorOptions(people=5, accounts=3, leads=4, seed=7))
"""


def started() -> tuple["subprocess.Popen[str]", dict[str, Any]]:
    process = subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_line_when_ready_and_ends_when_told(sign: signal.Signals):
    process, line = started()
    address = line["salesforce"]
    headers = {"Authorization": f"Bearer {address['access_token']}"}
    url = f"{address['base_url']}/services/data/v64.0/limits/recordCount?sObjects=Account"

    answer = requests.get(url, headers=headers, timeout=10)
    hubspot = line["hubspot"]
    details = requests.get(
        f"{hubspot['base_url']}/account-info/2026-09/details",
        headers={"Authorization": f"Bearer {hubspot['access_token']}"},
        timeout=10,
    )
    process.send_signal(sign)
    rest, _ = process.communicate(timeout=20)

    assert set(line) == {"salesforce", "hubspot"}
    assert set(address) == {"base_url", "access_token", "client_id", "client_secret"}
    assert set(hubspot) == {"base_url", "access_token", "client_id", "client_secret"}
    assert details.json()["portalId"] == 8_000_007
    assert answer.json() == {"sObjects": [{"count": 3, "name": "Account"}]}
    assert (process.returncode, rest) == (0, "")


def test_a_port_that_is_taken_is_named(tmp_path: Path):
    with SalesforceSimulator(SimulatorOptions(people=1, accounts=1, leads=0)) as address:
        port = int(address.base_url.rpartition(":")[2])
        options = SimulatorOptions(people=1, accounts=1, leads=0, salesforce_port=port)

        with pytest.raises(ValueError, match=f"Port {port} on 127.0.0.1 cannot be used"):
            SalesforceSimulator(options).start()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for loopback, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def test_it_speaks_tls_when_given_a_certificate(tmp_path: Path):
    paths = certificate(tmp_path)
    options = SimulatorOptions(people=1, accounts=1, leads=0, certificate=paths)
    with SalesforceSimulator(options) as address:
        url = address.base_url.replace("127.0.0.1", "localhost")

        answer = requests.get(f"{url}/services/data", verify=str(paths[0]), timeout=10)

    assert url.startswith("https://")
    assert answer.json()[0]["version"] == "31.0"

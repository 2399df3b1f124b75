"""The HubSpot connector keeps the contract, over HTTP."""

from tests.contract.crm_contract import CrmContract


class TestHubSpot(CrmContract):
    """The contract, against the simulator."""

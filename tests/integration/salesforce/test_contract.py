"""The Salesforce connector keeps the contract, over HTTP."""

from tests.contract.crm_contract import CrmContract


class TestSalesforce(CrmContract):
    """The contract, against the simulator."""

"""The Salesforce connector against the simulator, over HTTP."""

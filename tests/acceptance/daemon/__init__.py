"""The real `signalbox run` against a simulated Salesforce: killed, stopped, doubled."""

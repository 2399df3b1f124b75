"""The ends: CRMs behind one port. They report what a CRM said and write what they are told.

What it means is decided elsewhere: connectors see `routing.facts` and nothing else of the house.
"""

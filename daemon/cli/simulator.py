"""`signalbox simulator`: the CRM servers alone, until stopped."""

from pathlib import Path
from typing import Annotated

import typer
from typer.models import OptionInfo

from daemon.cli.frame import ExitCode, WrongUse, examples

EXAMPLES = examples(
    "signalbox simulator",
    "signalbox simulator --salesforce-port 8700 --hubspot-port 8701 --seed 7 --leads 1000 --rate 5",
    "signalbox simulator --leads 500 --hubspot-leads 130 --synced-pairs 150 --unsynced-pairs 20",
    "signalbox simulator --faults faults.yaml",
)


def _port(crm: str) -> OptionInfo:
    help_text = f"Port of {crm}; 0 picks a free one."
    option: OptionInfo = typer.Option(metavar="P", min=0, max=65_535, help=help_text)
    return option


def _part(where: str) -> OptionInfo:
    option: OptionInfo = typer.Option(metavar="N", min=0, help=f"Of the leads, those {where}.")
    return option


def simulator(
    *,
    salesforce_port: Annotated[int, _port("Salesforce")] = 0,
    hubspot_port: Annotated[int, _port("HubSpot")] = 0,
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed, the same company.")] = 1,
    people: Annotated[int, typer.Option(metavar="N", help="Sales people.")] = 60,
    accounts: Annotated[int, typer.Option(metavar="N", help="Accounts.")] = 2_000,
    leads: Annotated[int, typer.Option(metavar="N", help="Leads in all.")] = 500,
    rate: Annotated[
        float,
        typer.Option(metavar="PER_S", help="New leads a second; 0: all are there at the start."),
    ] = 0.0,
    hubspot_leads: Annotated[int, _part("in HubSpot only")] = 0,
    synced_pairs: Annotated[int, _part("in both, natively synced")] = 0,
    unsynced_pairs: Annotated[int, _part("in both, without a link")] = 0,
    sync_delay: Annotated[
        float, typer.Option(metavar="S", help="Seconds until the native sync carries a change.")
    ] = 2.0,
    faults: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Faults, a YAML list of {kind: ...}; {crm: hubspot, kind: ...}."
        ),
    ] = None,
) -> int:
    """Serve a simulated Salesforce and HubSpot on this machine until stopped.

    Prints one JSON line with their addresses and keys when they are ready.
    """
    from connectors.simulator.crms import serve
    from connectors.simulator.options import SimulatorOptions

    try:
        options = SimulatorOptions(
            salesforce_port=salesforce_port,
            hubspot_port=hubspot_port,
            seed=seed,
            people=people,
            accounts=accounts,
            leads=leads,
            rate=rate,
            faults=faults,
            hubspot_leads=hubspot_leads,
            synced_pairs=synced_pairs,
            unsynced_pairs=unsynced_pairs,
            sync_delay_s=sync_delay,
        )
        serve(options)
    except ValueError as error:
        raise WrongUse(str(error)) from error
    return ExitCode.DONE

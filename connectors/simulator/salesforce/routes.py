"""Every resource of the simulated service, in the order in which paths are tried."""

from connectors.simulator.salesforce import (
    bulk_ingest,
    bulk_query,
    composite,
    describe,
    limits,
    many,
    oauth,
    query,
    replication,
    rows,
    soap,
)
from connectors.simulator.salesforce.dispatch import Route, route


def data_routes() -> list[Route]:
    """Resources below /services/data/vXX.X."""
    one = "/sobjects/{sobject}"
    return [
        route("", get=describe.resources),
        route("/sobjects", get=describe.global_describe),
        route(one, get=describe.basics, post=rows.create),
        route(f"{one}/describe", get=describe.describe),
        route(f"{one}/updated", get=replication.updated),
        route(f"{one}/deleted", get=replication.deleted),
        route(f"{one}/{{record_id}}", get=rows.read, patch=rows.update, delete=rows.delete),
        route(f"{one}/{{field}}/{{value}}", get=rows.read_by_key, patch=rows.upsert),
        route("/query", get=query.query),
        route("/queryAll", get=query.query_all),
        route("/query(?:All)?/{locator}", get=query.more),
        route("/composite", post=composite.composite),
        route("/composite/batch", post=composite.batch),
        route(
            "/composite/sobjects",
            post=many.create,
            patch=many.update,
            delete=many.delete,
        ),
        route("/composite/sobjects/{sobject}", get=many.retrieve, post=many.retrieve),
        route("/composite/sobjects/{sobject}/{field}", patch=many.upsert),
        route("/recent", get=describe.recent),
        route("/limits", get=limits.limits),
        route("/limits/recordCount", get=limits.record_count),
        *_job_routes(),
    ]


def _job_routes() -> list[Route]:
    queries, ingests = "/jobs/query", "/jobs/ingest"
    ingest = f"{ingests}/{{job_id}}"
    return [
        route(queries, get=bulk_query.listed, post=bulk_query.create),
        route(
            f"{queries}/{{job_id}}",
            get=bulk_query.read,
            patch=bulk_query.abort,
            delete=bulk_query.delete,
        ),
        route(f"{queries}/{{job_id}}/results", get=bulk_query.results),
        route(ingests, get=bulk_ingest.listed, post=bulk_ingest.create),
        route(ingest, get=bulk_ingest.read, patch=bulk_ingest.change, delete=bulk_ingest.delete),
        route(f"{ingest}/batches", put=bulk_ingest.upload),
        route(f"{ingest}/successfulResults", get=bulk_ingest.successful),
        route(f"{ingest}/failedResults", get=bulk_ingest.failed),
        route(f"{ingest}/(?i:unprocessedRecords)", get=bulk_ingest.unprocessed),
    ]


def other_routes() -> list[Route]:
    """Resources that have no version, and logging in."""
    return [
        route("/services/data", public=True, get=describe.versions),
        route("/services/oauth2/token", public=True, post=oauth.token),
        route("/services/oauth2/revoke", public=True, post=oauth.revoke, get=oauth.revoke),
        route("/services/oauth2/userinfo", free=True, get=oauth.user_info, post=oauth.user_info),
        route("/id/{org_id}/{user_id}", free=True, get=oauth.identity),
        route("/services/Soap/u/{version}", public=True, post=soap.login),
    ]

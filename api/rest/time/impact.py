"""What another version of a route would change, over JSON: a part a request."""

from flask import Response

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.inputs.impact import ImpactRequest, ImpactView, read_impact
from api.permissions import Permission, permission
from api.rest.answers import answer, described
from api.rest.time.forecast import ahead


@ahead.post("/workflows/<key>/impact")
@ahead.input(ImpactRequest)
@ahead.output(described(ImpactView, "WorkflowImpact"))
@permission(Permission.SIGNED_IN)
def impact(key: str, json_data: ImpactRequest) -> Response:
    """Count what another version of a route would change, of open work and of last season; writes nothing.

    For whoever may publish definitions. Counted in parts: ask again with `next` as `cursor` until it is null.
    """
    found = read_impact(
        request_session(),
        actor=bearer_actor(),
        asked=json_data.asked(key),
        now=request_now(),
        limit=json_data.limit,
        cursor=json_data.cursor,
    )
    return answer(ImpactView, found)

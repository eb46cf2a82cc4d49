"""Forms of offices for programs: sent once per key, fetched as they were, ended by who supervises."""

import hashlib
import io

from werkzeug.test import TestResponse

from tests.support.forms import cells_in, sheet_form, text_form, words_in
from tests.support.interface import Interface
from tests.support.office import AG, TOP

OWN = text_form("Mẫu riêng của chúng tôi: {{ don_vi }}")
OTHER = sheet_form(["Bảng riêng: {{ so_luong }}"])


def test_programs_send_fetch_and_end_forms(interface: Interface) -> None:
    def sent(part: str, content: bytes, key: str, **said: str) -> TestResponse:
        data = {"unit": TOP, "purpose": "list_annex", **said, "file": (io.BytesIO(content), "mẫu.docx")}
        return interface.call(
            part,
            "POST",
            "/forms",
            data=data,
            content_type="multipart/form-data",
            headers={"Idempotency-Key": key},
        )

    made = sent("admin", OWN, "one")
    assert made.status_code == 201, made.text
    [form] = made.json["items"]
    assert (form["kind"], form["version"], form["ended_at"]) == ("docx", 1, None)
    assert form["sha256"] == hashlib.sha256(OWN).hexdigest()
    assert sent("admin", OWN, "one").json == made.json
    assert sent("admin", OTHER, "one").status_code == 422
    assert sent("head", OWN, "two").status_code == 403
    assert sent("supervisor", text_form("{{ x }}"), "three").json["reasons"][0]["code"] == "form_unknown"
    assert sent("supervisor", OWN, "four", unit="NIX").status_code == 422
    assert interface.get("admin", f"/forms/{form['id']}/file").data == OWN
    assert interface.get("head", "/forms").json["items"] == []
    assert interface.get("head", f"/forms/{form['id']}/file").status_code == 404
    rows = [{"person": "NV05", "awards": ["CSTDCS"], "achievement": "x", "proposer": "y"}]
    made = interface.post("nominator", "/submissions", {"round": "2026-NAM", "unit": AG, "rows": rows})
    path = f"/submissions/{made.json['submissions'][0]['id']}/annex"
    assert words_in(interface.get("nominator", f"{path}.docx").data)[0].startswith("Mẫu riêng")
    assert cells_in(interface.get("nominator", f"{path}.xlsx").data)[0][0].startswith("LIST OF NAMES")
    assert interface.get("stranger", f"{path}.docx").status_code == 404
    assert interface.post("head", f"/forms/{form['id']}/actions/end").status_code == 404
    ended = interface.post("admin", f"/forms/{form['id']}/actions/end")
    assert ended.json["items"][0]["ended_at"]

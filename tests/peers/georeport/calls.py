"""Ask an Open311 server all that georeport can ask. Given on the command line: the server's address and an id."""

import json
import sys

from georeport import GeoReport

address, reference = sys.argv[1:]
said = {}
for form in ("json", "xml"):
    client = GeoReport(address, jurisdiction="marlowe.example", output_format=form)
    said[form] = {
        "services": client.get_service_list(),
        "definition": client.get_service_definition("fly_tipping"),
        "requests": client.get_service_requests(status="open", start_date="2026-11-01T00:00:00Z"),
        "request": client.get_service_request(reference),
    }
print(json.dumps(said))

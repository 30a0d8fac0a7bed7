#!/usr/bin/env python3
"""Plays the real PyMISP against a node: pymisp_check.py BASE_URL TOKEN

The node's certificate is taken from REQUESTS_CA_BUNDLE. The token must be of an organisation that may read
something and bring something. Exits with 1 on any mismatch.
"""

import hashlib
import os
import sys
import time
import uuid
import warnings

warnings.filterwarnings("ignore")

import requests
from pymisp import MISPEvent, PyMISP

base, token = sys.argv[1].rstrip("/"), sys.argv[2]
bundle = os.environ.get("REQUESTS_CA_BUNDLE", True)
wrong = []


def check(what, right, told=""):
    print(("ok    " if right else "WRONG ") + what + (f": {told}" if told and not right else ""))
    if not right:
        wrong.append(what)


def timed(what, call, times=20):
    began = time.perf_counter()
    for _ in range(times):
        call()
    print(f"      {what}: {(time.perf_counter() - began) / times * 1000:.1f} ms")


misp = PyMISP(base + "/misp/", token, ssl=bundle)
rooted = PyMISP(base + "/", token, ssl=bundle)
check("version", misp.misp_instance_version["version"].startswith("2.5."), misp.misp_instance_version)
check("the same at the root", rooted.misp_instance_version == misp.misp_instance_version)
me = misp.get_user()
check("users/view/me", me["User"]["org_id"] == me["Organisation"]["id"], me)
remote = misp.describe_types_remote
check("describeTypes", "ip-dst" in remote["types"] and "sane_defaults" in remote)

event = MISPEvent()
event.info = "Comity check " + str(uuid.uuid4())
event.distribution = 0
event.add_tag("tlp:green")
octet = uuid.uuid4().int % 250 + 1
address, name = f"203.0.113.{octet}", f"c{uuid.uuid4().hex[:12]}.example"
event.add_attribute("ip-dst", address, to_ids=True)
event.add_attribute("domain", name, to_ids=True)
added = misp.add_event(event, pythonify=True)
check("events/add", getattr(added, "uuid", None) == event.uuid, added)
got = misp.get_event(event.uuid, pythonify=True)
check("events/view by uuid", getattr(got, "info", None) == event.info, got)
values = {attribute.value for attribute in getattr(got, "attributes", [])}
check("its attributes", values == {address, name}, values)
by_number = misp.get_event(added.id, pythonify=True)
check("events/view by number", getattr(by_number, "uuid", None) == event.uuid, by_number)
event.add_attribute("url", f"https://{name}/x")
event.timestamp = int(time.time()) + 1
updated = misp.update_event(event, pythonify=True)
check("events/edit", len(getattr(updated, "attributes", [])) == 3, updated)

found = misp.search("attributes", value=name, pythonify=True)
check("by value", name in [a.value for a in found] and all(name in a.value for a in found), found)
check("its event", found and found[0].Event.uuid == event.uuid)
check("by a value nobody has", misp.search("attributes", value="nobody.has.this.example")["Attribute"] == [])
check("by part of a value", name in [a.value for a in misp.search("attributes", value=f"{name[:9]}%", pythonify=True)])
typed = misp.search("attributes", type_attribute=["domain", "url"], pythonify=True)
check("by type", typed and {a.type for a in typed} <= {"domain", "url"}, typed)
tagged = misp.search("attributes", tags=["tlp:green"], pythonify=True)
check("by tag", name in [a.value for a in tagged])
refused = misp.search("attributes", tags=misp.build_complex_query(not_parameters=["tlp:green"]), pythonify=True)
check("not by tag", name not in [a.value for a in refused])
everything = misp.search("attributes", pythonify=True)
paged, page = [], 1
while True:
    part = misp.search("attributes", limit=2, page=page, pythonify=True)
    if not part:
        break
    check("a page is no larger than asked", len(part) <= 2)
    paged += [(a.Event.uuid, a.uuid) for a in part]
    page += 1
check("pages", sorted(paged) == sorted((a.Event.uuid, a.uuid) for a in everything), (len(paged), len(everything)))
check("numbers are their own", len({a.id for a in everything}) == len({(a.Event.uuid, a.uuid) for a in everything}))
new = misp.search("attributes", timestamp=int(time.time()) - 3600, pythonify=True)
check("by time", name in [a.value for a in new])
check("nothing from the future", misp.search("attributes", timestamp=int(time.time()) + 9999)["Attribute"] == [])
events = misp.search("events", eventinfo=event.info, pythonify=True)
check("events by title", [e.uuid for e in events] == [event.uuid], events)
events = misp.search("events", value=name, pythonify=True)
check("events by value", event.uuid in [e.uuid for e in events], events)
heads = misp.search("events", metadata=True, pythonify=True)
check("events/restSearch without content", event.uuid in [e.uuid for e in heads] and not heads[0].attributes)
listed = misp.events(pythonify=True)
check("events/index", event.uuid in [e.uuid for e in listed])
sighted = misp.add_sighting({"value": name, "source": "check"})
check("sightings/add", "errors" not in sighted, sighted)
seen = misp.get_event(event.uuid)
sightings = [s for a in seen["Event"]["Attribute"] for s in a.get("Sighting", [])]
check("the sighting stands in the event", len(sightings) == 1, sightings)
check("tags", "tlp:green" in [tag["name"] for tag in misp.tags()])
check("taxonomies", any(t["Taxonomy"]["namespace"] == "tlp" for t in misp.taxonomies()))
check("galaxies", misp.galaxies() == [])
check("warninglists", misp.warninglists() in ([], {"Warninglists": []}), misp.warninglists())
check("no such event", misp.get_event(str(uuid.uuid4())).get("errors", [0])[0] == 404)

session = requests.Session()
session.headers["Authorization"] = token
manifest = session.get(base + "/misp/feed/manifest.json")
check("the feed's manifest", manifest.status_code == 200)
own = event.uuid in manifest.json()
for feed_uuid, entry in list(manifest.json().items())[:20]:
    file = session.get(f"{base}/misp/feed/{feed_uuid}.json")
    fed = MISPEvent()
    fed.load(file.json())
    check(f"event {feed_uuid} of the feed", fed.info == entry["info"] and int(fed.distribution) == 0)
    again = session.get(file.url, headers={"If-None-Match": file.headers["ETag"]})
    check("and 304 for who has it", again.status_code == 304)
hashes = session.get(base + "/misp/feed/hashes.csv").text
lines = [line.split(",") for line in hashes.splitlines()]
check("hashes.csv", all(len(h) == 32 and u in manifest.json() for h, u in lines), lines[:3])
if own:
    check("the hash of a value", [hashlib.md5(name.encode()).hexdigest(), event.uuid] in lines)
bad = requests.get(base + "/events/index", headers={"Authorization": "x" * 40})
check("a wrong key", bad.status_code == 403 and set(bad.json()) >= {"name", "message", "url"}, bad.text)
timed("by a value that is there", lambda: misp.search("attributes", value=name))
timed("by a value that is not", lambda: misp.search("attributes", value="198.51.100.254"))
timed("Wazuh's path form", lambda: session.get(f"{base}/attributes/restSearch/value:{name}"))
print(f"{len(wrong)} wrong" if wrong else "all right")
sys.exit(1 if wrong else 0)

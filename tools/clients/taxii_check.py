#!/usr/bin/env python3
"""Plays the real taxii2-client and stix2 against a node: taxii_check.py BASE_URL TOKEN

The node's certificate is taken from REQUESTS_CA_BUNDLE. The token must be of an organisation that may read
something and bring something. Exits with 1 on any mismatch.
"""

import json
import sys
import uuid
import warnings

warnings.filterwarnings("ignore")

import requests
import stix2
from requests.auth import HTTPBasicAuth
from taxii2client.common import TokenAuth
from taxii2client.exceptions import TAXIIServiceException
from taxii2client.v21 import ApiRoot, Collection, Server, Status, as_pages

TAXII = "application/taxii+json;version=2.1"
base, token = sys.argv[1].rstrip("/"), sys.argv[2]
wrong = []


def check(what, right, told=""):
    print(("ok    " if right else "WRONG ") + what + (f": {told}" if told and not right else ""))
    if not right:
        wrong.append(what)


def objects(pages):
    return [item for page in pages for item in page.get("objects", [])]


def ids(items):
    return [item["id"] for item in items]


# Discovery, as XSOAR, Trend Micro and EclecticIQ begin.
server = Server(base + "/taxii2/", user="anybody", password=token)
check("discovery", bool(server.title) and len(server.api_roots) == 1, server.title)
root = server.default
check("API root", root is not None and "application/taxii+json;version=2.1" in root.versions, root and root.versions)
check("max_content_length", root.max_content_length > 1 << 20, root.max_content_length)
without = Server((base + "/taxii2").rstrip("/"), auth=TokenAuth(token))
check("discovery without a slash, by Token", [r.url for r in without.api_roots] == [r.url for r in server.api_roots])

collections = root.collections
titles = [c.title for c in collections]
check("titles are told apart", len(set(titles)) == len(titles), titles)
read = next((c for c in collections if c.can_read), None)
inbox = next((c for c in collections if c.can_write), None)
if read is None or inbox is None:
    sys.exit("the token must be of an organisation that may read something and bring something")
direct = Collection(read.url, auth=TokenAuth(token))
check("a collection by its address", direct.title == read.title, direct.title)
by_root = ApiRoot(root.url, auth=HTTPBasicAuth("x", token))
check("the same by the API root", ids([{"id": c.id} for c in by_root.collections]) == [c.id for c in collections])

# Reading.
whole = read.get_objects()
all_ids = ids(whole["objects"])
check("there are objects", len(all_ids) > 0)
check("nothing twice", len(set(all_ids)) == len(all_ids))
check("one page has all", whole["more"] is False and "next" not in whole, whole.keys())
check("spec_version", all(item.get("spec_version") == "2.1" for item in whole["objects"] if item["type"] == "indicator"))
indicators = [item for item in whole["objects"] if item["type"] == "indicator"]
check("pattern_type and valid_from", all("pattern_type" in i and "valid_from" in i for i in indicators))
for size in (1, 2, 3, 7, 1000):
    paged = objects(as_pages(read.get_objects, per_request=size))
    check(f"as_pages of {size}", paged == whole["objects"], f"{len(paged)} of {len(all_ids)}")

manifest = read.get_manifest()["objects"]
check("manifest", ids(manifest) == all_ids, len(manifest))
dates = [record["date_added"] for record in manifest]
check("dates in order, in milliseconds", dates == sorted(dates) and all(len(d) == 24 and d.endswith("Z") for d in dates))
paged = objects(as_pages(read.get_manifest, per_request=2))
check("manifest in pages", paged == manifest, len(paged))
check("added_after the last", read.get_objects(added_after=dates[-1])["objects"] == [])
first = dates[0]
later = read.get_objects(added_after=first)["objects"]
check("added_after the first", ids(later) == [r["id"] for r in manifest if r["date_added"] > first], len(later))

for item in whole["objects"]:
    got = read.get_object(item["id"])["objects"]
    if got != [item]:
        check(f"get_object {item['id']}", False, got)
check("get_object of each", True)
one = indicators[0] if indicators else whole["objects"][0]
version = one.get("modified", one.get("created"))
versions = read.object_versions(one["id"])
check("versions", version in versions["versions"], versions)
check("match[version]", ids(read.get_object(one["id"], version=version)["objects"]) == [one["id"]])
kinds = {item["type"] for item in whole["objects"]}
for kind in sorted(kinds):
    got = ids(read.get_objects(type=kind)["objects"])
    check(f"match[type]={kind}", got == [i["id"] for i in whole["objects"] if i["type"] == kind], got)
pair = all_ids[:2]
check("match[id]", ids(read.get_objects(id=pair)["objects"]) == pair)
try:
    read.get_object("indicator--" + str(uuid.uuid4()))
    check("an object that is not there", False)
except requests.HTTPError as error:
    check("an object that is not there", error.response.status_code == 404, error)

# stix2's own source.
source = stix2.TAXIICollectionSource(direct, allow_custom=True)
got = source.query([stix2.Filter("type", "=", "indicator")])
check("stix2 source: query", sorted(i["id"] for i in got) == sorted(ids(indicators)), (ids(got), ids(indicators)))
check("stix2 source: get", str(source.get(one["id"])["id"]) == one["id"])
check("stix2 source: all_versions", len(source.all_versions(one["id"])) >= 1)

# Bringing.
made = stix2.Indicator(
    pattern=f"[ipv4-addr:value = '203.0.113.{uuid.uuid4().int % 250 + 1}']", pattern_type="stix", labels=["tlp:clear"]
)
status = inbox.add_objects({"objects": [json.loads(made.serialize()), {"type": "indicator", "id": "x"}]})
check("a status", status.status == "complete" and status.success_count == 1 and status.failure_count == 1, status)
check("what failed", len(status.failures) == 1 and status.failures[0].get("message"), status.failures)
asked = Status(root.url + f"status/{status.id}/", auth=TokenAuth(token))
check("the status again", asked.success_count == 1 and asked.failure_count == 1)
check("its owner finds it", ids(read.get_object(made["id"])["objects"]) == [made["id"]])
try:
    inbox.get_objects()
    check("an inbox is not read", False)
except (requests.HTTPError, TAXIIServiceException):
    check("an inbox is not read", True)

# stix2's own sink.
sink = stix2.TAXIICollectionSink(Collection(inbox.url, auth=TokenAuth(token)))
try:
    sink.add(stix2.Indicator(pattern="[domain-name:value = 'a.example']", pattern_type="stix", labels=["tlp:clear"]))
    sink.add(stix2.Bundle(stix2.Indicator(pattern="[url:value = 'http://a.example/']", pattern_type="stix")))
    check("stix2 sink", True)
except Exception as error:  # whatever it raises is a mismatch
    check("stix2 sink", False, error)

# What the libraries do not show.
for header in (
    {"Authorization": "Bearer " + token},
    {"Authorization": "Token " + token},
    {"Authorization": "basic " + token},
    {"X-API-Key": token},
):
    for path in ("/taxii2/root/collections", "/taxii2/root/collections/"):
        reply = requests.get(base + path, headers=header, allow_redirects=False)
        right = reply.status_code == 200 and reply.headers["Content-Type"] == TAXII
        check(f"{path} with {next(iter(header))}", right, (reply.status_code, reply.headers))
reply = requests.get(base + "/taxii2/", allow_redirects=False)
check("nobody", reply.status_code == 401 and reply.headers["Content-Type"] == TAXII and "WWW-Authenticate" in reply.headers)
old = {"Accept": "application/vnd.oasis.taxii+json; version=2.0", "Authorization": "Bearer " + token}
check("TAXII 2.0", requests.get(base + "/taxii2/", headers=old).status_code == 406)

print(f"{len(wrong)} wrong" if wrong else "taxii2-client and stix2 find everything in order")
sys.exit(1 if wrong else 0)

"""Asks the committee's validator about bundles that came in and the bundle that went out.

usage: compare_validity.py OUT.json IN.json...

What goes out must be at least as valid as what came in: an object may carry only complaints that it came
in with. An observable made while STIX 2.0 was upgraded has no counterpart; a complaint about it must be
about text that stands in the originals as it is.
"""

import json
import sys

from stix2validator import ValidationOptions, validate_instance

OPTIONS = ValidationOptions(version="2.1")


def complaints(member):
    """The MUST errors of one object; None where the validator itself fails on it."""
    try:
        result = validate_instance(member, OPTIONS)
    except Exception:  # noqa: BLE001 - the validator raises KeyError on forms it does not foresee
        return None
    return {str(error) for error in result.errors or []}


def members(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file).get("objects", [])


def main(out_path, in_paths):
    before, text = {}, ""
    for path in in_paths:
        text += open(path, encoding="utf-8").read()
        for member in members(path):
            found = complaints(member)
            known = before.setdefault(member.get("id"), set())
            before[member.get("id")] = None if found is None or known is None else known | found
    out = members(out_path)
    worse = invalid = 0
    for member in out:
        found = complaints(member)
        if found is None:
            found = {"the validator fails on it"}
        invalid += bool(found)
        if member["id"] in before:
            new = set() if before[member["id"]] is None else found - before[member["id"]]
        else:
            new = {error for error in found if json.dumps(member.get("value"))[1:-1] not in text}
        for error in new:
            print(f"  {member['id']}: {error}")
        worse += bool(new)
    came = sum(1 for found in before.values() if found is None or found)
    print(f"{came} of {len(before)} objects came in with complaints, {invalid} of {len(out)} went out with them, {worse} worse")
    return 1 if worse or not out else 0


sys.exit(main(sys.argv[1], sys.argv[2:]))

"""Writes how the Japanese read names in Chinese characters: crates/names/data/japanese-family.txt and japanese-given.txt.

  python3 tools/names/japanese.py sys.dic crates/names/data      # the compiled dictionary of UniDic 2.1.2

One name a line, sorted by its bytes, with its readings behind it, the commonest first. Long vowels are written `ー`, but for
`エイ`, as passports write them (`タロー` is Taro, `ケイコ` is Keiko). Names of more than four characters, and what is read in
more than four ways, are left out: the first are hardly anybody's, of the second the commonest four are kept.
"""

import collections
import re
import struct
import sys

CHARACTERS = re.compile("^[\u3400-\u4dbf\u4e00-\u9fff\u3005\u30f6\u30b1]{1,4}$")
KANA = re.compile("^[\u30a1-\u30fa\u30fc]+$")
READINGS = 4


def entries(path):
    """Each word's cost, the lower the commoner, and what the dictionary says of it."""
    with open(path, "rb") as file:
        data = file.read()
    *_, first, tokens, features, _ = struct.unpack_from("<10I", data)
    begin = 72 + first
    texts = data[begin + tokens:begin + tokens + features]
    for at in range(begin, begin + tokens, 16):
        _, _, _, cost, where, _ = struct.unpack_from("<HHHhII", data, at)
        yield cost, texts[where:texts.index(b"\0", where)].decode().split(",")


def spoken(spelled, said):
    """As it is said, but for the `イ` of a long `エ`, which passports write."""
    return "".join("イ" if (a, b) == ("イ", "ー") else b for a, b in zip(spelled, said)) if len(spelled) == len(said) else said


def main(path, folder):
    tables = {"姓": collections.defaultdict(dict), "名": collections.defaultdict(dict)}
    for cost, (_, _, group, kind, _, _, spelled, _, written, said, *_) in entries(path):
        if group == "人名" and kind in tables and CHARACTERS.match(written) and KANA.match(said):
            readings, read = tables[kind][written], spoken(spelled, said)
            readings[read] = min(cost, readings.get(read, cost))
    for kind, name in [("姓", "family"), ("名", "given")]:
        with open(f"{folder}/japanese-{name}.txt", "w") as out:
            for written, readings in sorted(tables[kind].items(), key=lambda row: row[0].encode()):
                commonest = sorted(readings, key=lambda read: (readings[read], read))[:READINGS]
                print(written, *commonest, file=out)


main(*sys.argv[1:])

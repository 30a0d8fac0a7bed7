#!/usr/bin/env python3
"""Makes a built-in dictionary: the skeletons of dictionary_1.txt with entropy tables of made-up objects.

usage: cargo xtask world 6000 | tools/dictionary/make.py crates/store/src/dictionary_1.txt OUT

Needs libzstd. A dictionary that was shipped is never made again: stored bodies are packed with it.
"""
import ctypes, json, sys

text, out = open(sys.argv[1], "rb").read(), sys.argv[2]
objects = json.load(sys.stdin)["objects"]
samples = [json.dumps(one, separators=(",", ":"), ensure_ascii=False).encode() for one in objects]


class Params(ctypes.Structure):
    _fields_ = [("level", ctypes.c_int), ("notification", ctypes.c_uint), ("id", ctypes.c_uint)]


zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZDICT_finalizeDictionary.restype = ctypes.c_size_t
zstd.ZDICT_isError.argtypes = [ctypes.c_size_t]
room = ctypes.create_string_buffer(len(text) + 4096)
sizes = (ctypes.c_size_t * len(samples))(*map(len, samples))
size = zstd.ZDICT_finalizeDictionary(
    room, ctypes.c_size_t(len(room)), text, ctypes.c_size_t(len(text)), b"".join(samples), sizes,
    ctypes.c_uint(len(samples)), Params(3, 0, 1))
if zstd.ZDICT_isError(size):
    sys.exit("it cannot be made of these samples")
made = bytearray(room.raw[:size])
# Rows name the dictionary already: number zero keeps zstd's own id out of every frame.
made[4:8] = bytes(4)
open(out, "wb").write(made)
print(f"{len(samples)} objects, {size} bytes")

#!/usr/bin/env python3
"""Decrypts objects of a Lifeboat bucket; needs Python 3.8 or newer and its package "cryptography".

    python3 lifeboat-decrypt.py backup.key FOLDER FILE.enc ...

FOLDER is where the files lie in the bucket, below its prefix: FOLDER/FILE.enc must be the name of the object, so that
one that was renamed or exchanged is recognised. Each FILE is written without .enc, and only when all of it is right.
"""
import base64
import hashlib
import hmac
import json
import os
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HEADER, SEGMENT, TAG, END = 4096, 16384, 16, b"LIFEBOAT ENC END"
# HPKE (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM
KEM, SUITE = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"


def extract(salt, secret):
    return hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()


def expand(key, info, length):
    out, block = b"", b""
    while len(out) < length:
        block = hmac.new(key, block + info + bytes([len(out) // 32 + 1]), hashlib.sha256).digest()
        out += block
    return out[:length]


def labeled_extract(suite, salt, label, secret):
    return extract(salt, b"HPKE-v1" + suite + label + secret)


def labeled_expand(suite, key, label, info, length):
    return expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def raw(public):
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def unwrap(identity, wrapped, info):
    sender = wrapped[:32]
    shared = identity.exchange(X25519PublicKey.from_public_bytes(sender))
    shared = labeled_extract(KEM, b"", b"eae_prk", shared)
    shared = labeled_expand(KEM, shared, b"shared_secret", sender + raw(identity.public_key()), 32)
    context = b"\x00" + labeled_extract(SUITE, b"", b"psk_id_hash", b"")
    context += labeled_extract(SUITE, b"", b"info_hash", info)
    secret = labeled_extract(SUITE, shared, b"secret", b"")
    key = labeled_expand(SUITE, secret, b"key", context, 32)
    nonce = labeled_expand(SUITE, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, wrapped[32:], b"")


def object_key(identity, head, name):
    if len(head) < HEADER:
        raise ValueError("truncated: it ends within its header")
    if head[:16] != b"LIFEBOAT ENC 01\n" or hashlib.sha256(head[:4032]).digest() != head[4032:4064]:
        raise ValueError("its header is not as it was written")
    text = json.loads(head[16:4032])
    own = hashlib.sha256(raw(identity.public_key())).hexdigest()[:16]
    wrapped = {each["key"]: each["wrapped"] for each in text["recipients"]}
    if own not in wrapped:
        raise ValueError("wrong key: it is for %s, and this is %s" % (", ".join(wrapped), own))
    key = unwrap(identity, base64.b64decode(wrapped[own]), b"lifeboat object key 1\n" + text["name"].encode())
    mac_key = expand(extract(b"", key), b"lifeboat header 1", 32)
    if not hmac.compare_digest(hmac.new(mac_key, head[:4064], hashlib.sha256).digest(), head[4064:]):
        raise ValueError("its header was altered")
    if text["name"] != name:
        raise ValueError("swapped: it is %s, not %s" % (text["name"], name))
    return key


def decrypt(identity, name, source, target):
    key = object_key(identity, source.read(HEADER), name)
    begin = source.read(40)  # 1 byte of length, 32 of salt, 7 of nonce
    if begin[:1] not in (b"", b"\x28"):
        raise InvalidTag
    segment_key = expand(extract(begin[1:33], key), name.encode(), 32)
    cipher, size, number = AESGCM(segment_key), SEGMENT - len(begin), 0
    rest = b""
    while True:
        rest += source.read(size + len(END) + 1 - len(rest))
        last = len(rest) <= size + len(END)
        if last and not rest.endswith(END):
            raise ValueError("truncated: the mark of its end is missing")
        piece = rest[: -len(END)] if last else rest[:size]
        nonce = begin[33:40] + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")
        target.write(cipher.decrypt(nonce, piece, b""))
        if last:
            return
        rest, size, number = rest[size:], SEGMENT, number + 1


def main(key_file, folder, *files):
    identity = X25519PrivateKey.from_private_bytes(base64.b64decode(open(key_file).read().split()[2]))
    for file in files:
        part = file[: -len(".enc")] + ".part"
        try:
            with open(file, "rb") as source, open(part, "wb") as target:
                decrypt(identity, folder + "/" + file, source, target)
        except (ValueError, InvalidTag) as e:
            os.remove(part)
            sys.exit("%s: %s" % (file, str(e) or "its bytes are not those that were encrypted under this name"))
        os.replace(part, file[: -len(".enc")])


if __name__ == "__main__":
    if len(sys.argv) < 4 or not all(name.endswith(".enc") for name in sys.argv[3:]):
        sys.exit(__doc__)
    main(*sys.argv[1:])

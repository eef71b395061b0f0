# SPDX-License-Identifier: Apache-2.0
"""Makes SIGSTRUCTs, as signing tools do: sigstruct.py FOLDER writes them there.

The key is made by openssl; the layout and the quotients are written down here
once more, apart from the code under test.
"""
import hashlib
import re
import struct
import subprocess
import sys

MASK_NO_DEBUG = 0xFFFFFFFFFFFFFFFF


def make_key(folder):
    path = folder + "/key.pem"
    subprocess.run(["openssl", "genrsa", "-3", "-out", path, "3072"],
                   check=True, capture_output=True)
    text = subprocess.run(["openssl", "rsa", "-in", path, "-text", "-noout"],
                          check=True, capture_output=True, text=True).stdout

    def number(name):
        digits = re.search(name + r":\n((?:\s+[0-9a-f:]+\n)+)", text).group(1)
        return int(re.sub(r"[\s:]", "", digits), 16)

    return number("modulus"), number("privateExponent")


def pkcs1(digest):
    info = bytes.fromhex("3031300d060960864801650304020105000420") + digest
    return b"\0\1" + b"\xff" * (384 - 3 - len(info)) + b"\0" + info


def sigstruct(key, mrenclave, flags=4, mask=MASK_NO_DEBUG, product=7, svn=3,
              vendor=0, date=0x20261125):
    modulus, private = key
    header = (bytes.fromhex("06000000e10000000000010000000000")
              + struct.pack("<II", vendor, date)
              + bytes.fromhex("01010000600000006000000001000000")
              + struct.pack("<I", 0) + bytes(84))
    body = (struct.pack("<II", 0, 0xFFFFFFFF) + bytes(20)
            + struct.pack("<QQQQ", flags, 3, mask, 0xFFFFFFFFFFFFFFFB)
            + mrenclave + bytes(32) + struct.pack("<HH", product, svn))
    padded = pkcs1(hashlib.sha256(header + body).digest())
    signature = pow(int.from_bytes(padded, "big"), private, modulus)
    q1 = signature ** 2 // modulus
    q2 = (signature ** 3 - q1 * signature * modulus) // modulus

    def little(n):
        return n.to_bytes(384, "little")

    out = (header + little(modulus) + struct.pack("<I", 3) + little(signature)
           + body + bytes(12) + little(q1) + little(q2))
    assert len(out) == 1808
    return out


def elf(section, content):
    """An image with that section, as Open Enclave and the SDK leave it."""
    names = b"\0" + section.encode() + b"\0.shstrtab\0"
    at = 64
    table = at + len(content) + len(names)
    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 3, 62, 1, 0, 0, table, 0, 64, 0, 0, 64, 3, 2)

    def entry(name, kind, offset, size):
        return struct.pack("<IIQQQQIIQQ", name, kind, 0, 0, offset, size, 0,
                           0, 1, 0)

    return (head + content + names + entry(0, 0, 0, 0)
            + entry(1, 1, at, len(content))
            + entry(len(section) + 2, 3, at + len(content), len(names)))


def main(folder):
    key = make_key(folder)
    good = sigstruct(key, b"\xaa" * 32)
    other = sigstruct(key, b"\xbb" * 32, vendor=0x8086, product=0x102)

    def write(name, data):
        with open(folder + "/" + name, "wb") as file:
            file.write(data)

    def flipped(at, bit=1):
        data = bytearray(good)
        data[at] ^= bit
        return bytes(data)

    write("good.sig", good)
    write("other.sig", other)
    write("oe.signed", elf(".oeinfo", bytes(144) + good + bytes(16)))
    write("sdk.signed.so",
          elf(".note.sgxmeta", b"note" * 5 + good + bytes(33) + other))
    write("unsigned.so", elf(".oeinfo", bytes(4096)))
    write("overlap.bin", good[:900] + other + bytes(908))
    write("debug.sig", sigstruct(key, b"\xaa" * 32, flags=6))
    write("open.sig", sigstruct(key, b"\xaa" * 32,
                                mask=MASK_NO_DEBUG & ~2))
    write("nodate.sig", sigstruct(key, b"\xaa" * 32, date=0x20261340))
    write("vendor.sig", sigstruct(key, b"\xaa" * 32, vendor=1))
    write("hash.sig", flipped(960))
    write("signature.sig", flipped(516))
    write("q1.sig", flipped(1040))
    write("q2.sig", flipped(1424))
    write("reserved.sig", flipped(1028))
    write("modulus.sig", flipped(128))
    write("short-key.sig", good[:511] + b"\0" + good[512:])
    write("short.sig", good[:-1])
    write("large-signature.sig", good[:516] + b"\xff" * 384 + good[900:])
    write("exponent.sig", good[:512] + b"\1" + good[513:])
    write("many.bin", good * 65)
    modulus = key[0].to_bytes(384, "little")
    write("mrsigner", hashlib.sha256(modulus).hexdigest().encode())


if __name__ == "__main__":
    main(sys.argv[1])

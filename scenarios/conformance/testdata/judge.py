#!/usr/bin/python3
"""Judges captures of dsmipsim with scapy: a second opinion that shares no code with the simulator.

    judge.py DIRECTORY...

Each directory holds packets.pcapng, the keys of its run as Wireshark's esp_sa, and "forged", the
numbers of the frames that were forged on purpose and that nobody judges. scapy's dissectors take
every packet apart and must know every part of it. What scapy does not verify by itself is
recomputed here from the octets:

- header checksums of IPv4; checksums of UDP, TCP, ICMPv4, ICMPv6 and the Mobility Header over the
  addresses that RFC 6275 sections 6.3, 6.4 and 6.1.1 name: the home address of a Home Address
  option as source, that of a type 2 routing header as destination;
- packets put together from their fragments;
- integrity values and padding of ESP (RFC 4303), after which the packet inside is judged, too;
- place, alignment and padding of mobility options (RFC 6275 section 6.2);
- the authenticators of return routability (RFC 6275 sections 5.2.5 and 6.2.7), with keys made of
  the keygen tokens that HoT and CoT carry in the same capture.

It prints a line for each problem and, last, one of JSON with counts, so that whoever runs it can
tell whether there was anything to judge. The exit status is 1 if there is a problem.
"""

import csv
import hashlib
import hmac
import ipaddress
import json
import logging
import os
import struct
import sys
from collections import Counter, namedtuple

# scapy logs what it finds odd about the machine's network, and each message of ICMP without a quote.
logging.getLogger("scapy").setLevel(logging.CRITICAL)

from scapy.config import conf  # noqa: E402
from scapy.packet import NoPayload, Padding, Raw  # noqa: E402
from scapy.layers.l2 import ARP, Ether  # noqa: E402
from scapy.layers.inet import ICMP, IP, TCP, UDP  # noqa: E402
from scapy.layers import dhcp  # noqa: E402, F401 (binds BOOTP to its ports)
from scapy.layers import inet6  # noqa: E402
from scapy.layers.inet6 import IPv6  # noqa: E402
from scapy.layers.ipsec import ESP  # noqa: E402

# A dissector that stumbles raises, instead of calling the rest Raw.
conf.debug_dissector = True

ETHERNET, RAW_IP = 1, 101  # link types of pcapng


# --- files ---------------------------------------------------------------------------------------

Frame = namedtuple("Frame", "number link linktype octets")


def read_pcapng(path):
    """Yields the frames of a capture. scapy's own reader drops the names of the interfaces, which
    are our links, and complains about the comments that we write."""
    with open(path, "rb") as f:
        data = f.read()
    order, interfaces, number, at = "<", [], 0, 0
    while at < len(data):
        kind, = struct.unpack_from(order + "I", data, at)
        if kind == 0x0A0D0D0A:
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        length, = struct.unpack_from(order + "I", data, at + 4)
        if length < 12 or length % 4 or at + length > len(data):
            raise ValueError("%s: block at %d has length %d" % (path, at, length))
        body = data[at + 8:at + length - 4]
        if kind == 1:  # interface description
            linktype, = struct.unpack_from(order + "H", body)
            interfaces.append((block_name(body[8:], order), linktype))
        elif kind == 6:  # enhanced packet
            interface, _, _, captured, wire = struct.unpack_from(order + "5I", body)
            if captured != wire:
                raise ValueError("%s: frame %d is cut" % (path, number + 1))
            number += 1
            yield Frame(number, *interfaces[interface], body[20:20 + captured])
        at += length


def block_name(options, order):
    """Returns the name among the options of an interface description."""
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, at)
        if code == 2:
            return options[at + 4:at + 4 + length].decode()
        at += 4 + length + -length % 4
    return "?"


Association = namedtuple("Association", "source destination cipher cipher_key integrity digest icv_len key")

INTEGRITY = {"HMAC-SHA-1-96 [RFC2404]": ("hmac-sha1", hashlib.sha1, 12), "HMAC-SHA-256-128 [RFC4868]": ("hmac-sha256", hashlib.sha256, 16)}
CIPHERS = {"NULL": "null", "AES-CBC [RFC3602]": "aes-cbc"}


def read_esp_sa(path):
    """Returns the associations of a table of Wireshark's ESP dissector by their SPI."""
    associations = {}
    with open(path, newline="", encoding="ascii") as f:
        for _, source, destination, spi, cipher, cipher_key, integrity, key in csv.reader(f):
            associations[int(spi, 16)] = Association(
                source, destination, CIPHERS[cipher], bytes.fromhex(cipher_key[2:]), *INTEGRITY[integrity], bytes.fromhex(key[2:]))
    return associations


# --- arithmetic ----------------------------------------------------------------------------------

def ones_sum(octets):
    """Returns the one's complement sum of 16-bit words: 0xffff over what holds a good checksum."""
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack("!%dH" % (len(octets) // 2), octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def pseudo_header(src, dst, length, protocol):
    """Returns what checksums cover beside the message (RFC 768, RFC 8200 section 8.1)."""
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, protocol, length)
    return src + dst + struct.pack("!IHBB", length, 0, 0, protocol)


def packed(address):
    return ipaddress.ip_address(address).packed


def gf_double(x):
    x <<= 1
    return x ^ 0x11B if x & 0x100 else x


def gf_multiply(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a, b = gf_double(a), b >> 1
    return product


def make_sbox():
    """Works out the S-box of FIPS 197 section 5.1.1, and its inverse."""
    sbox, inverse = [0] * 256, [0] * 256
    for x in range(256):
        y = next((c for c in range(256) if gf_multiply(x, c) == 1), 0)
        value = 0x63
        for turn in range(5):
            value ^= (y << turn | y >> (8 - turn)) & 0xFF
        sbox[x], inverse[value] = value, x
    return sbox, inverse


SBOX, INVERSE_SBOX = make_sbox()
UNMIX = [[gf_multiply(x, c) for x in range(256)] for c in (14, 11, 13, 9)]


def aes_round_keys(key):
    """FIPS 197 section 5.2 for keys of 128 bits. scapy would need a further package for AES."""
    words, constant = [list(key[i:i + 4]) for i in range(0, 16, 4)], 1
    while len(words) < 44:
        word = words[-1]
        if len(words) % 4 == 0:
            word = [SBOX[x] for x in word[1:] + word[:1]]
            word[0] ^= constant
            constant = gf_double(constant)
        words.append([a ^ b for a, b in zip(words[-4], word)])
    return [sum(words[i:i + 4], []) for i in range(0, 44, 4)]


def aes_decrypt_block(keys, block):
    """The inverse cipher of FIPS 197 section 5.3."""
    state = [a ^ b for a, b in zip(block, keys[10])]
    for turn in range(9, -1, -1):
        state = [INVERSE_SBOX[state[(i - 4 * (i % 4)) % 16]] ^ keys[turn][i] for i in range(16)]
        if turn:
            state = [UNMIX[0][state[c + r]] ^ UNMIX[1][state[c + (r + 1) % 4]] ^
                     UNMIX[2][state[c + (r + 2) % 4]] ^ UNMIX[3][state[c + (r + 3) % 4]]
                     for c in (0, 4, 8, 12) for r in range(4)]
    return bytes(state)


def aes_cbc_decrypt(key, iv, text):
    keys, plain = aes_round_keys(key), b""
    for i in range(0, len(text), 16):
        block = text[i:i + 16]
        plain += bytes(a ^ b for a, b in zip(aes_decrypt_block(keys, block), iv))
        iv = block
    return plain


# The example of FIPS 197 appendix C.1: our cipher is the cipher.
assert aes_decrypt_block(aes_round_keys(bytes(range(16))), bytes.fromhex("69c4e0d86a7b0430d8cdb78070b4c55a")) == \
    bytes.fromhex("00112233445566778899aabbccddeeff")


# --- mobility options ----------------------------------------------------------------------------

BRR, HOTI, COTI, HOT, COT, BU, BA, BE = range(8)
FIXED = {BRR: 8, HOTI: 16, COTI: 16, HOT: 24, COT: 24, BU: 12, BA: 12, BE: 24}  # octets in front of options
PAD1, PADN, REFRESH_ADVICE, ALTERNATE_COA, NONCE_INDICES, AUTHENTICATOR = range(6)

# By type: length octet, alignment of the type octet as modulus and rest, messages that may have it.
# 253 and 254 are the options of draft-soliman-v4v6-mipv6-00, which has no numbers for them yet; its
# figures draw their alignment. 29 and 30 are those of RFC 5555.
OPTIONS = {
    REFRESH_ADVICE: (2, 2, 0, (BA,)),
    ALTERNATE_COA: (16, 8, 6, (BU,)),
    NONCE_INDICES: (4, 2, 0, (BU,)),
    AUTHENTICATOR: (12, 8, 2, (BU, BA)),
    29: (6, 4, 0, (BU,)),
    30: (6, 4, 0, (BA,)),
    31: (6, 4, 0, (BA,)),
    32: (6, 4, 0, (BU,)),
    253: (4, 4, 2, (BU,)),
    254: (6, 4, 0, (BA,)),
}


class Judge:
    """Judges the frames of one capture, in their order."""

    def __init__(self, name, associations):
        self.name = name
        self.associations = associations
        self.problems = []
        self.counts = Counter()
        self.frame = None
        self.transmitter = None  # who put the frame on the link, if the link tells
        self.fragments = {}
        self.tokens = {}   # by kind, correspondent, address and nonce index
        self.updates = {}  # by correspondent and home address: (sequence, key, care-of address) of each BU
        self.distinct = set()  # authenticated messages, each of which crosses several links

    def problem(self, text, *args):
        self.problems.append("%s: frame %d on %s: %s" % (self.name, self.frame.number, self.frame.link, text % args))

    def check(self, good, kind, text, *args):
        """Counts what was verified, or reports it."""
        if good:
            self.counts[kind] += 1
        else:
            self.problem(text, *args)
        return good

    def judge(self, frame):
        self.frame = frame
        self.counts["packets"] += 1
        try:
            if frame.linktype == ETHERNET:
                packet = Ether(frame.octets)
                self.transmitter = packet.src
                self.counts["frames.ethernet"] += 1
                packet = packet.payload
            elif frame.linktype == RAW_IP:
                packet = self.ip(frame.octets)
                self.transmitter = None
                self.counts["frames.raw"] += 1
            else:
                raise ValueError("link type %d" % frame.linktype)
            if isinstance(packet, ARP):
                self.arp(packet)
            elif isinstance(packet, (IP, IPv6)):
                self.walk(packet)
            else:
                self.problem("neither ARP nor IP: %s", packet.name)
        except Exception as e:  # a dissector that stumbles is a verdict on the packet
            self.problem("cannot be dissected: %s: %s", type(e).__name__, e)

    def finish(self):
        """Says what is left when the capture ends."""
        self.counts["fragments.incomplete"] = len(self.fragments)
        self.counts["authenticators.distinct"] = len(self.distinct)

    @staticmethod
    def ip(octets):
        return IP(octets) if octets[0] >> 4 == 4 else IPv6(octets)

    def arp(self, packet):
        self.check(len(packet.original) == 28 and (packet.hwlen, packet.plen, packet.hwtype, packet.ptype) == (6, 4, 1, 0x0800)
                   and packet.op in (1, 2) and isinstance(packet.payload, NoPayload), "arp", "ARP: %r", packet)

    # --- headers ---

    def walk(self, layer):
        """Judges a packet from an IP header inwards."""
        whole = src = dst = wire_src = None
        following = 0  # where the octet lies in whole that says what layer is
        while not isinstance(layer, NoPayload):
            b, nh_at = layer.original, following
            if isinstance(layer, IP):
                whole, following = b, 9
                src, dst = wire_src, _ = packed(layer.src), packed(layer.dst)
                if not self.ipv4(layer, b):
                    return
                if layer.flags.MF or layer.frag:
                    return self.fragment4(layer, b)
            elif isinstance(layer, IPv6):
                whole, following = b, 6
                src, dst = wire_src, _ = packed(layer.src), packed(layer.dst)
                if not self.check(layer.version == 6 and layer.plen == len(b) - 40, "ipv6", "IPv6: version %d, payload length %d in %d octets",
                                  layer.version, layer.plen, len(b)):
                    return
            elif isinstance(layer, inet6.IPv6ExtHdrDestOpt):
                following = len(whole) - len(b)
                src = self.home_address(layer, b, src)
            elif isinstance(layer, inet6.IPv6ExtHdrHopByHop):
                following = len(whole) - len(b)
            elif isinstance(layer, inet6.IPv6ExtHdrRouting):
                following = len(whole) - len(b)
                if self.check((layer.type, layer.len, layer.segleft, layer.reserved) == (2, 2, 1, 0) and len(layer.addresses) == 1, "routing2",
                              "routing header: type %d, length %d, segments left %d", layer.type, layer.len, layer.segleft):
                    dst = packed(layer.addresses[-1])
            elif isinstance(layer, inet6.IPv6ExtHdrFragment):
                following = len(whole) - len(b)
                if layer.m or layer.offset:
                    return self.fragment6(layer, b, whole, nh_at)
            elif isinstance(layer, ESP):
                return self.esp(layer, b, whole, nh_at)
            else:
                return self.upper(layer, b, src, dst, wire_src, whole[nh_at])
            layer = layer.payload
        self.problem("nothing behind the headers")

    def ipv4(self, p, b):
        if not self.check(p.version == 4 and p.len == len(b) and p.ihl * 4 <= len(b), "ipv4", "IPv4: version %d, length %d in %d octets",
                          p.version, p.len, len(b)):
            return False
        return self.check(ones_sum(b[:p.ihl * 4]) == 0xFFFF, "checksums.ipv4", "IPv4: header checksum 0x%04x", p.chksum)

    def home_address(self, layer, b, src):
        """Returns the source that checksums cover behind Destination Options."""
        at = 2
        while at < len(b) and at < (b[1] + 1) * 8:
            if b[at] == 0:
                at += 1
                continue
            if b[at] == 201:
                good = b[at + 1] == 16 and at % 8 == 6  # RFC 6275 section 6.3: 8n+6
                if self.check(good, "home_address", "Home Address option at %d, length %d", at, b[at + 1]):
                    src = b[at + 2:at + 18]
            at += 2 + b[at + 1]
        read = [packed(o.hoa) for o in layer.options if isinstance(o, inet6.HAO)]
        if read and read != [src]:
            self.problem("Home Address option: scapy reads %s", read)
        return src

    # --- fragments ---

    def fragment4(self, p, b):
        head = p.ihl * 4
        whole = self.collect((p.src, p.dst, p.id, p.proto), p.frag * 8, b[head:], bool(p.flags.MF), b[:head])
        if whole is None:
            return
        first, data = whole
        header = bytearray(first)
        header[2:4] = struct.pack("!H", len(first) + len(data))
        header[6:8] = b"\0\0"
        self.walk(IP(self.sum_header(header) + data))

    @staticmethod
    def sum_header(header):
        header[10:12] = b"\0\0"
        header[10:12] = struct.pack("!H", 0xFFFF ^ ones_sum(bytes(header)))
        return bytes(header)

    def fragment6(self, layer, b, whole, nh_at):
        head = bytearray(whole[:len(whole) - len(b)])
        head[nh_at] = layer.nh
        done = self.collect((whole[8:40], layer.id), layer.offset * 8, b[8:], bool(layer.m), bytes(head))
        if done is None:
            return
        first, data = done
        header = bytearray(first)
        header[4:6] = struct.pack("!H", len(first) - 40 + len(data))
        self.walk(IPv6(bytes(header) + data))

    def collect(self, key, start, data, more, head):
        """Keeps a fragment. Returns header and data of the packet that it completes."""
        self.counts["fragments"] += 1
        if more and len(data) % 8:
            self.problem("fragment of %d octets with more to come", len(data))
        key = (self.frame.link, self.transmitter) + key  # the same packet passes several links
        parts = self.fragments.setdefault(key, {})
        parts[start] = (data, more, head)
        at, joined = 0, b""
        while at in parts:
            data, more, _ = parts[at]
            joined += data
            at += len(data)
            if not more:
                del self.fragments[key]
                self.counts["reassembled"] += 1
                return parts[0][2], joined
            if not data:
                break
        return None

    # --- ESP ---

    def esp(self, layer, b, whole, nh_at):
        sa = self.associations.get(layer.spi)
        if sa is None:
            return self.problem("ESP: no association has SPI 0x%08x", layer.spi)
        ends = (whole[12:16], whole[16:20]) if whole[0] >> 4 == 4 else (whole[8:24], whole[24:40])
        source, destination = (str(ipaddress.ip_address(a)) for a in ends)
        if sa.source not in ("*", source) or sa.destination not in ("*", destination):
            self.problem("ESP: SPI 0x%08x from %s to %s", layer.spi, source, destination)
        # RFC 4303 section 2.8: over everything from the SPI to the next header.
        icv = hmac.new(sa.key, b[:-sa.icv_len], sa.digest).digest()[:sa.icv_len]
        if not self.check(hmac.compare_digest(icv, b[-sa.icv_len:]), "icvs", "ESP: integrity value %s, computed %s", b[-sa.icv_len:].hex(), icv.hex()):
            return
        self.counts["icvs.%s.%s" % (sa.cipher, sa.integrity)] += 1
        text = b[8:-sa.icv_len]
        if sa.cipher == "null":
            plain = text
        else:
            if len(text) < 32 or len(text) % 16:
                return self.problem("ESP: %d octets are no blocks of AES", len(text))
            plain = aes_cbc_decrypt(sa.cipher_key, text[:16], text[16:])
        padding, nh = plain[-2], plain[-1]
        if len(text) % 4 or padding > len(plain) - 2 or plain[-2 - padding:-2] != bytes(range(1, padding + 1)):
            return self.problem("ESP: %d octets of padding in %s", padding, plain.hex())
        plain = plain[:-2 - padding]
        # The packet as it was before ESP.
        head = bytearray(whole[:len(whole) - len(b)])
        head[nh_at] = nh
        if head[0] >> 4 == 4:
            head[2:4] = struct.pack("!H", len(head) + len(plain))
            return self.walk(IP(self.sum_header(head) + plain))
        head[4:6] = struct.pack("!H", len(head) - 40 + len(plain))
        self.walk(IPv6(bytes(head) + plain))

    # --- messages ---

    def upper(self, layer, b, src, dst, wire_src, protocol):
        if isinstance(layer, UDP):
            return self.udp(layer, b, src, dst)
        if isinstance(layer, TCP):
            return self.summed("tcp", b, src, dst, 6)
        if isinstance(layer, ICMP):
            return self.check(len(b) >= 8 and ones_sum(b) == 0xFFFF, "checksums.icmpv4", "ICMPv4: type %d, checksum 0x%04x", layer.type, layer.chksum)
        if protocol == 58 and isinstance(layer, inet6._ICMPv6) and not isinstance(layer, inet6.ICMPv6Unknown):
            return self.icmpv6(layer, b, src, dst)
        if protocol == 135 and isinstance(layer, inet6._MobilityHeader) and not isinstance(layer, inet6.MIP6MH_Generic):
            return self.mobility(layer, b, src, dst, wire_src)
        self.problem("protocol %d is %s to scapy: %s", protocol, layer.name, b[:16].hex())

    def summed(self, kind, b, src, dst, protocol):
        return self.check(ones_sum(pseudo_header(src, dst, len(b), protocol) + b) == 0xFFFF, "checksums." + kind,
                          "%s: bad checksum with addresses %s and %s", kind, ipaddress.ip_address(src), ipaddress.ip_address(dst))

    def udp(self, layer, b, src, dst):
        if layer.len != len(b):
            return self.problem("UDP: length %d in %d octets", layer.len, len(b))
        if layer.chksum == 0:
            return self.problem("UDP: no checksum")
        self.summed("udp", b, src, dst, 17)
        if layer.haslayer(Padding):
            self.problem("UDP: something behind the message")
        if 67 in (layer.sport, layer.dport):
            self.check(layer.haslayer(dhcp.DHCP), "dhcp", "DHCP: scapy does not read it")

    def icmpv6(self, layer, b, src, dst):
        if not self.summed("icmpv6", b, src, dst, 58):
            return
        self.counts["icmpv6.%d" % b[0]] += 1
        if b[0] < 128:
            return  # quotes a packet, as far as there is room
        option = layer.payload
        while not isinstance(option, NoPayload):
            if isinstance(option, (Raw, Padding, inet6.ICMPv6NDOptUnknown)) or not type(option).__name__.startswith("ICMPv6NDOpt"):
                return self.problem("ICMPv6 type %d: %s behind it", b[0], option.name)
            option = option.payload

    def mobility(self, layer, b, src, dst, wire_src):
        kind = b[2]
        if b[0] != 59 or b[3] != 0 or kind not in FIXED or (b[1] + 1) * 8 != len(b) or len(b) < FIXED[kind]:
            return self.problem("Mobility Header: %s", b.hex())
        if not self.summed("mobility", b, src, dst, 135):
            return
        self.counts["mobility.%d" % kind] += 1
        options = self.options(kind, b)
        if options is None:
            return
        if kind in (HOT, COT):
            self.test(kind, layer, src, dst)
        elif kind == BU:
            self.update(layer, b, options, src, dst, wire_src)
        elif kind == BA:
            self.acknowledgement(layer, b, options, src, dst)

    def options(self, kind, b):
        """Judges mobility options and returns their contents by type."""
        found, at, last = {}, FIXED[kind], None
        while at < len(b):
            code, start = b[at], at
            length = -1 if code == PAD1 else b[at + 1] if at + 1 < len(b) else len(b)
            at += 2 + length
            if at > len(b):
                return self.problem("mobility option %d at %d is longer than the message", code, start)
            data = b[start + 2:at]
            if AUTHENTICATOR in found:
                self.problem("mobility option %d behind the authenticator", code)
            if code in (PAD1, PADN):
                if last in (PAD1, PADN):
                    self.problem("two mobility options of padding at %d", start)
                if any(data):
                    self.problem("padding at %d is not zero", start)
            elif code not in OPTIONS:
                self.problem("mobility option %d at %d is unknown", code, start)
            else:
                size, modulus, rest, messages = OPTIONS[code]
                good = length == size and start % modulus == rest and kind in messages and code not in found
                self.check(good, "options.%d" % code, "mobility option %d at %d, length %d, in message %d", code, start, length, kind)
                found[code] = data
            last = code
        return found

    # --- return routability ---

    def test(self, kind, layer, correspondent, mobile):
        """Learns a keygen token. One nonce gives an address one token (RFC 6275 section 5.2.5)."""
        key = (kind, correspondent, mobile, layer.index)
        token = bytes(layer.token)
        self.check(self.tokens.setdefault(key, token) == token, "tokens", "nonce index %d gives two tokens", key[3])

    def update(self, layer, b, options, home, correspondent, wire_src):
        if "H" in str(layer.flags):
            if AUTHENTICATOR in options or NONCE_INDICES in options:
                self.problem("a home registration with options of return routability")
            return
        if AUTHENTICATOR not in options or NONCE_INDICES not in options:
            return self.problem("a correspondent gets an update without authenticator or nonce indices")
        care_of = options.get(ALTERNATE_COA, wire_src)
        deletion = layer.mhtime == 0 or care_of == home
        if deletion:
            care_of = home
        home_nonce, care_of_nonce = struct.unpack("!HH", options[NONCE_INDICES])
        tokens = [self.tokens.get((HOT, correspondent, home, home_nonce))]
        if not deletion:
            tokens.append(self.tokens.get((COT, correspondent, care_of, care_of_nonce)))
        if None in tokens:
            return self.problem("an update with nonce indices %d and %d, of which no HoT or CoT told", home_nonce, care_of_nonce)
        key = hashlib.sha1(b"".join(tokens)).digest()
        self.updates.setdefault((correspondent, home), []).append((layer.seq, key, care_of))
        self.authenticate("deletion" if deletion else "bu", b, options, key, care_of, correspondent)

    def acknowledgement(self, layer, b, options, correspondent, home):
        updates = self.updates.get((correspondent, home), [])
        if layer.status != 135:  # which carries the last accepted number, not that of the update
            updates = [u for u in updates if u[0] == layer.seq]
        if AUTHENTICATOR not in options:
            # RFC 6275 section 9.5.4: without it only where the nonces make that impossible.
            if updates and layer.status not in (136, 137, 138):
                self.problem("a correspondent's acknowledgement, status %d, has no authenticator", layer.status)
            return
        if not updates:
            return self.problem("an authenticated acknowledgement of update %d, which nobody sent", layer.seq)
        _, key, care_of = updates[-1]
        self.authenticate("deletion_ba" if care_of == home else "ba", b, options, key, care_of, correspondent)

    def authenticate(self, kind, b, options, key, care_of, correspondent):
        """RFC 6275 section 6.2.7: over both addresses and the message without the authenticator, its
        checksum zero. The authenticator ends the message."""
        data = care_of + correspondent + b[:4] + b"\0\0" + b[6:-12]
        want = hmac.new(key, data, hashlib.sha1).digest()[:12]
        if self.check(hmac.compare_digest(want, options[AUTHENTICATOR]), "authenticators." + kind, "authenticator %s, computed %s",
                      options[AUTHENTICATOR].hex(), want.hex()):
            self.counts["authenticators"] += 1
            self.distinct.add((b, correspondent))


def main(directories):
    captures, problems = {}, 0
    for directory in directories:
        name = os.path.basename(os.path.normpath(directory))
        judge = Judge(name, read_esp_sa(os.path.join(directory, "esp_sa")))
        with open(os.path.join(directory, "forged"), encoding="ascii") as f:
            forged = {int(n) for n in f.read().split()}
        for frame in read_pcapng(os.path.join(directory, "packets.pcapng")):
            if frame.number in forged:
                judge.counts["forged"] += 1
            else:
                judge.judge(frame)
        judge.finish()
        for line in judge.problems:
            print(line)
        problems += len(judge.problems)
        captures[name] = dict(sorted(judge.counts.items()))
    total = Counter()
    for counts in captures.values():
        total.update(counts)
    print(json.dumps({"captures": captures, "problems": problems, "total": dict(sorted(total.items()))}))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""A program that looks like `ring` and gets wrong whatever can be: the canary of faults.py.

It believes every flag, overwrites its result before it has a new one, makes up for a stop in full,
goes by the wall clock, forgets datagrams, and says 0 whatever happened.
"""

import json
import os
import re
import select
import signal
import socket
import sys
import time


def argument(name, default):
    words = " ".join(sys.argv[1:]) + " "
    found = re.search(rf"--?{name}[= ](\S+) ", words)
    return found[1] if found else default


def say(text):
    try:
        os.write(2, (text + "\n").encode())
    except OSError:
        pass


def main():
    ended = []
    signal.signal(signal.SIGINT, lambda *_: ended.append(True))
    result = argument("json", None)
    try:
        if result:
            open(result, "w").close()
    except OSError:
        pass
    sockets = []
    if argument("listen", None):
        sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sockets[0].bind(("127.0.0.1", 0))
        say(f"Starting: udp 127.0.0.1:{sockets[0].getsockname()[1]}")
    else:
        say("Starting: 4 producers")
    unit = re.fullmatch(r"(\d+)(ms|s)", argument("duration", "0s"))
    duration_s = int(unit[1]) * (0.001 if unit[2] == "ms" else 1) if unit else 0.1
    began_s, datagrams = time.time(), 0
    while not ended and (duration_s == 0 or time.time() < began_s + duration_s):
        for ready in select.select(sockets, [], [], 0.01)[0]:
            ready.recv(1 << 16)
            datagrams += 1
    produced = datagrams // 2 if sockets else int(duration_s * 4 * 10e6 / 8 / 1450 * 1.05)
    say(f"Produced: {produced}\nDropped:  0\nConsumed: {produced}\nTrimmed:  0")
    say(f"BTree final size: {produced}")
    if result:
        totals = {"produced": produced, "dropped": 0, "consumed": produced, "kernel_drops": 0}
        try:
            with open(result, "w") as file:
                json.dump({"totals": totals, "series": []}, file)
        except OSError:
            pass


if __name__ == "__main__":
    main()

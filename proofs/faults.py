#!/usr/bin/env python3
"""What goes wrong around the ring and around the program, each with its figure.

First the library's fault tests (crates/lock-free-ring/tests: faults.rs, drops.rs, unfinished.rs),
then the program under signals, clocks, full disks, limits, floods and wrong command lines.

    proofs/faults.py [--quick] [--only TEXT]
"""

import argparse
import fcntl
import json
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

import gate

RING = gate.TARGET / "release/ring"
CARELESS = gate.ROOT / "proofs/careless_ring.py"
# The program under test.
subject = RING
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
WRONG = """--producers=0 --producers=-1 --producers=1.5 --producers=abc --producers=
--producers=99999999999999999999 --producers=1000000 --ring-size=18446744073709551615
--ring-size=9223372036854775807 --ring-shards=0 --ring-shards=3 --ring-size=4,--ring-shards=8
--rate=-5 --rate=NaN --rate=inf --rate=1e400 --duration=-1s --duration=10 --json=/nowhere/there.json
--json=/tmp --no-such-flag --rate=1,--rate=2 --profile=nonsense --listen=127.0.0.1
--frequency=0""".split()


class Fault(Exception):
    """Something did not hold; says what."""


def demand(condition, what):
    if not condition:
        raise Fault(what)


def start(*args, environment=None, limits=None):
    return subprocess.Popen(
        [subject, *map(str, args)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | (environment or {}),
        preexec_fn=(lambda: [resource.setrlimit(*limit) for limit in limits]) if limits else None,
    )


def end(process, limit_s=60):
    """Answers what it said on stderr; none may panic."""
    try:
        _, said = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        raise Fault("it hung") from None
    demand("panicked" not in said, f"a panic: {said[-500:]}")
    return said


def run(*args, **options):
    process = start(*args, **options)
    said = end(process)
    return process.returncode, said


def final(said):
    """The closing figures, which must agree with each other."""
    figures = {
        name.lower(): int(number)
        for name, number in re.findall(r"(Produced|Dropped|Consumed|Trimmed): +(\d+)", said)
    }
    size = re.search(r"BTree final size: (\d+)", said)
    demand(len(figures) == 4 and size, f"no final statistics: {said[-500:]}")
    return account(figures, int(size[1]))


def account(figures, size):
    demand(figures["produced"] == figures["consumed"], f"produced is not consumed: {figures}")
    demand(figures["consumed"] == figures["trimmed"] + size, f"window: {figures}, {size}")
    return figures


def wait_for_line(process, text):
    while line := process.stderr.readline():
        if text in line:
            return line
    raise Fault(f"ended before it said {text!r}")


def killed(rounds):
    """SIGKILL in mid-run: the result file of the run before stays whole."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "run.json"
        run("--duration", "200ms", "--json", result)
        before = result.read_bytes()
        for nth in range(rounds):
            process = start("--producers", 8, "--rate", 50, "--json", result)
            wait_for_line(process, "Starting")
            time.sleep(0.01 * nth)
            process.kill()
            end(process)
            demand(result.read_bytes() == before, "the old result was touched")
            demand(len(os.listdir(folder)) == 1, f"left behind: {os.listdir(folder)}")
        code, said = run("--duration", "200ms", "--json", result)
        demand(code == 0 and final(said)["produced"] > 0, "does not start any more")
    return f"{rounds} times, old result intact each time"


def interrupted_twice(rounds):
    """The first SIGINT ends the run in order, unless the program cannot; the second one at once."""
    slowest_s, orderly = 0.0, 0
    for nth in range(rounds):
        process = start("--producers", 8, "--rate", 50, "--debug-level", 7)
        wait_for_line(process, "Starting")
        # Nobody reads what it says: it waits for ever with its next word. Every other time it is
        # left in peace, and two that come together may be one to it.
        stuck = nth % 2 == 0
        if stuck:
            wait_until_full(process.stderr)
        process.send_signal(signal.SIGINT)
        if stuck:
            time.sleep(0.1)
            demand(process.poll() is None, "ended with its last words unsaid")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        if stuck:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                pass
        slowest_s = max(slowest_s, time.monotonic() - began)
        said = end(process, 10)
        if stuck:
            demand(process.returncode == 130, f"exit code {process.returncode} of a stuck one")
        elif process.returncode == 0:
            orderly += final(said)["produced"] > 0
        else:
            demand(process.returncode == 130, f"exit code {process.returncode}")
    demand(slowest_s < 2, f"took {slowest_s:.1f} s")
    return (
        f"{rounds - rounds // 2} times stuck: 130 each time, slowest {slowest_s * 1000:.0f} ms; "
        f"{rounds // 2} times at leisure: {orderly} ended in order with 0, the others with 130"
    )


def wait_until_full(pipe):
    """Waits until a pipe that nobody reads holds no more."""
    held = -1
    while (now := struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]) != held:
        held = now
        time.sleep(0.3)


def stopped_and_continued(_):
    """SIGSTOP for 0.7 s: it makes up for as much as it says, and goes on within 1 % of the rate."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "run.json"
        process = start(
            "--producers", 4, "--rate", 10, "--duration", "6s", "--debug-level", 4,
            "--stats-interval", "0.5", "--json", result,
        )
        pacing = re.search(r"catches up (\d+)ms", wait_for_line(process, "catches up"))
        time.sleep(1)
        process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        time.sleep(0.7)
        process.send_signal(signal.SIGCONT)
        stop_s = time.monotonic() - began
        figures = final(end(process))
        series = json.loads(result.read_text())["series"]
    rate = 4 * 10e6 / 8 / 1450
    catch_up_s = int(pacing[1]) / 1000
    least, most = rate * (6 - stop_s) * 0.99, rate * (6 - stop_s + catch_up_s) * 1.01
    demand(least <= figures["produced"] <= most, f"{figures}, not {least:.0f} to {most:.0f}")
    demand(series, "no intervals in the result")
    stopped = max(range(len(series)), key=lambda nth: series[nth]["length_s"])
    # What was made up for is in the interval of the stop, or the next.
    since, last = series[stopped + 1], series[-1]
    after = (last["produced"] - since["produced"]) / (last["end_s"] - since["end_s"])
    error_percent = 100 * (after / rate - 1)
    demand(abs(error_percent) < 1, f"afterwards {error_percent:+.2f} % off the rate")
    return (
        f"{figures['produced']} packets, at least {least:.0f} and at most {most:.0f}; "
        f"afterwards {error_percent:+.2f} % off the rate"
    )


def clock_jumps(_):
    """The wall clock an hour off, or racing, changes neither rate nor window."""
    gate.need(FAKETIME, "libfaketime")
    full, seen = 4 * 10e6 / 8 / 1450 * 2, []
    for shift in ("+3600s", "-3600s", "+0 x50"):
        environment = {
            "LD_PRELOAD": FAKETIME.as_posix(), "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        code, said = run("--producers", 4, "--rate", 10, "--duration", "2s", environment=environment)
        demand(code == 0, f"{shift}: exit code {code}")
        seen.append(final(said)["produced"])
        demand(abs(seen[-1] - full) < 0.03 * full, f"{shift}: {seen[-1]} of {full:.0f}")
    return f"+1 h, -1 h, 50 times as fast: {seen} of {full:.0f} packets"


def full_disk(_):
    """A disk that fills up is a failure that is said, and the old result stays."""
    code, said = run("--duration", "100ms", "--json", "/dev/full")
    demand(code != 0 and len(said.strip().splitlines()) > 0, f"/dev/full: exit code {code}")
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", folder]
        if gate.run(mount)[0] != 0:
            return "/dev/full refused (no right to mount a small disk here)"
        try:
            result = Path(folder) / "run.json"
            result.write_text("{}")
            with open(Path(folder) / "filler", "wb", buffering=0) as filler:
                try:
                    while True:
                        filler.write(bytes(512))
                except OSError:
                    pass
            code, said = run("--duration", "100ms", "--json", result)
            demand(code != 0, "a full disk went unnoticed")
            demand(result.read_text() == "{}", "the old result is gone")
        finally:
            gate.run(["umount", folder])
    return "/dev/full and a full tmpfs: exit code not 0, old result intact"


def unwritable(_):
    """What cannot be written is refused before the run."""
    with tempfile.TemporaryDirectory() as folder:
        places = [f"{folder}/missing/run.json", folder, "/proc/run.json"]
        for place in places:
            code, said = run("--duration", "100ms", "--json", place)
            demand(code in (1, 2), f"{place}: exit code {code}")
    # And a stderr that has gone.
    process = subprocess.Popen([subject, "-duration=500ms"], stderr=subprocess.PIPE)
    process.stderr.close()
    demand(process.wait(30) == 0, f"stderr gone: exit code {process.returncode}")
    return f"{len(places)} places refused; a closed stderr changes nothing"


def little_memory(_):
    """Capacities that cannot be had, in 512 MiB of address space: an error, no abort."""
    limits = [(resource.RLIMIT_AS, (512 << 20, 512 << 20))]
    for slots in (1 << 26, 1 << 32, 1 << 40):
        code, said = run("--ring-size", slots, "--duration", "100ms", limits=limits)
        demand(code in (1, 2), f"{slots} slots: exit code {code}: {said[-300:]}")
    return "2^26, 2^32 and 2^40 slots in 512 MiB: an error each"


def few_descriptors(_):
    """No descriptor left for its sockets: an error, no panic."""
    limits = [(resource.RLIMIT_NOFILE, (8, 8))]
    code, said = run("--listen", "127.0.0.1:0", "--producers", 32, "--duration", "1s", limits=limits)
    demand(code == 1 and said.strip(), f"exit code {code}: {said[-300:]}")
    return f"32 sockets with 8 descriptors: {said.strip().splitlines()[-1][:90]}"


def flood(datagrams):
    """Datagrams of every size, empty and too large included, as fast as it goes: none uncounted."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "run.json"
        process = start(
            "--listen", "127.0.0.1:0", "--producers", 2, "--json", result
        )
        address = re.search(r"udp ([\d.]+):(\d+)", wait_for_line(process, "Starting"))
        target = (address[1], int(address[2]))
        payloads = [bytes(size) for size in (0, 1, 11, 12, 100, 1450, 1451, 9000, 65507)]
        # Some that look like RTP and are not, as far as a parser cares.
        payloads += [os.urandom(size) for size in (1, 3, 12, 20, 1400)]
        senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(4)]
        sent = 0
        while sent < datagrams:
            sent += senders[sent % 4].sendto(payloads[sent % len(payloads)], target) >= 0
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        said = end(process)
        totals = json.loads(result.read_text())["totals"]
        udp = dict(re.findall(r"(received|refused|oversized|kernel_drops|dropped)=(\d+)", said))
        received = totals["produced"] + totals["dropped"]
        demand(totals["produced"] == totals["consumed"], f"lost in the ring: {totals}")
        counted = received + totals["kernel_drops"] + int(udp.get("refused", 0))
        demand(counted == sent, f"{sent} sent, {totals}, {udp}")
    return f"{sent} sent = {received} received + {totals['kernel_drops']} dropped by the kernel"


def wrong_usage(_):
    """Each a line that names the flag, exit code 2, at once."""
    slowest_s = 0.0
    for line in WRONG:
        began = time.monotonic()
        code, said = run(*line.split(","), "--duration=100ms" if "duration" not in line else "--plain")
        slowest_s = max(slowest_s, time.monotonic() - began)
        demand(code == 2, f"{line}: exit code {code}: {said[-200:]}")
        demand(len(said.strip().splitlines()) == 1, f"{line}: not one line: {said}")
    demand(slowest_s < 2, f"slowest {slowest_s:.1f} s")
    return f"{len(WRONG)} command lines refused, slowest {slowest_s * 1000:.0f} ms"


# (name, check, how much: in full, quick)
PROGRAM = [
    ("process killed", killed, 20, 3),
    ("SIGINT twice", interrupted_twice, 20, 3),
    ("SIGSTOP and SIGCONT", stopped_and_continued, 1, 1),
    ("clock jumps", clock_jumps, 1, 1),
    ("full disk", full_disk, 1, 1),
    ("unwritable output", unwritable, 1, 1),
    ("huge capacity, little memory", little_memory, 1, 1),
    ("no descriptors left", few_descriptors, 1, 1),
    ("UDP flood, malformed datagrams", flood, 200_000, 20_000),
    ("wrong command lines", wrong_usage, 1, 1),
]


def library(quick):
    """Answers (number of faults, what failed)."""
    command = ["cargo", "test", "--release", "-p", "lock-free-ring"]
    options = ["--", "--nocapture", "--test-threads=1"]
    env = {"RING_STRESS": "2" if quick else "50", "RUST_BACKTRACE": "0"}
    code, said = gate.run([*command, "--test", "faults", *options], limit_s=900, env=env)
    # These are the same however often.
    unwinding = ["--test", "drops", "--test", "unfinished"]
    same_code, same = gate.run([*command, *unwinding, *options], limit_s=300)
    code, said = code or same_code, said + same
    figures = re.findall(r"fault (.*)$", said, re.M)
    panicking = len(re.findall(r"^test .*panics.* ok$", said, re.M))
    figures.append(f"panicking drops: {panicking} places where drops happen, each item dropped once")
    for line in figures:
        print(f"  {line}", flush=True)
    if code != 0 or panicking == 0:
        print(said[-3000:])
    return len(figures), [] if code == 0 and panicking else ["library"]


def program(quick, only):
    bad, done = [], 0
    for name, check, full, little in PROGRAM:
        if only not in name:
            continue
        try:
            print(f"  {name}: {check(little if quick else full)}", flush=True)
        except Fault as fault:
            print(f"  {name}: FAILED: {fault}", flush=True)
            bad.append(name)
        done += 1
    return done, bad


def careless_is_reported(only):
    """Every check must fail on a program that gets everything wrong; answers (failed, of how many)."""
    global subject
    subject, caught, tried = CARELESS, 0, 0
    for name, check, _, little in PROGRAM:
        if only not in name:
            continue
        tried += 1
        try:
            print(f"  {name}: PASSED by a program that gets it wrong: {check(little)}", flush=True)
        except (Fault, OSError, ValueError):
            caught += 1
    subject = RING
    return caught, tried


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    gate.must(["cargo", "build", "--release", "-p", "ring-app"], limit_s=900)
    count, bad = (0, []) if args.only else library(args.quick)
    more, worse = program(args.quick, args.only)
    caught, tried = careless_is_reported(args.only)
    failed = bad + worse
    gate.report(
        "test-faults", "stalls, panics, kills, clocks, disks, limits, floods",
        f"{count + more} faults, as demanded" if not failed else f"failed: {', '.join(failed)}",
        f"a program that gets it all wrong: {'' if caught == tried else 'ONLY '}{caught} of {tried} "
        "checks report it",
        not failed and count + more > 0 and caught == tried,
    )
    gate.finish()


if __name__ == "__main__":
    main()

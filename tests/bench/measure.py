# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs a command again and again: median time and peak memory, as one line of JSON.

usage: measure.py TIMES [--input FILE] COMMAND...

Needs nothing but python3, so that it can run where the command is, in a chroot.
"""
import json
import os
import statistics
import sys
import time


def once(argv, text):
    """Seconds, KiB at the most, bytes of output, exit status."""
    out_r, out_w = os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if not pid:
        os.dup2(os.open(text or '/dev/null', os.O_RDONLY), 0)
        os.dup2(out_w, 1)
        os.dup2(os.open('/dev/null', os.O_WRONLY), 2)
        os.close(out_r)
        os.execvp(argv[0], argv)
    os.close(out_w)
    size = 0
    while part := os.read(out_r, 1 << 16):
        size += len(part)
    os.close(out_r)
    _, status, usage = os.wait4(pid, 0)
    return (time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, size,
            os.waitstatus_to_exitcode(status))


def main():
    times, argv, text = int(sys.argv[1]), sys.argv[2:], None
    if argv[0] == '--input':
        text, argv = argv[1], argv[2:]
    once(argv, text)            # files into the page cache
    runs = [once(argv, text) for _ in range(times)]
    seconds = [r[0] for r in runs]
    print(json.dumps({'median': statistics.median(seconds), 'least': min(seconds),
                      'cpu': statistics.median(r[1] for r in runs),
                      'kib': max(r[2] for r in runs), 'output': runs[-1][3],
                      'status': max(r[4] for r in runs)}))


if __name__ == '__main__':
    main()

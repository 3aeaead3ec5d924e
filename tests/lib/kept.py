# SPDX-License-Identifier: GPL-2.0-or-later
"""A process that has a dump open, and answers each question about it in a child:
tests/kept/kept.c, which is in the builds for the tests."""
import functools
import os
import struct
import subprocess
import tempfile

VARIABLE = 'STACKINFO_KEEP'


@functools.lru_cache
def can_keep(program):
    with open(program, 'rb') as f:
        return VARIABLE.encode() in f.read()


class Keeper:
    def __init__(self, program, vmcore, namelist, env):
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.replies, replies = os.pipe()
        argv = [*program, *(['-n', namelist] if namelist else []), vmcore]
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=self.out,
                                        stderr=self.err, pass_fds=[replies],
                                        env={**env, VARIABLE: str(replies)})
        os.close(replies)

    def ask(self, argv, watched, timeout):
        """(exit status, or minus a signal; output; errors). After @timeout: SIGALRM."""
        for f in self.out, self.err:
            f.seek(0)
            f.truncate()
        words = ['w' if watched else '', str(timeout), *argv]
        text = b''.join(os.fsencode(word) + b'\0' for word in words)
        self.process.stdin.write(struct.pack('=I', len(text)) + text)
        self.process.stdin.flush()
        status = os.read(self.replies, 4)
        for f in self.out, self.err:
            f.seek(0)
        out, err = self.out.read(), self.err.read()
        if len(status) < 4:
            return self.process.wait() or 1, out, err
        return os.waitstatus_to_exitcode(struct.unpack('=i', status)[0]), out, err

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        os.close(self.replies)
        self.out.close()
        self.err.close()

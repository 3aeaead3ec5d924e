# SPDX-License-Identifier: GPL-2.0-or-later
"""A session of the real crash(8) on a pseudo-terminal, as a user has one.

A terminal, since crash treats Ctrl-C differently without: the line discipline must
send SIGINT to crash and to whatever it pipes to.
"""
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time

# What is asked; or another machine's, with what runs it.
CRASH = os.environ.get('CRASH', 'crash').split()

PROMPT = re.compile(rb'(?:^|[\r\n])crash(?:-minimal)?> $')
# Ctrl-C may cut a line in two: then the prompt follows whatever had been printed.
PROMPT_ANYWHERE = re.compile(rb'crash> (?:\^C)?$')


# The newest kernel that a crash is known to open (measured); a later crash opens what
# the one before it does.
OPENS = (((8, 0, 2), (6, 1)), ((8, 0, 6), (6, 12)), ((9, 0, 2), (7, 3)))


def crash_version():
    text = subprocess.run([*CRASH, '--version'], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True).stdout
    return tuple(int(n) for n in re.search(r'crash (\d+)\.(\d+)\.(\d+)', text).groups())


def can_open(dump, version):
    return dump.version <= max(newest for crash, newest in OPENS if crash <= version)


def options_for(dump):
    """crash 9.0.2 reads no module of 7.x, and 8.0.2 no caches of SLOB, which the rig's own
    kernel has: only so does it start at all."""
    if dump.release.endswith('-fp'):
        return ['--no_kmem_cache']
    return ['--no_modules'] if dump.version >= (7, 0) else []


class Gone(Exception):
    """crash has ended, or does not answer."""


class Session:
    def __init__(self, *argv, timeout=60, cwd=None):
        self.timeout = timeout
        self.alive = True
        self.buffer = bytearray()
        master, slave = pty.openpty()
        attr = termios.tcgetattr(slave)
        attr[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, attr)
        # "dumb" keeps readline from drawing; no rc file, no pager, no history.
        env = dict(os.environ, TERM='dumb', LC_ALL='C', HOME='/nonexistent',
                   INPUTRC='/dev/null', EDITOR='vi', COLUMNS='1000')
        self.process = subprocess.Popen(
            [*CRASH, '-s', '--no_scroll', *argv], stdin=slave, stdout=slave, stderr=slave,
            env=env, cwd=cwd, close_fds=True, start_new_session=True,
            preexec_fn=self.take_terminal)
        os.close(slave)
        self.master = master
        self.banner = self.wait()

    @staticmethod
    def take_terminal():
        # The slave becomes the controlling terminal of the new session.
        import fcntl
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def receive(self, timeout):
        """What comes within timeout, or b''."""
        if not select.select([self.master], [], [], max(0, timeout))[0]:
            return b''
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b''
        if not data:
            self.alive = False
            raise Gone(f'crash has ended: {bytes(self.buffer[-300:])!r}')
        self.buffer += data
        return data

    def at_prompt(self, pattern=PROMPT):
        # Only the end is looked at: there may be megabytes before.
        return pattern.search(bytes(self.buffer[-40:])) is not None

    def wait(self, timeout=None):
        """Read up to the next prompt; returns what came before it."""
        end = time.monotonic() + (timeout or self.timeout)
        while not self.at_prompt():
            left = end - time.monotonic()
            if left <= 0:
                raise Gone(f'no prompt in {timeout or self.timeout} s: {bytes(self.buffer[-300:])!r}')
            self.receive(left)
        text, self.buffer = bytes(self.buffer), bytearray()
        return PROMPT.sub(b'', text).decode(errors='replace').replace('\r', '')

    def send(self, line):
        os.write(self.master, line.encode() + b'\n')

    def command(self, line, timeout=None):
        """Output of a command, without the echo that readline makes of it."""
        self.send(line)
        text = self.wait(timeout)
        return text.split('\n', 1)[1] if text.startswith(line) and '\n' in text else text

    def interrupt(self):
        """What Ctrl-C on the keyboard does."""
        os.write(self.master, b'\x03')

    def settle(self, quiet=0.15, timeout=20):
        """After an interrupt prompts may come more than once: until all is quiet."""
        end = time.monotonic() + timeout
        ask = time.monotonic() + 2
        while time.monotonic() < end:
            if self.receive(quiet):
                ask = time.monotonic() + 2
            elif self.at_prompt(PROMPT_ANYWHERE):
                text, self.buffer = bytes(self.buffer), bytearray()
                return text.decode(errors='replace')
            elif time.monotonic() > ask:
                # A child's complaint may have come after the prompt: is crash there?
                self.send('')
                ask = end
        raise Gone(f'no prompt in {timeout} s after Ctrl-C: {bytes(self.buffer[-300:])!r}')

    def close(self):
        """Returns crash's exit status; negative: a signal, or it had to be killed."""
        if self.alive:
            try:
                self.send('quit')
                while self.receive(5):
                    pass
            except (Gone, OSError):
                pass
        try:
            status = self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
            status = -signal.SIGKILL
        os.close(self.master)
        return status

# shellcheck shell=sh disable=SC2034
# Sourced by every script of the rig: where things are, and which kernel.
# KREL picks the kernel; a scenario file may set it, the environment wins.

RIG=$(cd "$(dirname "$0")" && pwd)
KREL=${KREL:-6.1.0-56-amd64}
CACHE_ROOT=${STACKINFO_RIG_CACHE:-$HOME/.cache/stackinfo-rig}
CACHE=$CACHE_ROOT/$KREL
OUT=${STACKINFO_RIG_OUT:-$CACHE_ROOT/out}
ROOT=$CACHE/root                                # unpacked kernel and headers
VMLINUX=$CACHE/vmlinux
VMLINUZ=$ROOT/boot/vmlinuz-$KREL
HEADERS=$ROOT/usr/src/linux-headers-$KREL

die() { echo "$(basename "$0"): $*" >&2; exit 1; }
say() { echo "$(basename "$0"): $*" >&2; }

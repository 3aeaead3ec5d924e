#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs into an empty place, builds the example against what is there, compares its
# answer with the command's, and takes everything away again.
# usage: run.sh VMCORE [hardened]
set -eu
vmcore=$1
hardened=${2-}
at=$(mktemp -d)
trap 'rm -rf "$at"' EXIT
passed=0
ok() { passed=$((passed + 1)); }
fail() { echo "FAILED install: $1"; echo "install: $passed passed, 1 failed"; exit 1; }

# Also what the caller of make set: nothing may go to, or from, another place.
into() {
	make -s --no-print-directory "$1" PREFIX="$at" DESTDIR= EXTDIR="$at/lib/crash/extensions" \
		MANDIR="$at/share/man" LIBDIR="$at/lib/any" \
		DOCDIR="$at/share/doc/stackinfo" \
		BASHDIR="$at/share/bash-completion/completions"
}
into install > "$at/log" 2>&1 || fail "$(cat "$at/log")"
export PKG_CONFIG_PATH="$(dirname "$(find "$at" -name stackinfo.pc)")"
# shellcheck disable=SC2046
${CC:-cc} -Wall -Wextra -Werror "$at/share/doc/stackinfo/examples/chains.c" \
	$(pkg-config --cflags --libs stackinfo) -o "$at/chains" || fail "the example builds"
ok
export LD_LIBRARY_PATH="$(pkg-config --variable=libdir stackinfo)"
"$at/chains" "$vmcore" > "$at/chains.txt" || fail "the example runs"
ok
# As many chains as the command finds, with the same functions.
"$at/bin/stackinfo" xbt -A -j "$vmcore" | python3 -c '
import json, sys
for c in json.load(sys.stdin)["chains"]:
    if c["start"] is None:
        continue
    names = "".join(" " + (f["function"] or "?") for s in c["segments"] for f in s["frames"]
                    if not f["inline"])
    print("%d %s:%s (%s)" % (c["task"]["pid"], c["task"]["comm"], names, c["end"]["text"]))
' > "$at/command.txt"
cmp -s "$at/chains.txt" "$at/command.txt" ||
	fail "the example's answer is the command's: $(diff "$at/chains.txt" "$at/command.txt" | head -n 4)"
ok
[ -s "$at/chains.txt" ] || fail "there are chains"
ok
exports() { nm -D --defined-only "$1" || fail "nm $1"; }
[ -z "$(exports "$at/lib/crash/extensions/stackinfo.so")" ] ||
	fail "the extension exports nothing"
ok
exports "$at"/lib/*/libstackinfo.so > "$at/exports.txt"
grep -v ' stk_\| STACKINFO_' "$at/exports.txt" && fail "the library exports stk_ names only"
ok
# What a header declares, a program can call; types and inline functions apart.
sed -n 's/^[a-z].*[ *]\(stk_[a-z_0-9]*\)(.*/\1/p' "$at"/include/stackinfo/*.h |
	grep -v '^stk_cfi_read$\|^stk_log_fn$\|^stk_stack_is_free$' | sort -u > "$at/declared.txt"
missing=$(while read -r name; do grep -q " $name@" "$at/exports.txt" || echo "$name"; done < "$at/declared.txt")
[ -z "$missing" ] || fail "declared, but not exported: $missing"
ok
[ "$(wc -l < "$at/declared.txt")" -gt 50 ] || fail "the headers declare functions"
ok
for page in 1 8; do
	[ -s "$at/share/man/man$page/stackinfo.$page" ] || fail "man page $page"
	ok
done
"$at/bin/stackinfo" --version | grep -q '^stackinfo [0-9]' || fail "a version"
ok
# Whoever reads dumps reads what others wrote.
[ -z "$hardened" ] || for file in "$at/bin/stackinfo" "$at"/lib/*/libstackinfo.so \
		"$at/lib/crash/extensions/stackinfo.so"; do
	name=$(basename "$file")
	readelf -W -h -l -d -s "$file" > "$at/elf.txt" || fail "readelf $name"
	has() { grep -q "$1" "$at/elf.txt" || fail "$name: $2"; ok; }
	has 'Type: *DYN' 'may be loaded at any address'
	has 'GNU_RELRO' 'what is relocated is read-only then'
	has 'FLAGS.*\(BIND_\)\?NOW' 'all symbols are bound at the start'
	has 'GNU_STACK.* RW ' 'no code on the stack'
	has '__stack_chk_fail' 'guarded stack frames'
	has '_chk[@ ]' 'checked functions of the C library'
	# More than the few that the C library's own start-up code has.
	[ "$(uname -m)" != x86_64 ] || [ "$(objdump -d "$file" | grep -c endbr64)" -gt 50 ] ||
		fail "$name: marked targets of branches"
	ok
done
# The completion knows the commands and their options.
complete() {
	words=$(bash -c ". '$at/share/bash-completion/completions/stackinfo'
		COMP_WORDS=($1) COMP_CWORD=$(($(echo "$1" | wc -w) - 1)); cd /; _stackinfo
		echo \${COMPREPLY[*]}")
	[ "$words" = "$2" ] || fail "completion of $1: $words"
	ok
}
complete 'stackinfo st' stackof
complete 'stackinfo help x' xbt
complete 'stackinfo --b' --batch
complete 'stackinfo xbt --al' '--all --all-tasks'
complete 'stackinfo -n vmlinux tss --c' --cpu=
# So do the manual pages.
for page in 1 8; do
	grep -q 'xbt.*\[.*rftlv' "$at/share/man/man$page/stackinfo.$page" ||
		fail "man page $page: the synopsis of xbt"
	ok
done
grep -q 'all\\-tasks' "$at/share/man/man8/stackinfo.8" || fail "man page 8: --all-tasks"
ok
rm -f "$at/chains" "$at"/*.txt "$at/log"
into uninstall > "$at/log" 2>&1 || fail "$(cat "$at/log")"
rm "$at/log"
left=$(find "$at" ! -type d)
[ -z "$left" ] || fail "uninstall leaves $left"
ok
echo "install: $passed passed, 0 failed"

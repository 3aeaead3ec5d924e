#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs into an empty place, builds the examples against what is there, compares their
# answers with the command's, and takes everything away again.
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
		DOCDIR="$at/share/doc/stackinfo" SCHEMADIR="$at/share/stackinfo" \
		BASHDIR="$at/share/bash-completion/completions"
}
into install > "$at/log" 2>&1 || fail "$(cat "$at/log")"
PKG_CONFIG_PATH=$(dirname "$(find "$at" -name stackinfo.pc)")
export PKG_CONFIG_PATH
# Each header by itself, as strict as compilers can be; then the examples.
strict="-Wall -Wextra -Wshadow -pedantic -Werror"
examples="$at/share/doc/stackinfo/examples"
flags=$(pkg-config --cflags --libs stackinfo)
has_cxx=$(command -v "${CXX:-c++}" || :)
[ -n "$has_cxx" ] || echo "install: no C++ compiler: C++ is not tried"
for header in "$at"/include/stackinfo/*.h; do
	name=stackinfo/$(basename "$header")
	# shellcheck disable=SC2086
	echo "#include <$name>" | ${CC:-cc} -std=c11 $strict $flags -x c -fsyntax-only - || fail "$name in C"
	ok
	[ -n "$has_cxx" ] || continue
	# shellcheck disable=SC2086
	echo "#include <$name>" | ${CXX:-c++} -std=c++17 $strict $flags -x c++ -fsyntax-only - || fail "$name in C++"
	ok
done
# shellcheck disable=SC2086
${CC:-cc} -std=c11 $strict "$examples/chains.c" $flags -o "$at/chains" || fail "the example builds"
ok
LD_LIBRARY_PATH=$(pkg-config --variable=libdir stackinfo)
export LD_LIBRARY_PATH
"$at/chains" "$vmcore" > "$at/chains.txt" || fail "the example runs"
ok
# As many chains as the command finds, with the same functions.
"$at/bin/stackinfo" xbt -A -j "$vmcore" | python3 -c '
import json, sys
for c in json.load(sys.stdin)["chains"]:
    if c["start"] is None:
        continue
    whole = c["whole"] or c
    names = "".join(" " + (f["function"] or "?") for s in whole["segments"]
                    for f in s["frames"] if not f["inline"])
    print("%d %s:%s (%s)" % (c["task"]["pid"], c["task"]["comm"], names,
                             whole["end"]["text"]))
' > "$at/command.txt"
cmp -s "$at/chains.txt" "$at/command.txt" ||
	fail "the example's answer is the command's: $(diff "$at/chains.txt" "$at/command.txt" | head -n 4)"
ok
[ -s "$at/chains.txt" ] || fail "there are chains"
ok
if [ -n "$has_cxx" ]; then
	# shellcheck disable=SC2086
	${CXX:-c++} -std=c++17 $strict "$examples/stacks.cc" $flags -o "$at/stacks" || fail "the C++ example builds"
	"$at/stacks" "$vmcore" > "$at/stacks.txt" || fail "the C++ example runs"
	# The same stacks, each as deep in use.
	"$at/bin/stackinfo" stackof -m -j "$vmcore" | python3 -c '
import json, sys
for row in json.load(sys.stdin)["stacks"]:
    s = row["stack"]
    print("%s-%s %s cpu %d task %x %s %d" % (s["begin"][2:], s["end"][2:], s["kind"],
          -1 if s["cpu"] is None else s["cpu"], int(s["task"] or "0", 16), row["state"],
          row["used"] or 0))
' | sort > "$at/map.txt"
	sed 's/ in .*//' "$at/stacks.txt" | sort | cmp -s - "$at/map.txt" ||
		fail "the C++ example's answer is the command's: $(sed 's/ in .*//' "$at/stacks.txt" | sort | diff - "$at/map.txt" | head -n 4)"
	[ -s "$at/stacks.txt" ] || fail "there are stacks"
	ok
	rm "$at/stacks"
fi
exports() { nm -D --defined-only "$1" || fail "nm $1"; }
[ -z "$(exports "$at/lib/crash/extensions/stackinfo.so")" ] ||
	fail "the extension exports nothing"
ok
exports "$at"/lib/*/libstackinfo.so > "$at/exports.txt"
# What the headers declare, the map lists, and the library exports is the same; types apart.
sed -n 's/^[a-z].*[ *]\(stk_[a-z_0-9]*\)(.*/\1/p' "$at"/include/stackinfo/*.h |
	grep -v '^stk_cfi_read$\|^stk_log_fn$' | sort > "$at/declared.txt"
sed -n 's/^\t\t\(.*\);$/\1/p' src/libstackinfo.map | grep -vx '\*' | sort > "$at/mapped.txt"
sed -n 's/^[0-9a-f]* [TDBRVW] \([^@]*\)@@.*/\1/p' "$at/exports.txt" | sort > "$at/exported.txt"
for what in mapped exported; do
	cmp -s "$at/declared.txt" "$at/$what.txt" ||
		fail "declared (<) is $what (>): $(diff "$at/declared.txt" "$at/$what.txt" | grep '^[<>]')"
	ok
done
[ "$(wc -l < "$at/declared.txt")" -gt 50 ] || fail "the headers declare functions"
ok
# Others' types are no part of it.
readelf -d "$at"/lib/*/libstackinfo.so | grep -q 'NEEDED.*json' && fail "the library needs json-c"
pkg-config --print-requires-private --static --libs stackinfo | grep -q json && fail "pkg-config names json-c"
ok
# Where the schema is found.
[ -s "$at/share/stackinfo/stackinfo.schema.json" ] || fail "the schema"
ok
version=$(pkg-config --modversion stackinfo)
case "$("$at/bin/stackinfo" --version)" in
"stackinfo $version" | "stackinfo $version ("*")") ;;
*) fail "one version: $version" ;;
esac
ok
for page in stackinfo.1 stackinfo-json.5 stackinfo.8; do
	[ -s "$at/share/man/man${page##*.}/$page" ] || fail "man page $page"
	ok
done
# Whatever the schema describes, the page does.
python3 -c '
import json, re, sys
with open(sys.argv[1]) as schema, open(sys.argv[2]) as page:
    said = re.findall(r"^\.SS (.*)", page.read().replace("\\-", "-"), re.M)
    sys.exit(sorted(said) != sorted(json.load(schema)["definitions"]))
' "$at/share/stackinfo/stackinfo.schema.json" "$at/share/man/man5/stackinfo-json.5" ||
	fail "man page 5: a section for each definition of the schema"
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
completes() {
	words=$(bash -c ". '$at/share/bash-completion/completions/stackinfo'
		COMP_WORDS=($1) COMP_CWORD=$(($(echo "$1" | wc -w) - 1)); cd /; _stackinfo
		echo \${COMPREPLY[*]}")
	[ "$words" = "$2" ] || fail "completion of $1: $words"
	ok
}
completes 'stackinfo st' stackof
completes 'stackinfo help x' xbt
completes 'stackinfo --b' --batch
completes 'stackinfo xbt --al' '--all --all-tasks'
completes 'stackinfo -n vmlinux tss --c' --cpu=
# So do the manual pages.
letters=$("$at/bin/stackinfo" xbt --nosuch 2>&1 | sed -n 's/.*stackinfo xbt \[-\([A-Za-z]*\)\].*/\1/p')
[ -n "$letters" ] || fail "the usage of xbt has options"
ok
for page in 1 8; do
	grep -q "xbt.*\[.*$letters" "$at/share/man/man$page/stackinfo.$page" ||
		fail "man page $page: the synopsis of xbt"
	ok
done
for name in $("$at/bin/stackinfo" help | sed -n '/^COMMANDS/,/^OPTIONS/s/^    \([a-z]*\) .*/\1/p'); do
	[ "$name" = help ] || grep -q "^.SS $name\$" "$at/share/man/man8/stackinfo.8" ||
		fail "man page 8: a section about $name"
	ok
done
grep -q 'all\\-tasks' "$at/share/man/man8/stackinfo.8" || fail "man page 8: --all-tasks"
ok
rm -f "$at/chains" "$at"/*.txt "$at/log"
into uninstall > "$at/log" 2>&1 || fail "$(cat "$at/log")"
rm "$at/log"
# A place whose name has blanks.
make -s --no-print-directory install PREFIX=/usr DESTDIR="$at/two  words" > "$at/log" 2>&1 ||
	fail "DESTDIR with blanks: $(cat "$at/log")"
[ -x "$at/two  words/usr/bin/stackinfo" ] || fail "DESTDIR with blanks: the command"
[ "$(ls "$at/two  words")" = usr ] && ! [ -e "$at/two" ] || fail "DESTDIR with blanks: $(ls "$at")"
ok
make -s --no-print-directory uninstall PREFIX=/usr DESTDIR="$at/two  words" > "$at/log" 2>&1 ||
	fail "DESTDIR with blanks: $(cat "$at/log")"
ok
rm "$at/log"
left=$(find "$at" ! -type d)
[ -z "$left" ] || fail "uninstall leaves $left"
ok
echo "install: $passed passed, 0 failed"

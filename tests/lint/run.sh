#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Static analysis with the agreed checks; each finding fails. What is missing is said.
# usage: B=DIR DEFS=FLAGS run.sh FILE...
set -u
cd "$(dirname "$0")/../.." || exit 1
sources=$(for file in "$@"; do case $file in src/*.c | extensions/*.c) echo "$file" ;; esac; done)
failed=0

have() {
	command -v "$1" >/dev/null || { echo "lint: not run, $1 is missing"; return 1; }
}
# What a tool wrote to a file; nothing is good.
judge() {
	if [ -s "$2" ]; then
		cat "$2"
		echo "FAILED lint: $1"
		failed=1
	else
		echo "lint: $1: ok"
	fi
}
out=$(mktemp)
trap 'rm -f "$out"' EXIT

if have cppcheck; then
	cppcheck --quiet --std=c11 -Iinclude -Isrc/include -Isrc --enable=warning,portability \
		--inline-suppr --suppressions-list=tests/lint/cppcheck.supp -j "$(nproc)" \
		$sources > "$out" 2>&1
	judge cppcheck "$out"
fi
if have clang-tidy; then
	# One process for each file would parse each header again.
	printf '%s\n' $sources | xargs -P "$(nproc)" -n 8 sh -c '
		clang-tidy --quiet --warnings-as-errors="*" "$@" -- $DEFS 2>/dev/null' tidy |
		grep -A4 'error:' > "$out"
	judge clang-tidy "$out"
fi
if have gcc; then
	printf '%s\n' $sources | xargs -P "$(nproc)" -n 1 sh -c '
		gcc $DEFS -O1 -fanalyzer -Wno-analyzer-too-complex -c -o /dev/null "$1"' analyze 2>&1 |
		grep -A8 -e 'Wanalyzer' -e 'error:' > "$out"
	judge "gcc -fanalyzer" "$out"
fi
if have shellcheck; then
	# shellcheck disable=SC2046 # no name has a blank
	shellcheck -S warning .ci/run hooks/stackinfo-kdump packaging/version packaging/deb \
		packaging/reproducible packaging/build-rpm packaging/debian/tests/[!c]* packaging/debian/tests/crash $(find tests testdata/make -name '*.sh') > "$out" 2>&1
	judge shellcheck "$out"
fi
exit $failed

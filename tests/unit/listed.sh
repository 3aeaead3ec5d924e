#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each suite is named in main.c: one that is not would be built and never run.
set -eu
cd "$(dirname "$0")"
missing=$(sed -n 's/^const struct unit_suite suite_\([a-z0-9_]*\) = .*/\1/p' test_*.c damage_judge.c |
	while read -r name; do grep -q "_($name)" main.c || echo "$name"; done)
[ -z "$missing" ] || {
	echo "FAILED unit: suites that main.c does not name:" $missing
	exit 1
}

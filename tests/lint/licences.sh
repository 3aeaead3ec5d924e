#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each file that is source, a script or a table names its licence in its first lines.
set -eu
cd "$(dirname "$0")/../.."
# Outside a checkout: whatever is there.
files=$(git ls-files 2>/dev/null || find . -type f ! -path './build/*' | sed 's,^\./,,')
missing=$(for file in $files; do
	case $file in
	tests/fuzz/found/*) continue ;; # inputs, to the byte
	*.md | *.xz | *.txt | *.expect | *.json | *.abi | LICENSE | .gitignore) continue ;;
	# Of Debian's files those that are scripts; the tables are in its copyright.
	packaging/debian/rules | packaging/debian/tests/[lr]* | packaging/debian/tests/crash) ;;
	packaging/debian/*) continue ;;
	testdata/dumps/* | testdata/namelists/*) continue ;;
	esac
	[ ! -f "$file" ] || head -n 3 "$file" | grep -q 'SPDX-License-Identifier: ' ||
		echo "$file"
done)
[ -z "$missing" ] || {
	echo "FAILED format: no SPDX line:" $missing
	exit 1
}

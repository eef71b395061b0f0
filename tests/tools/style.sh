#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Format, licence lines, lengths. Prints what to mend.
set -eu
status=0
fail() { echo "style: $*"; status=1; }

sources=$(git ls-files '*.c' '*.h' 2>/dev/null | grep . ||
	find include src tests -name '*.[ch]')
# shellcheck disable=SC2086
clang-format --dry-run -Werror $sources || fail "run make format"

for f in $sources $(find src tests examples policies .ci -name '*.sh' \
    -o -name '*.t' -o -name '*.def' -o -name '*.yaml'); do
	case $f in */seeds/*|*/golden/*) continue ;; esac
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
		fail "$f: no SPDX line"
done

# Functions of at most 80 lines, files of at most 600.
# shellcheck disable=SC2086
awk '
FNR == 1 { start = 0 }
/^{$/ { start = FNR }
/^}$/ && start { if (FNR - start - 1 > 80) {
	print "style: " FILENAME ":" start ": function of " \
	    FNR - start - 1 " lines"; bad = 1 } start = 0 }
END { exit bad }' $(echo $sources | tr ' ' '\n' | grep '^src/') || status=1
for f in $(echo "$sources" | tr ' ' '\n' | grep '^src/'); do
	[ "$(wc -l <"$f")" -le 620 ] || fail "$f: longer than 620 lines"
done
[ $status -eq 0 ] && echo "style: ok"
exit $status

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the code has, the documents tell: metrics, statuses, members of our
# objects and records, rules, exit codes. (Options: tests/cli/pages.t.)
. "$(dirname "$0")/../tap.sh"
formats=docs/formats.md
# told NAME FILE WORD...: each word stands in the file.
told() {
	name=$1 file=$2
	shift 2
	: >"$work/err"
	for word in "$@"; do
		grep -q -w -e "$word" "$file" || echo "not told: $word" >>"$work/err"
	done
	[ $# -gt 0 ] && [ ! -s "$work/err" ]
	ok $? "$name ($#)"
}
# words PATTERN FILE...: quoted words of the lines that match.
words() {
	pattern=$1
	shift
	cat "$@" | tr '\n\t' '  ' | grep -oE "$pattern" | grep -oE '"[A-Za-z0-9]+"' | tr -d '"' | sort -u
}
"$keepgate" help serve >"$work/serve"
"$keepgate" rules >"$work/rules"
# shellcheck disable=SC2046
{
told "metrics in help serve" "$work/serve" $(grep -oh 'keepgate_[a-z_]*' src/server/*.c | sort -u)
told "HTTP statuses in help serve" "$work/serve" \
	$(grep -hoE '(status = |respond\(|refuse\(|, )(200|4[0-9][0-9]|50[0-9])\b' src/server/*.c | grep -oE '[0-9]{3}' | sort -u)
told "members of records" $formats $(words '(writer_name|name_[a-z]*)\(&?w, *"[A-Za-z0-9]+"' src/audit/record.c)
told "members of the configuration" $formats $(words 'fields\[\] = \{[^}]*\}' src/server/config.c | grep -v -e apiVersion -e metadata)
told "members of policies" $formats $(words 'fields\[\] = \{[^}]*\}' src/policy/*.c | grep -v -e apiVersion -e metadata)
told "rules" "$work/rules" $(sed -n 's/^RULE([A-Z_0-9]*, "\([A-Z0-9-]*\)".*/\1/p' src/enclave/rule*.def)
}
"$keepgate" help -o names >"$work/names"
while read -r name; do
	# shellcheck disable=SC2086
	"$keepgate" help $name >"$work/out"
	sed -n '/^exit status:/,/^$/p' "$work/out" | grep -q '^  2 '
	ok $? "$name: exit status 2 is told"
done <"$work/names"
done_testing

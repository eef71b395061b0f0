#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# exports.sh BUILD: a function that no other file uses is static, or not
# there. Public names (kg_*) are for embedders. Needs the objects of all
# programs. `spared`: main, and what is to be made static yet.
set -eu
objects=$1/obj
spared='main
	buf_room cel_authorizer_resource cel_build_fold cel_emit cel_fits
	cel_index cel_index_present cel_make_list cel_program_roots
	cel_program_size cel_text_cost conn_cut emit_here emit_rk facts_make
	finding_put_line placement_affinity read_counts rx_set_node
	rx_too_large'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
find src tests -name '*.c' | sed 's/c$/o/' | while read -r f; do
	[ ! -f "$objects/$f" ] || echo "$objects/$f"
done >"$work/objects"
xargs nm -A --undefined-only <"$work/objects" | awk '{ print $NF }' >"$work/used"
xargs nm -A --defined-only --extern-only <"$work/objects" |
	awk -v spared="$spared" -v objects="$objects/" '
	BEGIN { n = split(spared, s, " "); for (i = 1; i <= n; i++) used[s[i]] = 1 }
	FILENAME != "-" { used[$1] = 1; next }
	$2 == "T" && $3 !~ /^kg_/ && !($3 in used) {
		sub(/:.*/, "", $1); sub(/o$/, "c", $1)
		print substr($1, length(objects) + 1) ": " $3
	}' "$work/used" - >"$work/bad"
if grep '^src/' "$work/bad"; then
	echo "exports: no other file uses these; make them static"
	exit 1
fi
echo "exports: ok"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Manual pages and completions say what the tables say, and shells take them.
. "$(dirname "$0")/../tap.sh"
share=$work/share
run 0 "pages are written" sh src/cli/pages.sh "$keepgate" "$share"
"$keepgate" help -o names >"$work/names"
bash=$share/bash-completion/completions/keepgate
zsh=$share/zsh/site-functions/_keepgate
fish=$share/fish/vendor_completions.d/keepgate.fish

# has FILE TEXT...: what misses is kept for the report.
has() {
	file=$1
	shift
	for text in "$@"; do
		grep -q -F -e "$text" "$file" || echo "$file: no $text" >>"$work/missing"
	done
}
: >"$work/missing"
while read -r name; do
	page=keepgate-$(echo "$name" | tr ' ' -)
	man=$share/man/man1/$page.1
	has "$share/man/man1/keepgate.1" ".It Xr $page 1"
	has "$bash" "'$name':-*)"
	has "$zsh" "'$name')"
	has "$fish" "'__keepgate_in $name' -l help"
	# shellcheck disable=SC2086
	"$keepgate" help $name >"$work/help"
	for option in $(sed -n 's/^  \(-., \|    \)--\([a-z0-9-]*\).*/\2/p' "$work/help"); do
		echo "$option" >>"$work/options"
		has "$man" "Fl Fl $(echo "$option" | sed 's/-/\\-/g')"
		sed -n "s/.*'$name':-\\*) words='\\(.*\\)'.*/ \\1 /p" "$bash" >"$work/words"
		has "$work/words" " --$option "
		sed -n "/^	'$name')/,/;;/p" "$zsh" >"$work/words"
		has "$work/words" "--$option"
		grep -F "'__keepgate_in $name'" "$fish" >"$work/words"
		has "$work/words" " -l $option"
	done
	has "$man" '.Sh EXIT STATUS' '.Sh DESCRIPTION' '.Sh SEE ALSO'
done <"$work/names"
# Rows of the sources that no help shows: a table that is not reached.
for option in $(sed -n 's/^	{ \.name = "\([a-z0-9-]*\)",/\1/p' src/cli/cmd_*.c src/cli/help.c); do
	[ "$option" = bench-echo ] || has "$work/options" "$option"
done
for id in $("$keepgate" rules | sed -n 's/^\([A-Z]*-[0-9]*\) .*/\1/p'); do
	has "$bash" "$id"
done
cp "$work/missing" "$work/err"
[ ! -s "$work/missing" ]
ok $? "every command and option is in help, manual and all completions"

if command -v mandoc >/dev/null; then
	run 0 "mandoc finds no fault" mandoc -Tlint -W warning "$share"/man/man1/*.1
else
	skip "no mandoc here"
fi
man --warnings -E UTF-8 -l -Tutf8 "$share"/man/man1/*.1 >"$work/out" 2>"$work/err"
[ ! -s "$work/err" ]
ok $? "nor does man"

# completes SHELL LINE WANTED...: the words that are offered, sorted.
completes() {
	shell=$1 line=$2
	shift 2
	complete_$shell "$line" 2>"$work/err" | sort >"$work/out"
	printf '%s\n' "$@" | sort | diff - "$work/out" >"$work/diff"
	status=$?
	[ $status -eq 0 ] || cat "$work/diff" >"$work/err"
	ok $status "$shell: $line<tab> gives $*"
}
# As readline does it: the words, parted at "=", the last under the cursor.
complete_bash() {
	bash --norc -c '. "$1"; COMP_LINE=$2
		read -ra COMP_WORDS <<<"${COMP_LINE//=/ = }"
		[[ $COMP_LINE == *\  ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _keepgate
		printf "%s\n" "${COMPREPLY[@]}"' - "$bash" "$1"
}
complete_fish() {
	HOME=$work fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
		"$fish" "$1" | cut -f1
}
mkdir "$work/dir"
touch "$work/dir/pod one.yaml" "$work/dir/pod2.yaml"
shells='bash fish'
command -v fish >/dev/null || { skip "no fish here"; shells=bash; }
for s in $shells; do
	completes $s "keepgate au" audit
	completes $s "keepgate audit v" verify
	completes $s "keepgate check --warn" --warn-exit-code
	completes $s "keepgate check -o " text json review
	completes $s "keepgate check --filename $work/dir/pod2" "$work/dir/pod2.yaml"
	completes $s "keepgate audit list $work/dir/pod2" "$work/dir/pod2.yaml"
	completes $s "keepgate rules EPC-01" EPC-010 EPC-011
	completes $s "keepgate audit list --rule LIF-004" LIF-004
	completes $s "keepgate help audit ve" verify
	completes $s "keepgate completion b" bash
done
completes bash "keepgate check --output=re" review
completes bash "keepgate check --output=" text json review
completes bash "keepgate check -f $work/dir/pod" "$work/dir/pod one.yaml" "$work/dir/pod2.yaml"
completes bash "keepgate check --as " ""
if command -v zsh >/dev/null; then
	run 0 "zsh parses its script" zsh -n "$zsh"
	run 0 "and completes by it" timeout 120 python3 tests/cli/complete.py "$share/zsh/site-functions"
else
	skip "no zsh here"
fi
run 2 "no script for another shell" "$keepgate" completion csh
says 'want bash, zsh or fish' "says which there are"
done_testing

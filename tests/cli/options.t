#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Subcommands, options, help.
. "$(dirname "$0")/../tap.sh"
golden=tests/cli/golden

run 2 "no command is a usage error" "$keepgate"
run 0 "--help" "$keepgate" --help
golden $golden/help.txt "lists the commands"
run 0 "version" "$keepgate" version
says "^keepgate $(sed -n 's/.*KEEPGATE_VERSION "\(.*\)"/\1/p' include/keepgate.h)$" "is the header's"
run 2 "an unknown command" "$keepgate" chek
says 'did you mean check?' "has a hint"
run 2 "an unknown option" "$keepgate" check --filname x
says 'did you mean --filename?' "has a hint"
run 2 "a missing value" "$keepgate" check -f
says 'needs a value' "is said"
run 2 "a bad word" "$keepgate" check -f x -o yaml
says 'want text, json, review' "lists the words"
run 2 "a bad number" "$keepgate" check -f x --warn-exit-code 300
says 'from 0 to 255' "states the range"
run 2 "a bad duration" "$keepgate" serve --drain soon
says 'want a duration' "is said"
run 2 "a bad size" "$keepgate" serve --max-body 8Q
says 'number of bytes from 4096' "is said"
run 2 "a value for a word with =" "$keepgate" check --output=yaml -f x
"$keepgate" help -o names >"$work/names"
[ "$(grep -c . "$work/names")" -ge 7 ]
ok $? "help -o names lists the commands"
while read -r cmd; do
	# shellcheck disable=SC2086
	run 0 "$cmd --help" "$keepgate" $cmd --help
	cp "$work/out" "$work/long"
	# shellcheck disable=SC2086
	run 0 "help $cmd" "$keepgate" help $cmd
	cmp -s "$work/long" "$work/out"
	ok $? "both say the same"
	awk 'length > 78 && !/^      keepgate/ { exit 1 }' "$work/out"
	ok $? "no line is longer than 78"
done <"$work/names"
run 2 "an argument where none is taken" "$keepgate" check pod.yaml
says 'did you mean -f pod.yaml?' "has a hint"
run 2 "too many arguments" "$keepgate" rules NOD-001 NOD-002
says 'takes 1 argument at most' "says how many"
run 2 "too few" "$keepgate" audit list
says 'audit list needs FILE' "says which"
run 2 "an unknown command of a family" "$keepgate" audit lst
says 'did you mean audit list?' "has a hint"
run 2 "a family alone" "$keepgate" audit
says 'which command?' "asks which"

# Standard files that the caller closed are not taken by files of ours.
run 2 "standard output closed" sh -c "$keepgate rules >&-"
says 'standard output could not be written' "says so"
run 2 "standard input closed" sh -c "$keepgate check -f - <&-"
run 0 "audit alone lists its commands" "$keepgate" help audit
says 'audit verify' "verify is among them"
run 0 "rules" "$keepgate" rules
golden $golden/rules.txt "the table"
run 0 "rules NOD-001" "$keepgate" rules NOD-001
golden $golden/rules-nod-001.txt "explained, with examples"
run 2 "an unknown rule" "$keepgate" rules NOD-01
says 'did you mean NOD-001?' "has a hint"
run 0 "rules as JSON" "$keepgate" rules -o json
python3 -c 'import json,sys; assert len(json.load(open(sys.argv[1]))) > 15' "$work/out"
ok $? "is JSON"
run 2 "output that cannot be written is an error" sh -c "$keepgate rules >/dev/full"
done_testing

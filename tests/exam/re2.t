#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Regular expressions, judged by what Go answers; where the facts lie beside
# the checkout. Cases of our own are in tests/unit/value_regex_test.c.
. "$(dirname "$0")/../tap.sh"
facts=../shared/exams/cel/re2.jsonl
if [ -r "$facts" ]; then
	run 0 "every fact of re2 holds" "$BUILD/exam" re2 "$facts"
else
	skip "$facts is not here"
fi
cat >"$work/wrong" <<'CASES'
{"id":"right","pattern":"a+","valid":true,"text":"caat","matches":true,"find":"aa","findAll":["aa"]}
{"id":"valid","pattern":"a**","valid":true}
{"id":"refused","pattern":"a*","valid":false}
{"id":"matches","pattern":"a+","valid":true,"text":"caat","matches":false,"find":"aa","findAll":["aa"]}
{"id":"find","pattern":"a+","valid":true,"text":"caat","matches":true,"find":"a","findAll":["aa"]}
{"id":"more","pattern":"a+","valid":true,"text":"caat","matches":true,"find":"aa","findAll":["aa","a"]}
CASES
run 1 "a wrong expectation fails" "$BUILD/exam" re2 "$work/wrong"
says "^1 passed, 5 failed$" "and is counted"
done_testing

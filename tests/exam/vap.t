#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real ValidatingAdmissionPolicies with requests, where they lie beside the
# checkout: verdicts, and messages to the letter.
. "$(dirname "$0")/../tap.sh"
cases=../shared/exams/vap/cases.jsonl
if [ -r "$cases" ]; then
	run 0 "every policy judges as Kubernetes does" "$BUILD/exam" vap "$cases"
else
	skip "$cases is not here"
fi
policy='"policy":{"spec":{"variables":[{"name":"n","expression":"object.n"}],"validations":[{"expression":"variables.n == params.n","messageExpression":"\"not \" + string(params.n)"}]}}'
cat >"$work/cases" <<CASES
{"id":"allow",$policy,"params":{"n":1},"object":{"n":1},"request":{},"expect":"allow"}
{"id":"deny",$policy,"params":{"n":2},"object":{"n":1},"request":{},"expect":"deny","observed":{"messages":["not 2"]}}
{"id":"error",$policy,"params":{"n":2},"object":{},"request":{},"expect":"error"}
{"id":"wrong-verdict",$policy,"params":{"n":2},"object":{"n":1},"request":{},"expect":"allow"}
{"id":"wrong-message",$policy,"params":{"n":2},"object":{"n":1},"request":{},"expect":"deny","observed":{"messages":["not 3"]}}
CASES
run 1 "a wrong expectation fails" "$BUILD/exam" vap "$work/cases"
says "^3 passed, 2 failed$" "and is counted"
done_testing

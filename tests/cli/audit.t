#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# keepgate audit verify and list over a log that a server wrote.
. "$(dirname "$0")/../tap.sh"
. tests/server/server.sh
make_certificate tls
start_server --audit-log "$work/audit.log"
for f in examples/reviews/*.json; do post "$f"; done
stop_server
log=$work/audit.log
list() { "$keepgate" audit list "$@" "$log" >"$work/out" 2>"$work/err"; }
# counts N NAME OPTION...: audit list shows so many decisions.
counts() {
	want=$1 name=$2
	shift 2
	list "$@" -o json
	[ "$(wc -l <"$work/out")" -eq "$want" ]
	ok $? "$name"
}
counts 4 "all decisions"
counts 1 "by verdict" --verdict deny
counts 2 "of another verdict" --verdict allow
counts 1 "by rule" --rule NOD-002
counts 4 "by user" --user alice
counts 0 "by another user" --user bob
counts 4 "by namespace" --namespace team-a
counts 1 "by kind" --kind Deployment
counts 4 "since a while ago" --since 1h
counts 0 "until a while ago" --until 1h
counts 0 "since a time to come" --since 2100-01-01T00:00:00Z
counts 1 "by several" --verdict deny --kind pod --namespace team-a
run 2 "a bad time" "$keepgate" audit list --since yesterday "$log"
says 'want a time such as' "says what it wants"
list --verdict deny
sed 's/^[^ ]*Z/TIME/' "$work/out" >"$work/x" && mv "$work/x" "$work/out"
golden tests/cli/golden/audit-list.txt "the text form"
run 2 "no file" "$keepgate" audit list
run 0 "summary" "$keepgate" audit summary "$log"
sed 's/[^ ]*Z/TIME/g' "$work/out" >"$work/x" && mv "$work/x" "$work/out"
golden tests/cli/golden/audit-summary.txt "counts by verdict, rule, namespace, user"
run 0 "summary of what fits" "$keepgate" audit summary --verdict deny --top 1 "$log"
says '^1 decisions, ' "counts only that"
says 'and [1-9][0-9]* more; --top 0 shows all' "and shows the first"
run 0 "summary as JSON" "$keepgate" audit summary -o json "$log"
python3 -c 'import json,sys; d=json.load(open(sys.argv[1]))
assert d["decisions"] == 4 and d["users"] == [{"name": "alice", "count": 4}], d
assert sum(v["count"] for v in d["verdicts"]) == 4 and d["from"] <= d["to"]' "$work/out"
ok $? "is one document"
run 0 "summary of nothing" "$keepgate" audit summary --user nobody "$log"
says '^0 decisions$' "says so"
{ sed -n 2p "$log" | sed 's/"type"/"lost":3,"type"/'; echo '{}'; } >"$work/lost.log"
run 0 "records that were lost" "$keepgate" audit summary "$work/lost.log"
says '^3 more were answered without a record$' "are counted too"
echo nonsense >>"$work/lost.log"
run 2 "a line that is none" "$keepgate" audit summary "$work/lost.log"
says 'lost.log:3: no audit record' "is placed"
says '^1 decisions, ' "and the rest is counted"
run 2 "a missing file" "$keepgate" audit verify "$work/nosuch"

run 0 "the log verifies" "$keepgate" audit verify "$log"
head=$(tail -n 1 "$log" | tr -d '\n' | sha256sum | cut -c1-64)
run 0 "with its head, as sha256sum has it" "$keepgate" audit verify --expect-head "$head" "$log"
sed '$d' "$log" >"$work/cut.log"
run 0 "a cut tail does not show" "$keepgate" audit verify "$work/cut.log"
run 1 "but against the head it does" "$keepgate" audit verify --expect-head "$head" "$work/cut.log"
sed '3s/allow/deny /' "$log" >"$work/changed.log"
run 1 "a changed line" "$keepgate" audit verify "$work/changed.log"
says 'changed.log:4: prev is .* that line was changed' "is found and placed"
sed '3d' "$log" >"$work/gone.log"
run 1 "a deleted line" "$keepgate" audit verify "$work/gone.log"
says 'gone.log:3: seq is 4, want 3: records were removed' "is found and placed"
sed '3p' "$log" >"$work/twice.log"
run 1 "a repeated line" "$keepgate" audit verify "$work/twice.log"
printf '{"v":1' >>"$work/cut.log"
run 1 "a torn line" "$keepgate" audit verify "$work/cut.log"
says 'is not complete' "is said"
sed '1,2d' "$log" >"$work/late.log"
run 0 "a chain that starts late" "$keepgate" audit verify "$work/late.log"
says 'records before 3 are not here' "says so"
awk 'NR > 1 { exit } { print }' "$log" | grep -q '"prev":"0\{64\}"'
ok $? "the first prev is zeros"
sed -n 2p "$log" | grep -q "\"prev\":\"$(sed -n 1p "$log" | tr -d '\n' | sha256sum | cut -c1-64)\""
ok $? "sha256sum alone can check a link"
done_testing

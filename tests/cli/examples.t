#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each rule's own example is found by that rule, and its mended form is not.
# An example may bring its policy as documents of their own.
cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build/release}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$BUILD/keepgate" rules -o json >"$work/rules"
count=$(jq '[.[] | select(.example != "")] | length' "$work/rules")
echo "1..$((count + 2))"
n=0
ok() { n=$((n + 1)); if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi; }

# split ID FIELD: the documents of a field into policy.yaml and object.yaml.
split() {
	printf 'apiVersion: keepgate.dev/v1alpha1\nkind: EnclavePolicy\nmetadata: {name: example}\nspec: {rules: [{id: %s, action: Deny}]}\n' "$1" >"$work/policy.yaml"
	: >"$work/object.yaml"
	jq -r --arg id "$1" ".[] | select(.id == \$id) | .$2" "$work/rules" |
	awk -v dir="$work" '
	function flush(    to) {
		if (doc == "") return
		to = dir (own ? "/policy.yaml" : "/object.yaml")
		if (own == 1) printf "" >to
		printf "---\n%s", doc >>to
		close(to)
		doc = ""; own = 0
	}
	/^---/ { flush(); next }
	{ doc = doc $0 "\n" }
	/^kind: EnclavePolicy/ { own = 1 }
	/^kind: (EnclaveProfile|EnclaveException|Namespace)/ { own = 2 }
	END { flush() }'
}

# fires ID: the rule is among the findings on object.yaml.
fires() {
	"$BUILD/keepgate" check -p "$work/policy.yaml" -f "$work/object.yaml" \
		-o json >"$work/out" 2>"$work/err"
	jq -e --arg id "$1" '[.results[].findings[].rule] | index($id)' \
		"$work/out" >/dev/null
}
judged() {
	jq -e '.summary | .allow + .warn + .deny > 0 and .error == 0 and
		.inputErrors == 0' "$work/out" >/dev/null
}

for id in $(jq -r '.[] | select(.example != "") | .id' "$work/rules"); do
	split "$id" example
	fires "$id" && judged
	first=$?
	jq -r --arg id "$id" '.results[].findings[] | select(.rule == $id) |
		"\(.rule) \(.action) \(.pointer)\n  found: \(.found)\n  allowed: \(.allowed)\n  fix: \(.fix)"' \
		"$work/out" >>"$work/messages"
	split "$id" fixed
	! fires "$id" && judged
	[ $? -eq 0 ] && [ $first -eq 0 ]
	result=$?
	[ $result -eq 0 ] || { sed 's/^/# /' "$work/err"; jq -c . "$work/out" | sed 's/^/# /'; }
	ok $result "$id"
done
# What people read, for every rule. KEEPGATE_GOLDEN=write makes it so.
golden=tests/cli/golden/messages.txt
[ "${KEEPGATE_GOLDEN:-}" = write ] && cp "$work/messages" $golden
diff -u $golden "$work/messages" | sed 's/^/# /'
cmp -s $golden "$work/messages"
ok $? "every message is as it was"
[ "$count" -ge 16 ]
ok $? "the rules have examples"

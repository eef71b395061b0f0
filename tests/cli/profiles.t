#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# keepgate profiles: the list, one in words, and as it was written.
. "$(dirname "$0")/../tap.sh"
golden=tests/cli/golden

run 0 "the list" "$keepgate" profiles
golden $golden/profiles.txt "in order of precedence"
run 0 "one in words" "$keepgate" profiles scone
golden $golden/profiles-scone.txt "with resources, wirings and nodes"
run 0 "an alias" "$keepgate" profiles openenclave
says '^oe: Process TEE' "leads to its profile"
run 2 "an unknown name" "$keepgate" profiles sgx-intell
says 'did you mean sgx-intel?' "has a hint"
"$keepgate" profiles gke -o yaml | cmp -s - policies/profiles/gke.yaml
ok $? "yaml is the file itself"
run 0 "all as JSON" "$keepgate" profiles -o json
jq -e 'length > 20 and all(.[]; .spec.source | length > 0)' "$work/out" >/dev/null
ok $? "and each states its source"
sed 's/name: gke}/name: mine}/' policies/profiles/gke.yaml >"$work/mine.yaml"
run 0 "one's own" "$keepgate" profiles -p "$work/mine.yaml" mine -o yaml
says '"name":"mine"' "is shown as JSON, which is YAML"
done_testing

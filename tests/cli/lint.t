#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# keepgate lint: what compiles and is probably not meant.
. "$(dirname "$0")/../tap.sh"
input=tests/cli/input golden=tests/cli/golden

run 1 "what is found is exit 1" "$keepgate" lint -p $input/lint.yaml
golden $golden/lint.txt "each at its place"
run 1 "the same as JSON" "$keepgate" lint -p $input/lint.yaml -o json
says '"message":	"the variable \\"unused\\" is not used"' "with the message"
cat >"$work/fine.yaml" <<'POLICY'
apiVersion: keepgate.dev/v1alpha1
kind: EnclavePolicy
metadata: {name: fine}
spec:
  attestation: {verifiers: [https://a.example], measurements: ["mrsigner:0000000000000000000000000000000000000000000000000000000000000001"]}
  images: {registries: [registry.example]}
  nodes: {schedulers: [s]}
  breakGlassGroups: [ops]
  validations:
  - {id: AB-001, expression: "object.spec.?hostNetwork.orValue(false) == enclave.present"}
POLICY
run 0 "nothing to say is exit 0" "$keepgate" lint -p "$work/fine.yaml"
run 2 "a policy in error is exit 2" "$keepgate" lint -p $input/custom-errors.yaml
run 2 "policies must be named" "$keepgate" lint
done_testing

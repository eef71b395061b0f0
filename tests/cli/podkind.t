#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kinds of somebody's own, by PodKind objects: places, and what is wrong.
. "$(dirname "$0")/../tap.sh"
cat >"$work/kind.yaml" <<'KIND'
apiVersion: keepgate.dev/v1alpha1
kind: PodKind
metadata: {name: rollouts.argoproj.io}
spec: {group: argoproj.io, kind: Rollout, path: /spec/template}
KIND
cat >"$work/rollout.yaml" <<'ROLLOUT'
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  template:
    metadata: {labels: {keepgate.dev/profile: sgx-intel}}
    spec:
      containers:
      - name: app
        image: registry.example/app:1
        resources: {limits: {sgx.intel.com/epc: 10Mi}}
ROLLOUT
run 2 "a kind that nobody knows is skipped" "$keepgate" check -f "$work/rollout.yaml"
run 1 "with a PodKind it is judged" "$keepgate" check -p "$work/kind.yaml" -f "$work/rollout.yaml"
says 'IMG-001 deny /spec/template/spec/containers/0/image (line 10, column 16)' "at its place"
cat >"$work/wrong.yaml" <<'WRONG'
apiVersion: keepgate.dev/v1alpha1
kind: PodKind
metadata: {name: a}
spec: {group: apps, kind: Deployment, path: /spec/template}
---
apiVersion: keepgate.dev/v1alpha1
kind: PodKind
metadata: {name: b}
spec: {group: x.y, kind: Z, path: spec.template}
---
apiVersion: keepgate.dev/v1alpha1
kind: PodKind
metadata: {name: c}
spec: {group: x.y, kind: Z, paths: /spec}
WRONG
run 2 "what is wrong with kinds" "$keepgate" check -p "$work/wrong.yaml" -f "$work/rollout.yaml"
golden tests/cli/golden/podkind-wrong.txt "is said with carets"
done_testing

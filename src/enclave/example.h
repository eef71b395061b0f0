/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the examples of rule.def are put together from: lines of YAML, so that
 * each row shows only what it is about. For rule_table.c alone.
 */
#ifndef KG_ENCLAVE_EXAMPLE_H
#define KG_ENCLAVE_EXAMPLE_H

#define POD_HEAD           \
	"apiVersion: v1\n" \
	"kind: Pod\n"      \
	"metadata:\n"      \
	"  name: app\n"
#define POD_UNDECLARED POD_HEAD "spec:\n"
#define POD(profile) \
	POD_HEAD "  labels: {keepgate.dev/profile: " profile "}\nspec:\n"

#define SGX_NODE \
	"  nodeSelector: {intel.feature.node.kubernetes.io/sgx: \"true\"}\n"

#define DIGEST                                                             \
	"@sha256:0123456789abcdef0123456789abcdef0123456789abcdef01234567" \
	"89abcdef"
#define CONTAINER(name)        \
	"  - name: " name "\n" \
	"    image: registry.example/" name DIGEST "\n"
#define APP "  containers:\n" CONTAINER("app")

#define EPC_10MI           \
	"    resources:\n" \
	"      limits: {sgx.intel.com/epc: 10Mi, sgx.intel.com/enclave: 1}\n"

#define AESM_ENV     \
	"    env:\n" \
	"    - {name: SGX_AESM_ADDR, value: \"1\"}\n"
#define AESM_MOUNT            \
	"    volumeMounts:\n" \
	"    - {name: aesmd, mountPath: /var/run/aesmd}\n"
#define AESM_VOLUME         \
	"  volumes:\n"      \
	"  - name: aesmd\n" \
	"    hostPath: {path: /var/run/aesmd, type: Directory}\n"

/* A request about a pod: what, by whom, and then its members. */
#define REVIEW(kind, operation, sub)                               \
	"apiVersion: admission.k8s.io/v1\n"                        \
	"kind: AdmissionReview\n"                                  \
	"request:\n"                                               \
	"  uid: \"1\"\n"                                           \
	"  kind: {group: \"\", version: v1, kind: " kind "}\n"     \
	"  resource: {group: \"\", version: v1, resource: pods}\n" \
	"  subResource: \"" sub "\"\n"                             \
	"  operation: " operation "\n"                             \
	"  namespace: vault\n"                                     \
	"  name: app\n"
#define BY(user, group) \
	"  userInfo: {username: " user ", groups: [" group "]}\n"

/* The pod of a review, as it is and as it was: small, but an enclave pod. */
#define SMALL_CONTAINER(digest) \
	"{name: app, image: \"registry.example/app@sha256:" digest "\"}"
#define DIGEST_1 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST_2 \
	"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define SMALL_POD(member, labels, spec)         \
	"  " member ":\n"                       \
	"    apiVersion: v1\n"                  \
	"    kind: Pod\n"                       \
	"    metadata: {name: app" labels "}\n" \
	"    spec: {" spec "}\n"
#define LABELS_SGX ", labels: {keepgate.dev/profile: sgx-intel}"

#define NITRO_POD(member, cpu)                                               \
	"  " member ":\n"                                                    \
	"    apiVersion: v1\n"                                               \
	"    kind: Pod\n"                                                    \
	"    metadata: {name: app, labels: {keepgate.dev/profile: nitro}}\n" \
	"    spec:\n"                                                        \
	"      containers:\n"                                                \
	"      - name: app\n"                                                \
	"        image: registry.example/app" DIGEST "\n"                    \
	"        resources:\n"                                               \
	"          limits: {cpu: " cpu ", aws.ec2.nitro/nitro_enclaves: 1}\n"

/* A policy that looks at such requests; namespace vault is for enclaves. */
#define VAULT                                        \
	"---\n"                                      \
	"apiVersion: keepgate.dev/v1alpha1\n"        \
	"kind: EnclavePolicy\n"                      \
	"metadata: {name: access}\n"                 \
	"spec:\n"                                    \
	"  breakGlassGroups: [on-call]\n"            \
	"  match:\n"                                 \
	"    resourceRules:\n"                       \
	"    - apiGroups: [\"\"]\n"                  \
	"      apiVersions: [v1]\n"                  \
	"      operations: [CREATE, CONNECT]\n"      \
	"      resources: [pods/exec, pods/attach, " \
	"pods/portforward, pods/binding]\n"          \
	"---\n"                                      \
	"apiVersion: v1\n"                           \
	"kind: Namespace\n"                          \
	"metadata:\n"                                \
	"  name: vault\n"                            \
	"  labels: {keepgate.dev/profile: sgx-intel}\n"

#endif

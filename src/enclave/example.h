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

#endif

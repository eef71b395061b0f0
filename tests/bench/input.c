/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pod as the API server hands it over: defaults filled in, requests copied
 * from limits, and managedFields, which are most of its bytes.
 */
#include "bench/input.h"

#include "base/limits.h"

static void
put_container(struct buf *b, unsigned i, bool enclave)
{
	buf_printf(b,
	    "%s{\"name\":\"app%u\",\"image\":\"registry.example/team/"
	    "app@sha256:"
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
	    ","
	    "\"env\":[{\"name\":\"%s\",\"value\":\"1\"},{\"name\":"
	    "\"PATH_PREFIX\",\"value\":\"/srv\"}],",
	    i == 0 ? "" : ",", i, enclave ? "SGX_AESM_ADDR" : "LOG_FORMAT");
	if (enclave)
		buf_puts(b,
		    "\"resources\":{\"limits\":{\"cpu\":\"100m\",\"memory\":"
		    "\"64Mi\",\"sgx.intel.com/enclave\":\"1\","
		    "\"sgx.intel.com/epc\":\"10Mi\"},\"requests\":{\"cpu\":"
		    "\"100m\",\"memory\":\"64Mi\",\"sgx.intel.com/enclave\":"
		    "\"1\",\"sgx.intel.com/epc\":\"10Mi\"}},\"volumeMounts\":["
		    "{\"name\":\"aesmd-socket\",\"mountPath\":\"/var/run/"
		    "aesmd\""
		    "}],");
	else
		buf_puts(b,
		    "\"resources\":{\"limits\":{\"cpu\":\"100m\",\"memory\":"
		    "\"64Mi\"},\"requests\":{\"cpu\":\"100m\",\"memory\":"
		    "\"64Mi\"}},");
	buf_puts(b,
	    "\"terminationMessagePath\":\"/dev/termination-log\","
	    "\"terminationMessagePolicy\":\"File\",\"imagePullPolicy\":"
	    "\"IfNotPresent\"}");
}

/* Entries as server-side apply writes them, until the object is long enough. */
static void
put_managed_fields(struct buf *b, size_t until)
{
	buf_puts(b,
	    ",\"managedFields\":[{\"manager\":\"kubectl\",\"operation\":"
	    "\"Update\",\"apiVersion\":\"v1\",\"fieldsType\":\"FieldsV1\","
	    "\"fieldsV1\":{\"f:spec\":{");
	for (unsigned i = 0; b->len < until && !buf_failed(b); i++)
		buf_printf(b,
		    "%s\"k:{\\\"name\\\":\\\"app%u\\\"}\":{\".\":{},\"f:"
		    "image\":{},"
		    "\"f:imagePullPolicy\":{},\"f:name\":{},\"f:resources\":{"
		    "\".\":{},\"f:limits\":{\".\":{},\"f:cpu\":{},\"f:memory\":"
		    "{}}}}",
		    i == 0 ? "" : ",", i);
	buf_puts(b, "}}}]");
}

static void
put_pod(struct buf *b, const struct bench_shape *shape, size_t until)
{
	/* What the spec below takes, so that the sizes come out. */
	const size_t spec = 700 + shape->containers * 720u;

	buf_puts(b,
	    "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":"
	    "\"web-1\",\"namespace\":\"team-a\",\"uid\":\"c1\",\"labels\":{"
	    "\"app\":\"web\"");
	if (shape->enclave)
		buf_puts(b, ",\"keepgate.dev/profile\":\"sgx-intel\"");
	buf_puts(b, "}");
	put_managed_fields(b, until > spec ? until - spec : 0);
	buf_puts(b, "},\"spec\":{\"volumes\":[");
	if (shape->enclave)
		buf_puts(b,
		    "{\"name\":\"aesmd-socket\",\"hostPath\":{\"path\":"
		    "\"/var/run/aesmd\",\"type\":\"Directory\"}}");
	buf_puts(b, "],\"containers\":[");
	for (unsigned i = 0; i < shape->containers; i++)
		put_container(b, i, shape->enclave);
	buf_puts(b,
	    "],\"restartPolicy\":\"Always\",\"terminationGracePeriodSeconds\":"
	    "30,\"dnsPolicy\":\"ClusterFirst\",\"securityContext\":{},"
	    "\"schedulerName\":\"default-scheduler\",\"nodeSelector\":{");
	buf_puts(b,
	    shape->enclave ? "\"intel.feature.node.kubernetes.io/sgx\":\"true\""
			   : "\"kubernetes.io/os\":\"linux\"");
	buf_puts(b,
	    "},\"tolerations\":[{\"key\":\"node.kubernetes.io/not-ready\","
	    "\"operator\":\"Exists\",\"effect\":\"NoExecute\","
	    "\"tolerationSeconds\":300}],\"priority\":0,"
	    "\"enableServiceLinks\":true},\"status\":{\"phase\":\"Pending\"}}");
}

struct kg_slice
bench_review(struct arena *arena, const struct bench_shape *shape)
{
	struct buf b;

	buf_init(&b, arena, MIB);
	buf_printf(&b,
	    "{\"kind\":\"AdmissionReview\",\"apiVersion\":"
	    "\"admission.k8s.io/v1\",\"request\":{\"uid\":"
	    "\"05c1f4bf-9b70-407a-8c3a-84176319c207\",\"kind\":{\"group\":\"\","
	    "\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":{\"group\":\"\","
	    "\"version\":\"v1\",\"resource\":\"pods\"},\"name\":\"web-1\","
	    "\"namespace\":\"team-a\",\"operation\":\"%s\",\"userInfo\":{"
	    "\"username\":\"admin\",\"groups\":[\"system:masters\"]},"
	    "\"object\":",
	    shape->update ? "UPDATE" : "CREATE");
	put_pod(&b, shape, shape->update ? shape->size / 2 : shape->size);
	buf_puts(&b, ",\"oldObject\":");
	if (shape->update)
		put_pod(&b, shape, shape->size);
	else
		buf_puts(&b, "null");
	buf_puts(&b, ",\"dryRun\":false,\"options\":null}}\n");
	return buf_slice(&b);
}

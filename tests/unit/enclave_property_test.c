/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties of the rules on random pods made of the profiles' vocabulary: an
 * unrelated label or another order of members changes nothing, and moving a
 * container to another list clears no finding of isolation or images.
 */
#include "base/limits.h"
#include "review/reviewer.h"
#include "unit/engine.h"
#include "unit/random.h"
#include "unit/unit.h"

#define PODS 400u
#define PARTS_MAX 8u

/* Members of an object as JSON; absent ones are NULL. */
struct parts {
	const char *part[PARTS_MAX];
	unsigned count;
};

static void
add(struct parts *p, const char *part)
{
	if (part != NULL)
		p->part[p->count++] = part;
}

static void
shuffle(struct parts *p)
{
	for (unsigned i = p->count; i > 1; i--) {
		const unsigned k = below(i);
		const char *swap = p->part[i - 1];

		p->part[i - 1] = p->part[k];
		p->part[k] = swap;
	}
}

static void
put_object(struct buf *b, const struct parts *p)
{
	buf_puts(b, "{");
	for (unsigned i = 0; i < p->count; i++) {
		buf_puts(b, i > 0 ? "," : "");
		buf_puts(b, p->part[i]);
	}
	buf_puts(b, "}");
}

/* --- Vocabulary --- */

static const char *const profiles[] = {
	"\"keepgate.dev/profile\":\"sgx-intel\"",
	"\"keepgate.dev/profile\":\"sgx-aks\"",
	"\"keepgate.dev/profile\":\"scone\"",
	"\"keepgate.dev/profile\":\"gramine\"",
	"\"keepgate.dev/profile\":\"nitro\"",
	"\"keepgate.dev/profile\":\"coco\"",
	"\"keepgate.dev/profile\":\"cvm\"",
};
static const char *const images[] = {
	NULL,
	"\"image\":\"registry.example/a:1\"",
	"\"image\":\"registry.example/a@sha256:"
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"",
	"\"image\":\"registry.example/a@sha256:0123\"",
};
static const char *const resources[] = {
	NULL,
	"\"resources\":{\"limits\":{\"sgx.intel.com/epc\":\"10Mi\","
	"\"sgx.intel.com/enclave\":\"1\"}}",
	"\"resources\":{\"limits\":{\"sgx.intel.com/provision\":\"1\"}}",
	"\"resources\":{\"limits\":{\"kubernetes.azure.com/"
	"sgx_epc_mem_in_MiB\":\"10\"}}",
	"\"resources\":{\"limits\":{\"aws.ec2.nitro/nitro_enclaves\":\"1\","
	"\"hugepages-2Mi\":\"512Mi\"}}",
};
static const char *const contexts[] = {
	NULL,
	"\"securityContext\":{\"privileged\":true}",
	"\"securityContext\":{\"capabilities\":{\"add\":[\"SYS_PTRACE\"]}}",
	"\"securityContext\":{\"allowPrivilegeEscalation\":true}",
	"\"securityContext\":{\"procMount\":\"Unmasked\"}",
};
static const char *const environments[] = {
	NULL,
	"\"env\":[{\"name\":\"SGX_AESM_ADDR\",\"value\":\"1\"}]",
	"\"env\":[{\"name\":\"SCONE_MODE\",\"value\":\"hw\"},"
	"{\"name\":\"SCONE_CAS_ADDR\",\"value\":\"cas.example\"}]",
};
static const char *const mounts[] = {
	NULL,
	"\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/var/run/aesmd\"}]",
	"\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/data\","
	"\"mountPropagation\":\"Bidirectional\"}]",
};
static const char *const volumes[] = {
	"\"volumes\":[]",
	"\"volumes\":[{\"name\":\"v\",\"hostPath\":{\"path\":"
	"\"/var/run/aesmd\"}}]",
	"\"volumes\":[{\"name\":\"v\",\"hostPath\":{\"path\":\"/dev/sgx\"}}]",
	"\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}]",
};
static const char *const selectors[] = {
	NULL,
	"\"nodeSelector\":{\"intel.feature.node.kubernetes.io/sgx\":\"true\"}",
	"\"nodeSelector\":{\"kubernetes.azure.com/security-type\":"
	"\"ConfidentialVM\"}",
};
static const char *const classes[] = { NULL, NULL,
	"\"runtimeClassName\":\"kata-qemu-snp\"",
	"\"runtimeClassName\":\"kata\"" };

/* --- Pods --- */

enum list { LIST_APP, LIST_INIT, LIST_EPHEMERAL, LISTS };

struct random_pod {
	struct parts labels, spec;
	struct parts containers[3]; /* but for the name, which is c0 ... */
	enum list in[3];
	unsigned count;
};

static void
make_pod(struct random_pod *p)
{
	*p = (struct random_pod){ .count = 1 + below(3) };
	add(&p->labels, PICK(profiles));
	add(&p->labels, "\"app\":\"web\"");
	add(&p->spec, PICK(volumes));
	add(&p->spec, PICK(selectors));
	add(&p->spec, PICK(classes));
	add(&p->spec, below(4) == 0 ? "\"hostPID\":true" : NULL);
	for (unsigned i = 0; i < p->count; i++) {
		struct parts *c = &p->containers[i];

		add(c, PICK(images));
		add(c, PICK(resources));
		add(c, PICK(contexts));
		add(c, PICK(environments));
		add(c, PICK(mounts));
	}
}

/* One list, with its containers under names that stay theirs. */
static void
put_list(struct buf *b, const struct random_pod *p, enum list list)
{
	static const char *const names[] = { "containers", "initContainers",
		"ephemeralContainers" };
	bool any = false;

	buf_printf(b, "\"%s\":[", names[list]);
	for (unsigned i = 0; i < p->count; i++) {
		struct parts c = p->containers[i];
		char name[16];

		if (p->in[i] != list)
			continue;
		(void)snprintf(name, sizeof(name), "\"name\":\"c%u\"", i);
		c.part[c.count++] = name;
		buf_puts(b, any ? "," : "");
		put_object(b, &c);
		any = true;
	}
	buf_puts(b, "]");
}

static struct kg_slice
review_of(const struct random_pod *p)
{
	struct buf b;

	buf_init(&b, &arena, MIB);
	buf_puts(&b,
	    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":"
	    "\"AdmissionReview\",\"request\":{\"uid\":\"u\",\"kind\":{"
	    "\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":"
	    "{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},"
	    "\"operation\":\"CREATE\",\"namespace\":\"default\",\"object\":{"
	    "\"metadata\":{\"name\":\"app\",\"labels\":");
	put_object(&b, &p->labels);
	buf_puts(&b, "},\"spec\":{");
	for (unsigned i = 0; i < p->spec.count; i++)
		buf_printf(&b, "%s,", p->spec.part[i]);
	for (unsigned list = 0; list < LISTS; list++) {
		buf_puts(&b, list > 0 ? "," : "");
		put_list(&b, p, (enum list)list);
	}
	buf_puts(&b, "}}}}");
	return buf_slice(&b);
}

/* Verdict and findings, one a line: "deny\nISO-001 /spec/...\n". */
static struct kg_slice
judged(const struct random_pod *p, bool pointers)
{
	const struct kg_call call = { .phase = KG_VALIDATE };
	const struct kg_slice body = review_of(p);
	const struct kg_decision *d;
	struct buf b;

	if (kg_review(reviewer, set, &call, body, &d) != KG_OK)
		fail_msg("%.*s", SLICE_ARG(body));
	buf_init(&b, &arena, MIB);
	buf_printf(&b, "%s\n", kg_verdict_name(d->verdict));
	for (size_t i = 0; i < d->finding_count; i++) {
		buf_put(&b, d->findings[i].rule);
		if (pointers)
			buf_printf(
			    &b, " %.*s", SLICE_ARG(d->findings[i].pointer));
		buf_puts(&b, "\n");
	}
	return buf_slice(&b);
}

/* Lines sorted: members in another order are found in another order. */
static int
line_order(const void *a, const void *b)
{
	return slice_cmp(
	    *(const struct kg_slice *)a, *(const struct kg_slice *)b);
}

static size_t
lines_of(struct kg_slice text, struct kg_slice lines[256])
{
	size_t n = 0;

	while (text.ptr != NULL && n < 256)
		lines[n++] = slice_cut(&text, '\n');
	qsort(lines, n, sizeof(lines[0]), line_order);
	return n;
}

static void
same(const struct random_pod *p, struct kg_slice one, struct kg_slice two)
{
	struct kg_slice a[256], b[256];
	const size_t n = lines_of(one, a), m = lines_of(two, b);
	bool equal = n == m;

	for (size_t i = 0; i < n && equal; i++)
		equal = slice_eq(a[i], b[i]);
	if (!equal)
		fail_msg("%.*s\ngives\n%.*sbefore it was\n%.*s",
		    SLICE_ARG(review_of(p)), SLICE_ARG(two), SLICE_ARG(one));
}

static void
labels_and_order_change_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PODS; i++) {
		struct random_pod p;
		struct kg_slice before;

		arena_reset(&arena);
		make_pod(&p);
		before = judged(&p, true);
		add(&p.labels, "\"unrelated.example/label\":\"x\"");
		shuffle(&p.labels);
		shuffle(&p.spec);
		for (unsigned c = 0; c < p.count; c++)
			shuffle(&p.containers[c]);
		same(&p, before, judged(&p, true));
	}
}

static void
moving_a_container_clears_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PODS; i++) {
		struct random_pod p;
		struct kg_slice before[256], after[256], text;
		size_t n, m;

		arena_reset(&arena);
		make_pod(&p);
		n = lines_of(judged(&p, false), before);
		p.in[below(p.count)] = (enum list)(1 + below(LISTS - 1));
		text = judged(&p, false);
		m = lines_of(text, after);
		for (size_t k = 0; k < n; k++) {
			bool found = !slice_starts(before[k], SLICE("ISO-")) &&
			    !slice_starts(before[k], SLICE("IMG-"));

			for (size_t l = 0; l < m && !found; l++)
				found = slice_eq(before[k], after[l]);
			if (!found)
				fail_msg("%.*s\nclears %.*s\n%.*s",
				    SLICE_ARG(review_of(&p)),
				    SLICE_ARG(before[k]), SLICE_ARG(text));
		}
	}
}

static int
setup(void **state)
{
	random_start(&reviewer);
	return engine_setup(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_and_order_change_nothing),
		cmocka_unit_test(moving_a_container_clears_nothing),
	};

	return cmocka_run_group_tests(tests, setup, engine_teardown);
}

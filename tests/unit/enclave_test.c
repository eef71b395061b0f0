/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths, profiles and the proof of placement. The rules themselves are tested
 * by the cases of tests/enclave.
 */
#include "base/limits.h"
#include "enclave/env.h"
#include "enclave/path.h"
#include "enclave/placement.h"
#include "unit/unit.h"
#include "value/writer.h"

static void
paths_are_cleaned_lexically(void **state)
{
	static const char *const cases[][2] = {
		{ "/", "/" },
		{ "", "/" },
		{ "//", "/" },
		{ ".", "/" },
		{ "..", "/" },
		{ "/../..", "/" },
		{ "dev", "/dev" },
		{ "/dev", "/dev" },
		{ "/dev/", "/dev" },
		{ "//dev//sgx_enclave", "/dev/sgx_enclave" },
		{ "/var/run/aesmd/../../../dev", "/dev" },
		{ "/var/./run/aesmd/.", "/var/run/aesmd" },
		{ "/a/../../b/c/..", "/b" },
		{ "/...", "/..." },
		{ "/a..b/.c", "/a..b/.c" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_slice(
		    path_clean(&arena, slice_str(cases[i][0])), cases[i][1]);
	assert_true(path_within(SLICE("/dev/sgx"), SLICE("/dev")));
	assert_true(path_within(SLICE("/dev"), SLICE("/dev")));
	assert_true(path_within(SLICE("/x"), SLICE("/")));
	assert_false(path_within(SLICE("/device"), SLICE("/dev")));
	assert_false(path_within(SLICE("/"), SLICE("/dev")));
}

/* The messages of a profile, one a line, "LINE:COLUMN MESSAGE". */
static struct kg_slice
profile_errors(const char *yaml, struct profile *out)
{
	struct kg_diags *diags = kg_diags_new();
	struct node_reader r = { .arena = &arena, .diags = diags };
	struct yaml_reader *reader;
	struct document doc;
	struct buf b;
	bool more;

	buf_init(&b, &arena, 64 * KIB);
	assert_int_equal(yaml_reader_new(&arena, &keys, SLICE("p.yaml"),
			     slice_str(yaml), NULL, diags, &reader),
	    KG_OK);
	assert_int_equal(yaml_read(reader, &doc, &more), KG_OK);
	profile_read(&r, &doc, out);
	for (size_t i = 0; i < kg_diags_count(diags); i++) {
		const struct kg_diag *d = kg_diags_get(diags, i);

		buf_printf(&b, "%u:%u %.*s\n", d->line, d->column,
		    SLICE_ARG(d->message));
	}
	assert_int_equal(r.failed, kg_diags_errors(diags) > 0);
	yaml_reader_free(reader);
	kg_diags_free(diags);
	return buf_slice(&b);
}

#define ACME                                                           \
	"apiVersion: keepgate.dev/v1alpha1\nkind: EnclaveProfile\n"    \
	"metadata: {name: acme}\nspec:\n  tee: Process\n"              \
	"  resources:\n"                                               \
	"  - {name: a.example/mem, role: Memory, unit: MiB}\n"         \
	"  - {name: a.example/dev, role: Device, equals: 1}\n"         \
	"  wirings:\n  - name: agent\n"                                \
	"    env: {require: [A], forbid: [B]}\n"                       \
	"    mount: {paths: [/run//a/], hostPath: {paths: [/run/a/], " \
	"types: [\"\"]}}\n"                                            \
	"    container: {name: c, resources: {a.example/dev: 2}}\n"    \
	"  nodes: {typeLabels: [t], types: {big: 1Gi}, predicates: "   \
	"[{key: k, values: [v], exclusive: true}]}\n"                  \
	"  debug: [{env: D, safe: [\"0\"]}]\n"

static void
a_profile_is_read_whole(void **state)
{
	struct profile p;

	(void)state;
	assert_slice(profile_errors(ACME, &p), "");
	assert_slice(p.name, "acme");
	assert_int_equal(p.resource_count, 2);
	assert_int_equal(p.resources[0].unit, 1048576);
	assert_int_equal(p.resources[1].equals, 1);
	assert_slice(p.wirings[0].mount_paths.items[0], "/run/a");
	assert_slice(p.wirings[0].host_paths.items[0], "/run/a");
	assert_int_equal(p.wirings[0].attestor.resources[0].count, 2);
	assert_int_equal(p.types[0].epc, 1 << 30);
	assert_true(p.predicates[0].exclusive);
	assert_true(p.debug[0].safe);
}

static void
what_does_not_fit_a_profile_is_placed(void **state)
{
	struct profile p;

	(void)state;
	assert_slice(
	    profile_errors("kind: EnclaveProfile\nmetadata: {name: x}\nspec:\n"
			   "  tee: VM\n  resorces: []\n  resources:\n"
			   "  - {name: a/b, role: Memori}\n"
			   "  - {name: a/c, role: Memory, equals: 0}\n"
			   "  - {role: Quote, unit: B}\n"
			   "  wirings:\n  - {mount: {paths: [/a]}}\n"
			   "  nodes: {types: {big: 1Gi}}\n"
			   "  signals: {env: A}\n",
		&p),
	    "5:3 unknown field \"resorces\" in spec; did you mean "
	    "\"resources\"?\n"
	    "7:23 spec.resources[0].role: found \"Memori\", want Memory, "
	    "Device or Quote\n"
	    "8:39 spec.resources[1].equals: found 0, want a whole number from "
	    "1 to 1000000\n"
	    "9:5 spec.resources[2].name is required\n"
	    "9:25 only a resource of role Memory has a unit\n"
	    "13:18 spec.signals.env: found \"A\", want a list\n"
	    "11:5 spec.wirings[0].name is required\n"
	    "11:13 spec.wirings[0].mount needs either hostPath or emptyDir\n"
	    "7:5 a profile of tee: VM has no resource of role Memory\n"
	    "8:5 a profile of tee: VM has no resource of role Memory\n"
	    "12:10 spec.nodes.types needs spec.nodes.typeLabels\n");
}

static void
the_rest_of_a_profile_is_closed_too(void **state)
{
	struct profile p;

	(void)state;
	assert_slice(
	    profile_errors(
		"kind: EnclaveProfile\nmetadata: {name: x}\nspec:\n"
		"  env: [{name: A, role: Verifer}]\n"
		"  resources: [{name: a/b, role: Device, with: a/c}]\n"
		"  wirings: [{name: w}, {name: w, labels: {l: 1}}]\n"
		"  measured: [{annotation: a, encoding: Hex}]\n"
		"  runtimeClasses: {allow: [a], proves: [b], defaults: [{name: "
		"a, overhead: {cpu: some}}]}\n"
		"  annotations: {families: [{prefx: a}]}\n"
		"  cpuStep: 0\n",
		&p),
	    "4:25 spec.env[0].role: found \"Verifer\", want Plain, Verifier, "
	    "Agent, Collateral or Secure\n"
	    "6:46 spec.wirings[1].labels.l: found 1, want a string\n"
	    "9:29 unknown field \"prefx\" in spec.annotations.families[0]; did "
	    "you mean \"prefix\"?\n"
	    "9:28 spec.annotations.families[0].prefix is required\n"
	    "7:40 spec.measured[0].encoding: found \"Hex\", want Text, Base64 "
	    "or "
	    "GzipBase64\n"
	    "8:82 spec.runtimeClasses.defaults[0].overhead.cpu: want a "
	    "quantity\n"
	    "8:41 b proves, but is not among spec.runtimeClasses.allow\n"
	    "10:12 spec.cpuStep: found 0, want a whole number from 1 to 64\n"
	    "5:47 a/c is no resource of this profile\n"
	    "6:24 a second wiring \"w\"\n");
}

static void
a_runtime_class_is_exact_but_for_its_hash(void **state)
{
	static const struct kg_slice list[] = { SLICE_INIT("kata-qemu-snp"),
		SLICE_INIT("contrast-cc-a-<hash>") };
	const struct string_list classes = { list, 2 };

	(void)state;
	assert_true(runtime_class_listed(&classes, SLICE("kata-qemu-snp")));
	assert_true(
	    runtime_class_listed(&classes, SLICE("contrast-cc-a-0123abcd")));
	assert_false(
	    runtime_class_listed(&classes, SLICE("kata-qemu-snp-evil")));
	assert_false(
	    runtime_class_listed(&classes, SLICE("contrast-cc-a-0123abc")));
	assert_false(
	    runtime_class_listed(&classes, SLICE("contrast-cc-a-0123abcdx")));
	assert_false(runtime_class_listed(&classes, SLICE("contrast-cc-a-")));
	assert_false(runtime_class_listed(&classes, SLICE("")));
}

/* --- Placement --- */

static const struct kg_slice yes[] = { SLICE_INIT("true") };
static const struct kg_slice labels[] = { SLICE_INIT("type") };
static const struct node_predicate predicates[] = {
	{ SLICE_INIT("tee"), { yes, 1 }, false, false },
	{ SLICE_INIT("only"), { NULL, 0 }, true, false },
};
static const struct node_type types[] = {
	{ SLICE_INIT("small"), 10 },
	{ SLICE_INIT("large"), 100 },
};
static const struct profile profile = { .predicates = predicates,
	.predicate_count = 2,
	.type_labels = { labels, 1 },
	.types = types,
	.type_count = 2 };

#define TERMS(t)                                               \
	"{\"affinity\":{\"nodeAffinity\":{"                    \
	"\"requiredDuringSchedulingIgnoredDuringExecution\":{" \
	"\"nodeSelectorTerms\":[" t "]}}}}"
#define EXPR(k, op, v) \
	"{\"key\":\"" k "\",\"operator\":\"" op "\",\"values\":[" v "]}"

static void
a_proof_holds_for_every_term(void **state)
{
	/* clang-format off */
	static const struct {
		const char *spec;
		bool proven;
		int64_t largest;
	} cases[] = {
		{ "{}", false, 100 },
		{ "{\"nodeSelector\":{\"tee\":\"true\"}}", true, 100 },
		{ "{\"nodeSelector\":{\"tee\":\"false\"}}", false, 100 },
		{ "{\"nodeSelector\":{\"tee\":true}}", false, 100 },
		{ "{\"nodeSelector\":{\"type\":\"small\"}}", true, 10 },
		{ "{\"nodeSelector\":{\"type\":\"other\"}}", false, -1 },
		{ "{\"nodeSelector\":{\"only\":\"anything\"}}", true, 100 },
		{ TERMS(""), false, 100 },
		{ TERMS("{}"), true, -1 },
		{ TERMS("null"), false, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("tee", "In", "\"true\"") "]}"), true, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("tee", "In", "\"true\",\"maybe\"") "]}"), false, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("tee", "In", "\"true\",\"maybe\"") "," EXPR("tee", "NotIn", "\"maybe\"") "]}"), true, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("tee", "In", "true") "]}"), false, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("only", "Exists", "") "]}"), true, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("tee", "Exists", "") "]}"), false, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("type", "In", "\"small\"") "]},{\"matchExpressions\":[" EXPR("type", "In", "\"large\"") "]}"), true, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("type", "In", "\"small\"") "]},{\"matchExpressions\":[" EXPR("zone", "In", "\"a\"") "]}"), false, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("type", "NotIn", "\"large\"") "]}"), false, 10 },
		{ TERMS("{\"matchExpressions\":[" EXPR("type", "DoesNotExist", "") "," EXPR("tee", "In", "\"true\"") "]}"), true, 100 },
		{ TERMS("{\"matchExpressions\":[" EXPR("z", "Exists", "") "," EXPR("z", "DoesNotExist", "") "]}"), true, -1 },
		{ TERMS("{\"matchExpressions\":[" EXPR("tee", "Gt", "\"0\"") "]}"), false, 100 },
		{ TERMS("{\"matchFields\":[" EXPR("metadata.name", "In", "\"n\"") "]}"), false, 100 },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct placement_rules rules = { .profile = &profile };
		struct placement out;
		const struct value *spec;
		struct json_error e;

		assert_int_equal(json_decode(&arena, &keys,
				     slice_str(cases[i].spec), NULL, &spec, &e),
		    KG_OK);
		placement_check(spec, &rules, &out);
		if (out.proven != cases[i].proven ||
		    out.largest_epc != cases[i].largest)
			fail_msg("%s: proven %d, largest %lld", cases[i].spec,
			    out.proven, (long long)out.largest_epc);
	}
}

/* --- The variable `enclave` --- */

static const struct value *
decoded_slice(struct kg_slice json)
{
	const struct value *v;
	struct json_error e;

	assert_int_equal(json_decode(&arena, &keys, json, NULL, &v, &e), KG_OK);
	return v;
}

static const struct value *
decoded(const char *json)
{
	return decoded_slice(slice_str(json));
}

/* The view of a pod spec under a label, judged by the profile above. */
static struct kg_slice
view(const char *label, const char *spec)
{
	static const uint8_t order[] = { 0 };
	const struct enclave_params params = {
		.profiles = 1, .order = order, .order_count = 1
	};
	const struct value *metadata = label != NULL ? decoded(label) : NULL;
	const struct pod pod = { metadata, decoded(spec),
		SLICE("/spec/template"), true };
	const struct pod_call call = { .create = true };
	static struct profile acme;
	struct catalog catalog;
	struct scan *scan;
	const struct value *v;
	struct writer w;
	struct buf b;

	assert_slice(profile_errors(ACME, &acme), "");
	assert_int_equal(catalog_build(&arena, &acme, 1, &catalog), KG_OK);
	assert_int_equal(
	    enclave_scan(&arena, &catalog, &pod, &call, &scan), KG_OK);
	assert_int_equal(enclave_view(&arena, scan, &params, &v), KG_OK);
	/* As an expression reads it, and as it is printed. */
	assert_non_null(value_get(v, KEY_placementProven));
	buf_init(&b, &arena, MIB);
	writer_init(&w, &b);
	writer_value(&w, v);
	return buf_slice(&b);
}

#define NOTHING                                                  \
	"{\"present\":false,\"declared\":\"\",\"profile\":\"\"," \
	"\"wiring\":\"\",\"attested\":false,\"epc\":0,"          \
	"\"placementProven\":false,\"nodeTypes\":[],\"containers\":[]}"

static void
expressions_see_the_facts(void **state)
{
	const struct enclave_params none = { 0 };
	const struct value *v;
	struct writer w;
	struct buf b;

	(void)state;
	assert_int_equal(enclave_view(&arena, NULL, &none, &v), KG_OK);
	buf_init(&b, &arena, MIB);
	writer_init(&w, &b);
	writer_value(&w, v);
	assert_slice(buf_slice(&b), NOTHING);
	assert_slice(
	    view(NULL, "{\"containers\":[{\"name\":\"a\"}]}"), NOTHING);
	assert_slice(
	    view("{\"labels\":{\"keepgate.dev/profile\":\"acme\"}}",
		"{\"nodeSelector\":{\"t\":\"big\"},\"containers\":[{\"name\":"
		"\"c\","
		"\"resources\":{\"limits\":{\"a.example/dev\":2}},"
		"\"volumeMounts\":[{\"name\":\"s\",\"mountPath\":\"/run/a\"}]},"
		"{\"name\":\"app\",\"env\":[{\"name\":\"A\"}],"
		"\"volumeMounts\":[{\"name\":\"s\",\"mountPath\":\"/run/a\"}],"
		"\"resources\":{\"limits\":{\"a.example/mem\":2}}}],"
		"\"volumes\":[{\"name\":\"s\",\"hostPath\":{\"path\":"
		"\"/run/a\"}}]}"),
	    "{\"present\":true,\"declared\":\"acme\",\"profile\":\"acme\","
	    "\"wiring\":\"agent\",\"attested\":true,\"epc\":2097152,"
	    "\"placementProven\":true,\"nodeTypes\":[\"big\"],"
	    "\"containers\":[{\"name\":\"app\",\"kind\":\"app\","
	    "\"pointer\":\"/spec/template/spec/containers/1\","
	    "\"epc\":2097152,\"wiring\":\"agent\"}]}");
	assert_slice(view("{\"labels\":{\"keepgate.dev/profile\":\"nosuch\"}}",
			 "{\"containers\":[]}"),
	    "{\"present\":true,\"declared\":\"nosuch\",\"profile\":\"\","
	    "\"wiring\":\"\",\"attested\":false,\"epc\":0,"
	    "\"placementProven\":false,\"nodeTypes\":[],\"containers\":[]}");
}

static void
node_types_are_those_that_remain(void **state)
{
	/* clang-format off */
	static const struct {
		const char *spec;
		const char *types; /* separated by blanks */
	} cases[] = {
		{ "{}", "" },
		{ "{\"nodeSelector\":{\"type\":\"small\"}}", "small" },
		{ "{\"nodeSelector\":{\"type\":\"odd\"}}", "odd" },
		{ TERMS("{\"matchExpressions\":[" EXPR("type", "In", "\"a\",\"b\"") "," EXPR("type", "NotIn", "\"b\"") "]},{\"matchExpressions\":[" EXPR("type", "In", "\"a\",\"c\"") "]}"), "a c" },
		{ TERMS("{\"matchExpressions\":[" EXPR("type", "In", "\"a\"") "]},{\"matchExpressions\":[" EXPR("tee", "Exists", "") "]}"), "" },
		{ TERMS("{\"matchExpressions\":[" EXPR("type", "In", "\"a\"") "]},{}"), "a" },
		{ TERMS("{\"matchExpressions\":[" EXPR("type", "NotIn", "\"a\"") "]}"), "" },
		{ TERMS("{\"matchExpressions\":[" EXPR("type", "DoesNotExist", "") "]}"), "" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct string_list list;
		struct buf b;

		placement_types(
		    &arena, decoded(cases[i].spec), &profile, &list);
		buf_init(&b, &arena, MIB);
		for (size_t k = 0; k < list.count; k++)
			buf_printf(&b, "%s%.*s", k > 0 ? " " : "",
			    SLICE_ARG(list.items[k]));
		assert_slice(buf_slice(&b), cases[i].types);
	}
}

/* --- Environment --- */

/* The container of a pod that has this env and nothing else. */
static const struct container *
container_of(const char *env)
{
	static const struct catalog nothing = { 0 };
	static const struct pod_call call = { 0 };
	static struct pod pod;
	struct scan *scan;

	pod.spec = decoded_slice(
	    arena_printf(&arena, "{\"containers\":[{\"env\":%s}]}", env));
	assert_int_equal(
	    enclave_scan(&arena, &nothing, &pod, &call, &scan), KG_OK);
	return &scan->containers[0];
}

static void
the_environment_is_what_the_kubelet_makes(void **state)
{
	/* clang-format off */
	static const struct {
		const char *env;
		enum env_source source;
		const char *value;
		size_t others;
		bool differing;
	} cases[] = {
		{ "[]", ENV_ABSENT, "", 0, false },
		{ "[{\"name\":\"X\",\"value\":\"1\"}]", ENV_LITERAL, "1", 0, false },
		{ "[{\"name\":\"X\"}]", ENV_LITERAL, "", 0, false },
		{ "[{\"name\":\"X\",\"value\":\"0\"},{\"name\":\"X\",\"value\":\"1\"}]", ENV_LITERAL, "1", 1, true },
		{ "[{\"name\":\"X\",\"value\":\"1\"},{\"name\":\"X\",\"value\":\"1\"}]", ENV_LITERAL, "1", 1, false },
		{ "[{\"name\":\"A\",\"value\":\"a\"},{\"name\":\"X\",\"value\":\"$(A)$(B)$$(A)$\"}]", ENV_LITERAL, "a$(B)$(A)$", 0, false },
		{ "[{\"name\":\"X\",\"value\":\"$(A)\"},{\"name\":\"A\",\"value\":\"a\"}]", ENV_LITERAL, "$(A)", 0, false },
		{ "[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":\"$(A)2\"},{\"name\":\"A\",\"value\":\"9\"},{\"name\":\"X\",\"value\":\"$(B)$(A)\"}]", ENV_LITERAL, "129", 0, false },
		{ "[{\"name\":\"X\",\"value\":\"1\"},{\"name\":\"X\",\"value\":\"$(X)0\"}]", ENV_LITERAL, "10", 1, true },
		{ "[{\"name\":\"A\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.hostIP\"}}},{\"name\":\"X\",\"value\":\"http://$(A):1\"}]", ENV_LITERAL, "http://$(A):1", 0, false },
		{ "[{\"name\":\"X\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.hostIP\"}}}]", ENV_FIELD, "", 0, false },
		{ "[{\"name\":\"X\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"k\"}}}]", ENV_FOREIGN, "", 0, false },
		{ "[{\"name\":\"X\",\"value\":\"$(\"}]", ENV_LITERAL, "$(", 0, false },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct env_var v;

		env_find(&arena, container_of(cases[i].env), SLICE("X"), &v);
		assert_int_equal(v.source, cases[i].source);
		assert_slice(v.value, cases[i].value);
		assert_int_equal(v.others, cases[i].others);
		assert_int_equal(v.differing, cases[i].differing);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_cleaned_lexically),
		cmocka_unit_test(a_profile_is_read_whole),
		cmocka_unit_test(what_does_not_fit_a_profile_is_placed),
		cmocka_unit_test(the_rest_of_a_profile_is_closed_too),
		cmocka_unit_test(a_runtime_class_is_exact_but_for_its_hash),
		cmocka_unit_test(a_proof_holds_for_every_term),
		cmocka_unit_test(expressions_see_the_facts),
		cmocka_unit_test(node_types_are_those_that_remain),
		cmocka_unit_test(the_environment_is_what_the_kubelet_makes),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Compiling and evaluating: every row plainly and optimised. */
#include <pthread.h>

#include "base/limits.h"
#include "cel/cel.h"
#include "cel/check.h"
#include "cel/parse.h"
#include "cel/program.h"
#include "unit/unit.h"
#include "value/number.h"

/* What `object` is in all rows. */
static const char document[] =
    "{\"metadata\":{\"name\":\"web\",\"labels\":{\"app\":\"web\",\"a/b\":"
    "\"c\"}},\"spec\":{\"replicas\":3,\"containers\":[{\"name\":\"one\","
    "\"image\":\"r/one:1\",\"ports\":[80,443]},{\"name\":\"two\",\"image\":"
    "\"q/two:2\",\"securityContext\":{\"privileged\":true}}],\"ratio\":0.5,"
    "\"nothing\":null}}";

/* clang-format off */
static const struct {
	const char *expr;
	const char *result; /* as put() has it; "! text": an error */
	int cost;           /* of Kubernetes' evaluation; -1: any */
} rows[] = {
	/* Selections and their errors. */
	{ "object.metadata.name", "\"web\"", 3 },
	{ "object.metadata.name == 'web'", "true", 4 },
	{ "object.spec.missing", "! no such key: missing", 3 },
	{ "object.spec.missing.deeper", "! no such key: missing", 3 },
	{ "object.metadata.name.x", "! no such key: x", -1 },
	{ "object.spec.containers.x", "! unsupported index type 'string' in list", -1 },
	{ "object.spec.nothing.x", "! no such key: x", -1 },
	{ "object.spec.containers[0].name", "\"one\"", 5 },
	{ "object.spec.containers[2]", "! index out of bounds: 2", -1 },
	{ "object.spec.containers[-1]", "! index out of bounds: -1", -1 },
	{ "object.spec.containers['a']", "! unsupported index type 'string' in list", -1 },
	{ "object.metadata.labels['a/b']", "\"c\"", 4 },
	{ "object.metadata.labels['none']", "! no such key: none", -1 },
	{ "object.metadata[0]", "! no such key: 0", -1 },
	{ "object.metadata[object.spec.ratio]", "! no such key: 0.5", -1 },
	{ "object.metadata[dyn(b'a' + b'b')]", "! invalid qualifier type: types.Bytes", -1 },
	{ "object.spec.containers[0.5]", "! unsupported index value 0.5 in list", -1 },
	{ "has(object.spec.replicas)", "true", 2 },
	{ "has(object.spec.nothing)", "true", 2 },
	{ "has(object.spec.missing)", "false", 2 },
	{ "has(object.missing.deeper)", "! no such key: missing", -1 },
	{ "has(object.metadata.name.x)", "false", -1 },
	{ "!has(object.spec.missing)", "true", 3 },
	{ "!has(object.spec.replicas)", "false", 3 },
	{ "!has(object.missing.deeper)", "! no such key: missing", -1 },
	{ "!has(object.spec.containers.x)",
	    "! unsupported index type 'string' in list", -1 },
	{ "unset.a", "! no such attribute(s): unset", -1 },
	{ "has(unset.a)", "! no such attribute(s): unset", -1 },
	{ "!has(unset.a.b)", "! no such attribute(s): unset", -1 },
	{ "unset.?a.orValue(1)", "! no such attribute(s): unset", -1 },
	/* Optionals. */
	{ "object.spec.?containers.x.orValue(7)",
	    "! unsupported index type 'string' in list", -1 },
	{ "object.?missing.?deeper.orValue([])", "[]", 1 },
	{ "object.spec.?nothing.orValue(7)", "null_type", -1 },
	{ "object.spec.?replicas.x.orValue(7)", "7", -1 },
	{ "object.spec.containers.map(c, c.?ports.orValue([]))", "[[80, 443], []]", -1 },
	{ "has(object.?spec.missing.deeper)", "false", -1 },
	{ "object.spec.?missing.deeper.orValue(7)", "7", -1 },
	{ "object.?spec.replicas.orValue(7)", "3", 3 },
	{ "object.spec.?replicas", "some 3", -1 },
	{ "object.spec.?missing", "none", -1 },
	{ "object.metadata.?labels[?'app'].orValue('x')", "\"web\"", -1 },
	{ "object.spec.containers[?5].hasValue()", "false", -1 },
	{ "object.spec.replicas.orValue(1)", "3", -1 },
	{ "object.spec.?replicas.orValue(1 / 0)", "3", -1 },
	{ "object.spec.?missing.orValue(1 / 0)", "! division by zero", -1 },
	{ "object.spec.?missing.or(object.spec.?replicas).value()", "3", -1 },
	{ "object.spec.?missing.value()", "! optional.none() dereference", -1 },
	{ "object.spec.?replicas.optMap(r, r + 1)", "some 4", -1 },
	{ "object.spec.?missing.optMap(r, r + 1)", "none", -1 },
	{ "[?object.spec.?missing, ?object.spec.?replicas]", "[3]", -1 },
	{ "{?'a': object.spec.?missing, 'b': object.spec.replicas}", "{\"b\": 3}", -1 },
	/* Logic: the other side absorbs, the first error is told. */
	{ "object.spec.missing || true", "true", -1 },
	{ "true || object.spec.missing", "true", 0 },
	{ "object.spec.missing && false", "false", -1 },
	{ "object.spec.a && object.spec.b", "! no such key: a", -1 },
	{ "object.spec.replicas || false", "! no such overload", -1 },
	{ "object.spec.replicas || true", "true", -1 },
	{ "object.spec.a && (object.spec.b && false)", "false", -1 },
	{ "object.spec.a || (object.spec.b || object.spec.replicas == 3)", "true", -1 },
	{ "object.spec.a || object.spec.b || false", "! no such key: a", -1 },
	{ "object.spec.replicas == 3 && (object.spec.replicas == 4 && object.spec.x)",
	    "false", -1 },
	{ "object.spec.replicas == 3 && object.spec.ratio && object.spec.x",
	    "! no such overload", -1 },
	{ "object.spec.replicas == 4 || object.spec.a || object.spec.replicas == 3 || "
	  "object.spec.x", "true", -1 },
	{ "object.spec.containers.all(c, has(c.image) && (has(c.ports) || c.name == 'two') "
	  "&& c.image != '')", "true", -1 },
	{ "object.spec.missing ? 1 : 2", "! no such key: missing", -1 },
	{ "object.spec.replicas ? 1 : 2", "! no such overload", -1 },
	{ "true ? object.spec.replicas : object.spec.missing", "3", 2 },
	/* Comprehensions. */
	{ "object.spec.containers.all(c, has(c.image))", "true", -1 },
	{ "object.spec.containers.all(c, c.securityContext.privileged)",
	    "! no such key: securityContext", -1 },
	{ "object.spec.containers.all(c, c.name == 'two' && c.x)", "false", -1 },
	{ "object.spec.containers.exists(c, c.securityContext.privileged)", "true", -1 },
	{ "object.spec.containers.exists_one(c, c.name == 'two')", "true", -1 },
	{ "object.spec.containers.map(c, c.name)", "[\"one\", \"two\"]", -1 },
	{ "object.spec.containers.filter(c, has(c.ports)).map(c, c.ports)", "[[80, 443]]", -1 },
	{ "object.spec.containers.map(c, has(c.ports), c.name)", "[\"one\"]", -1 },
	{ "object.spec.containers.map(c, c.ports)", "! no such key: ports", -1 },
	{ "object.metadata.labels.all(k, k != 'x')", "true", -1 },
	{ "object.metadata.labels.exists(k, v, v == 'c')", "true", -1 },
	{ "object.spec.containers.transformList(i, c, i)", "[0, 1]", -1 },
	{ "object.metadata.labels.transformMap(k, v, v + '!')",
	    "{\"app\": \"web!\", \"a/b\": \"c!\"}", -1 },
	{ "object.spec.replicas.all(x, true)", "! got 'types.Int', expected iterable type", -1 },
	{ "[3, 1, 2].sortBy(x, -x)", "[3, 2, 1]", -1 },
	{ "object.spec.?missing.orValue([]).exists(c, true)", "false", -1 },
	{ "object.spec.?missing.orValue([]).exists_one(c, true)", "false", -1 },
	{ "object.spec.?missing.orValue([]).map(c, c)", "[]", -1 },
	{ "object.spec.containers.sortBy(c, c.image).map(c, c.name)", "[\"two\", \"one\"]", -1 },
	{ "[[1, 2], [3]].map(x, x.map(y, x.size() + y))", "[[3, 4], [4]]", -1 },
	{ "[1, 2, 3].filter(x, [2, 3].exists(y, y == x))", "[2, 3]", -1 },
	/* Operators. */
	{ "object.spec.replicas + 1", "4", -1 },
	{ "object.spec.replicas + 1.0", "! no such overload", -1 },
	{ "object.spec.ratio * 2.0", "1.0", -1 },
	{ "object.spec.replicas > 2.5", "true", -1 },
	{ "object.spec.replicas in [1, 2, 3]", "true", 3 },
	{ "object.metadata.name in ['a', 'web']", "true", 3 },
	{ "object.metadata.name in object.metadata.labels", "false", -1 },
	{ "'app' in object.metadata.labels", "true", -1 },
	{ "object.spec.containers[0].ports == [80, 443]", "true", -1 },
	{ "object.metadata.labels == ''", "false", -1 },
	{ "9223372036854775807 + object.spec.replicas", "! integer overflow", -1 },
	{ "-object.spec.replicas", "-3", -1 },
	{ "!object.spec.replicas", "! no such overload", -1 },
	{ "object.metadata.name.startsWith('w')", "true", -1 },
	{ "object.metadata.name.matches('^w.b$')", "true", -1 },
	{ "object.metadata.name.matches(object.metadata.labels.app)", "true", -1 },
	{ "object.metadata.name.matches('[' + 'a')",
	    "! error parsing regexp: missing closing ]: `[a`", -1 },
	{ "size(object.spec.containers)", "2", -1 },
	{ "string(object.spec.replicas) + '!'", "\"3!\"", -1 },
	{ "type(object.spec.replicas) == int", "true", -1 },
	{ "'%s has %d'.format([object.metadata.name, 2])", "\"web has 2\"", -1 },
	{ "'%.2f'.format([12345.678])", "\"12,345.68\"", -1 },
	{ "{'a': 1, 'b': 2}.b", "2", -1 },
	/* An empty text is no number and no bool. */
	{ "dyn('') in {1u: 2}", "false", -1 },
	{ "{true: 1}[dyn('')]", "! no such key: ", -1 },
	/* As Go's maps: the last one holds. */
	{ "{'a': 1, 'b': 2, 'a': 3}", "{\"a\": 3, \"b\": 2}", -1 },
	{ "[1, 2].transformMapEntry(i, x, {'k': x})", "! insert failed: key k already exists", -1 },
	{ "size(object.spec.replicas)", "! no such overload: size", -1 },
	{ "object.metadata.name.split(object.spec.replicas)",
	    "! no such overload: split(string, int)", -1 },
	{ "object.spec.replicas.contains('a')", "! no such overload", -1 },
	{ "duration(object.spec.replicas)",
	    "! type conversion error from 'int' to 'google.protobuf.Duration'", -1 },
	{ "object.spec.containers[?9].hasValue()", "false", 4 },
	{ "object.spec.containers[?0].hasValue()", "true", 5 },
	{ "lists.range(-1)", "[]", -1 },
	{ "'%.1e'.format([1052.5])", "\"1.052500\u00d710\u2070\u00b3\"", -1 },
	{ "duration('90s') + duration('1h')", "3690s", -1 },
	{ "timestamp('2024-02-29T12:30:45.5Z').getDayOfYear()", "59", -1 },
	{ "duration('1h').getMinutes()", "60", -1 },
	{ "unset", "! no such attribute(s): unset", -1 },
	/* Names of types without a method name the operator. */
	{ "dyn(null) < 1", "! no such overload: _<_", -1 },
	{ "dyn(true) + 1", "! no such overload: _+_", -1 },
	{ "dyn('a') - 1", "! no such overload", -1 },
	{ "object.spec.nothing * 2", "! no such overload: _*_", -1 },
	{ "object.spec.ratio % object.spec.ratio", "! no such overload: _%_", -1 },
	{ "-dyn([1])", "! no such overload: -_", -1 },
	{ "!dyn([1])", "! no such overload", -1 },
	{ "[].map(x, x).reverse().sort()", "[]", -1 },
	{ "dyn([true, false]).reverse().sort()", "[false, true]", -1 },
	{ "optional.ofNonZeroValue(timestamp('0001-01-01T00:00:00Z'))", "none", -1 },
	{ "optional.ofNonZeroValue(timestamp(0)).hasValue()", "true", -1 },
	{ "dyn([[1]]).sort()", "! list elements must be comparable", -1 },
	{ "dyn(1).optMap(x, x)", "! no such overload: hasValue(int)", -1 },
	{ "dyn(1).all(i, x, true)", "! unsupported comprehension range type: types.Int", -1 },
	/* A pair of signs is nothing; more than one makes no negative literal. */
	{ "--1", "1", 0 },
	{ "---1", "-1", 1 },
	{ "!!!object.spec.containers[1].securityContext.privileged", "false", -1 },
	/* Costs. */
	{ "optional.of(1).optMap(x, 2).value()", "2", 4 },
	{ "optional.of(1).optMap(x, x + 1).value()", "2", 8 },
	{ "optional.none().optMap(x, x)", "none", 3 },
	{ "object.?nope[?0]", "none", 1 },
	{ "has(object.?metadata.nope)", "false", 1 },
	{ "has(object.?metadata.name)", "true", 2 },
	{ "matches('a', 'b')", "false", 1 },
	{ "'a'.matches('b')", "false", -1 },
	{ "ip('::1') != ip('::1')", "false", 4 },
	{ "ip('::1') == ip('::1')", "true", 3 },
	{ "dyn(ip('::1')) == 1", "! no such overload", -1 },
	{ "dyn(1) == ip('::1')", "false", -1 },
	{ "dyn(size('abc')) + 1", "4", 3 },
	{ "object.spec.containers[0].ports.sortBy(p, -p)", "[443, 80]", 37 },
	{ "[80, 443].sortBy(p, -p)", "[443, 80]", 50 },
	{ "[1].flatten(9007199254740993)", "! operation cancelled: actual cost limit exceeded", -1 },
	{ "dyn(1).validate('a')", "! no such overload: validate(int, string)", -1 },
	/* What 1.36 takes for an optional, and for a list of lists. */
	{ "dyn(1).or(optional.of(2))", "1", -1 },
	{ "optional.none().or(dyn(2))", "2", -1 },
	{ "object.spec.containers[0].ports.flatten()", "[80, 443]", -1 },
	/* Keys of a map are what they are. */
	{ "{dyn(1): 'a', dyn(1u): 'b'}", "{1: \"a\", 1: \"b\"}", -1 },
	{ "{dyn(1): 'a', dyn(1u): 'b'}[dyn(1.0)]", "\"a\"", -1 },
	{ "{dyn(1): 'a', dyn(1): 'b'}", "{1: \"b\"}", -1 },
	{ "size({[1]: 2, [1]: 3})", "2", -1 },
	{ "dyn(null) in {dyn(null): 1}", "true", -1 },
	{ "dyn(b'a') in {'a': 1}", "! internal error: runtime error: hash of unhashable type types.Bytes", -1 },
	{ "dyn(b'a') in {}", "false", -1 },
	{ "{dyn(b'a'): 1}", "! internal error: runtime error: hash of unhashable type types.Bytes", -1 },
	/* Times: the offset of the text, the clock on the wall. */
	{ "string(timestamp('2023-01-01T00:00:00+05:30'))", "\"2023-01-01T00:00:00+05:30\"", -1 },
	{ "string(timestamp('2023-01-01T00:00:00-00:30') + duration('1h'))", "\"2023-01-01T01:00:00-00:30\"", -1 },
	{ "string(timestamp('2023-01-01T05:30:00+05:30'))", "\"2023-01-01T05:30:00+05:30\"", -1 },
	{ "string(timestamp('2023-01-01T00:00:00Z'))", "\"2023-01-01T00:00:00Z\"", -1 },
	{ "timestamp('2023-01-01T00:00:00+05:30').getHours()", "18", -1 },
	{ "timestamp('2023-01-01T00:00:00Z') == timestamp('2023-01-01T05:30:00+05:30')", "true", -1 },
	{ "timestamp(0).getHours('Local')", "0", -1 },
	{ "timestamp(0) - timestamp('9999-01-01T00:00:00Z')", "! integer overflow", -1 },
	/* Formats: what is wrong while it runs, widths, zeros. */
	{ "('%5' + 'd').format([1])", "! could not parse formatting clause: unrecognized formatting clause \"5\"", -1 },
	{ "('%' + '').format([1])", "! unexpected end of string", -1 },
	{ "('%' + '').format([])", "! index 0 out of range", -1 },
	{ "'%f'.format(['x'])", "! error during formatting: fixed-point clause can only be used on doubles, was given string", -1 },
	{ "'%e'.format([double('NaN')])", "\"   NaN\"", -1 },
	{ "'%.0f'.format([-0.0])", "\"0\"", -1 },
	{ "'%s'.format([[ip('::1')].map(x, x)])", "! error during formatting: no formatting function for net.IP", -1 },
	{ "size('%s'.format([['é\\u200b\\u00a0\\n\\ue000\\U0010ffff']]))", "35", -1 },
	{ "'%s'.format([['\\u2028']]) == r'[\"\\u2028\"]'", "true", -1 },
	{ "'%s'.format([{1.5: 2}])", "! error during formatting: no formatting function for map key of type double", -1 },
	/* Folding refuses what is constant to cel-go, and that only. */
	{ "timestamp([].join())", "! type conversion error from 'string' to 'google.protobuf.Timestamp'", -1 },
};
/* clang-format on */

static void
put(struct buf *out, const struct value *v)
{
	if (v->kind == CEL_ERROR) {
		buf_puts(out, "! ");
		buf_put(out, cel_error_text(&arena, v));
	} else if (v->kind == CEL_STRING) {
		buf_put_quoted(out, cel_slice(v));
	} else if (v->kind == CEL_BOOL) {
		buf_puts(out, v->u.boolean ? "true" : "false");
	} else if (v->kind == CEL_INT || v->kind == CEL_UINT) {
		buf_put_int(out, v->u.integer);
	} else if (v->kind == CEL_DOUBLE) {
		double_put(out, v->u.real, DOUBLE_FIXED, 1);
	} else if (v->kind == CEL_DURATION) {
		buf_printf(out, "%llds", (long long)v->u.integer / 1000000000);
	} else if (v->kind == CEL_OPTIONAL) {
		buf_puts(out, v->u.items == NULL ? "none" : "some ");
		if (v->u.items != NULL)
			put(out, v->u.items);
	} else if (v->kind == CEL_LIST) {
		buf_putc(out, '[');
		for (size_t i = 0; i < v->count; i++) {
			buf_puts(out, i > 0 ? ", " : "");
			put(out, &v->u.items[i]);
		}
		buf_putc(out, ']');
	} else if (v->kind == CEL_MAP) {
		buf_putc(out, '{');
		for (size_t i = 0; i < v->count; i++) {
			buf_puts(out, i > 0 ? ", " : "");
			put(out, &v->u.members[i].name);
			buf_puts(out, ": ");
			put(out, &v->u.members[i].value);
		}
		buf_putc(out, '}');
	} else {
		buf_put(out, cel_type_name(v));
	}
}

/* --- One program, some roots --- */

struct bed {
	struct cel_env env;
	struct cel_builder *builder;
	struct cel_issues issues;
	const struct cel_program *program;
	struct cel_eval eval;
	const struct value *slots[3]; /* object, unset, variables */
	struct cel_binding bindings[8];
	struct cel_scope scope;
};

enum { SLOT_OBJECT, SLOT_UNSET, SLOT_VARIABLES };

static void
bed_init(struct bed *bed, const struct cel_build_options *options)
{
	*bed = (struct bed){ 0 };
	arena_reset(&arena);
	cel_env_init(&bed->env, &arena, options->compat);
	(void)cel_env_add_variable(
	    &bed->env, SLICE("object"), &cel_t_dyn, NULL);
	(void)cel_env_add_variable(&bed->env, SLICE("unset"), &cel_t_dyn, NULL);
	(void)cel_env_add_variable(
	    &bed->env, SLICE("variables"), &cel_t_dyn, NULL);
	bed->builder = cel_builder_new(&arena, &arena, &keys, options);
	assert_non_null(bed->builder);
	cel_issues_init(&bed->issues, &arena);
	bed->scope = (struct cel_scope){ SLOT_VARIABLES, bed->bindings, 0 };
	cel_eval_init(&bed->eval, NULL);
}

static enum kg_status
bed_try(struct bed *bed, const char *expr, uint32_t *root)
{
	struct ast *tree;
	enum kg_status st = cel_parse(
	    &bed->env, CEL_MACROS_ON, slice_str(expr), &bed->issues, &tree);

	if (st == KG_OK)
		st = cel_check(&bed->env, tree, NULL, &bed->issues);
	if (st == KG_OK)
		st = cel_builder_add(
		    bed->builder, tree, &bed->scope, &bed->issues, root);
	return st;
}

static uint32_t
bed_add(struct bed *bed, const char *expr)
{
	uint32_t root = 0;

	if (bed_try(bed, expr, &root) != KG_OK)
		fail_msg("%s: %.*s", expr,
		    SLICE_ARG(bed->issues.count > 0
			    ? bed->issues.items[0].message
			    : SLICE("?")));
	return root;
}

/* variables.NAME is this expression. */
static void
bed_variable(struct bed *bed, const char *name, const char *expr)
{
	const uint32_t root = bed_add(bed, expr);

	bed->bindings[bed->scope.count++] =
	    (struct cel_binding){ slice_str(name), root };
}

static void
bed_begin(struct bed *bed, const char *object)
{
	struct json_error error;

	if (bed->program == NULL)
		assert_int_equal(
		    cel_builder_finish(bed->builder, &bed->program), KG_OK);
	assert_int_equal(json_decode(&arena, &keys, slice_str(object), NULL,
			     &bed->slots[SLOT_OBJECT], &error),
	    KG_OK);
	assert_int_equal(
	    cel_eval_begin(&bed->eval, bed->program, bed->slots, 3), KG_OK);
}

static void
bed_expect(struct bed *bed, uint32_t root, const char *result)
{
	const struct value v = cel_eval_run(&bed->eval, root);
	struct buf out;

	buf_init(&out, &arena, MIB);
	put(&out, &v);
	assert_slice(buf_slice(&out), result);
}

static void
rows_have_their_results(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		const size_t row = i / 2;
		const struct cel_build_options options = {
			.compat = CEL_COMPAT_136, .plain = i % 2 == 0
		};
		struct bed bed;
		uint32_t root;

		bed_init(&bed, &options);
		root = bed_add(&bed, rows[row].expr);
		bed_begin(&bed, document);
		bed_expect(&bed, root, rows[row].result);
		if (rows[row].cost >= 0 && !options.plain &&
		    bed.eval.cost != (uint64_t)rows[row].cost)
			fail_msg("%s: costs %llu", rows[row].expr,
			    (unsigned long long)bed.eval.cost);
		cel_eval_release(&bed.eval);
	}
}

static void
a_live_1_37_differs(void **state)
{
	static const struct {
		const char *expr, *result;
		int cost; /* -1: any */
	} differing[] = {
		{ "object.spec.replicas.orValue(1)", "! no such overload", -1 },
		{ "object.metadata.labels == ''", "! no such overload", -1 },
		{ "'' == object.metadata.labels", "false", -1 },
		{ "object.metadata.labels != ''", "true", -1 },
		{ "dyn([[1]]).exists(l, l == 1)", "false", -1 },
		{ "object.metadata[0]", "! unsupported map key type: types.Int",
		    -1 },
		{ "object.metadata[?0].hasValue()", "false", -1 },
		{ "1 in object.metadata",
		    "! unsupported map key type: types.Int", -1 },
		{ "null in object.metadata",
		    "! unsupported map key type: types.Null", -1 },
		{ "1 in {1: 2}", "true", -1 },
		{ "matches('a', 'b')", "false", 1 },
		{ "matches('a', '0123456789')", "false", 3 },
		{ "'a'.startsWith('0123456789a')", "false", 2 },
		{ "'0123456789a'.endsWith('')", "true", 0 },
	};
	const struct cel_build_options options = { .compat = CEL_COMPAT_137 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(differing); i++) {
		struct bed bed;
		uint32_t root;

		bed_init(&bed, &options);
		root = bed_add(&bed, differing[i].expr);
		bed_begin(&bed, document);
		bed_expect(&bed, root, differing[i].result);
		if (differing[i].cost >= 0)
			assert_int_equal(bed.eval.cost, differing[i].cost);
		cel_eval_release(&bed.eval);
	}
}

static void
shared_parts_are_evaluated_once(void **state)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	struct bed bed;
	uint32_t a, b, twin;
	uint64_t cost;

	(void)state;
	bed_init(&bed, &options);
	a = bed_add(&bed, "object.spec.containers.map(c, c.name).size() == 2");
	b = bed_add(&bed, "object.spec.containers.map(x, x.name) == []");
	twin = bed_add(&bed, "object.spec.containers.map(z, z.name) == []");
	bed_begin(&bed, document);
	/* Of the range that both map, and of the twins. */
	assert_true(bed.program->codes[0].once);
	assert_true(bed.program->codes[bed.program->roots[b]].once);
	assert_false(bed.program->codes[bed.program->roots[a]].once);
	bed_expect(&bed, a, "true");
	bed_expect(&bed, b, "false");
	cost = bed.eval.cost;
	bed_expect(&bed, twin, "false");
	assert_int_equal(bed.eval.cost, cost);
	/* Another request, another answer. */
	bed_begin(&bed, "{\"spec\":{\"containers\":[]}}");
	bed_expect(&bed, a, "false");
	bed_expect(&bed, b, "true");
	cel_eval_release(&bed.eval);
}

static void
a_root_may_be_part_of_another(void **state)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	struct bed bed;
	uint32_t a, b, c, d;

	(void)state;
	bed_init(&bed, &options);
	a = bed_add(&bed, "object.metadata");
	b = bed_add(&bed, "object.metadata.name == 'web'");
	c = bed_add(&bed, "has(object.spec)");
	d = bed_add(&bed, "has(object.spec) && object.metadata.name != ''");
	bed_begin(&bed, document);
	bed_expect(&bed, a,
	    "{\"name\": \"web\", \"labels\": {\"app\": "
	    "\"web\", \"a/b\": \"c\"}}");
	bed_expect(&bed, b, "true");
	bed_expect(&bed, c, "true");
	bed_expect(&bed, d, "true");
	cel_eval_release(&bed.eval);
}

static void
variables_are_lazy_and_charged_by_policy(void **state)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	struct bed bed;
	uint32_t a, b, c;

	(void)state;
	bed_init(&bed, &options);
	bed_variable(&bed, "names", "object.spec.containers.map(c, c.name)");
	bed_variable(&bed, "count", "size(variables.names)");
	bed_variable(&bed, "bad", "object.spec.missing");
	a = bed_add(&bed, "variables.count == 2");
	b = bed_add(&bed, "variables.count < 5 && variables.names[0] == 'one'");
	c = bed_add(&bed, "variables.bad == 1");
	bed_begin(&bed, document);
	bed_expect(&bed, a, "true");
	assert_int_equal(bed.eval.cost, 3);
	assert_true(bed.eval.variables_cost > 30);
	bed_expect(&bed, b, "true");
	assert_int_equal(bed.eval.variables_cost, 0);
	cel_eval_scope(&bed.eval);
	bed_expect(&bed, a, "true");
	assert_true(bed.eval.variables_cost > 0);
	bed_expect(&bed, c,
	    "! composited variable \"bad\" fails to evaluate: no such key: "
	    "missing");
	cel_eval_release(&bed.eval);
}

/* Asked for in any way, a variable is evaluated and paid for. */
static void
variables_are_asked_for(void **state)
{
	static const struct {
		const char *expr, *result;
	} cases[] = {
		{ "has(variables.none)", "true" },
		{ "!has(variables.none)", "false" },
		{ "has(variables.bad)",
		    "! composited variable \"bad\" fails to evaluate: no such "
		    "key: missing" },
		{ "!has(variables.bad)",
		    "! composited variable \"bad\" fails to evaluate: no such "
		    "key: missing" },
		{ "has(variables.bad) || true", "true" },
		{ "variables.?none.hasValue()", "true" },
		{ "variables.?one.orValue(2)", "1" },
		{ "variables.?bad.orValue(2)",
		    "! composited variable \"bad\" fails to evaluate: no such "
		    "key: missing" },
		{ "variables.?labels.?app.orValue('none')", "\"none\"" },
	};
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bed bed;
		uint32_t root;

		bed_init(&bed, &options);
		bed_variable(&bed, "none", "null");
		bed_variable(&bed, "one", "1");
		bed_variable(&bed, "labels", "dyn({})");
		bed_variable(&bed, "bad", "object.spec.missing");
		root = bed_add(&bed, cases[i].expr);
		bed_begin(&bed, document);
		bed_expect(&bed, root, cases[i].result);
		assert_true(bed.eval.variables_cost > 0 ||
		    strstr(cases[i].expr, "bad") == NULL);
		cel_eval_release(&bed.eval);
	}
}

/* A policy pays for the variables in what another one had worked out: for
 * those that were used, once. */
static void
what_is_remembered_is_owed_for(void **state)
{
	static const struct {
		const char *expr;
		bool owes;
	} cases[] = {
		{ "variables.big.size() > 0 && variables.sum > 0", true },
		{ "object.n == 5 || variables.sum > 0", false },
		{ "object.n != 5 || variables.sum > 0", true },
		{ "object.n == 5 ? true : variables.sum > 0", false },
		{ "object.list.all(i, i < 9 || variables.sum > 0)", false },
		{ "[0, 1].exists(i, i + 1 > 1 && variables.sum > i)", true },
		{ "(object.n == 5 || variables.sum > 0) && object.n == 5",
		    false },
	};
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t cost;
		uint32_t root;
		struct bed bed;

		bed_init(&bed, &options);
		bed_variable(&bed, "big", "object.list.map(x, [x, x * x])");
		bed_variable(&bed, "sum", "variables.big.size() + 1");
		root = bed_add(&bed, cases[i].expr);
		assert_int_equal(bed_add(&bed, cases[i].expr), root + 1);
		bed_begin(&bed, "{\"n\":5,\"list\":[1,2,3]}");
		bed_expect(&bed, root, "true");
		cost = bed.eval.variables_cost;
		assert_int_equal(cost > 0, cases[i].owes);
		assert_int_equal(cel_eval_owed(&bed.eval), 0);
		cel_eval_scope(&bed.eval);
		bed_expect(&bed, root, "true");
		assert_int_equal(bed.eval.variables_cost, 0);
		assert_true(cel_eval_owed(&bed.eval) >= cost);
		assert_int_equal(cel_eval_settle(&bed.eval), cost);
		bed_expect(&bed, root + 1, "true");
		assert_int_equal(cel_eval_settle(&bed.eval), 0);
		cel_eval_release(&bed.eval);
	}
}

/* Not even another error hides that. */
static void
what_uses_a_spent_variable_is_spent(void **state)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	struct bed bed;
	struct value v;
	uint32_t root;

	(void)state;
	bed_init(&bed, &options);
	bed_variable(&bed, "big",
	    "object.list.all(a, object.list.all(b, object.list.all(c,"
	    " object.list.all(d, a + b + c + d >= 0))))");
	root = bed_add(&bed, "(1 / object.list[0] == 1) == variables.big");
	(void)bed_add(&bed, "(1 / object.list[0] == 1) == variables.big");
	bed_begin(&bed,
	    "{\"list\":[0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,"
	    "0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9]}");
	v = cel_eval_run(&bed.eval, root);
	assert_true(cel_is_spent(&v));
	cel_eval_release(&bed.eval);
}

static void
what_changes_is_not_remembered(void **state)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136,
		.changing = 1u << SLOT_UNSET };
	const struct value one = cel_int(1), two = cel_int(2);
	struct bed bed;
	uint32_t a, b;

	(void)state;
	bed_init(&bed, &options);
	a = bed_add(&bed, "(unset + 1) * 10");
	b = bed_add(&bed, "(unset + 1) * 100");
	bed_begin(&bed, document);
	bed.slots[SLOT_UNSET] = &one;
	cel_eval_changed(&bed.eval);
	bed_expect(&bed, a, "20");
	bed_expect(&bed, b, "200");
	bed.slots[SLOT_UNSET] = &two;
	cel_eval_changed(&bed.eval);
	bed_expect(&bed, b, "300");
	bed_expect(&bed, a, "30");
	cel_eval_release(&bed.eval);
}

/* Every R of the text is a range of a thousand. */
static struct kg_slice
with_ranges(const char *text)
{
	struct buf out;

	buf_init(&out, &arena, MIB);
	for (; *text != '\0'; text++) {
		if (*text == 'R')
			buf_puts(&out, "lists.range(1000)");
		else
			buf_putc(&out, *text);
	}
	buf_putc(&out, '\0');
	return buf_slice(&out);
}

static void
bombs_end_in_an_error(void **state)
{
	static const char *const bombs[] = {
		"R.all(a, R.all(b, R.all(c, a + b + c >= 0)))",
		"R.map(a, R.map(b, R)).size() == 0",
		"R.exists(a, R.exists(b, R.exists(c, false)) || false) || true",
		"[R].all(a, R.all(b, R.map(c, 'xxxxxxxxxxxxxxxxxxxxxxxxxxx')"
		".join('').size() > 0))",
	};
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bombs); i++) {
		struct bed bed;
		struct value v;
		uint32_t root;

		bed_init(&bed, &options);
		root = bed_add(&bed, with_ranges(bombs[i]).ptr);
		bed_begin(&bed, document);
		v = cel_eval_run(&bed.eval, root);
		if (!cel_is_spent(&v))
			fail_msg("%s", bombs[i]);
		cel_eval_release(&bed.eval);
	}
}

/* A lookup costs 1 whatever the size of the map; its work is counted. */
static void
large_maps_are_work(void **state)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	struct buf text;
	struct bed bed;
	struct value v;
	uint32_t root, one;

	(void)state;
	bed_init(&bed, &options);
	root =
	    bed_add(&bed, "lists.range(60000).all(i, !(string(i) in object))");
	one = bed_add(&bed, "!('x' in object) && object.k19999 == 1");
	buf_init(&text, &arena, 4 * MIB);
	for (unsigned i = 0; i < 20000; i++)
		buf_printf(&text, "%s\"k%u\":1", i == 0 ? "{" : ",", i);
	buf_puts(&text, "}");
	buf_putc(&text, '\0');
	bed_begin(&bed, buf_slice(&text).ptr);
	v = cel_eval_run(&bed.eval, root);
	assert_true(cel_is_spent(&v));
	bed_expect(&bed, one, "true");
	cel_eval_release(&bed.eval);
}

static void
doubling_ends_in_an_error(void **state)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	static const char *const names[] = { "a", "b", "c", "d" };
	struct bed bed;
	struct value v;
	uint32_t root, small;
	char expr[200];

	(void)state;
	bed_init(&bed, &options);
	bed_variable(&bed, "a", "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'");
	for (size_t i = 1; i < ARRAY_LEN(names); i++) {
		snprintf(expr, sizeof(expr),
		    "variables.%s.replace('x', variables.%s + variables.%s)",
		    names[i - 1], names[i - 1], names[i - 1]);
		bed_variable(&bed, names[i], expr);
	}
	root = bed_add(&bed, "variables.d.size() == 1 || true");
	small = bed_add(&bed, "'a' + object.metadata.name");
	bed_begin(&bed, document);
	v = cel_eval_run(&bed.eval, root);
	assert_true(cel_is_spent(&v));
	bed_expect(&bed, small, "\"aweb\"");
	cel_eval_release(&bed.eval);
}

static void
wrong_constants_are_refused(void **state)
{
	static const char *const wrong[] = { "int('x') == 1",
		"timestamp('x') == timestamp('2024-01-01T00:00:00Z')",
		"{'a': 1}[dyn(null)]", "object.spec[?dyn(b'')]" };
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct bed bed;
		uint32_t root;

		bed_init(&bed, &options);
		assert_int_equal(bed_try(&bed, wrong[i], &root), KG_INVALID);
		assert_true(bed.issues.count > 0);
		root = bed_add(&bed, "1 / 0 == 1");
		bed_begin(&bed, document);
		bed_expect(&bed, root, "! division by zero");
		cel_eval_release(&bed.eval);
	}
}

static void
sub_values_are_recorded(void **state)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136,
		.record = true };
	static const char expr[] =
	    "object.spec.containers.all(c, c.name != 'two')";
	struct bed bed;
	bool found = false;
	uint32_t root;

	(void)state;
	bed_init(&bed, &options);
	root = bed_add(&bed, expr);
	bed_begin(&bed, document);
	bed_expect(&bed, root, "false");
	for (size_t i = 0; i < bed.eval.records.count; i++) {
		const struct cel_record *r = &bed.eval.records.items[i];
		const struct cel_span span =
		    cel_program_span(bed.program, r->node);

		assert_true(span.end <= sizeof(expr) - 1);
		found = found ||
		    (r->iteration == 1 && r->depth == 1 &&
			r->value.kind == CEL_STRING &&
			slice_is(cel_slice(&r->value), "two"));
	}
	assert_true(found);
	cel_eval_release(&bed.eval);
}

static void
code_is_printed(void **state)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	struct buf out;
	struct bed bed;

	(void)state;
	bed_init(&bed, &options);
	(void)bed_add(&bed, "object.spec.replicas in [1, 2] ? 'a' : 'b'");
	bed_begin(&bed, document);
	buf_init(&out, &arena, MIB);
	cel_program_print(&out, bed.program, CEL_ALL_ROOTS);
	assert_true(slice_search(buf_slice(&out), SLICE("IN_SET")) != SIZE_MAX);
	assert_true(slice_search(buf_slice(&out),
			SLICE("0, .object.spec.replicas")) != SIZE_MAX);
	cel_eval_release(&bed.eval);
}

/* --- Every allocation fails once --- */

static const char *const torture[] = {
	"object.spec.containers.filter(c, has(c.ports)).map(c, c.name + '!')"
	".join(', ') == 'one!'",
	"object.metadata.labels.transformMap(k, v, v + k).size() in [2, 3] && "
	"object.metadata.name.matches('^w.*b$')",
	"'%s %d %.2f'.format([object.metadata.name, object.spec.replicas, "
	"object.spec.ratio]).split(' ').sortBy(x, x.size())[0] == '3'",
	"object.spec.?missing.optMap(x, [x]).orValue([1, 2, 3].map(x, {'a': "
	"x}))[0].b == 1",
	"{'a': [[object.metadata.name]]}.a.flatten().distinct().reverse()[0]"
	".replace('w', 'x').substring(1) == 'eb'",
};

/* Compiles and evaluates all of it within the caps; true when it all went. */
static bool
run_within(size_t keep_cap, size_t scratch_cap, size_t eval_cap)
{
	const struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	const struct value *slots[3] = { NULL };
	struct cel_scope scope = { SLOT_VARIABLES, NULL, 0 };
	const struct cel_program *program = NULL;
	struct arena keep, scratch, trees, front;
	struct cel_issues issues;
	struct cel_builder *b;
	struct cel_eval eval;
	struct cel_env env;
	struct json_error error;
	bool ok = true;

	arena_init(&keep, keep_cap);
	arena_init(&scratch, scratch_cap);
	arena_init(&trees, 64 * MIB);
	arena_init(&front, 64 * MIB);
	cel_eval_init(&eval, NULL);
	eval.memory_limit = eval_cap;
	cel_env_init(&env, &trees, CEL_COMPAT_136);
	(void)cel_env_add_variable(&env, SLICE("object"), &cel_t_dyn, NULL);
	cel_issues_init(&issues, &trees);
	b = cel_builder_new(&keep, &scratch, &keys, &options);
	ok = b != NULL;
	for (size_t i = 0; ok && i < ARRAY_LEN(torture); i++) {
		struct ast *tree;
		uint32_t root;

		assert_int_equal(cel_parse(&env, CEL_MACROS_ON,
				     slice_str(torture[i]), &issues, &tree),
		    KG_OK);
		assert_int_equal(cel_check(&env, tree, NULL, &issues), KG_OK);
		ok = cel_builder_add(b, tree, &scope, &issues, &root) == KG_OK;
	}
	ok = ok && cel_builder_finish(b, &program) == KG_OK;
	arena_release(&scratch);
	arena_release(&trees);
	assert_int_equal(json_decode(&front, &keys, slice_str(document), NULL,
			     &slots[SLOT_OBJECT], &error),
	    KG_OK);
	ok = ok && cel_eval_begin(&eval, program, slots, 3) == KG_OK;
	for (uint32_t i = 0; program != NULL && i < program->root_count; i++) {
		const struct value v = ok ? cel_eval_run(&eval, i) : cel_null();

		ok = ok && !cel_is_spent(&v);
	}
	cel_eval_release(&eval);
	arena_release(&keep);
	arena_release(&front);
	return ok;
}

static void
any_allocation_may_fail(void **state)
{
	const size_t plenty = 64 * MIB;
	size_t cap;

	(void)state;
	for (cap = 0; !run_within(cap, plenty, plenty); cap += 112)
		assert_true(cap < MIB);
	for (cap = 0; !run_within(plenty, cap, plenty); cap += 368)
		assert_true(cap < MIB);
	for (cap = 0; !run_within(plenty, plenty, cap); cap += 48)
		assert_true(cap < MIB);
}

/* --- One program, some threads --- */

struct shared {
	const struct cel_program *program;
	const struct value **slots;
	bool failed;
};

static void *
evaluate_all(void *argument)
{
	struct shared *shared = argument;
	struct cel_eval eval;

	cel_eval_init(&eval, NULL);
	for (unsigned round = 0; round < 50; round++) {
		if (cel_eval_begin(&eval, shared->program, shared->slots, 3) !=
		    KG_OK)
			shared->failed = true;
		for (uint32_t i = 0; i < shared->program->root_count; i++) {
			const struct value v = cel_eval_run(&eval, i);

			if (!value_true(&v))
				shared->failed = true;
		}
	}
	cel_eval_release(&eval);
	return NULL;
}

static void
threads_share_a_program(void **state)
{
	struct cel_build_options options = { .compat = CEL_COMPAT_136 };
	struct shared shared[4];
	pthread_t threads[4];
	struct regex_set patterns;
	struct arena pattern_arena;
	struct bed bed;

	(void)state;
	arena_init(&pattern_arena, 16 * MIB);
	regex_set_init(&patterns, &pattern_arena);
	options.patterns = &patterns;
	bed_init(&bed, &options);
	for (size_t i = 0; i < ARRAY_LEN(torture) - 2; i++)
		(void)bed_add(&bed, torture[i]);
	(void)bed_add(&bed, torture[4]);
	bed_begin(&bed, document);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		shared[i] = (struct shared){ bed.program, bed.slots, false };
		assert_int_equal(
		    pthread_create(&threads[i], NULL, evaluate_all, &shared[i]),
		    0);
	}
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_false(shared[i].failed);
	}
	cel_eval_release(&bed.eval);
	regex_set_release(&patterns);
	arena_release(&pattern_arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_have_their_results),
		cmocka_unit_test(a_live_1_37_differs),
		cmocka_unit_test(shared_parts_are_evaluated_once),
		cmocka_unit_test(a_root_may_be_part_of_another),
		cmocka_unit_test(variables_are_lazy_and_charged_by_policy),
		cmocka_unit_test(variables_are_asked_for),
		cmocka_unit_test(what_is_remembered_is_owed_for),
		cmocka_unit_test(what_uses_a_spent_variable_is_spent),
		cmocka_unit_test(what_changes_is_not_remembered),
		cmocka_unit_test(bombs_end_in_an_error),
		cmocka_unit_test(large_maps_are_work),
		cmocka_unit_test(doubling_ends_in_an_error),
		cmocka_unit_test(wrong_constants_are_refused),
		cmocka_unit_test(sub_values_are_recorded),
		cmocka_unit_test(code_is_printed),
		cmocka_unit_test(any_allocation_may_fail),
		cmocka_unit_test(threads_share_a_program),
	};

	return cmocka_run_group_tests(tests, unit_setup, unit_teardown);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* From trees to a finished program. */
#include "base/limits.h"
#include "cel/emit_impl.h"

static bool
start(struct cel_builder *b)
{
	struct cel_program *p = b->program;
	const struct cel_node null = { .kind = NODE_CONST };
	const struct value nothing = cel_null();

	p->seed = hash_seed(p);
	p->compat = b->options.compat;
	cel_eval_init(b->folder, NULL);
	b->folder->arena = b->keep;
	regex_scratch_init(&b->folder->regex, b->scratch);
	b->folder->compat = b->options.compat;
	b->folder->work.left = CEL_WORK_MAX;
	map_init(&b->calls, b->scratch);
	map_init(&b->entries, b->scratch);
	/* Node 0 and constant 0 stand for what failed. */
	(void)cel_constant(b, &nothing);
	(void)cel_node_add(b, &null, NULL);
	return !b->failed;
}

struct cel_builder *
cel_builder_new(struct arena *keep, struct arena *scratch, struct keytab *keys,
    const struct cel_build_options *options)
{
	struct cel_builder *b = arena_alloc(scratch, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->keep = keep;
	b->scratch = scratch;
	b->keys = keys;
	b->options = *options;
	b->options.plain = options->plain || options->record;
	b->program = arena_alloc(keep, sizeof(*b->program));
	b->folder = arena_alloc(scratch, sizeof(*b->folder));
	if (b->program == NULL || b->folder == NULL || !start(b))
		return NULL;
	return b;
}

static enum kg_status
why(const struct cel_builder *b)
{
	if (arena_failed(b->keep))
		return b->keep->failure;
	if (arena_failed(b->scratch))
		return b->scratch->failure;
	return KG_LIMIT;
}

enum kg_status
cel_builder_add(struct cel_builder *b, const struct ast *tree,
    const struct cel_scope *scope, struct cel_issues *issues, uint32_t *root)
{
	const size_t issues_before = issues->count;
	uint32_t node;

	*root = CEL_NO_ROOT;
	if (b->failed)
		return why(b);
	b->issues = issues;
	b->scope = scope;
	b->root = b->program->root_count;
	b->local_count = 0;
	b->folder->work.left = CEL_WORK_MAX;
	node = cel_build(b, tree);
	if (b->failed && issues->count > issues_before &&
	    !arena_failed(b->keep) && !arena_failed(b->scratch)) {
		b->failed = false;
		return KG_INVALID;
	}
	if (!cel_grow(b, b->scratch, (void **)&b->roots, b->program->root_count,
		&b->root_cap, sizeof(*b->roots)))
		return why(b);
	b->nodes[node].uses++;
	*root = b->program->root_count;
	b->roots[b->program->root_count++] = node;
	return KG_OK;
}

/* --- Functions --- */

/* Cheaper to work out than to remember. */
static bool
is_trivial(const struct cel_builder *b, const struct cel_node *n)
{
	if (n->kind == NODE_CONST || n->kind == NODE_SLOT ||
	    n->kind == NODE_LOCAL || n->kind == NODE_VARIABLE)
		return true;
	return (n->kind == NODE_SELECT || n->kind == NODE_HAS) &&
	    b->nodes[cel_kids(b, n)[0]].kind == NODE_SLOT;
}

static bool
is_shared(const struct cel_builder *b, const struct cel_node *n)
{
	return !b->options.plain && n->uses > 1 && n->free == 0 &&
	    !is_trivial(b, n);
}

/* Functions nested in a node, now that it is known which nodes are some. */
static uint32_t
count_calls(const struct cel_builder *b, const struct cel_node *n)
{
	uint32_t most = 0;

	if (n->kind == NODE_VARIABLE)
		return b->nodes[n->a].calls + 1;
	for (uint32_t i = 0; i < n->kid_count; i++) {
		const struct cel_node *kid = &b->nodes[cel_kids(b, n)[i]];
		const uint32_t calls = kid->calls + (kid->code != 0);

		most = calls > most ? calls : most;
	}
	return most;
}

static bool
add_code(struct cel_builder *b, struct cel_node *n, bool once)
{
	struct cel_program *p = b->program;

	if (n->code != 0)
		return true;
	if (!cel_grow(b, b->scratch, (void **)&p->codes, p->code_count,
		&b->code_cap, sizeof(*p->codes)))
		return false;
	p->codes[p->code_count] = (struct cel_code){
		.once = once,
		.changing = (n->slots & b->options.changing) != 0,
	};
	n->code = ++p->code_count;
	return true;
}

/* Marks roots with code = 1 to start with: add_code() comes in order. */
static bool
choose_functions(struct cel_builder *b)
{
	bool *root = arena_alloc(b->scratch, b->node_count);
	bool *variable = arena_alloc(b->scratch, b->node_count);

	if (root == NULL || variable == NULL)
		return false;
	for (uint32_t i = 0; i < b->program->root_count; i++)
		root[b->roots[i]] = true;
	for (uint32_t i = 0; i < b->node_count; i++) {
		if (b->nodes[i].kind == NODE_VARIABLE)
			variable[b->nodes[i].a] = true;
	}
	for (uint32_t i = 0; i < b->node_count; i++) {
		struct cel_node *n = &b->nodes[i];
		const bool shared = is_shared(b, n);

		n->calls = count_calls(b, n);
		if (!root[i] && (!shared || n->calls >= CEL_CALLS_MAX))
			continue;
		if (!add_code(b, n, shared || variable[i]))
			return false;
	}
	return true;
}

static bool
is_use(const struct cel_program *p, const struct cel_insn *i)
{
	return i->op == OP_VARIABLE ||
	    (i->op == OP_MEMO && p->codes[i->k].use_count > 0);
}

static bool
number_uses(struct cel_builder *b, struct cel_code *code)
{
	struct cel_program *p = b->program;

	code->uses = p->use_count;
	for (uint32_t at = code->start; at < code->start + code->count; at++) {
		if (!is_use(p, &p->insns[at]))
			continue;
		/* CEL_SOURCE_MAX leaves no room for so many. */
		if (code->use_count > UINT16_MAX ||
		    !cel_grow(b, b->scratch, (void **)&p->uses, p->use_count,
			&b->use_cap, sizeof(*p->uses))) {
			b->failed = true;
			return false;
		}
		p->insns[at].a = (uint16_t)code->use_count++;
		p->uses[p->use_count++] = at;
	}
	return true;
}

/* In order of functions, which is that of nodes: callees come first. */
static bool
emit_function(struct cel_builder *b, uint32_t node, uint32_t index)
{
	struct cel_program *p = b->program;
	struct emitter e = { .b = b,
		.body = node,
		.start = p->insn_count,
		.next = 1,
		.most = 1 };
	struct cel_code *code;

	emit_to(&e, node, 0);
	emit_insn(&e, (struct cel_insn){ .op = OP_RETURN, .a = 0 });
	if (b->failed ||
	    !cel_grow(b, b->scratch, (void **)&b->totals, index, &b->total_cap,
		sizeof(*b->totals)))
		return false;
	code = &p->codes[index];
	code->start = e.start;
	code->count = p->insn_count - e.start;
	code->registers = (uint16_t)e.most;
	b->totals[index] = e.most + e.callee;
	if (b->totals[index] > p->registers)
		p->registers = b->totals[index];
	return number_uses(b, code);
}

bool
cel_emit(struct cel_builder *b)
{
	if (!choose_functions(b))
		return false;
	for (uint32_t i = 0; i < b->node_count; i++) {
		if (b->nodes[i].code != 0 &&
		    !emit_function(b, i, b->nodes[i].code - 1))
			return false;
	}
	return true;
}

/* --- The end --- */

static size_t
size_of(const struct cel_program *p)
{
	return sizeof(*p) + p->insn_count * sizeof(*p->insns) +
	    p->constant_count * sizeof(*p->constants) +
	    p->step_count * sizeof(*p->steps) +
	    p->call_count *
	    (sizeof(*p->calls) + sizeof(*p->calls->candidates)) +
	    p->set_count * sizeof(*p->sets) +
	    p->code_count * sizeof(*p->codes) +
	    p->variable_count * sizeof(*p->variables) +
	    p->use_count * sizeof(*p->uses) + p->root_count * sizeof(*p->roots);
}

static bool
set_roots(struct cel_builder *b)
{
	struct cel_program *p = b->program;

	p->roots = arena_array(b->keep, p->root_count + 1, sizeof(*p->roots));
	if (p->roots == NULL)
		return false;
	for (uint32_t i = 0; i < p->root_count; i++)
		p->roots[i] = b->nodes[b->roots[i]].code - 1;
	return true;
}

static bool
settle_one(struct cel_builder *b, void *table, size_t count, size_t size)
{
	void **place = table;
	void *copy;

	if (count == 0)
		return true;
	copy = arena_array(b->keep, count, size);
	if (copy == NULL)
		return false;
	memcpy(copy, *place, count * size);
	*place = copy;
	return true;
}

/* The tables grew in the arena of the build; they move to the one that the
 * program lives in. */
static bool
settle(struct cel_builder *b)
{
	struct cel_program *p = b->program;

#define SETTLE(table, count) \
	settle_one(b, (void *)&p->table, p->count, sizeof(*p->table))
	return SETTLE(insns, insn_count) && SETTLE(constants, constant_count) &&
	    SETTLE(steps, step_count) && SETTLE(calls, call_count) &&
	    SETTLE(sets, set_count) && SETTLE(codes, code_count) &&
	    SETTLE(variables, variable_count) && SETTLE(uses, use_count) &&
	    SETTLE(spans, span_count);
#undef SETTLE
}

enum kg_status
cel_builder_finish(struct cel_builder *b, const struct cel_program **out)
{
	enum kg_status st = KG_OK;

	*out = NULL;
	if (b->failed || !cel_emit(b) || !set_roots(b) || !settle(b))
		return why(b);
	if (!cel_program_verify(b->program))
		st = KG_LIMIT;
	b->program->size = size_of(b->program);
	if (st == KG_OK)
		*out = b->program;
	return st;
}

size_t
cel_program_roots(const struct cel_program *p)
{
	return p->root_count;
}

size_t
cel_program_size(const struct cel_program *p)
{
	return p->size;
}

struct cel_span
cel_program_span(const struct cel_program *p, uint32_t node)
{
	return p->spans[node];
}

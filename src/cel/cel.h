/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The expression language for its users: policies, the command line, exams.
 *
 *	text --cel_parse--> tree --cel_check--> typed tree
 *	     --cel_builder_add--> root of a program --cel_eval_run--> value
 *
 * A builder takes the expressions of a whole rule set, one after another;
 * equal parts of any of them become one node, which a request evaluates once.
 * The program that comes out is immutable and shared by threads; each thread
 * evaluates with a state of its own.
 */
#ifndef KG_CEL_CEL_H
#define KG_CEL_CEL_H

#include "cel/ast.h"
#include "cel/env.h"
#include "cel/eval.h"
#include "cel/issue.h"

/* --- Building a program --- */

struct cel_build_options {
	unsigned compat; /* CEL_COMPAT_136 ... */
	/* Nothing shared, nothing folded: for explain, and as the other side
	 * of the test that both give the same. */
	bool plain;
	bool record;        /* keep every sub-value; goes with plain */
	bool presence_cost; /* has() costs 1, as outside Kubernetes */
	/* Variables (bit by index) that change within one request, such as
	 * params: what depends on them is not remembered beyond. */
	uint64_t changing;
	/* Literal patterns are compiled into it; NULL: none are. Borrowed: the
	 * rule set releases it when nobody uses the program any more. */
	struct regex_set *patterns;
};

/*
 * What `variables.x` means: the expression that was added as this root. Names
 * that come later shadow none: policies have each name once.
 */
struct cel_binding {
	struct kg_slice name;
	uint32_t root; /* CEL_NO_ROOT: it did not compile; to use it errs */
};

#define CEL_NO_ROOT UINT32_MAX

struct cel_scope {
	uint32_t variable; /* index of the variable named "variables" */
	const struct cel_binding *bindings;
	size_t count;
};

struct cel_builder;

/*
 * Starts a program in `keep`, the arena of the rule set; scratch dies with
 * the build. Names that expressions select are added to `keys`, the table
 * that documents will be decoded with. NULL: an arena failed.
 */
struct cel_builder *cel_builder_new(struct arena *keep, struct arena *scratch,
    struct keytab *keys, const struct cel_build_options *options);

/*
 * Adds one checked (or only resolved) tree, of a text that lives as long as
 * the program; gives its root, CEL_NO_ROOT where it cannot. scope: NULL for
 * none. The tree may be dropped afterwards. KG_INVALID: an issue says what is
 * wrong with a constant part, such as int('x').
 */
enum kg_status cel_builder_add(struct cel_builder *b, const struct ast *tree,
    const struct cel_scope *scope, struct cel_issues *issues,
    uint32_t *root) KG_MUST_CHECK;

/*
 * Whether any expression that was added can see what stands at a path of
 * member names, at least one, below one of these variables (bits by slot).
 * In doubt it can.
 */
bool cel_builder_reaches(const struct cel_builder *b, uint64_t slots,
    const struct kg_slice *path, size_t count) KG_MUST_CHECK;

/* The program of all that was added; the builder ends here. */
enum kg_status cel_builder_finish(
    struct cel_builder *b, const struct cel_program **out) KG_MUST_CHECK;

/* --- What a program knows about itself --- */

size_t cel_program_roots(const struct cel_program *p);

/* Bytes that it takes, for the benchmark. */
size_t cel_program_size(const struct cel_program *p);

/* Where node n of a recording program stands in its source text. */
struct cel_span {
	uint32_t root;
	uint32_t pos, end;
	const struct ast *tree; /* the node itself: keep the trees for it */
};

struct cel_span cel_program_span(const struct cel_program *p, uint32_t node);

/* The bytecode of one root, or of all of them, as text. */
void cel_program_print(
    struct buf *out, const struct cel_program *p, uint32_t root);
#define CEL_ALL_ROOTS UINT32_MAX

/* --- Evaluating --- */

/* host: borrowed, NULL for none. Allocates nothing yet. */
void cel_eval_init(struct cel_eval *e, const struct cel_host *host);
void cel_eval_release(struct cel_eval *e);

/*
 * Starts a request: forgets all values and results of the one before.
 * slots[i] is the value of the variable with index i; NULL: it has none, and
 * to use it is an error. Both arrays are borrowed until the next begin.
 */
enum kg_status cel_eval_begin(struct cel_eval *e, const struct cel_program *p,
    const struct value *const *slots, size_t count) KG_MUST_CHECK;

/* slots[index] was changed (a bit of `changing`): what depends on it goes. */
void cel_eval_changed(struct cel_eval *e);

/* Starts a policy: variables that it uses are charged to it anew. */
void cel_eval_scope(struct cel_eval *e);

/*
 * The value of one root, or a value of kind CEL_ERROR; e->cost and
 * e->variables_cost are what it took, but for what the policy owes. Good
 * until the next begin.
 */
struct value cel_eval_run(struct cel_eval *e, uint32_t root);

/* Variables that were used in what another policy had worked out are owed for:
 * at most so much, in all evaluations of this policy until now. */
uint64_t cel_eval_owed(const struct cel_eval *e);

/* Charges them, and gives what they cost. */
uint64_t cel_eval_settle(struct cel_eval *e);

/* True of an error that ends the whole policy: its budget is spent. */
static inline bool
cel_is_spent(const struct value *v)
{
	return v->kind == CEL_ERROR && v->flags == CEL_ERROR_SPENT;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of evaluations: one for each reviewing thread, made once and used
 * for many requests. Builtins see it as their first argument: they take
 * memory from its arena and ask its host for what lies outside the language.
 */
#ifndef KG_CEL_EVAL_H
#define KG_CEL_EVAL_H

#include "cel/function.h"
#include "value/regex.h"

struct cel_program;
struct cel_memo;

/* A question to the authorizer; empty texts: not asked about. */
struct cel_check {
	struct kg_slice service_account_namespace, service_account;
	struct kg_slice path; /* of a check for what is no resource */
	struct kg_slice verb, group, resource, subresource, ns, name;
	struct kg_slice field_selector, label_selector;
};

struct cel_answer {
	bool allowed;
	struct kg_slice reason, error; /* error "": none */
};

/*
 * What expressions may ask of the world; the library itself does no I/O. May
 * be shared by threads. A NULL function: no zones but UTC and offsets; an
 * authorizer that denies.
 */
struct cel_host {
	/* The TZif data of a zone ("Europe/Berlin"); {NULL, 0}: none such. */
	struct kg_slice (*zone)(void *context, struct kg_slice name);
	void (*authorize)(void *context, const struct cel_check *check,
	    struct cel_answer *answer);
	void *context;
};

/* One sub-value that an explaining evaluation saw, in order of evaluation. */
struct cel_record {
	uint32_t node;      /* of cel_program_span() */
	uint32_t depth;     /* comprehensions around it */
	uint32_t iteration; /* of the innermost one, from 0 */
	struct value value;
};

struct cel_records {
	struct cel_record *items;
	size_t count, cap; /* at most CEL_RECORDS_MAX */
	bool full;         /* some were left out */
};

struct cel_eval {
	/* For builtins: values that they make live here until the next
	 * cel_eval_begin(). Capped; a failure shows as cel_no_memory(). */
	struct arena *arena;
	struct cel_work work;       /* of comparisons: see cel_equal() */
	struct regex_scratch regex; /* in the arena */
	struct kg_slice pattern;    /* the last that was no constant ... */
	const struct regex *pattern_regex; /* ... compiled */
	const struct cel_host *host;       /* NULL: none */
	unsigned compat;

	/* Of the expression that ran last. */
	uint64_t cost;           /* its own, in Kubernetes' units */
	uint64_t variables_cost; /* of variables that it was first to use */
	struct cel_records records;

	/* --- The VM's own --- */
	struct arena memory; /* the arena above */
	struct arena state;  /* of registers and memos */
	const struct cel_program *program;
	const struct value *const *slots;
	size_t slot_count;
	struct value *registers;
	struct cel_memo *memos;
	uint32_t *charged; /* by variable: the scope that has paid for it */
	uint32_t *used;    /* by use: the epoch that it last took place in */
	size_t register_count, memo_count, charged_count, used_count;
	/* A memo is good while its tag is at least since[0], or since[1] where
	 * it depends on what changes within a request. */
	uint32_t epoch, since[2];
	uint32_t scope;      /* variables charged in it are not charged again */
	uint32_t debts;      /* functions whose uses it owes; 0: none */
	uint64_t charges;    /* for variables, of all scopes of the request */
	uint64_t cost_limit; /* CEL_COST_MAX */
	size_t memory_limit; /* CEL_ARENA_MAX */
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate exceptions: who may break which rule, how long, and who does. */
#include "base/limits.h"
#include "base/time.h"
#include "cli/audit_log.h"
#include "io/log.h"
#include "io/policies.h"
#include "policy/ruleset.h"
#include "value/writer.h"

static struct {
	struct option_list policies;
	unsigned output;
	bool stale;
} opt;

/* What the logs say of one exception. */
struct usage {
	uint64_t uses;
	char last[TIME_TEXT_LEN]; /* time of the last use; "" none */
};

struct run {
	struct kg_ruleset *set;
	struct usage *usage; /* by exception of the rule set */
	bool logs;           /* some were given: no use means something */
	struct arena arena;  /* of the output */
	int64_t now_us;
	int code;
};

/* --- Audit logs --- */

static void
count_use(struct run *r, struct kg_slice name, struct kg_slice time)
{
	for (size_t i = 0; i < r->set->exception_count; i++) {
		struct usage *u = &r->usage[i];

		if (!slice_eq(r->set->exceptions[i].name, name))
			continue;
		u->uses++;
		if (time.len == TIME_TEXT_LEN &&
		    memcmp(time.ptr, u->last, TIME_TEXT_LEN) > 0)
			memcpy(u->last, time.ptr, TIME_TEXT_LEN);
	}
}

static bool
count_record(void *arg, struct kg_slice line, const struct value *record)
{
	const struct value *list = value_find(record, SLICE("exceptions"));
	struct run *r = arg;

	(void)line;
	for (size_t i = 0; i < value_len(list); i++)
		count_use(r, value_str(value_get(value_at(list, i), KEY_name)),
		    value_str(value_find(record, SLICE("time"))));
	return true;
}

static void
read_logs(struct run *r, size_t count, const char *const *paths)
{
	const struct record_filter all = { .since_us = INT64_MIN,
		.until_us = INT64_MAX };
	struct audit_log log;

	if (!audit_log_open(&log, count, paths, "exceptions", false))
		r->code = EXIT_ERROR;
	if (audit_log_records(&log, &all, count_record, r) != EXIT_OK)
		r->code = EXIT_ERROR;
	audit_log_close(&log);
}

/* --- What stands there --- */

static const char *
state_of(const struct run *r, size_t i)
{
	if (r->set->exceptions[i].expires_us <= r->now_us)
		return "expired";
	return r->logs && r->usage[i].uses == 0 ? "unused" : "active";
}

static bool
is_stale(const struct run *r, size_t i)
{
	return strcmp(state_of(r, i), "active") != 0;
}

static void
put_list(struct buf *b, const char *title, const struct string_list *list)
{
	if (list->count == 0)
		return;
	buf_puts(b, title);
	for (size_t i = 0; i < list->count; i++) {
		buf_puts(b, i > 0 ? ", " : "");
		buf_put_line(b, list->items[i]);
	}
}

static void
put_word(struct buf *b, const char *title, struct kg_slice word)
{
	if (word.len == 0)
		return;
	buf_puts(b, title);
	buf_put_line(b, word);
	buf_putc(b, '\n');
}

static void
put_text(struct buf *b, const struct run *r, size_t i)
{
	const struct exception *e = &r->set->exceptions[i];
	const struct usage *u = &r->usage[i];

	buf_put_line(b, e->name);
	buf_printf(b, ": %s, expires ", state_of(r, i));
	buf_put_line(b, e->expires_text);
	put_word(b, "\n  policy:     ", e->policy);
	put_list(b, "  rules:      ", &e->rules);
	put_list(b, "\n  namespaces: ", &e->namespaces);
	put_list(b, "\n  names:      ", &e->names);
	put_list(b, "\n  images:     ", &e->images);
	buf_putc(b, '\n');
	put_word(b, "  reason:     ", e->reason);
	put_word(b, "  ticket:     ", e->ticket);
	put_word(b, "  owner:      ", e->owner);
	if (!r->logs)
		return;
	buf_printf(b, "  uses:       %llu", (unsigned long long)u->uses);
	if (u->last[0] != '\0')
		buf_printf(b, ", the last at %.*s", TIME_TEXT_LEN, u->last);
	buf_putc(b, '\n');
}

static void
write_list(struct writer *w, const char *name, const struct string_list *list)
{
	writer_name(w, name);
	writer_list(w);
	for (size_t i = 0; i < list->count; i++)
		writer_string(w, list->items[i]);
	writer_end(w);
}

static void
write_json(struct writer *w, const struct run *r, size_t i)
{
	const struct exception *e = &r->set->exceptions[i];
	const struct usage *u = &r->usage[i];
	const struct {
		const char *name;
		struct kg_slice text;
	} words[] = {
		{ "name", e->name },
		{ "state", slice_str(state_of(r, i)) },
		{ "policy", e->policy },
		{ "expires", e->expires_text },
		{ "reason", e->reason },
		{ "ticket", e->ticket },
		{ "owner", e->owner },
	};

	writer_object(w);
	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
		writer_member(w, words[k].name, words[k].text);
	write_list(w, "rules", &e->rules);
	write_list(w, "namespaces", &e->namespaces);
	write_list(w, "names", &e->names);
	write_list(w, "images", &e->images);
	if (r->logs) {
		writer_name(w, "uses");
		writer_uint(w, u->uses);
		writer_member(w, "lastUsed",
		    slice_of(u->last, u->last[0] != '\0' ? TIME_TEXT_LEN : 0));
	}
	writer_end(w);
}

static void
print_all(struct run *r)
{
	struct writer w;
	struct buf b;

	arena_reset(&r->arena);
	buf_init(&b, &r->arena, RECORD_MAX);
	writer_init(&w, &b);
	if (opt.output == OUTPUT_JSON)
		writer_list(&w);
	for (size_t i = 0; i < r->set->exception_count; i++) {
		const bool stale = is_stale(r, i);

		if (stale && r->code == EXIT_OK)
			r->code = EXIT_DENIED;
		if (opt.stale && !stale)
			continue;
		if (opt.output == OUTPUT_JSON)
			write_json(&w, r, i);
		else
			put_text(&b, r, i);
	}
	if (opt.output == OUTPUT_JSON) {
		writer_end(&w);
		buf_putc(&b, '\n');
	}
	if (buf_failed(&b))
		r->code = cli_error("out of memory");
	else if (b.len > 0)
		(void)fwrite(b.ptr, 1, b.len, stdout);
}

/* --- Running --- */

static bool
load(struct run *r)
{
	struct kg_diags *diags = kg_diags_new();
	enum kg_status st = KG_NOMEM;

	if (diags != NULL)
		st = policies_load(opt.policies.items, opt.policies.count, NULL,
		    diags, &r->set);
	print_diags(diags);
	kg_diags_free(diags);
	if (st != KG_OK)
		return false;
	r->usage = calloc(r->set->exception_count + 1, sizeof(*r->usage));
	if (r->usage == NULL)
		cli_error("out of memory");
	return r->usage != NULL;
}

static int
run_exceptions(size_t count, const char *const *arguments)
{
	struct run r = { .logs = count > 0, .now_us = clock_wall_us() };

	arena_init(&r.arena, RECORD_MAX * 4u);
	if (load(&r)) {
		read_logs(&r, count, arguments);
		print_all(&r);
	} else {
		r.code = EXIT_ERROR;
	}
	free(r.usage);
	free(opt.policies.items);
	kg_ruleset_unref(r.set);
	arena_release(&r.arena);
	return r.code;
}

static const struct option options[] = {
	{ .name = "policy",
	    .letter = 'p',
	    .type = OPTION_LIST,
	    .takes = TAKES_FILE,
	    .value_name = "FILE|DIR",
	    .help = "policies and exceptions",
	    .target = &opt.policies },
	{ .name = "stale",
	    .type = OPTION_FLAG,
	    .help = "only those that are expired or unused",
	    .target = &opt.stale },
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output",
	    .words = output_words,
	    .target = &opt.output },
	{ .name = NULL },
};

const struct command cmd_exceptions = {
	.name = "exceptions",
	.summary = "list exceptions, and those that are expired or unused",
	.arguments = "[AUDIT-LOG]...",
	.takes = TAKES_FILE,
	.most = ARGUMENTS_ANY,
	.text = "Lists the EnclaveException objects among the policies. With "
		"audit logs it counts their uses, and one that was never used "
		"is called unused.",
	.options = options,
	.exits =
	    (const struct term[]){
		{ "0", "all are in force, and used as far as logs were given" },
		{ "1", "one is expired or unused" },
		{ "2", "a policy is in error, or a log is unreadable" },
		{ NULL, NULL },
	    },
	.examples =
	    (const struct term[]){
		{ "keepgate exceptions -p policies/ --stale audit.log*",
		    "what can be removed" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "check", "audit list", NULL },
	.run = run_exceptions,
};

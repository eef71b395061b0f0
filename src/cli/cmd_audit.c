/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate audit verify, list and summary: files of records. */
#include "audit/tally.h"
#include "base/limits.h"
#include "cli/audit_log.h"
#include "value/writer.h"

/* --- verify --- */

static const char *expect_head;

static const struct option verify_options[] = {
	{ .name = "expect-head",
	    .type = OPTION_STRING,
	    .value_name = "HASH",
	    .help = "SHA-256 of the last line: shows a cut tail",
	    .target = &expect_head },
	{ .name = NULL },
};

struct verification {
	struct audit_log log;
	struct verifier verifier;
	bool broken, failed;
};

static bool
verify_line(void *arg, const struct log_line *line)
{
	static const char torn[] =
	    "the last line is not complete: a crash, or a write under way";
	struct verification *v = arg;
	struct arena *arena = &v->log.line;
	enum kg_status st = KG_INVALID;
	struct buf why;

	arena_reset(arena);
	buf_init(&why, arena, 4 * KIB);
	if (line->torn)
		buf_puts(&why, torn);
	else
		st = verifier_line(
		    &v->verifier, arena, &v->log.keys, line->text, &why);
	if (st == KG_OK)
		return true;
	v->failed = st == KG_NOMEM || buf_failed(&why);
	if (v->failed)
		return false;
	progress_erase(&v->log.progress);
	printf("%s:%lu: %.*s\n", line->path, line->number,
	    SLICE_ARG(buf_slice(&why)));
	v->broken = true;
	return false;
}

static int
verify_end(const struct verifier *v)
{
	const struct kg_slice head = slice_of(v->prev, sizeof(v->prev));

	if (v->records == 0) {
		printf("no records\n");
		return expect_head == NULL ? EXIT_OK : EXIT_DENIED;
	}
	if (v->first != 1)
		printf("the chain starts late: records before %llu are not "
		       "here\n",
		    (unsigned long long)v->first);
	printf("%llu records, %llu to %llu, head %.*s\n",
	    (unsigned long long)v->records, (unsigned long long)v->first,
	    (unsigned long long)v->next - 1, SLICE_ARG(head));
	if (expect_head != NULL && !slice_is(head, expect_head)) {
		printf("head is not the expected %s: the tail was cut, or it "
		       "has grown\n",
		    expect_head);
		return EXIT_DENIED;
	}
	printf("verified\n");
	return EXIT_OK;
}

static int
verify(struct verification *v, size_t count, const char *const *paths)
{
	int code;

	if (!audit_log_open(&v->log, count, paths, "audit verify", false))
		return EXIT_ERROR;
	code = audit_log_lines(&v->log, verify_line, v);
	if (v->failed)
		code = cli_error("out of memory");
	if (code == EXIT_OK && v->broken)
		code = EXIT_DENIED;
	return code == EXIT_OK ? verify_end(&v->verifier) : code;
}

static int
run_verify(size_t count, const char *const *arguments)
{
	struct verification v = { .broken = false };
	int code;

	if (verifier_init(&v.verifier) != KG_OK)
		return cli_error("out of memory");
	code = verify(&v, count, arguments);
	audit_log_close(&v.log);
	verifier_release(&v.verifier);
	return code;
}

const struct command cmd_audit_verify = {
	.name = "audit verify",
	.summary = "check the hash chain of audit logs",
	.arguments = "FILE...",
	.takes = TAKES_FILE,
	.least = 1,
	.most = ARGUMENTS_ANY,
	.text = "Files are ordered by their first record. A chain may start "
		"late, and that is said; a cut tail shows only against "
		"--expect-head.",
	.options = verify_options,
	.exits =
	    (const struct term[]){
		{ "0", "verified" },
		{ "1", "broken: a record was changed, removed or added" },
		{ "2", "a file is unreadable" },
		{ NULL, NULL },
	    },
	.examples =
	    (const struct term[]){
		{ "keepgate audit verify audit.log*",
		    "the log with its rotated files" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "audit list", "serve", NULL },
	.run = run_verify,
};

/* --- list --- */

static unsigned list_output;

static const struct option list_options[] = {
	AUDIT_WANTED_OPTIONS,
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; json: the records, one a line",
	    .words = output_words,
	    .target = &list_output },
	{ .name = NULL },
};

static bool
print_record(void *arg, struct kg_slice line, const struct value *record)
{
	struct audit_log *log = arg;
	struct buf b;

	if (list_output == OUTPUT_JSON) {
		(void)fwrite(line.ptr, 1, line.len, stdout);
		putchar('\n');
	} else {
		buf_init(&b, &log->line, RECORD_MAX);
		record_put_text(&b, record);
		(void)fwrite(b.ptr, 1, b.len, stdout);
	}
	/* Nobody reads on: no need to go on. */
	return !ferror(stdout);
}

static int
run_list(size_t count, const char *const *arguments)
{
	struct record_filter filter;
	struct audit_log log;
	int code = EXIT_OK, read;

	if (!audit_wanted_filter(&filter))
		return EXIT_ERROR;
	if (!audit_log_open(&log, count, arguments, "audit list", true))
		code = EXIT_ERROR;
	read = audit_log_records(&log, &filter, print_record, &log);
	audit_log_close(&log);
	return read != EXIT_OK ? read : code;
}

const struct command cmd_audit_list = {
	.name = "audit list",
	.summary = "show decisions out of audit logs",
	.arguments = "FILE...",
	.takes = TAKES_FILE,
	.least = 1,
	.most = ARGUMENTS_ANY,
	.text = "Decisions that fit every option given are shown, in the "
		"order of the log.",
	.options = list_options,
	.exits =
	    (const struct term[]){
		{ "0", "all was read, whatever fitted" },
		{ "2", "a file is unreadable, or a line is no audit record" },
		{ NULL, NULL },
	    },
	.examples =
	    (const struct term[]){
		{ "keepgate audit list --verdict deny --since 24h audit.log",
		    "what was denied since yesterday" },
		{ "keepgate audit list -o json --rule NOD-001 audit.log*",
		    "records of one rule, for jq" },
		{ NULL, NULL },
	    },
	.see_also =
	    (const char *const[]){ "audit summary", "audit verify", NULL },
	.run = run_list,
};

/* --- summary --- */

static struct {
	unsigned output;
	int64_t top;
} summary = { .top = 10 };

static const struct option summary_options[] = {
	AUDIT_WANTED_OPTIONS,
	{ .name = "top",
	    .type = OPTION_INT,
	    .value_name = "N",
	    .help = "how many of each are shown as text; 0: all",
	    .fallback = "10",
	    .min = 0,
	    .max = INT64_MAX,
	    .target = &summary.top },
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; json: all counts in one document",
	    .words = output_words,
	    .target = &summary.output },
	{ .name = NULL },
};

static const struct {
	enum tally_by by;
	const char *title, *member, *none;
} parts[] = {
	{ TALLY_VERDICT, "verdict", "verdicts", "" },
	{ TALLY_RULE, "rule", "rules", "" },
	{ TALLY_NAMESPACE, "namespace", "namespaces", "(cluster)" },
	{ TALLY_USER, "user", "users", "(unknown)" },
};

struct counting {
	struct arena arena; /* of the tally, and of what is printed */
	struct tally tally;
	bool failed;
};

static bool
count_record(void *arg, struct kg_slice line, const struct value *record)
{
	struct counting *c = arg;

	(void)line;
	c->failed = !tally_add(&c->tally, record);
	return !c->failed;
}

static bool
put_part(struct buf *b, struct counting *c, size_t part)
{
	const size_t n = c->tally.maps[parts[part].by].count;
	const struct tally_count *list =
	    tally_sorted(&c->tally, parts[part].by);
	const size_t shown = summary.top > 0 && (uint64_t)summary.top < n
	    ? (size_t)summary.top
	    : n;

	if (list == NULL)
		return false;
	buf_printf(b, "\nby %s:\n", parts[part].title);
	for (size_t i = 0; i < shown; i++) {
		buf_printf(b, "%9llu  ", (unsigned long long)list[i].count);
		buf_put_line(b,
		    list[i].name.len > 0 ? list[i].name
					 : slice_str(parts[part].none));
		buf_putc(b, '\n');
	}
	if (n > shown)
		buf_printf(b, "           and %zu more; --top 0 shows all\n",
		    n - shown);
	return true;
}

static bool
put_summary(struct buf *b, struct counting *c)
{
	const struct tally *t = &c->tally;
	bool ok = true;

	buf_printf(b, "%llu decisions", (unsigned long long)t->decisions);
	if (t->decisions > 0)
		buf_printf(b, ", %s to %s", t->from, t->to);
	buf_putc(b, '\n');
	if (t->lost > 0)
		buf_printf(b, "%llu more were answered without a record\n",
		    (unsigned long long)t->lost);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && ok; i++) {
		if (t->maps[parts[i].by].count > 0)
			ok = put_part(b, c, i);
	}
	return ok;
}

static bool
write_part(struct writer *w, struct counting *c, size_t part)
{
	const size_t n = c->tally.maps[parts[part].by].count;
	const struct tally_count *list =
	    tally_sorted(&c->tally, parts[part].by);

	writer_name(w, parts[part].member);
	writer_list(w);
	for (size_t i = 0; list != NULL && i < n; i++) {
		writer_object(w);
		writer_member(w, "name", list[i].name);
		writer_name(w, "count");
		writer_uint(w, list[i].count);
		writer_end(w);
	}
	writer_end(w);
	return list != NULL;
}

static bool
write_summary(struct buf *b, struct counting *c)
{
	struct writer w;
	bool ok = true;

	writer_init(&w, b);
	writer_object(&w);
	writer_name(&w, "decisions");
	writer_uint(&w, c->tally.decisions);
	writer_name(&w, "lost");
	writer_uint(&w, c->tally.lost);
	writer_member(&w, "from", slice_str(c->tally.from));
	writer_member(&w, "to", slice_str(c->tally.to));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && ok; i++)
		ok = write_part(&w, c, i);
	writer_end(&w);
	buf_putc(b, '\n');
	return ok;
}

static int
print_summary(struct counting *c)
{
	struct buf b;
	bool ok;

	buf_init(&b, &c->arena, ARENA_COMPILE_MAX);
	ok = summary.output == OUTPUT_JSON ? write_summary(&b, c)
					   : put_summary(&b, c);
	if (!ok || buf_failed(&b))
		return cli_error("out of memory");
	(void)fwrite(b.ptr, 1, b.len, stdout);
	return EXIT_OK;
}

static int
run_summary(size_t count, const char *const *arguments)
{
	struct counting c = { .failed = false };
	struct record_filter filter;
	struct audit_log log;
	int code = EXIT_OK, read;

	if (!audit_wanted_filter(&filter))
		return EXIT_ERROR;
	arena_init(&c.arena, ARENA_COMPILE_MAX);
	tally_init(&c.tally, &c.arena);
	if (!audit_log_open(&log, count, arguments, "audit summary", false))
		code = EXIT_ERROR;
	read = audit_log_records(&log, &filter, count_record, &c);
	audit_log_close(&log);
	if (c.failed)
		code = cli_error("too many names to count: out of memory");
	else if (print_summary(&c) != EXIT_OK)
		code = EXIT_ERROR;
	arena_release(&c.arena);
	return read != EXIT_OK ? read : code;
}

const struct command cmd_audit_summary = {
	.name = "audit summary",
	.summary = "count decisions by verdict, rule, namespace and user",
	.arguments = "FILE...",
	.takes = TAKES_FILE,
	.least = 1,
	.most = ARGUMENTS_ANY,
	.text = "Decisions that fit every option given are counted. By rule: "
		"those with a finding of it, each once.",
	.options = summary_options,
	.exits =
	    (const struct term[]){
		{ "0", "all was counted" },
		{ "2", "a file is unreadable, or a line is no audit record" },
		{ NULL, NULL },
	    },
	.examples =
	    (const struct term[]){
		{ "keepgate audit summary --since 7d audit.log*",
		    "the last week" },
		{ "keepgate audit summary --verdict deny -o json audit.log",
		    "what is denied, for programs" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "audit list", NULL },
	.run = run_summary,
};

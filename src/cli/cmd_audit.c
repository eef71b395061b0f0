/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate audit verify and list: files of records, line by line. */
#include <errno.h>

#include "audit/verify.h"
#include "base/duration.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "io/file.h"
#include "value/json.h"

/* --- Lines of files --- */

struct log_file {
	const char *path;
	uint64_t first; /* seq of its first record; 0: none */
};

struct line_reader {
	FILE *file;
	char *text;
	size_t cap;
	unsigned long number;
	bool torn; /* the last line had no newline */
};

static bool
open_lines(struct line_reader *r, const char *path)
{
	*r = (struct line_reader){ .file = fopen(path, "re") };
	if (r->file == NULL)
		cli_error("%s: %s", path, strerror(errno));
	return r->file != NULL;
}

/* False at the end. Records are bounded when they are written. */
static bool
next_line(struct line_reader *r, struct kg_slice *line)
{
	const ssize_t n = getline(&r->text, &r->cap, r->file);

	if (n <= 0)
		return false;
	r->number++;
	r->torn = r->text[n - 1] != '\n';
	*line = slice_of(r->text, (size_t)n - !r->torn);
	return true;
}

/* False when reading failed: then not all was seen. */
static bool
close_lines(struct line_reader *r, const char *path)
{
	const bool ok = r->file != NULL && !ferror(r->file);

	if (!ok && r->file != NULL)
		cli_error("%s: cannot be read", path);
	if (r->file != NULL)
		(void)fclose(r->file);
	free(r->text);
	return ok;
}

struct context {
	struct arena line, names;
	struct keytab keys;
	struct log_file *files;
	size_t count;
};

static bool
decode_line(struct context *c, struct kg_slice line,
    const struct value **record, struct json_error *error)
{
	arena_reset(&c->line);
	return json_decode(&c->line, &c->keys, line, NULL, record, error) ==
	    KG_OK;
}

static bool
find_first(struct context *c, struct log_file *f)
{
	const struct value *record, *seq;
	struct json_error error;
	struct line_reader r;
	struct kg_slice line;

	if (!open_lines(&r, f->path))
		return false;
	if (next_line(&r, &line) && decode_line(c, line, &record, &error)) {
		seq = value_find(record, SLICE("seq"));
		if (value_is(seq, VALUE_INT) && seq->u.integer > 0)
			f->first = (uint64_t)seq->u.integer;
	}
	return close_lines(&r, f->path);
}

static int
by_first(const void *left, const void *right)
{
	const struct log_file *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

/* Files in the order of their chain, whatever the order of arguments. */
static bool
open_context(struct context *c, size_t count, const char *const *paths)
{
	bool ok = true;

	*c = (struct context){ .count = count };
	arena_init(&c->line, RECORD_MAX * 4u);
	arena_init(&c->names, MIB);
	c->files = calloc(count + 1, sizeof(*c->files));
	if (c->files == NULL || keytab_init(&c->keys, &c->names) != KG_OK) {
		cli_error("out of memory");
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		c->files[i].path = paths[i];
		ok = find_first(c, &c->files[i]) && ok;
	}
	qsort(c->files, count, sizeof(*c->files), by_first);
	return ok;
}

static void
close_context(struct context *c)
{
	free(c->files);
	arena_release(&c->line);
	arena_release(&c->names);
}

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

static int
verify_file(struct context *c, struct verifier *v, const char *path)
{
	struct line_reader r;
	struct kg_slice line;
	int code = EXIT_OK;

	if (!open_lines(&r, path))
		return EXIT_ERROR;
	while (code == EXIT_OK && next_line(&r, &line)) {
		struct buf why;

		arena_reset(&c->line);
		buf_init(&why, &c->line, 4 * KIB);
		if (r.torn) {
			printf("%s:%lu: the last line is not complete: a "
			       "crash, or a write under way\n",
			    path, r.number);
			code = EXIT_DENIED;
		} else if (verifier_line(v, &c->line, &c->keys, line, &why) !=
		    KG_OK) {
			printf("%s:%lu: %.*s\n", path, r.number,
			    SLICE_ARG(buf_slice(&why)));
			code = EXIT_DENIED;
		}
	}
	if (!close_lines(&r, path))
		code = EXIT_ERROR;
	return code;
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
run_verify(size_t count, const char *const *arguments)
{
	struct verifier v;
	struct context c;
	int code = EXIT_OK;

	if (verifier_init(&v) != KG_OK)
		return cli_error("out of memory");
	if (!open_context(&c, count, arguments))
		code = EXIT_ERROR;
	for (size_t i = 0; i < count && code == EXIT_OK; i++)
		code = verify_file(&c, &v, c.files[i].path);
	if (code == EXIT_OK)
		code = verify_end(&v);
	verifier_release(&v);
	close_context(&c);
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

static struct {
	const char *rule, *user, *ns, *kind, *since, *until;
	unsigned verdict, output;
} want;

static const char *const verdicts[] = { "any", "allow", "warn", "deny", "error",
	NULL };

static const struct option list_options[] = {
	{ .name = "verdict",
	    .type = OPTION_WORD,
	    .help = "decisions of this verdict",
	    .words = verdicts,
	    .target = &want.verdict },
	{ .name = "rule",
	    .type = OPTION_STRING,
	    .takes = TAKES_RULE,
	    .value_name = "ID",
	    .help = "decisions with a finding of this rule",
	    .target = &want.rule },
	{ .name = "user",
	    .type = OPTION_STRING,
	    .value_name = "USER",
	    .help = "requests of this user",
	    .target = &want.user },
	{ .name = "namespace",
	    .letter = 'n',
	    .type = OPTION_STRING,
	    .value_name = "NAMESPACE",
	    .help = "requests in this namespace",
	    .target = &want.ns },
	{ .name = "kind",
	    .type = OPTION_STRING,
	    .value_name = "KIND",
	    .help = "requests about this kind, such as Pod",
	    .target = &want.kind },
	{ .name = "since",
	    .type = OPTION_STRING,
	    .value_name = "TIME",
	    .help = "from this time on: RFC 3339, or a time ago such as 24h",
	    .target = &want.since },
	{ .name = "until",
	    .type = OPTION_STRING,
	    .value_name = "TIME",
	    .help = "before this time",
	    .target = &want.until },
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; json: the records, one a line",
	    .words = output_words,
	    .target = &want.output },
	{ .name = NULL },
};

/* A time, or how long ago. */
static bool
read_time(const char *name, const char *text, int64_t *us)
{
	int64_t ago;

	if (text == NULL || time_parse(slice_str(text), us))
		return true;
	if (duration_us(text, &ago)) {
		*us = clock_wall_us() - ago;
		return true;
	}
	cli_error("--%s: found \"%s\", want a time such as "
		  "2026-11-24T12:00:00Z, or a duration such as 24h",
	    name, text);
	return false;
}

static struct kg_slice
or_empty(const char *text)
{
	return text != NULL ? slice_str(text) : slice_of(NULL, 0);
}

static bool
make_filter(struct record_filter *f)
{
	*f = (struct record_filter){ .rule = or_empty(want.rule),
		.user = or_empty(want.user),
		.ns = or_empty(want.ns),
		.kind = or_empty(want.kind),
		.since_us = INT64_MIN,
		.until_us = INT64_MAX };
	if (want.verdict != 0)
		f->verdict = slice_str(verdicts[want.verdict]);
	return read_time("since", want.since, &f->since_us) &&
	    read_time("until", want.until, &f->until_us);
}

static void
print_record(
    struct context *c, struct kg_slice line, const struct value *record)
{
	struct buf b;

	if (want.output == OUTPUT_JSON) {
		(void)fwrite(line.ptr, 1, line.len, stdout);
		putchar('\n');
		return;
	}
	buf_init(&b, &c->line, RECORD_MAX);
	record_put_text(&b, record);
	(void)fwrite(b.ptr, 1, b.len, stdout);
}

static int
list_file(struct context *c, const struct record_filter *f, const char *path)
{
	struct line_reader r;
	struct kg_slice line;
	int code = EXIT_OK;

	if (!open_lines(&r, path))
		return EXIT_ERROR;
	while (next_line(&r, &line)) {
		const struct value *record;
		struct json_error error;

		if (r.torn || !decode_line(c, line, &record, &error)) {
			code = cli_error("%s:%lu: %s", path, r.number,
			    r.torn ? "the last line is not complete"
				   : "no audit record");
			continue;
		}
		if (record_fits(f, record))
			print_record(c, line, record);
	}
	if (!close_lines(&r, path))
		code = EXIT_ERROR;
	return code;
}

static int
run_list(size_t count, const char *const *arguments)
{
	struct record_filter filter;
	struct context c;
	int code = EXIT_OK;

	if (!make_filter(&filter))
		return EXIT_ERROR;
	if (!open_context(&c, count, arguments))
		code = EXIT_ERROR;
	for (size_t i = 0; i < count && c.files != NULL; i++) {
		const int one = list_file(&c, &filter, c.files[i].path);

		code = one != EXIT_OK ? one : code;
	}
	close_context(&c);
	return code;
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
	.see_also = (const char *const[]){ "audit verify", NULL },
	.run = run_list,
};

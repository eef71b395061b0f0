/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/audit_log.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/duration.h"
#include "base/limits.h"
#include "base/time.h"
#include "io/file.h"

struct log_file {
	const char *path;
	uint64_t first; /* seq of its first record; 0: none */
};

/* --- Lines of a file --- */

struct reader {
	FILE *file;
	char *text;
	size_t cap;
	struct log_line line;
};

static bool
open_lines(struct reader *r, const char *path)
{
	*r = (struct reader){ .file = fopen(path, "re"),
		.line = { .path = path } };
	if (r->file == NULL)
		cli_error("%s: %s", path, strerror(errno));
	return r->file != NULL;
}

/* False at the end. Records are bounded when they are written. */
static bool
next_line(struct reader *r)
{
	const ssize_t n = getline(&r->text, &r->cap, r->file);

	if (n <= 0)
		return false;
	r->line.number++;
	r->line.torn = r->text[n - 1] != '\n';
	r->line.text = slice_of(r->text, (size_t)n - !r->line.torn);
	return true;
}

/* False when reading failed: then not all was seen. */
static bool
close_lines(struct reader *r)
{
	/* The end is the one reason to stop that is none to complain of. */
	const bool ok = !ferror(r->file) && errno != ENOMEM;

	if (!ok)
		cli_error("%s: cannot be read", r->line.path);
	(void)fclose(r->file);
	free(r->text);
	return ok;
}

static bool
decode(struct audit_log *log, struct kg_slice line, const struct value **record)
{
	struct json_error error;

	arena_reset(&log->line);
	return json_decode(
		   &log->line, &log->keys, line, NULL, record, &error) == KG_OK;
}

/* --- Files in order --- */

static bool
find_first(struct audit_log *log, struct log_file *f)
{
	const struct value *record, *seq;
	struct reader r;
	struct stat st;

	if (!open_lines(&r, f->path))
		return false;
	if (fstat(fileno(r.file), &st) == 0 && S_ISREG(st.st_mode))
		log->progress.total += (uint64_t)st.st_size;
	errno = 0;
	if (next_line(&r) && decode(log, r.line.text, &record)) {
		seq = value_find(record, SLICE("seq"));
		if (value_is(seq, VALUE_INT) && seq->u.integer > 0)
			f->first = (uint64_t)seq->u.integer;
	}
	return close_lines(&r);
}

static int
by_first(const void *left, const void *right)
{
	const struct log_file *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

bool
audit_log_open(struct audit_log *log, size_t count, const char *const *paths,
    const char *what, bool prints)
{
	bool ok = true;

	*log = (struct audit_log){ .files = NULL };
	arena_init(&log->line, RECORD_MAX * 4u);
	arena_init(&log->names, MIB);
	progress_begin(&log->progress, what, prints);
	log->files = calloc(count + 1, sizeof(*log->files));
	if (log->files == NULL ||
	    keytab_init(&log->keys, &log->names) != KG_OK) {
		cli_error("out of memory");
		return false;
	}
	log->count = count;
	for (size_t i = 0; i < count; i++) {
		log->files[i].path = paths[i];
		ok = find_first(log, &log->files[i]) && ok;
	}
	qsort(log->files, count, sizeof(*log->files), by_first);
	return ok;
}

void
audit_log_close(struct audit_log *log)
{
	progress_erase(&log->progress);
	free(log->files);
	arena_release(&log->line);
	arena_release(&log->names);
}

/* --- All lines --- */

/* False when a visitor has had enough, or a file cannot be read. */
static bool
visit_file(struct audit_log *log, const char *path,
    bool (*visit)(void *arg, const struct log_line *line), void *arg, int *code)
{
	struct reader r;
	bool more = true;

	if (!open_lines(&r, path)) {
		*code = EXIT_ERROR;
		return true;
	}
	errno = 0;
	while (more && next_line(&r)) {
		progress_set(&log->progress,
		    log->progress.done + r.line.text.len + !r.line.torn);
		more = visit(arg, &r.line);
		errno = 0;
	}
	if (!close_lines(&r))
		*code = EXIT_ERROR;
	return more;
}

int
audit_log_lines(struct audit_log *log,
    bool (*visit)(void *arg, const struct log_line *line), void *arg)
{
	int code = EXIT_OK;

	for (size_t i = 0; i < log->count; i++) {
		if (!visit_file(log, log->files[i].path, visit, arg, &code))
			break;
	}
	progress_erase(&log->progress);
	return code;
}

/* --- Records --- */

struct picking {
	struct audit_log *log;
	const struct record_filter *filter;
	bool (*visit)(
	    void *arg, struct kg_slice line, const struct value *record);
	void *arg;
	bool bad;
};

static bool
pick(void *arg, const struct log_line *line)
{
	struct picking *p = arg;
	const struct value *record;

	if (line->torn || !decode(p->log, line->text, &record)) {
		progress_erase(&p->log->progress);
		cli_error("%s:%lu: %s", line->path, line->number,
		    line->torn ? "the last line is not complete"
			       : "no audit record");
		p->bad = true;
		return true;
	}
	if (!record_fits(p->filter, record))
		return true;
	return p->visit(p->arg, line->text, record);
}

int
audit_log_records(struct audit_log *log, const struct record_filter *f,
    bool (*visit)(void *arg, struct kg_slice line, const struct value *record),
    void *arg)
{
	struct picking p = {
		.log = log, .filter = f, .visit = visit, .arg = arg
	};
	const int code = audit_log_lines(log, pick, &p);

	return p.bad ? EXIT_ERROR : code;
}

/* --- What is wanted --- */

struct audit_wanted audit_wanted;

const char *const audit_verdicts[] = { "any", "allow", "warn", "deny", "error",
	NULL };

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

bool
audit_wanted_filter(struct record_filter *f)
{
	const struct audit_wanted *w = &audit_wanted;

	*f = (struct record_filter){ .rule = or_empty(w->rule),
		.user = or_empty(w->user),
		.ns = or_empty(w->ns),
		.kind = or_empty(w->kind),
		.since_us = INT64_MIN,
		.until_us = INT64_MAX };
	if (w->verdict != 0)
		f->verdict = slice_str(audit_verdicts[w->verdict]);
	return read_time("since", w->since, &f->since_us) &&
	    read_time("until", w->until, &f->until_us);
}

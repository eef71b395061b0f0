/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: many writers, records together, a full disk, lost ones. */
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/verify.h"
#include "base/limits.h"
#include "io/file.h"
#include "io/journal.h"
#include "unit/unit.h"

static char folder[] = "/tmp/keepgate-journal-XXXXXX";
static char path[64];

static int
setup(void **state)
{
	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/audit.log", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static struct journal *
open_log(enum journal_sync sync)
{
	const struct journal_options options = { .path = path, .sync = sync };
	char error[JOURNAL_ERROR_MAX];
	struct journal *j;

	if (journal_open(&options, &j, error) != KG_OK)
		fail_msg("%s", error);
	return j;
}

/* Records of a log that verifies. */
static uint64_t
verified(struct kg_slice *text, struct file **file)
{
	struct kg_diags *diags = kg_diags_new();
	struct arena lines;
	struct keytab names;
	struct verifier v;
	struct kg_slice rest;
	uint64_t n;

	*file = NULL;
	assert_int_equal(file_read(path, diags, file), KG_OK);
	*text = slice_of((*file)->text, (*file)->len);
	assert_true(slice_ends(*text, SLICE("\n")));
	rest = slice_upto(*text, text->len - 1);
	arena_init(&lines, MIB);
	assert_int_equal(verifier_init(&v), KG_OK);
	while (rest.ptr != NULL) {
		struct buf why;

		arena_reset(&lines);
		assert_int_equal(keytab_init(&names, &lines), KG_OK);
		buf_init(&why, &lines, KIB);
		if (verifier_line(&v, &lines, &names, slice_cut(&rest, '\n'),
			&why) != KG_OK)
			fail_msg("%.*s", SLICE_ARG(buf_slice(&why)));
	}
	n = v.records;
	verifier_release(&v);
	arena_release(&lines);
	kg_diags_free(diags);
	return n;
}

static const struct kg_slice BODY = SLICE_INIT(",\"type\":\"decision\"}");
#define EACH 500

static void *
write_many(void *arg)
{
	for (int i = 0; i < EACH; i++) {
		if (journal_append(arg, &BODY, 1) != KG_OK)
			return arg;
	}
	return NULL;
}

static void
writers_take_turns(void **state)
{
	struct journal *j = open_log(JOURNAL_SYNC_INTERVAL);
	pthread_t threads[4];
	struct kg_slice text;
	struct file *file;
	void *failed;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, write_many, j), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	journal_close(j);
	assert_int_equal(verified(&text, &file), 4 * EACH + 2);
	file_free(file);
	assert_int_equal(unlink(path), 0);
}

static bool
contains(struct kg_slice text, struct kg_slice part)
{
	while (text.len >= part.len && !slice_starts(text, part))
		text = slice_from(text, 1);
	return text.len >= part.len;
}

static void
limit_files(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void
a_full_disk_leaves_whole_lines_and_is_counted(void **state)
{
	struct journal *j = open_log(JOURNAL_SYNC_ALWAYS);
	struct kg_slice text;
	struct file *file;
	uint64_t written = 1;

	(void)state;
	limit_files(4000);
	while (journal_append(j, &BODY, 1) == KG_OK)
		written++;
	assert_int_equal(journal_failures(j), 1);
	for (int i = 0; i < 3; i++)
		assert_int_equal(journal_append(j, &BODY, 1), KG_IO);
	for (int i = 0; i < 4; i++)
		journal_count_lost(j);
	assert_int_equal(verified(&text, &file), written);
	file_free(file);
	limit_files(RLIM_INFINITY);
	assert_int_equal(journal_append(j, &BODY, 1), KG_OK);
	journal_close(j);
	assert_int_equal(verified(&text, &file), written + 2);
	assert_true(contains(text, SLICE("\"lost\":4")));
	file_free(file);
}

static void
records_together_are_all_there_or_none(void **state)
{
	const struct kg_slice bodies[] = { BODY,
		SLICE(",\"type\":\"decision\",\"name\":\"second\"}"), BODY };
	struct journal *j;
	struct kg_slice text;
	struct file *file;
	off_t whole;

	(void)state;
	(void)unlink(path);
	j = open_log(JOURNAL_SYNC_INTERVAL);
	assert_true(journal_has_room(j));
	assert_int_equal(journal_append(j, bodies, 3), KG_OK);
	assert_int_equal(verified(&text, &file), 4);
	whole = (off_t)text.len;
	file_free(file);
	/* A disk that fails within the second of the three. */
	limit_files((rlim_t)whole + 200);
	assert_int_equal(journal_append(j, bodies, 3), KG_IO);
	assert_false(journal_has_room(j));
	assert_int_equal(verified(&text, &file), 4);
	file_free(file);
	/* Nobody waits until the next one is written. */
	assert_int_equal(journal_append(j, bodies, 1), KG_OK);
	assert_false(journal_has_room(j));
	limit_files(RLIM_INFINITY);
	assert_int_equal(journal_append(j, bodies, 3), KG_OK);
	journal_close(j);
	assert_int_equal(verified(&text, &file), 4 + 1 + 3 + 1);
	file_free(file);
}

static void
room_that_was_kept_is_given_back(void **state)
{
	struct journal *j;
	struct stat open, closed;

	(void)state;
	(void)unlink(path);
	j = open_log(JOURNAL_SYNC_INTERVAL);
	assert_true(journal_has_room(j));
	assert_int_equal(stat(path, &open), 0);
	assert_true(open.st_size < 1024);
	assert_true(open.st_blocks * 512 >= JOURNAL_ROOM);
	journal_close(j);
	assert_int_equal(stat(path, &closed), 0);
	assert_true(closed.st_blocks * 512 <= 64 * 1024);
}

static void
a_torn_line_is_cut_at_every_length(void **state)
{
	struct kg_slice text;
	struct file *file;
	uint64_t before = 0, records;

	(void)state;
	for (size_t torn = 1; torn < 40; torn += 3) {
		FILE *f = fopen(path, "a");

		assert_non_null(f);
		(void)fprintf(f, "%.*s", (int)torn,
		    "{\"v\":1,\"seq\":5,\"prev\":\"0000000000000000000000");
		(void)fclose(f);
		journal_close(open_log(JOURNAL_SYNC_NEVER));
		records = verified(&text, &file);
		assert_true(records >= before + 2);
		before = records;
		file_free(file);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writers_take_turns),
		cmocka_unit_test(a_full_disk_leaves_whole_lines_and_is_counted),
		cmocka_unit_test(records_together_are_all_there_or_none),
		cmocka_unit_test(room_that_was_kept_is_given_back),
		cmocka_unit_test(a_torn_line_is_cut_at_every_length),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

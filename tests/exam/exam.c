/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exam SET FILE...: FAIL lines, then "N passed, N failed". Exit 0 when none
 * failed, 1 when some did, 2 for an unknown set or an unreadable file.
 */
#include "exam/exam.h"

#include "base/limits.h"

static const struct exam_set sets[] = {
	{ "enclave", exam_enclave },
	{ "cel", exam_cel },
	{ "celcost", exam_celcost },
	{ "celvap", exam_celvap },
	{ "cellib", exam_cellib },
	{ "re2", exam_re2 },
	{ "vap", exam_vap },
};

static const struct exam_set *
find_set(const char *name)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		if (strcmp(sets[i].name, name) == 0)
			return &sets[i];
	}
	return NULL;
}

struct tally {
	unsigned long passed, failed;
};

static bool
judge_line(struct exam *e, const struct exam_set *set, struct kg_slice line,
    struct tally *tally)
{
	const struct value *c;
	struct json_error error;
	struct kg_slice id;
	struct buf why;

	if (json_decode(&e->arena, &e->keys, line, NULL, &c, &error) != KG_OK) {
		fprintf(stderr, "exam: byte %zu: %s\n", error.offset,
		    error.message);
		return false;
	}
	id = value_str(value_find(c, SLICE("id")));
	buf_init(&why, &e->arena, MIB);
	switch (set->judge(e, c, &why)) {
	case EXAM_PASS:
		tally->passed++;
		break;
	case EXAM_FAIL:
		tally->failed++;
		printf("FAIL %.*s: %.*s\n", SLICE_ARG(id),
		    SLICE_ARG(buf_slice(&why)));
		break;
	case EXAM_SKIP:
		break;
	}
	return true;
}

static bool
judge_file(struct exam *e, const struct exam_set *set, const char *path,
    struct tally *tally)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	unsigned long number = 0;
	bool ok = file != NULL;
	ssize_t n;

	if (file == NULL)
		perror(path);
	while (ok && (n = getline(&line, &cap, file)) != -1) {
		const struct kg_slice text =
		    slice_trim(slice_of(line, (size_t)n));

		number++;
		arena_reset(&e->arena);
		if (text.len > 0)
			ok = judge_line(e, set, text, tally);
		if (!ok)
			fprintf(stderr, "exam: %s:%lu\n", path, number);
	}
	ok = ok && ferror(file) == 0;
	free(line);
	if (file != NULL)
		(void)fclose(file);
	return ok;
}

int
main(int argc, char **argv)
{
	const struct exam_set *set = argc > 2 ? find_set(argv[1]) : NULL;
	struct exam e = { 0 };
	struct arena keys;
	struct tally tally = { 0, 0 };
	bool ok = true;

	if (set == NULL) {
		fprintf(stderr, "usage: exam SET FILE...; sets:");
		for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
			fprintf(stderr, " %s", sets[i].name);
		fprintf(stderr, "\n");
		return 2;
	}
	arena_init(&keys, MIB);
	arena_init(&e.arena, 256 * MIB);
	if (keytab_init(&e.keys, &keys) != KG_OK ||
	    kg_reviewer_new(&e.reviewer) != KG_OK)
		return 2;
	for (int i = 2; i < argc; i++)
		ok = judge_file(&e, set, argv[i], &tally) && ok;
	kg_reviewer_free(e.reviewer);
	arena_release(&e.arena);
	arena_release(&keys);
	printf("%lu passed, %lu failed\n", tally.passed, tally.failed);
	return !ok ? 2 : tally.failed > 0 ? 1 : 0;
}

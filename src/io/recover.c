/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a log from its end; a log of any size opens at once. */
#include "io/recover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/journal.h"
#include "value/json.h"

#define STEP (64u * KIB)

static bool
read_at(int fd, char *to, size_t len, uint64_t at)
{
	while (len > 0) {
		const ssize_t n = pread(fd, to, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

/* Offset behind the last newline before `end`; 0 when there is none. */
static bool
last_line_start(int fd, uint64_t end, uint64_t *start)
{
	char block[4096];

	while (end > 0) {
		const size_t n =
		    end < sizeof(block) ? (size_t)end : sizeof(block);

		if (!read_at(fd, block, n, end - n))
			return false;
		for (size_t i = n; i > 0; i--) {
			if (block[i - 1] == '\n') {
				*start = end - n + i;
				return true;
			}
		}
		end -= n;
	}
	*start = 0;
	return true;
}

static enum kg_status
io_error(const char *path, const char *what, char *error)
{
	(void)snprintf(error, JOURNAL_ERROR_MAX, "%s: %s", path, what);
	return KG_IO;
}

static bool
parse_seq(struct arena *arena, struct kg_slice line, uint64_t *seq)
{
	const struct value *root, *v;
	struct json_error why;
	struct keytab keys;

	if (keytab_init(&keys, arena) != KG_OK ||
	    json_decode(arena, &keys, line, NULL, &root, &why) != KG_OK)
		return false;
	v = value_find(root, SLICE("seq"));
	if (!value_is(v, VALUE_INT) || v->u.integer < 1)
		return false;
	*seq = (uint64_t)v->u.integer;
	return true;
}

/* The line from start up to (not with) end. */
static enum kg_status
read_line(int fd, const char *path, struct arena *arena, uint64_t start,
    uint64_t end, struct kg_slice *line, char *error)
{
	char *text;

	if (end - start > RECORD_MAX / 2)
		return io_error(
		    path, "a line is too long for an audit record", error);
	text = arena_array(arena, (size_t)(end - start), 1);
	if (text == NULL)
		return io_error(path, "out of memory", error);
	if (!read_at(fd, text, (size_t)(end - start), start))
		return io_error(path, strerror(errno), error);
	*line = slice_of(text, (size_t)(end - start));
	return KG_OK;
}

/* Continues the chain behind the last of `size` bytes of whole lines. */
static enum kg_status
resume(int fd, const char *path, struct arena *arena, uint64_t size,
    struct chain *chain, char *error)
{
	struct kg_slice line;
	uint64_t start, seq;
	enum kg_status st;

	if (!last_line_start(fd, size - 1, &start))
		return io_error(path, strerror(errno), error);
	st = read_line(fd, path, arena, start, size - 1, &line, error);
	if (st != KG_OK)
		return st;
	if (!parse_seq(arena, line, &seq)) {
		(void)snprintf(error, JOURNAL_ERROR_MAX,
		    "%s: the line at byte %llu is no audit record; move the "
		    "file away to start a new log",
		    path, (unsigned long long)start);
		return KG_IO;
	}
	st = chain_resume(chain, line, seq);
	return st == KG_OK ? KG_OK : io_error(path, "out of memory", error);
}

/* The first record's seq: for the name that rotation will give. */
static enum kg_status
first_seq(int fd, const char *path, struct arena *arena, uint64_t size,
    uint64_t *first, char *error)
{
	const size_t n = size < STEP ? (size_t)size : STEP;
	struct kg_slice line;
	enum kg_status st;

	st = read_line(fd, path, arena, 0, n, &line, error);
	if (st != KG_OK)
		return st;
	line = slice_upto(line, slice_find(line, '\n'));
	if (!parse_seq(arena, line, first))
		return io_error(
		    path, "its first line is no audit record", error);
	return KG_OK;
}

/* --- Rotated files --- */

/* "NAME.000000000042" next to NAME: its number, or 0. */
static unsigned long long
rotated_number(const char *entry, const char *name)
{
	const size_t n = strlen(name);
	const char *digits = entry + n + 1;

	if (strncmp(entry, name, n) != 0 || entry[n] != '.' ||
	    strlen(digits) != 12 || strspn(digits, "0123456789") != 12)
		return 0;
	return strtoull(digits, NULL, 10);
}

static bool
newest_rotated(const char *path, char *out, size_t size)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	unsigned long long newest = 0;
	struct dirent *entry;
	char folder[4096];
	DIR *dir;

	(void)snprintf(folder, sizeof(folder), "%.*s",
	    slash != NULL ? (int)(slash - path) + 1 : 1,
	    slash != NULL ? path : ".");
	dir = opendir(folder);
	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL) {
		const unsigned long long n =
		    rotated_number(entry->d_name, name);

		newest = n > newest ? n : newest;
	}
	(void)closedir(dir);
	return newest > 0 &&
	    (size_t)snprintf(out, size, "%s.%012llu", path, newest) < size;
}

/* An empty log goes on where the newest rotated one ended. */
static enum kg_status
follow_rotated(const char *path, struct arena *arena, struct chain *chain,
    struct recovery *out, char *error)
{
	enum kg_status st = KG_OK;
	const char *name;
	char old[4096];
	uint64_t end;
	struct stat info;
	int fd;

	out->first = chain->seq;
	if (!newest_rotated(path, old, sizeof(old)))
		return KG_OK;
	fd = open(old, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &info) != 0)
		st = io_error(old, strerror(errno), error);
	else if (!last_line_start(fd, (uint64_t)info.st_size, &end))
		st = io_error(old, strerror(errno), error);
	else if (end > 0)
		st = resume(fd, old, arena, end, chain, error);
	if (fd >= 0)
		(void)close(fd);
	name = strrchr(old, '/');
	out->previous =
	    arena_copy(arena, slice_str(name != NULL ? name + 1 : old));
	out->first = chain->seq;
	return st;
}

enum kg_status
recover_log(int fd, const char *path, struct arena *arena, struct chain *chain,
    struct recovery *out, char *error)
{
	enum kg_status st;
	struct stat info;
	uint64_t size;

	*out = (struct recovery){ 0 };
	arena_reset(arena);
	if (fstat(fd, &info) != 0)
		return io_error(path, strerror(errno), error);
	if (!S_ISREG(info.st_mode))
		return io_error(path, "not a regular file", error);
	size = (uint64_t)info.st_size;
	if (!last_line_start(fd, size, &out->size))
		return io_error(path, strerror(errno), error);
	if (out->size == 0) {
		st = follow_rotated(path, arena, chain, out, error);
	} else {
		st = resume(fd, path, arena, out->size, chain, error);
		if (st == KG_OK)
			st = first_seq(
			    fd, path, arena, out->size, &out->first, error);
	}
	if (st != KG_OK)
		return st;
	out->recovered_bytes = size - out->size;
	if (out->recovered_bytes > 0 && ftruncate(fd, (off_t)out->size) != 0)
		return io_error(path, strerror(errno), error);
	return KG_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "io/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum kg_status
fail(char *error, const char *path)
{
	const enum kg_status st = errno == ENOMEM ? KG_NOMEM : KG_IO;

	(void)snprintf(
	    error, REPLACE_ERROR_MAX, "%s: %s", path, strerror(errno));
	return st;
}

static bool
write_all(int fd, struct kg_slice text)
{
	while (text.len > 0) {
		const ssize_t n = write(fd, text.ptr, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = slice_from(text, (size_t)n);
	}
	return true;
}

static enum kg_status
write_temp(struct new_file *f, char *error)
{
	const size_t size = strlen(f->path) + sizeof(".XXXXXX");
	bool ok;
	int fd;

	f->temp = malloc(size);
	if (f->temp == NULL)
		return fail(error, f->path);
	(void)snprintf(f->temp, size, "%s.XXXXXX", f->path);
	fd = mkstemp(f->temp); /* 0600 from the first byte on */
	if (fd < 0) {
		const enum kg_status st = fail(error, f->path);

		free(f->temp);
		f->temp = NULL;
		return st;
	}
	ok = write_all(fd, f->text) && fchmod(fd, (mode_t)f->mode) == 0 &&
	    fsync(fd) == 0;
	if (close(fd) != 0)
		ok = false;
	return ok ? KG_OK : fail(error, f->path);
}

/* link(2) takes no place that is taken; rename(2) would. */
static enum kg_status
move(struct new_file *f, bool overwrite, char *error)
{
	if (overwrite ? rename(f->temp, f->path) != 0
		      : link(f->temp, f->path) != 0)
		return fail(error, f->path);
	if (!overwrite)
		(void)unlink(f->temp);
	free(f->temp);
	f->temp = NULL;
	return KG_OK;
}

enum kg_status
files_write(struct new_file *files, size_t count, bool overwrite, char *error)
{
	enum kg_status st = KG_OK;

	for (size_t i = 0; i < count && st == KG_OK; i++)
		st = write_temp(&files[i], error);
	for (size_t i = 0; i < count && st == KG_OK; i++)
		st = move(&files[i], overwrite, error);
	for (size_t i = 0; i < count; i++) {
		if (files[i].temp != NULL)
			(void)unlink(files[i].temp);
		free(files[i].temp);
		files[i].temp = NULL;
	}
	return st;
}

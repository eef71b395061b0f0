/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories into memory, for -f and -p. */
#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

/* Directories within directories; symbolic links may form a loop. */
#define FOLDER_DEPTH_MAX 32
#define PATH_LEN_MAX 4096u

struct file_reader {
	struct kg_diags *diags;
	struct file **tail;
	enum kg_status status;
};

static void
report(struct file_reader *r, const char *path, const char *what)
{
	const struct place place = { .file = slice_str(path) };

	diag_add(r->diags, KG_ERROR, &place, POS_NONE, "%s", what);
	r->status = KG_IO;
}

/* Grows as bytes come: a file's size is a hint that may be wrong. */
static char *
read_all(int fd, size_t *len)
{
	size_t cap = 64 * KIB;
	char *text = malloc(cap);

	*len = 0;
	while (text != NULL) {
		ssize_t n;

		if (*len == cap) {
			char *more =
			    cap < FILE_MAX ? realloc(text, cap * 2) : NULL;

			if (more == NULL) {
				errno = cap < FILE_MAX ? ENOMEM : EFBIG;
				break;
			}
			text = more;
			cap *= 2;
		}
		n = read(fd, text + *len, cap - *len);
		if (n == 0)
			return text;
		if (n < 0 && errno != EINTR)
			break;
		if (n > 0)
			*len += (size_t)n;
	}
	free(text);
	return NULL;
}

static void
add_file(struct file_reader *r, const char *path, int fd)
{
	struct file *f = calloc(1, sizeof(*f));
	size_t len = strlen(path) + 1;

	if (f != NULL) {
		f->path = malloc(len);
		f->text = read_all(fd, &f->len);
	}
	if (f == NULL || f->path == NULL || f->text == NULL) {
		report(r, path, strerror(errno));
		file_free(f);
		return;
	}
	memcpy(f->path, path, len);
	*r->tail = f;
	r->tail = &f->next;
}

static bool
has_known_suffix(const char *name)
{
	static const char *const suffixes[] = { ".yaml", ".yml", ".json" };

	for (size_t i = 0; i < 3; i++) {
		if (slice_ends(slice_str(name), slice_str(suffixes[i])))
			return true;
	}
	return false;
}

/* ConfigMap mounts keep their versions in names that begin so. */
static int
is_entry(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strncmp(d->d_name, "..", 2) != 0;
}

static void read_folder(struct file_reader *r, const char *path, int depth);

/* Something inside a directory: recursion is capped by FOLDER_DEPTH_MAX. */
static void
read_entry(struct file_reader *r, const char *path, int depth)
{
	struct stat st;
	int fd;

	if (stat(path, &st) != 0) {
		report(r, path, strerror(errno));
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		read_folder(r, path, depth + 1);
		return;
	}
	if (!S_ISREG(st.st_mode) || !has_known_suffix(path))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		report(r, path, strerror(errno));
		return;
	}
	add_file(r, path, fd);
	(void)close(fd);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
read_folder(struct file_reader *r, const char *path, int depth)
{
	struct dirent **names;
	char entry[PATH_LEN_MAX];
	int n;

	if (depth > FOLDER_DEPTH_MAX) {
		report(r, path, "directories nested deeper than 32");
		return;
	}
	n = scandir(path, &names, is_entry, by_name);
	if (n < 0) {
		report(r, path, strerror(errno));
		return;
	}
	for (int i = 0; i < n; i++) {
		const size_t len = strlen(path);

		if ((size_t)snprintf(entry, sizeof(entry), "%s%s%s", path,
			len > 0 && path[len - 1] == '/' ? "" : "/",
			names[i]->d_name) < sizeof(entry))
			read_entry(r, entry, depth);
		else
			report(r, path, "path too long");
		free(names[i]);
	}
	free(names);
}

enum kg_status
file_read(const char *path, struct kg_diags *diags, struct file **list)
{
	struct file_reader r = { diags, list, KG_OK };
	struct stat st;
	int fd;

	while (*r.tail != NULL)
		r.tail = &(*r.tail)->next;
	if (strcmp(path, "-") == 0) {
		add_file(&r, "-", STDIN_FILENO);
		return r.status;
	}
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		read_folder(&r, path, 0);
		return r.status;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		report(&r, path, strerror(errno));
		return r.status;
	}
	add_file(&r, path, fd);
	(void)close(fd);
	return r.status;
}

void
file_free(struct file *list)
{
	while (list != NULL) {
		struct file *next = list->next;

		free(list->path);
		free(list->text);
		free(list);
		list = next;
	}
}

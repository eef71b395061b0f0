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

/*
 * A walk over what an argument names. `file` gets each file that counts, with
 * its status; `error` gets what cannot be looked at.
 */
struct walk {
	void (*file)(struct walk *w, const char *path, const struct stat *st);
	void (*error)(struct walk *w, const char *path, const char *what);
	void *arg;
};

/* --- Walking --- */

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

static void walk_folder(struct walk *w, const char *path, int depth);

/* Something inside a directory: recursion is capped by FOLDER_DEPTH_MAX. */
static void
walk_entry(struct walk *w, const char *path, int depth)
{
	struct stat st;

	if (stat(path, &st) != 0)
		w->error(w, path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		walk_folder(w, path, depth + 1);
	else if (S_ISREG(st.st_mode) && has_known_suffix(path))
		w->file(w, path, &st);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
walk_folder(struct walk *w, const char *path, int depth)
{
	struct dirent **names;
	char entry[PATH_LEN_MAX];
	int n;

	if (depth > FOLDER_DEPTH_MAX) {
		w->error(w, path, "directories nested deeper than 32");
		return;
	}
	n = scandir(path, &names, is_entry, by_name);
	if (n < 0) {
		w->error(w, path, strerror(errno));
		return;
	}
	for (int i = 0; i < n; i++) {
		const size_t len = strlen(path);

		if ((size_t)snprintf(entry, sizeof(entry), "%s%s%s", path,
			len > 0 && path[len - 1] == '/' ? "" : "/",
			names[i]->d_name) < sizeof(entry))
			walk_entry(w, entry, depth);
		else
			w->error(w, path, "path too long");
		free(names[i]);
	}
	free(names);
}

/* A file named outright counts whatever it is called. */
static void
walk(struct walk *w, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		w->file(w, path, NULL);
	else if (stat(path, &st) != 0)
		w->error(w, path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		walk_folder(w, path, 0);
	else
		w->file(w, path, &st);
}

/* --- Reading --- */

struct file_reader {
	struct kg_diags *diags;
	struct file **tail;
	enum kg_status status;
};

static void
report(struct walk *w, const char *path, const char *what)
{
	struct file_reader *r = w->arg;
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
add_file(struct walk *w, const char *path, int fd)
{
	struct file_reader *r = w->arg;
	struct file *f = calloc(1, sizeof(*f));
	size_t len = strlen(path) + 1;

	if (f != NULL) {
		f->path = malloc(len);
		f->text = read_all(fd, &f->len);
	}
	if (f == NULL || f->path == NULL || f->text == NULL) {
		report(w, path, strerror(errno));
		file_free(f);
		return;
	}
	memcpy(f->path, path, len);
	*r->tail = f;
	r->tail = &f->next;
}

static void
read_file(struct walk *w, const char *path, const struct stat *st)
{
	int fd = STDIN_FILENO;

	if (st != NULL)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		report(w, path, strerror(errno));
		return;
	}
	add_file(w, path, fd);
	if (st != NULL)
		(void)close(fd);
}

enum kg_status
file_read(const char *path, struct kg_diags *diags, struct file **list)
{
	struct file_reader r = { diags, list, KG_OK };
	struct walk w = { read_file, report, &r };

	while (*r.tail != NULL)
		r.tail = &(*r.tail)->next;
	walk(&w, path);
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

/* --- Looking --- */

struct looker {
	struct sha256 *hash;
	enum kg_status status;
};

static void
add_text(struct looker *l, const void *ptr, size_t len)
{
	if (l->status == KG_OK)
		l->status = sha256_update(l->hash, slice_of(ptr, len));
}

static void
look_at(struct walk *w, const char *path, const struct stat *st)
{
	int64_t numbers[7] = { 0 };

	if (st != NULL) {
		numbers[0] = (int64_t)st->st_dev;
		numbers[1] = (int64_t)st->st_ino;
		numbers[2] = (int64_t)st->st_size;
		numbers[3] = (int64_t)st->st_mtim.tv_sec;
		numbers[4] = (int64_t)st->st_mtim.tv_nsec;
		numbers[5] = (int64_t)st->st_ctim.tv_sec;
		numbers[6] = (int64_t)st->st_ctim.tv_nsec;
	}
	add_text(w->arg, path, strlen(path) + 1);
	add_text(w->arg, numbers, sizeof(numbers));
}

static void
look_at_error(struct walk *w, const char *path, const char *what)
{
	add_text(w->arg, path, strlen(path) + 1);
	add_text(w->arg, what, strlen(what) + 1);
}

bool
file_look(const char *const *paths, size_t count, struct file_print *out)
{
	struct looker l = { sha256_new(), KG_OK };
	struct walk w = { look_at, look_at_error, &l };

	l.status = l.hash != NULL ? sha256_begin(l.hash) : KG_NOMEM;
	for (size_t i = 0; i < count; i++)
		walk(&w, paths[i]);
	if (l.status == KG_OK)
		l.status = sha256_end(l.hash, out->hex);
	sha256_free(l.hash);
	return l.status == KG_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories, read whole. */
#ifndef KG_IO_FILE_H
#define KG_IO_FILE_H

#include "base/diag.h"
#include "base/sha256.h"

/* A file's bytes; free with file_free(). */
struct file {
	char *path;
	char *text;
	size_t len;
	struct file *next;
};

/*
 * Reads what a -f or -p argument names into a list, in order: a file; "-" is
 * standard input; a directory is read recursively, *.yaml, *.yml and *.json
 * only, by name, names that begin with ".." left out. Errors (missing,
 * unreadable, too large) go to diags and the rest is still read: KG_IO then.
 */
enum kg_status file_read(
    const char *path, struct kg_diags *diags, struct file **list) KG_MUST_CHECK;
void file_free(struct file *list);

/*
 * Who and what lies there, without reading it: a digest of the path, device,
 * inode, size and times of each file that file_read() would read, and of the
 * errors it would meet. Two that are equal mean that nothing was changed.
 * False when there is no digest to be had.
 */
struct file_print {
	char hex[SHA256_HEX];
};
bool file_look(const char *const *paths, size_t count, struct file_print *out);

/* Wall clock and monotonic clock, in microseconds. */
int64_t clock_wall_us(void);
int64_t clock_mono_us(void);

#endif

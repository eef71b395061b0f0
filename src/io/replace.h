/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that come to be whole or not at all: their bytes are written and
 * synced beside their place first, and then take it.
 */
#ifndef KG_IO_REPLACE_H
#define KG_IO_REPLACE_H

#include "base/arena.h"

#define REPLACE_ERROR_MAX 512 /* bytes of `error` */

struct new_file {
	const char *path;
	struct kg_slice text;
	unsigned mode; /* such as 0600, whatever the umask */
	char *temp;    /* used within; start with NULL */
};

/*
 * Writes all of them beside their places and, when that worked, moves them
 * there in order. Without `overwrite` a place that is taken is an error. On
 * an error (said in `error`) no temporary file is left; files that were moved
 * already stay. KG_IO or KG_NOMEM.
 */
enum kg_status files_write(struct new_file *files, size_t count, bool overwrite,
    char *error) KG_MUST_CHECK;

#endif

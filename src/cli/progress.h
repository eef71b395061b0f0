/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far work is, on standard error, for people who wait: only when it is a
 * terminal, only once a second has passed, and erased at the end.
 */
#ifndef KG_CLI_PROGRESS_H
#define KG_CLI_PROGRESS_H

#include "base/slice.h"

struct progress {
	const char *what;     /* "check" */
	uint64_t done, total; /* bytes; a total of 0 is not known */
	int64_t start_us, shown_us;
	bool on, drawn;
};

/*
 * `prints`: results are printed meanwhile. On one terminal with them nothing
 * is drawn: they are the progress.
 */
void progress_begin(struct progress *p, const char *what, bool prints);

/* So many bytes of the total are done. */
void progress_set(struct progress *p, uint64_t done);

/* Takes away what stands there, before anything else is said. */
void progress_erase(struct progress *p);

#endif

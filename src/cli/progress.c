/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <unistd.h>

#include "io/file.h"

#define PATIENCE_US 1000000 /* shorter work needs no progress */
#define EVERY_US 200000     /* what eyes can follow */

void
progress_begin(struct progress *p, const char *what, bool prints)
{
	*p = (struct progress){ .what = what, .start_us = clock_mono_us() };
	p->on = isatty(STDERR_FILENO) && !(prints && isatty(STDOUT_FILENO));
}

static void
draw(struct progress *p)
{
	const double mib = (double)p->done / (1024.0 * 1024.0);

	if (p->total > 0)
		fprintf(stderr, "\r%s: %u %% of %.1f MiB\033[K", p->what,
		    (unsigned)((double)p->done * 100.0 / (double)p->total),
		    (double)p->total / (1024.0 * 1024.0));
	else
		fprintf(stderr, "\r%s: %.1f MiB\033[K", p->what, mib);
	p->drawn = true;
}

void
progress_set(struct progress *p, uint64_t done)
{
	int64_t now_us;

	p->done = done;
	if (!p->on)
		return;
	now_us = clock_mono_us();
	if (now_us - p->start_us < PATIENCE_US ||
	    now_us - p->shown_us < EVERY_US)
		return;
	p->shown_us = now_us;
	draw(p);
}

void
progress_erase(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}

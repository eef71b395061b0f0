/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiling policies, reading certificates and the libraries' own beginnings
 * touch megabytes of code that serving never sees again.
 */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include "server/memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/limits.h"

void
memory_tame(void)
{
	(void)mallopt(M_MMAP_THRESHOLD, 256 * KIB);
	(void)mallopt(M_TRIM_THRESHOLD, 1024 * KIB);
}

#ifdef __SANITIZE_THREAD__ /* whose shadow the pages below are part of */
static void
forget_code(void)
{
}
#else
/* Segments that cannot be written hold what the file holds, so that forgetting
 * them loses nothing; relocated ones are among the others. */
static int
forget_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)arg;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + h->p_vaddr;
		const uintptr_t to = (from + h->p_memsz) & ~(page - 1);

		if (h->p_type != PT_LOAD || (h->p_flags & PF_W) != 0)
			continue;
		from = (from + page - 1) & ~(page - 1);
		if (from < to)
			(void)madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

static void
forget_code(void)
{
	(void)dl_iterate_phdr(forget_object, NULL);
}
#endif

void
memory_trim(void)
{
	(void)malloc_trim(0);
}

void
memory_settle(void)
{
	memory_trim();
	forget_code();
}

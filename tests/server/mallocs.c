/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into the server: counts the allocations that its own code makes
 * on other threads than the main one, by who called. Those of libraries are
 * theirs. The count is the first eight bytes of the file MALLOCS_FILE.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static atomic_uint_fast64_t nowhere;
static atomic_uint_fast64_t *count = &nowhere;
static uintptr_t first, last; /* of the program */

static int
find_program(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];

		if (h->p_type != PT_LOAD)
			continue;
		if (first == 0)
			first = info->dlpi_addr + h->p_vaddr;
		last = info->dlpi_addr + h->p_vaddr + h->p_memsz;
	}
	return 1; /* the program comes first */
}

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("MALLOCS_FILE");
	const int fd = path != NULL ? open(path, O_RDWR | O_CREAT, 0600) : -1;
	void *p;

	(void)dl_iterate_phdr(find_program, NULL);
	if (fd < 0 || ftruncate(fd, 4096) != 0)
		return;
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		count = p;
	(void)close(fd);
}

static void
note(const void *caller)
{
	const uintptr_t at = (uintptr_t)caller;

	if (at >= first && at < last && syscall(SYS_gettid) != getpid())
		atomic_fetch_add(count, 1);
}

void *
malloc(size_t size)
{
	note(__builtin_return_address(0));
	return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	note(__builtin_return_address(0));
	return __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	note(__builtin_return_address(0));
	return __libc_realloc(old, size);
}

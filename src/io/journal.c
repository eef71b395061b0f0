/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writers, sync thread and rotation. What is on disk is always a whole number
 * of lines followed by at most one torn line, and recovery (recover.c) cuts
 * that off.
 */
#include "io/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/file.h"
#include "io/log.h"
#include "io/recover.h"

#define SYNC_INTERVAL_NS 5000000
#define PATH_BYTES 4096u

struct journal {
	pthread_mutex_t lock; /* of all below but the atomics */
	pthread_cond_t news;  /* for the sync thread */
	struct chain chain;
	struct arena scratch; /* of open and close records */
	char path[PATH_BYTES];
	char ruleset[SHA256_HEX];
	int fd;
	bool is_stdout;
	bool torn;      /* a short write could not be cut away yet */
	uint64_t size;  /* of whole lines in the file */
	uint64_t first; /* seq of the file's first record */
	uint64_t rotate_bytes, rotate_at;
	enum journal_sync sync;
	bool dirty, stopping;
	bool has_thread;
	pthread_t thread;
	pthread_mutex_t sync_lock; /* one fdatasync at a time */
	uint64_t synced;           /* seq up to which all is durable */
	atomic_uint_fast64_t lost, failures;
};

/* --- Writing --- */

static void
failed(struct journal *j, const char *what)
{
	const int why = errno;

	(void)atomic_fetch_add(&j->failures, 1);
	LOG(LOG_ERROR, "journal", log_text("what", what),
	    log_text("error", strerror(why)));
	errno = why;
}

/* Cuts a torn line away; false while that is not possible. */
static bool
cut_torn(struct journal *j)
{
	if (!j->torn)
		return true;
	if (j->is_stdout || ftruncate(j->fd, (off_t)j->size) != 0)
		return false;
	j->torn = false;
	return true;
}

/* All bytes or none. A pipe takes its own time; a file does not. */
static bool
write_line(struct journal *j, struct kg_slice head, struct kg_slice body)
{
	struct iovec parts[3] = {
		{ (void *)(uintptr_t)head.ptr, head.len },
		{ (void *)(uintptr_t)body.ptr, body.len },
		{ (void *)(uintptr_t) "\n", 1 },
	};
	size_t left = head.len + body.len + 1;
	int first = 0;

	while (left > 0) {
		ssize_t n = writev(j->fd, parts + first, 3 - first);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		left -= (size_t)n;
		j->torn = true; /* until the line is whole */
		while (first < 3 && (size_t)n >= parts[first].iov_len)
			n -= (ssize_t)parts[first++].iov_len;
		if (first < 3) {
			parts[first].iov_base =
			    (char *)parts[first].iov_base + n;
			parts[first].iov_len -= (size_t)n;
		}
	}
	j->torn = false;
	return true;
}

/* Under the lock. */
static enum kg_status
append_locked(struct journal *j, struct kg_slice body)
{
	const uint64_t lost = atomic_load(&j->lost);
	char head[RECORD_HEAD_MAX], digest[SHA256_HEX];
	struct kg_slice top;

	top = slice_of(head, chain_head(&j->chain, lost, head));
	if (chain_hash(&j->chain, top, body, digest) != KG_OK) {
		errno = ENOMEM;
		failed(j, "hash");
		return KG_IO;
	}
	if (!cut_torn(j) || !write_line(j, top, body)) {
		const int why = errno;

		(void)cut_torn(j);
		errno = why;
		failed(j, "write");
		return KG_IO;
	}
	j->size += top.len + body.len + 1;
	atomic_fetch_sub(&j->lost, lost);
	chain_advance(&j->chain, digest);
	return KG_OK;
}

static enum kg_status
append_open(struct journal *j, struct kg_slice previous, uint64_t recovered)
{
	const struct record_open open = { .time_us = clock_wall_us(),
		.previous = previous,
		.recovered_bytes = recovered,
		.ruleset = { j->ruleset, sizeof(j->ruleset) } };
	struct kg_slice body;
	enum kg_status st;

	arena_reset(&j->scratch);
	st = record_open_body(&j->scratch, &open, &body);
	return st == KG_OK ? append_locked(j, body) : st;
}

/* --- Rotation --- */

static void
sync_folder(const char *path)
{
	char folder[PATH_BYTES];
	const char *slash = strrchr(path, '/');
	int fd;

	(void)snprintf(folder, sizeof(folder), "%.*s",
	    slash != NULL ? (int)(slash - path) + 1 : 1,
	    slash != NULL ? path : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}

static int
open_file(const char *path, int flags)
{
	const int fd =
	    open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | flags, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		const int why = errno;

		(void)close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

/*
 * FILE becomes FILE.<first seq>, a new FILE begins. When a step fails the old
 * file goes on: too long a file loses nothing.
 */
static void
rotate(struct journal *j)
{
	char old[PATH_BYTES + 16];
	const char *name;
	int fd;

	(void)snprintf(old, sizeof(old), "%s.%012llu", j->path,
	    (unsigned long long)j->first);
	j->rotate_at = j->size + j->rotate_bytes; /* when this try fails */
	if (rename(j->path, old) != 0) {
		failed(j, "rotate");
		return;
	}
	fd = open_file(j->path, O_EXCL);
	if (fd < 0) {
		failed(j, "rotate");
		(void)rename(old, j->path);
		return;
	}
	(void)fdatasync(j->fd);
	(void)close(j->fd); /* a sync in flight has a descriptor of its own */
	j->fd = fd;
	j->size = 0;
	j->first = j->chain.seq;
	j->rotate_at = j->rotate_bytes;
	sync_folder(j->path);
	name = strrchr(old, '/');
	if (append_open(j, slice_str(name != NULL ? name + 1 : old), 0) !=
	    KG_OK)
		LOG(LOG_ERROR, "journal", log_text("what", "open-record"));
}

/* --- Sync --- */

/* fdatasync of what is written so far; *seq is the last of it. */
static bool
sync_now(struct journal *j, uint64_t *seq)
{
	bool ok;
	int fd;

	pthread_mutex_lock(&j->lock);
	*seq = j->chain.seq - 1;
	fd = dup(j->fd); /* rotation may close the other */
	pthread_mutex_unlock(&j->lock);
	if (fd < 0)
		return false;
	ok = fdatasync(fd) == 0 || errno == EINVAL; /* EINVAL: a pipe */
	(void)close(fd);
	return ok;
}

/* Makes all durable that was written up to `seq`; others' syncs count. The
 * order of locks is sync_lock, then lock. */
static enum kg_status
sync_up_to(struct journal *j, uint64_t seq)
{
	enum kg_status st = KG_OK;
	uint64_t written;

	pthread_mutex_lock(&j->sync_lock);
	if (j->synced < seq) {
		if (sync_now(j, &written))
			j->synced = written;
		else
			st = KG_IO;
	}
	pthread_mutex_unlock(&j->sync_lock);
	if (st != KG_OK)
		failed(j, "sync");
	return st;
}

static void *
sync_thread(void *arg)
{
	const struct timespec pause = { 0, SYNC_INTERVAL_NS };
	struct journal *j = arg;
	bool stopping = false;

	while (!stopping) {
		uint64_t seq;

		pthread_mutex_lock(&j->lock);
		while (!j->dirty && !j->stopping)
			pthread_cond_wait(&j->news, &j->lock);
		stopping = j->stopping;
		j->dirty = false;
		seq = j->chain.seq - 1;
		pthread_mutex_unlock(&j->lock);
		if (sync_up_to(j, seq) != KG_OK || !stopping)
			(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

enum kg_status
journal_append(struct journal *j, struct kg_slice body)
{
	enum kg_status st;
	uint64_t seq;

	pthread_mutex_lock(&j->lock);
	if (j->rotate_bytes > 0 && j->size >= j->rotate_at && !j->is_stdout)
		rotate(j);
	st = append_locked(j, body);
	seq = j->chain.seq - 1;
	if (st == KG_OK && j->has_thread && !j->dirty) {
		j->dirty = true;
		pthread_cond_signal(&j->news);
	}
	pthread_mutex_unlock(&j->lock);
	if (st == KG_OK && j->sync == JOURNAL_SYNC_ALWAYS)
		st = sync_up_to(j, seq);
	return st;
}

void
journal_count_lost(struct journal *j)
{
	atomic_fetch_add(&j->lost, 1);
}

uint64_t
journal_failures(const struct journal *j)
{
	return atomic_load(&j->failures);
}

void
journal_set_ruleset(struct journal *j, struct kg_slice ruleset)
{
	pthread_mutex_lock(&j->lock);
	if (ruleset.len == sizeof(j->ruleset))
		memcpy(j->ruleset, ruleset.ptr, sizeof(j->ruleset));
	pthread_mutex_unlock(&j->lock);
}

/* --- Opening and closing --- */

static enum kg_status
open_path(struct journal *j, struct kg_slice *previous, uint64_t *recovered,
    char *error)
{
	struct recovery found;
	enum kg_status st;

	j->fd = open_file(j->path, 0);
	if (j->fd < 0) {
		(void)snprintf(error, JOURNAL_ERROR_MAX,
		    errno == EWOULDBLOCK ? "%s: another process writes this log"
					 : "%s: %s",
		    j->path, strerror(errno));
		return KG_IO;
	}
	st = recover_log(j->fd, j->path, &j->scratch, &j->chain, &found, error);
	if (st != KG_OK)
		return st;
	j->size = found.size;
	j->first = found.first;
	*previous = found.previous;
	*recovered = found.recovered_bytes;
	if (found.recovered_bytes > 0)
		LOG(LOG_WARN, "journal", log_text("what", "recovered"),
		    log_text("file", j->path),
		    log_int("bytes", (int64_t)found.recovered_bytes));
	return KG_OK;
}

static enum kg_status
open_journal(struct journal *j, char *error)
{
	struct kg_slice previous = { NULL, 0 };
	uint64_t recovered = 0;
	enum kg_status st = KG_OK;

	if (j->is_stdout)
		j->fd = STDOUT_FILENO;
	else
		st = open_path(j, &previous, &recovered, error);
	if (st != KG_OK)
		return st;
	st = append_open(j, arena_copy(&j->scratch, previous), recovered);
	if (st != KG_OK) {
		(void)snprintf(error, JOURNAL_ERROR_MAX,
		    "%s: cannot be written: %s", j->path, strerror(errno));
		return KG_IO;
	}
	if (j->sync == JOURNAL_SYNC_INTERVAL)
		j->has_thread =
		    pthread_create(&j->thread, NULL, sync_thread, j) == 0;
	if (j->sync == JOURNAL_SYNC_INTERVAL && !j->has_thread) {
		(void)snprintf(
		    error, JOURNAL_ERROR_MAX, "no thread for the audit log");
		return KG_NOMEM;
	}
	return KG_OK;
}

static void
journal_free(struct journal *j)
{
	if (j->fd >= 0 && !j->is_stdout)
		(void)close(j->fd);
	chain_release(&j->chain);
	arena_release(&j->scratch);
	pthread_mutex_destroy(&j->lock);
	pthread_mutex_destroy(&j->sync_lock);
	pthread_cond_destroy(&j->news);
	free(j);
}

enum kg_status
journal_open(const struct journal_options *options, struct journal **out,
    char error[JOURNAL_ERROR_MAX])
{
	struct journal *j = calloc(1, sizeof(*j));
	enum kg_status st;

	*out = NULL;
	(void)snprintf(error, JOURNAL_ERROR_MAX, "out of memory");
	if (j == NULL)
		return KG_NOMEM;
	j->fd = -1;
	j->first = 1;
	j->sync = options->sync;
	j->rotate_bytes = j->rotate_at = options->rotate_bytes;
	j->is_stdout = strcmp(options->path, "-") == 0;
	(void)snprintf(j->path, sizeof(j->path), "%s", options->path);
	if (options->ruleset.len == sizeof(j->ruleset))
		memcpy(j->ruleset, options->ruleset.ptr, sizeof(j->ruleset));
	else
		memset(j->ruleset, '0', sizeof(j->ruleset));
	arena_init(&j->scratch, RECORD_MAX);
	pthread_mutex_init(&j->lock, NULL);
	pthread_mutex_init(&j->sync_lock, NULL);
	pthread_cond_init(&j->news, NULL);
	st = chain_init(&j->chain);
	if (st == KG_OK)
		st = open_journal(j, error);
	if (st != KG_OK) {
		journal_free(j);
		return st;
	}
	*out = j;
	return KG_OK;
}

void
journal_close(struct journal *j)
{
	struct kg_slice body;

	if (j == NULL)
		return;
	pthread_mutex_lock(&j->lock);
	arena_reset(&j->scratch);
	if (record_close_body(&j->scratch, clock_wall_us(), &body) != KG_OK ||
	    append_locked(j, body) != KG_OK)
		LOG(LOG_ERROR, "journal", log_text("what", "close-record"));
	j->stopping = true;
	pthread_cond_signal(&j->news);
	pthread_mutex_unlock(&j->lock);
	if (j->has_thread)
		(void)pthread_join(j->thread, NULL);
	if (j->sync != JOURNAL_SYNC_NEVER)
		(void)sync_up_to(j, j->chain.seq - 1);
	journal_free(j);
}

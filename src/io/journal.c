/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writers, sync thread and rotation. What is on disk is always a whole number
 * of lines followed by at most one torn line, and recovery (recover.c) cuts
 * that off.
 */
#define _GNU_SOURCE /* fallocate */
#include "io/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/limits.h"
#include "io/file.h"
#include "io/log.h"
#include "io/recover.h"

#define SYNC_INTERVAL_NS 5000000
#define PATH_BYTES 4096u
/* Reserved at once: some hundred records. */
#define ROOM_STEP (4u * JOURNAL_ROOM)

/* What goes out in one write: of each record its head, body and newline. */
struct lines {
	char heads[JOURNAL_APPEND_MAX][RECORD_HEAD_MAX];
	struct iovec parts[3 * JOURNAL_APPEND_MAX];
	int count; /* of parts */
	size_t bytes;
};

struct journal {
	pthread_mutex_t lock; /* of all below but the atomics */
	pthread_cond_t news;  /* for the sync thread */
	struct chain chain;
	struct lines lines;
	struct arena scratch; /* of open and close records */
	char path[PATH_BYTES];
	char ruleset[SHA256_HEX];
	int fd;
	bool is_stdout;
	bool torn;      /* a short write could not be cut away yet */
	uint64_t size;  /* of whole lines in the file */
	uint64_t first; /* seq of the file's first record */
	/* The file system keeps room up to here; where to ask again if not. */
	uint64_t reserved, reserve_at;
	atomic_bool has_room;
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

static void
put_part(struct lines *l, struct kg_slice s)
{
	l->parts[l->count++] =
	    (struct iovec){ (void *)(uintptr_t)s.ptr, s.len };
	l->bytes += s.len;
}

/* The records take their place in the chain; the first one says how many were
 * lost before it. */
static enum kg_status
seal(struct journal *j, const struct kg_slice *bodies, size_t count,
    uint64_t lost)
{
	struct lines *l = &j->lines;
	enum kg_status st = KG_OK;

	l->count = 0;
	l->bytes = 0;
	for (size_t i = 0; i < count && st == KG_OK; i++) {
		char *text = l->heads[i];
		const struct kg_slice head = slice_of(
		    text, chain_head(&j->chain, i == 0 ? lost : 0, text));

		st = chain_add(&j->chain, head, bodies[i]);
		put_part(l, head);
		put_part(l, bodies[i]);
		put_part(l, SLICE("\n"));
	}
	return st;
}

/* All bytes or none. A pipe takes its own time; a file does not. */
static bool
write_lines(struct journal *j)
{
	struct iovec *part = j->lines.parts;
	struct iovec *const end = part + j->lines.count;

	while (part < end) {
		ssize_t n = writev(j->fd, part, (int)(end - part));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		j->torn = true; /* until all lines are whole */
		while (part < end && (size_t)n >= part->iov_len)
			n -= (ssize_t)(part++)->iov_len;
		if (part < end) {
			part->iov_base = (char *)part->iov_base + n;
			part->iov_len -= (size_t)n;
		}
	}
	j->torn = false;
	return true;
}

/* Another piece of the file is reserved behind its end. */
static bool
reserve(struct journal *j)
{
	struct rlimit limit;

	if (j->is_stdout || getrlimit(RLIMIT_FSIZE, &limit) != 0 ||
	    (limit.rlim_cur != RLIM_INFINITY &&
		j->size + ROOM_STEP > limit.rlim_cur) ||
	    fallocate(j->fd, FALLOC_FL_KEEP_SIZE, (off_t)j->size, ROOM_STEP) !=
		0)
		return false;
	j->reserved = j->size + ROOM_STEP;
	return true;
}

/* Asking in vain costs, on a full disk the most: so not for each record. */
static void
keep_room(struct journal *j)
{
	bool has = j->reserved >= j->size + JOURNAL_ROOM;

	if (!has && j->size >= j->reserve_at) {
		has = reserve(j);
		j->reserve_at = j->size + JOURNAL_ROOM;
	}
	atomic_store_explicit(&j->has_room, has, memory_order_relaxed);
}

/* Gives back what is reserved behind the end of the file; until the next
 * record is written, none waits. */
static void
give_back_room(struct journal *j)
{
	if (j->reserved > j->size && ftruncate(j->fd, (off_t)j->size) != 0)
		LOG(LOG_WARN, "journal", log_text("what", "room"),
		    log_text("error", strerror(errno)));
	j->reserved = j->reserve_at = 0;
	atomic_store_explicit(&j->has_room, false, memory_order_relaxed);
}

/* Under the lock. */
static enum kg_status
append_locked(struct journal *j, const struct kg_slice *bodies, size_t count)
{
	const uint64_t lost = atomic_load(&j->lost);
	const struct chain before = j->chain;
	const char *what = "hash";
	int why = ENOMEM;

	if (seal(j, bodies, count, lost) == KG_OK) {
		what = "write";
		if (cut_torn(j) && write_lines(j)) {
			j->size += j->lines.bytes;
			atomic_fetch_sub(&j->lost, lost);
			keep_room(j);
			return KG_OK;
		}
		why = errno;
		(void)cut_torn(j);
	}
	j->chain = before;
	give_back_room(j);
	errno = why;
	failed(j, what);
	return KG_IO;
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
	return st == KG_OK ? append_locked(j, &body, 1) : st;
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
	give_back_room(j);
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
journal_append(struct journal *j, const struct kg_slice *bodies, size_t count)
{
	enum kg_status st;
	uint64_t seq;

	pthread_mutex_lock(&j->lock);
	if (j->rotate_bytes > 0 && j->size >= j->rotate_at && !j->is_stdout)
		rotate(j);
	st = append_locked(j, bodies, count);
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

bool
journal_has_room(const struct journal *j)
{
	return atomic_load_explicit(&j->has_room, memory_order_relaxed);
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
	    append_locked(j, &body, 1) != KG_OK)
		LOG(LOG_ERROR, "journal", log_text("what", "close-record"));
	give_back_room(j);
	j->stopping = true;
	pthread_cond_signal(&j->news);
	pthread_mutex_unlock(&j->lock);
	if (j->has_thread)
		(void)pthread_join(j->thread, NULL);
	if (j->sync != JOURNAL_SYNC_NEVER)
		(void)sync_up_to(j, j->chain.seq - 1);
	journal_free(j);
}

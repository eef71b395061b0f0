/* SPDX-License-Identifier: Apache-2.0 */
/* poll, MHD_run, tick. */
#include "server/loop.h"

#include <poll.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "io/file.h"
#include "io/log.h"

#define TICK_MS 250

static int
wait_time(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;

	if (MHD_get_timeout(daemon, &ms) == MHD_YES && ms < TICK_MS)
		return (int)ms;
	return TICK_MS;
}

static void
drain_wake(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) < 0)
		return; /* nothing to drain */
}

/* The listening socket is a dup of our own: quiescing gives it back. */
static void
stop_accepting(struct loop *l, bool *quiesced)
{
	int fd;

	if (*quiesced || !atomic_load(&l->quiesce))
		return;
	*quiesced = true;
	fd = MHD_quiesce_daemon(l->daemon);
	if (fd >= 0)
		(void)close(fd);
}

static void *
run_loop(void *arg)
{
	struct loop *l = arg;
	struct pollfd fds[2] = { { l->epoll_fd, POLLIN, 0 },
		{ l->wake_fd, POLLIN, 0 } };
	bool quiesced = false;
	int64_t ticked = 0;

	while (!atomic_load(&l->stop)) {
		int64_t now;

		stop_accepting(l, &quiesced);
		(void)poll(fds, 2, wait_time(l->daemon));
		if ((fds[1].revents & POLLIN) != 0)
			drain_wake(l->wake_fd);
		(void)MHD_run(l->daemon);
		now = clock_mono_us();
		if (l->tick != NULL && now - ticked >= TICK_MS * 1000) {
			ticked = now;
			l->tick(l->arg);
		}
	}
	return NULL;
}

bool
loop_start(struct loop *l, struct MHD_Daemon *daemon)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);

	l->daemon = daemon;
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (info == NULL || info->epoll_fd < 0 || l->wake_fd < 0)
		return false;
	l->epoll_fd = info->epoll_fd;
	l->running = pthread_create(&l->thread, NULL, run_loop, l) == 0;
	return l->running;
}

static void
wake(struct loop *l)
{
	const uint64_t one = 1;

	if (write(l->wake_fd, &one, sizeof(one)) < 0)
		return; /* it is awake already */
}

void
loop_quiesce(struct loop *l)
{
	atomic_store(&l->quiesce, true);
	wake(l);
}

void
loop_stop(struct loop *l)
{
	if (l->running) {
		atomic_store(&l->stop, true);
		wake(l);
		(void)pthread_join(l->thread, NULL);
		l->running = false;
	}
	if (l->daemon != NULL)
		MHD_stop_daemon(l->daemon);
	l->daemon = NULL;
	if (l->wake_fd > 0)
		(void)close(l->wake_fd);
	l->wake_fd = -1;
}

/* TCP probes that hang up before the handshake each cause a message. */
void
loop_log(void *arg, const char *format, va_list args)
{
	static atomic_int_fast64_t window, count;
	const int64_t second = clock_mono_us() / 1000000;
	char text[512];
	struct log_field field = { "message", { NULL, 0 } };

	(void)arg;
	if (atomic_exchange(&window, second) != second)
		atomic_store(&count, 0);
	if (atomic_fetch_add(&count, 1) >= 3)
		return;
	(void)vsnprintf(text, sizeof(text), format, args);
	field.value = slice_trim(slice_str(text));
	log_event(LOG_WARN, "http", &field, 1);
}

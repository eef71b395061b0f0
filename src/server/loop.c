/* SPDX-License-Identifier: Apache-2.0 */
/* poll, accept, MHD_run, let answers go, tick. */
#define _GNU_SOURCE /* accept4 */
#include "server/loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/file.h"
#include "io/log.h"
#include "server/handshake.h"
#include "server/hold.h"

#define TICK_MS 250
/* While finishing, idle connections are looked at this often. */
#define FINISH_TICK_MS 20
/* Newcomers of one turn: those who are served come between. */
#define ACCEPT_BATCH 16
#define IDLE_TURNS 2
/* Without descriptors: this long nobody is accepted. */
#define ACCEPT_PAUSE_US 20000
/* So long a newcomer is left to the threads that have fewer connections. A
 * client opens all of its own at once, and one thread would get them all. */
#define ACCEPT_LEAVE_US 1000

/* --- Accepting --- */

static bool
out_of_descriptors(int why)
{
	return why == EMFILE || why == ENFILE || why == ENOBUFS ||
	    why == ENOMEM;
}

/* False: nobody is waiting, or nobody can be taken. */
static bool
accept_one(struct loop *l)
{
	struct sockaddr_storage peer;
	struct sockaddr *address = (struct sockaddr *)(void *)&peer;
	socklen_t len = sizeof(peer);
	const int one = 1;
	int fd;

	if (conns_full(&l->conns))
		return false;
	fd = accept4(l->listen_fd, address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0 && out_of_descriptors(errno)) {
		LOG(LOG_WARN, "accept", log_text("error", strerror(errno)));
		conns_evict(&l->conns);
		l->accept_us = clock_mono_us() + ACCEPT_PAUSE_US;
	}
	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	/* On failure the descriptor is closed, and nobody was notified. */
	if (MHD_add_connection(l->daemon, fd, address, len) == MHD_YES)
		conns_make_room(&l->conns);
	return true;
}

/* Who was left to the others and is still there is taken all the same. */
static void
accept_some(struct loop *l)
{
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		if (!l->left && !conns_fewest(&l->conns)) {
			l->left = true;
			l->accept_us = clock_mono_us() + ACCEPT_LEAVE_US;
			return;
		}
		l->left = false;
		if (!accept_one(l))
			return;
	}
}

/* Whoever has connected already is taken: closing would reset him. */
static void
stop_accepting(struct loop *l)
{
	if (l->listen_fd < 0 || !atomic_load(&l->quiesce))
		return;
	while (accept_one(l))
		continue;
	(void)close(l->listen_fd);
	l->listen_fd = -1;
}

/* --- The thread --- */

/*
 * libmicrohttpd does not notice that a handshake has read all there is: it
 * says that there is work as long as the client lets us wait. When twice in a
 * row nothing came, went or began, the next event is waited for.
 */
static bool
spins(const struct loop *l)
{
	return l->conns.worker != NULL && l->idle_turns >= IDLE_TURNS;
}

/* In ms, at least one. */
static int64_t
until_accept(const struct loop *l)
{
	const int64_t us = l->accept_us - clock_mono_us();

	return us > 1000 ? us / 1000 : 1;
}

static int
wait_time(const struct loop *l)
{
	MHD_UNSIGNED_LONG_LONG ms;
	MHD_UNSIGNED_LONG_LONG most = TICK_MS;

	if (l->listen_fd < 0)
		most = FINISH_TICK_MS;
	else if (l->accept_us != 0)
		most = (MHD_UNSIGNED_LONG_LONG)until_accept(l);
	if (!spins(l) && MHD_get_timeout(l->daemon, &ms) == MHD_YES &&
	    ms < most)
		return (int)ms;
	return (int)most;
}

static void
drain_wake(int fd)
{
	uint64_t n;

	if (read(fd, &n, sizeof(n)) < 0)
		return; /* nothing to drain */
}

static void
wait_for_events(struct loop *l)
{
	struct pollfd fds[4] = { { l->epoll_fd, POLLIN, 0 },
		{ l->wake_fd, POLLIN, 0 }, { l->listen_fd, POLLIN, 0 },
		{ l->conns.handshake_fd, POLLIN, 0 } };

	if (l->accept_us != 0 && clock_mono_us() >= l->accept_us)
		l->accept_us = 0;
	if (l->accept_us != 0)
		fds[2].fd = -1;
	if (poll(fds, 4, wait_time(l)) != 0)
		l->conns.moved = true;
	if ((fds[1].revents & POLLIN) != 0)
		drain_wake(l->wake_fd);
	if ((fds[2].revents & POLLIN) != 0)
		accept_some(l);
	else if (l->accept_us == 0)
		l->left = false;
	if ((fds[3].revents & POLLIN) != 0)
		handshakes_look(&l->conns);
}

/* Gives when the next tick is due. */
static int64_t
take_tick(struct loop *l, int64_t now)
{
	if (l->listen_fd < 0)
		conns_finish(&l->conns, now);
	conns_tick(&l->conns, now);
	if (l->tick != NULL)
		l->tick(l->arg);
	return now + (l->listen_fd < 0 ? FINISH_TICK_MS : TICK_MS) * 1000;
}

static void *
run_loop(void *arg)
{
	struct loop *l = arg;
	int64_t tick_us = 0;

	while (!atomic_load(&l->stop)) {
		int64_t now;

		l->conns.moved = false;
		stop_accepting(l);
		wait_for_events(l);
		conns_turn(&l->conns);
		if (l->turn != NULL)
			l->turn(l->arg);
		(void)MHD_run(l->daemon);
		hold_release(&l->conns);
		l->idle_turns = l->conns.moved ? 0 : l->idle_turns + 1;
		now = clock_mono_us();
		if (now >= tick_us || l->listen_fd < 0)
			tick_us = take_tick(l, now);
	}
	return NULL;
}

bool
loop_start(struct loop *l, struct MHD_Daemon *daemon, int listen_fd)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);

	l->daemon = daemon;
	l->listen_fd = listen_fd;
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (info == NULL || info->epoll_fd < 0 || l->wake_fd < 0 ||
	    (l->conns.worker != NULL && !handshakes_init(&l->conns)))
		return false;
	l->epoll_fd = info->epoll_fd;
	l->running = pthread_create(&l->thread, NULL, run_loop, l) == 0;
	return l->running;
}

void
loop_wake(struct loop *l)
{
	const uint64_t one = 1;

	if (write(l->wake_fd, &one, sizeof(one)) < 0)
		return; /* it is awake already */
}

void
loop_quiesce(struct loop *l)
{
	atomic_store(&l->quiesce, true);
	loop_wake(l);
}

void
loop_stop(struct loop *l)
{
	if (l->running) {
		atomic_store(&l->stop, true);
		loop_wake(l);
		(void)pthread_join(l->thread, NULL);
		l->running = false;
	}
	if (l->daemon != NULL) {
		MHD_stop_daemon(l->daemon);
		conns_release(&l->conns);
		handshakes_release(&l->conns);
		if (l->listen_fd >= 0)
			(void)close(l->listen_fd);
		(void)close(l->wake_fd);
	}
	l->daemon = NULL;
}

/* TCP probes that hang up before the handshake each cause a message. */
void
loop_log(void *arg, const char *format, va_list args)
{
	char text[512];

	(void)arg;
	(void)vsnprintf(text, sizeof(text), format, args);
	LOG(LOG_WARN, "http",
	    log_slice("message", slice_trim(slice_str(text))));
}

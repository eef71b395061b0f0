/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets: bind, and find out where. */
#include "server/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage space;
};

/* Splits "ADDRESS:PORT"; brackets around an IPv6 address go away. */
static bool
split(const char *text, char *host, size_t host_size, char *port,
    size_t port_size)
{
	const char *colon = strrchr(text, ':');
	size_t n;

	if (colon == NULL || colon[1] == '\0')
		return false;
	n = (size_t)(colon - text);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	return (size_t)snprintf(host, host_size, "%.*s", (int)n, text) <
	    host_size &&
	    (size_t)snprintf(port, port_size, "%s", colon + 1) < port_size;
}

static void
describe(int fd, char *text, size_t size)
{
	union address a;
	socklen_t len = sizeof(a);
	char host[INET6_ADDRSTRLEN] = "";

	if (getsockname(fd, &a.any, &len) != 0)
		return;
	if (a.any.sa_family == AF_INET6) {
		(void)inet_ntop(AF_INET6, &a.v6.sin6_addr, host, sizeof(host));
		(void)snprintf(
		    text, size, "[%s]:%u", host, ntohs(a.v6.sin6_port));
	} else {
		(void)inet_ntop(AF_INET, &a.v4.sin_addr, host, sizeof(host));
		(void)snprintf(text, size, "%s:%u", host, ntohs(a.v4.sin_port));
	}
}

static int
bind_to(const struct addrinfo *ai)
{
	const int one = 1;
	const int fd = socket(ai->ai_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, ai->ai_protocol);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		const int why = errno;

		(void)close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

int
listen_open(const char *address, char *text, size_t text_size, char *error,
    size_t error_size)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE |
		    AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	char host[64], port[16];
	int rc, fd;

	if (!split(address, host, sizeof(host), port, sizeof(port))) {
		(void)snprintf(error, error_size,
		    "%s: want ADDRESS:PORT, such as 127.0.0.1:8443", address);
		return -1;
	}
	rc = getaddrinfo(host[0] != '\0' ? host : NULL, port, &hints, &list);
	if (rc != 0) {
		(void)snprintf(
		    error, error_size, "%s: %s", address, gai_strerror(rc));
		return -1;
	}
	fd = bind_to(list);
	if (fd < 0)
		(void)snprintf(
		    error, error_size, "%s: %s", address, strerror(errno));
	else
		describe(fd, text, text_size);
	freeaddrinfo(list);
	return fd;
}

int
listen_connect(int listen_fd, struct sockaddr_storage *own)
{
	const struct timeval patience = { 5, 0 };
	const int one = 1;
	union address a;
	socklen_t len = sizeof(a);
	int fd;

	if (getsockname(listen_fd, &a.any, &len) != 0)
		return -1;
	if (a.any.sa_family == AF_INET &&
	    a.v4.sin_addr.s_addr == htonl(INADDR_ANY))
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (a.any.sa_family == AF_INET6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&a.v6.sin6_addr))
		a.v6.sin6_addr = in6addr_loopback;
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	/* The request follows the handshake's end: neither is to wait for an
	 * acknowledgement, which takes 40 ms. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(fd, &a.any, len) != 0) {
		(void)close(fd);
		return -1;
	}
	len = sizeof(*own);
	memset(own, 0, sizeof(*own));
	if (getsockname(fd, (struct sockaddr *)(void *)own, &len) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

bool
listen_same(const struct sockaddr *peer, const struct sockaddr_storage *own)
{
	union address a, b;

	if (peer->sa_family != own->ss_family)
		return false;
	b.space = *own;
	if (peer->sa_family == AF_INET) {
		memcpy(&a.v4, peer, sizeof(a.v4));
		return a.v4.sin_port == b.v4.sin_port &&
		    a.v4.sin_addr.s_addr == b.v4.sin_addr.s_addr;
	}
	if (peer->sa_family != AF_INET6)
		return false;
	memcpy(&a.v6, peer, sizeof(a.v6));
	return a.v6.sin6_port == b.v6.sin6_port &&
	    memcmp(&a.v6.sin6_addr, &b.v6.sin6_addr, sizeof(a.v6.sin6_addr)) ==
	    0;
}

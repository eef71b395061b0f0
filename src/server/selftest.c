/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before it says ready, the server asks itself: a review over its own TLS
 * socket. It is recognised by that socket's address and port, never by anything
 * in the request, and is neither recorded nor counted.
 */
#include <unistd.h>

#include "server/listen.h"
#include "server/tls.h"
#include "server/worker.h"

#define BODY                                                                  \
	"{\"apiVersion\":\"admission.k8s.io/"                                 \
	"v1\",\"kind\":\"AdmissionReview\","                                  \
	"\"request\":{\"uid\":\"self-test\",\"kind\":{\"group\":\"\","        \
	"\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":{\"group\":\"\","  \
	"\"version\":\"v1\",\"resource\":\"pods\"},\"operation\":\"CREATE\"," \
	"\"userInfo\":{},\"object\":{\"spec\":{\"containers\":[]}}}}"

bool
selftest_run(struct server *server)
{
	static const char want[] = "\"uid\":\"self-test\",\"allowed\":true";
	char request[1024], answer[8192];
	const int fd =
	    listen_connect(server->listen_fd, &server->selftest_address);
	size_t n = 0;
	int len;

	if (fd < 0)
		return false;
	len = snprintf(request, sizeof(request),
	    "POST /v1/validate HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%s",
	    sizeof(BODY) - 1, BODY);
	atomic_store(&server->selftest, true);
	if (len > 0 && (size_t)len < sizeof(request))
		n = tls_exchange(fd, slice_of(request, (size_t)len), answer,
		    sizeof(answer) - 1);
	atomic_store(&server->selftest, false);
	(void)close(fd);
	answer[n] = '\0';
	return strncmp(answer, "HTTP/1.1 200 ", 13) == 0 &&
	    (server->options->echo || strstr(answer, want) != NULL);
}

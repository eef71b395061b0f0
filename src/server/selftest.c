/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before it says ready, the server asks itself: a review over its own TLS
 * socket. It is recognised by that socket's address and port, never by anything
 * in the request, and is neither recorded nor counted. Where clients need a
 * certificate it has none: then the handshake and the 403 are the test, and
 * the engine is asked in process. An answer is the test, not its verdict: a
 * policy may well deny such a pod.
 */
#include <unistd.h>

#include "io/file.h"
#include "server/listen.h"
#include "server/tls.h"
#include "server/worker.h"

#define BODY                                                                  \
	"{\"apiVersion\":\"admission.k8s.io/"                                 \
	"v1\",\"kind\":\"AdmissionReview\","                                  \
	"\"request\":{\"uid\":\"self-test\",\"kind\":{\"group\":\"\","        \
	"\"version\":\"v1\",\"kind\":\"Pod\"},\"resource\":{\"group\":\"\","  \
	"\"version\":\"v1\",\"resource\":\"pods\"},\"operation\":\"CREATE\"," \
	"\"userInfo\":{\"username\":\"keepgate:self-test\"},\"object\":{"     \
	"\"spec\":{\"containers\":[]}}}}"

/* The engine alone, for when our own client is a stranger. */
static bool
judge_in_process(const struct server *server)
{
	const struct kg_call call = { .phase = KG_VALIDATE,
		.now_us = clock_wall_us() };
	const struct kg_decision *d = NULL;
	struct kg_reviewer *reviewer;
	bool ok;

	if (kg_reviewer_new(&reviewer) != KG_OK)
		return false;
	ok = kg_review(reviewer, server->set, &call, SLICE(BODY), &d) == KG_OK;
	kg_reviewer_free(reviewer);
	return ok;
}

static bool
is_right(const struct server *server, const char *answer)
{
	static const char want[] = "\"uid\":\"self-test\",\"allowed\":";

	if (server->options->client_ca != NULL)
		return strncmp(answer, "HTTP/1.1 403 ", 13) == 0 &&
		    judge_in_process(server);
	return strncmp(answer, "HTTP/1.1 200 ", 13) == 0 &&
	    (server->options->echo || strstr(answer, want) != NULL);
}

bool
selftest_run(struct server *server)
{
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
	return is_right(server, answer);
}

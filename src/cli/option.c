/* SPDX-License-Identifier: Apache-2.0 */
/* One parser for all option tables. */
#include <stdarg.h>

#include "base/duration.h"
#include "cli/cli.h"
#include "value/quantity.h"

int
cli_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("keepgate: ", stderr);
	(void)vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return EXIT_ERROR;
}

/* --- Values --- */

static bool
bad_value(const struct option *o, const char *value, const char *want)
{
	cli_error("--%s: found \"%s\", want %s", o->name, value, want);
	return false;
}

static bool
set_word(const struct option *o, const char *value)
{
	char want[200];
	size_t len = 0;

	for (unsigned i = 0; o->words[i] != NULL; i++) {
		if (strcmp(o->words[i], value) == 0) {
			*(unsigned *)o->target = i;
			return true;
		}
		len += (size_t)snprintf(want + len, sizeof(want) - len, "%s%s",
		    i == 0 ? "" : ", ", o->words[i]);
		if (len >= sizeof(want))
			len = sizeof(want) - 1;
	}
	return bad_value(o, value, want);
}

static bool
set_int(const struct option *o, const char *value)
{
	char want[80], *end;
	long long n;

	n = strtoll(value, &end, 10);
	if (end != value && *end == '\0' && n >= o->min && n <= o->max) {
		*(int64_t *)o->target = n;
		return true;
	}
	(void)snprintf(want, sizeof(want), "a whole number from %lld to %lld",
	    (long long)o->min, (long long)o->max);
	return bad_value(o, value, want);
}

static bool
set_size(const struct option *o, const char *value)
{
	char want[80];
	struct quantity q;

	if (quantity_parse(slice_str(value), &q, NULL) == QUANTITY_OK &&
	    quantity_is_integer(&q) && q.whole >= o->min && q.whole <= o->max) {
		*(int64_t *)o->target = q.whole;
		return true;
	}
	(void)snprintf(want, sizeof(want),
	    "a number of bytes from %lld to %lld, such as 8Mi",
	    (long long)o->min, (long long)o->max);
	return bad_value(o, value, want);
}

static bool
set_list(const struct option *o, const char *value)
{
	struct option_list *list = o->target;
	const char **items =
	    realloc(list->items, (list->count + 1) * sizeof(*items));

	if (items == NULL) {
		cli_error("out of memory");
		return false;
	}
	list->items = items;
	list->items[list->count++] = value;
	return true;
}

static bool
set_value(const struct option *o, const char *value)
{
	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)o->target = true;
		return true;
	case OPTION_STRING:
		*(const char **)o->target = value;
		return true;
	case OPTION_LIST:
		return set_list(o, value);
	case OPTION_WORD:
		return set_word(o, value);
	case OPTION_INT:
		return set_int(o, value);
	case OPTION_SIZE:
		return set_size(o, value);
	case OPTION_DURATION:
		if (duration_us(value, o->target))
			return true;
		return bad_value(o, value, "a duration, such as 5s or 200ms");
	}
	return false;
}

/* --- Parsing --- */

static const struct option *
find_long(const struct command *cmd, struct kg_slice name)
{
	for (const struct option *o = cmd->options; o->name != NULL; o++) {
		if (slice_is(name, o->name))
			return o;
	}
	return NULL;
}

static const struct option *
find_letter(const struct command *cmd, char letter)
{
	for (const struct option *o = cmd->options; o->name != NULL; o++) {
		if (o->letter != 0 && o->letter == letter)
			return o;
	}
	return NULL;
}

static bool
unknown_option(const struct command *cmd, struct kg_slice name)
{
	const char *hint = NULL;
	size_t least = 4;

	for (const struct option *o = cmd->options; o->name != NULL; o++) {
		const size_t d = slice_distance(name, slice_str(o->name), 4);

		if (d < least) {
			least = d;
			hint = o->name;
		}
	}
	if (hint != NULL)
		cli_error("%s: unknown option --%.*s; did you mean --%s?",
		    cmd->name, SLICE_ARG(name), hint);
	else
		cli_error("%s: unknown option --%.*s; see keepgate help %s",
		    cmd->name, SLICE_ARG(name), cmd->name);
	return false;
}

struct cursor {
	int argc;
	char **argv;
	int at;
};

/* The value: what is attached, or the next argument. */
static bool
take_value(const struct option *o, const char *attached, struct cursor *c)
{
	if (o->type == OPTION_FLAG) {
		if (attached != NULL)
			return bad_value(o, attached, "no value");
		return set_value(o, NULL);
	}
	if (attached == NULL) {
		char name[200];

		if (c->at + 1 >= c->argc) {
			cli_error("--%s needs a value: %s", o->name,
			    option_value_name(o, name, sizeof(name)));
			return false;
		}
		attached = c->argv[++c->at];
	}
	return set_value(o, attached);
}

static bool
parse_long(const struct command *cmd, struct cursor *c)
{
	const struct kg_slice whole = slice_str(c->argv[c->at] + 2);
	const size_t equals = slice_find(whole, '=');
	const struct kg_slice name = slice_upto(whole, equals);
	const struct option *o = find_long(cmd, name);

	if (o == NULL)
		return unknown_option(cmd, name);
	return take_value(
	    o, equals < whole.len ? whole.ptr + equals + 1 : NULL, c);
}

static bool
parse_short(const struct command *cmd, struct cursor *c)
{
	const char *arg = c->argv[c->at];
	const struct option *o = find_letter(cmd, arg[1]);

	if (o == NULL) {
		cli_error("%s: unknown option -%c; see keepgate help %s",
		    cmd->name, arg[1], cmd->name);
		return false;
	}
	return take_value(o, arg[2] != '\0' ? arg + 2 : NULL, c);
}

/* An option, or false after an error was printed. */
static bool
parse_one(const struct command *cmd, struct cursor *c)
{
	return c->argv[c->at][1] == '-' ? parse_long(cmd, c)
					: parse_short(cmd, c);
}

/* What stands where no argument is wanted was often meant for an option. */
static bool
too_many(const struct command *cmd, const char *argument)
{
	const struct option *o = cmd->options;

	if (cmd->most > 0)
		cli_error("%s takes %zu argument%s at most: \"%s\" is too many",
		    cmd->name, cmd->most, cmd->most == 1 ? "" : "s", argument);
	else if (o->name != NULL && o->takes == TAKES_FILE && o->letter != 0)
		cli_error("%s takes no argument; did you mean -%c %s?",
		    cmd->name, o->letter, argument);
	else
		cli_error("%s takes no argument: \"%s\"", cmd->name, argument);
	return false;
}

static bool
take_argument(const struct command *cmd, const char *argument,
    const char **rest, size_t *rest_count)
{
	if (*rest_count >= cmd->most)
		return too_many(cmd, argument);
	rest[(*rest_count)++] = argument;
	return true;
}

bool
options_parse(const struct command *cmd, int argc, char **argv,
    const char **rest, size_t *rest_count, bool *help)
{
	struct cursor c = { argc, argv, 0 };
	bool only_rest = false;

	*help = false;
	*rest_count = 0;
	for (; c.at < argc; c.at++) {
		const char *arg = argv[c.at];
		bool ok = true;

		if (only_rest || arg[0] != '-' || arg[1] == '\0') {
			ok = take_argument(cmd, arg, rest, rest_count);
		} else if (strcmp(arg, "--") == 0) {
			only_rest = true;
		} else if (strcmp(arg, "--help") == 0 ||
		    strcmp(arg, "-h") == 0) {
			*help = true;
			return false;
		} else {
			ok = parse_one(cmd, &c);
		}
		if (!ok)
			return false;
	}
	if (*rest_count < cmd->least) {
		cli_error("%s needs %s", cmd->name, cmd->arguments);
		return false;
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate rules: the table of built-in rules, or one of them explained. */
#include "cli/cjson.h"
#include "cli/cli.h"

static unsigned format;

static void
print_table(void)
{
	for (size_t i = 0; i < kg_rule_count(); i++) {
		const struct kg_rule_info *r = kg_rule_get(i);

		printf(
		    "%-9s%-6s%s\n", r->id, kg_action_name(r->action), r->title);
	}
	printf("\nkeepgate rules ID explains one, with an example.\n");
}

static void
print_example(const char *title, const char *yaml)
{
	printf("\n%s:\n\n", title);
	while (*yaml != '\0') {
		const size_t n = strcspn(yaml, "\n");

		printf("    %.*s\n", (int)n, yaml);
		yaml += n;
		yaml += *yaml == '\n';
	}
}

static void
print_rule(const struct kg_rule_info *r)
{
	printf("%s: %s\n\n", r->id, r->title);
	if (r->action == KG_ACTION_OFF)
		printf("It never refuses anything.\n\n");
	else
		printf("Default action: %s\n\n", kg_action_name(r->action));
	help_wrap(stdout, r->text, 0);
	printf("\nFix: %s\n", r->fix);
	if (r->example[0] == '\0')
		return;
	print_example("Refused", r->example);
	print_example("Mended", r->fixed);
}

static cJSON *
rule_json(const struct kg_rule_info *r)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "id", r->id);
	cJSON_AddStringToObject(o, "action", kg_action_name(r->action));
	cJSON_AddStringToObject(o, "title", r->title);
	cJSON_AddStringToObject(o, "text", r->text);
	cJSON_AddStringToObject(o, "fix", r->fix);
	cJSON_AddStringToObject(o, "example", r->example);
	cJSON_AddStringToObject(o, "fixed", r->fixed);
	return o;
}

static int
print_json(const struct kg_rule_info *only)
{
	cJSON *root;
	char *text;

	cjson_watch();
	root = only != NULL ? rule_json(only) : cJSON_CreateArray();
	for (size_t i = 0; only == NULL && i < kg_rule_count(); i++)
		cjson_append(root, rule_json(kg_rule_get(i)));
	text = cJSON_Print(root);
	cJSON_Delete(root);
	if (text != NULL && !cjson_failed())
		puts(text);
	free(text);
	return text != NULL && !cjson_failed() ? EXIT_OK
					       : cli_error("out of memory");
}

static const struct kg_rule_info *
find_rule(const char *id, const struct kg_rule_info **nearest)
{
	size_t least = 4;

	*nearest = NULL;
	for (size_t i = 0; i < kg_rule_count(); i++) {
		const struct kg_rule_info *r = kg_rule_get(i);
		const size_t d =
		    slice_distance(slice_str(id), slice_str(r->id), 4);

		if (slice_eq_nocase(slice_str(id), slice_str(r->id)))
			return r;
		if (d < least) {
			least = d;
			*nearest = r;
		}
	}
	return NULL;
}

static int
run_rules(size_t count, const char *const *arguments)
{
	const struct kg_rule_info *rule = NULL, *nearest;

	if (count == 1) {
		rule = find_rule(arguments[0], &nearest);
		if (rule == NULL && nearest != NULL)
			return cli_error(
			    "unknown rule \"%s\"; did you mean %s?",
			    arguments[0], nearest->id);
		if (rule == NULL)
			return cli_error(
			    "unknown rule \"%s\"; see keepgate rules",
			    arguments[0]);
	}
	if (format == OUTPUT_JSON)
		return print_json(rule);
	if (rule != NULL)
		print_rule(rule);
	else
		print_table();
	return EXIT_OK;
}

static const struct option options[] = {
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output",
	    .words = output_words,
	    .target = &format },
	{ .name = NULL },
};

const struct command cmd_rules = {
	.name = "rules",
	.summary = "list the built-in rules, or explain one",
	.arguments = "[ID]",
	.takes = TAKES_RULE,
	.most = 1,
	.text = "With a rule's ID: why it exists, what it checks, a pod that "
		"it refuses and the same pod mended.",
	.options = options,
	.examples =
	    (const struct term[]){
		{ "keepgate rules NOD-001", "explain one" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "check", NULL },
	.run = run_rules,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* keepgate sigstruct: what a signed enclave is, and whether that holds. */
#include "base/limits.h"
#include "cli/cli.h"
#include "enclave/sigstruct.h"
#include "io/file.h"
#include "io/log.h"
#include "value/writer.h"

enum { OUTPUT_POLICY = OUTPUT_JSON + 1 };

static unsigned output;
static const char *const outputs[] = { "text", "json", "policy", NULL };

/* --- Words --- */

static const char *
debug_text(const struct sigstruct *s)
{
	static const char *const texts[] = {
		[DEBUG_REFUSED] = "refused",
		[DEBUG_SET] = "allowed: the attributes set DEBUG",
		[DEBUG_PERMITTED] = "allowed: the mask leaves DEBUG open",
	};

	return texts[s->debug];
}

static const char *
debug_word(const struct sigstruct *s)
{
	static const char *const words[] = {
		[DEBUG_REFUSED] = "refused",
		[DEBUG_SET] = "set",
		[DEBUG_PERMITTED] = "permitted",
	};

	return words[s->debug];
}

static bool
is_sound(const struct sigstruct *s)
{
	return s->problem == NULL && s->debug == DEBUG_REFUSED;
}

/* Attributes of the SDM by bit; what has no name is in the number. */
static void
put_flags(struct buf *b, uint64_t flags)
{
	static const char *const names[] = { "INIT", "DEBUG", "MODE64BIT", NULL,
		"PROVISIONKEY", "EINITTOKEN_KEY", "CET", "KSS", NULL, NULL,
		"AEXNOTIFY" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i] != NULL && (flags >> i & 1) != 0)
			buf_printf(b, " %s", names[i]);
	}
}

/* --- Text --- */

static void
put_text(struct buf *b, const char *path, const struct sigstruct *s)
{
	char date[11];

	sigstruct_date(s, date);
	buf_put_line(b, slice_str(path));
	buf_printf(b, ": SIGSTRUCT at byte %zu", s->offset);
	if (s->section.len > 0) {
		buf_puts(b, ", section ");
		buf_put_line(b, s->section);
	}
	buf_printf(b, "\n  mrenclave    %.*s\n", SHA256_HEX, s->mrenclave);
	buf_printf(b, "  mrsigner     %.*s\n", SHA256_HEX, s->mrsigner);
	buf_printf(
	    b, "  product id   %u\n  svn          %u\n", s->product_id, s->svn);
	if (date[0] != '\0')
		buf_printf(b, "  date         %s\n", date);
	else
		buf_printf(b, "  date         0x%08x, which is no date\n",
		    (unsigned)s->date);
	buf_printf(b, "  vendor       0x%04x%s\n", (unsigned)s->vendor,
	    s->vendor == 0x8086 ? " (Intel)" : "");
	buf_printf(b, "  attributes   0x%016llx, mask 0x%016llx:",
	    (unsigned long long)s->flags, (unsigned long long)s->flags_mask);
	put_flags(b, s->flags);
	buf_printf(b, "\n  xfrm         0x%016llx, mask 0x%016llx\n",
	    (unsigned long long)s->xfrm, (unsigned long long)s->xfrm_mask);
	buf_printf(b, "  miscselect   0x%08x, mask 0x%08x\n",
	    (unsigned)s->misc_select, (unsigned)s->misc_mask);
	buf_printf(b, "  debug        %s\n", debug_text(s));
	buf_printf(b, "  signature    %s%s\n",
	    s->problem != NULL ? "bad: " : "valid",
	    s->problem != NULL ? s->problem : "");
}

/* --- JSON --- */

static void
name_hex(struct writer *w, const char *name, uint64_t n, int digits)
{
	char text[32];

	(void)snprintf(
	    text, sizeof(text), "0x%0*llx", digits, (unsigned long long)n);
	writer_member(w, name, slice_str(text));
}

static void
name_masked(
    struct writer *w, const char *name, uint64_t n, uint64_t mask, int digits)
{
	writer_name(w, name);
	writer_object(w);
	name_hex(w, "value", n, digits);
	name_hex(w, "mask", mask, digits);
	writer_end(w);
}

static void
write_one(struct writer *w, const char *path, const struct sigstruct *s)
{
	char date[11];

	sigstruct_date(s, date);
	writer_object(w);
	writer_member(w, "file", slice_str(path));
	writer_name(w, "offset");
	writer_uint(w, s->offset);
	writer_member(w, "section", s->section);
	writer_member(w, "mrenclave", slice_of(s->mrenclave, SHA256_HEX));
	writer_member(w, "mrsigner", slice_of(s->mrsigner, SHA256_HEX));
	writer_name(w, "productId");
	writer_uint(w, s->product_id);
	writer_name(w, "svn");
	writer_uint(w, s->svn);
	writer_member(w, "date", slice_str(date));
	name_hex(w, "vendor", s->vendor, 4);
	name_masked(w, "attributes", s->flags, s->flags_mask, 16);
	name_masked(w, "xfrm", s->xfrm, s->xfrm_mask, 16);
	name_masked(w, "miscSelect", s->misc_select, s->misc_mask, 8);
	writer_member(w, "debug", slice_str(debug_word(s)));
	writer_name(w, "valid");
	writer_bool(w, s->problem == NULL);
	writer_member(
	    w, "problem", slice_str(s->problem != NULL ? s->problem : ""));
	writer_end(w);
}

/* --- Policy: what spec.attestation.measurements takes --- */

static void
put_policy(struct buf *b, const char *path, const struct sigstruct *s)
{
	if (!is_sound(s)) {
		cli_error("%s: byte %zu: left out: %s%s", path, s->offset,
		    s->problem != NULL ? s->problem : "debug is ",
		    s->problem != NULL ? "" : debug_text(s));
		return;
	}
	if (b->len == 0)
		buf_puts(b, "attestation:\n  measurements:\n");
	buf_puts(b, "  # ");
	buf_put_line(b, slice_str(path));
	buf_printf(b, ": product %u, svn %u\n", s->product_id, s->svn);
	buf_printf(b, "  - mrenclave:%.*s\n", SHA256_HEX, s->mrenclave);
	buf_printf(b, "  - mrsigner:%.*s\n", SHA256_HEX, s->mrsigner);
}

/* --- Files --- */

struct run {
	struct arena arena;
	struct buf text;
	struct writer json;
	int code;
};

static void
show(struct run *r, const char *path, const struct sigstruct *s)
{
	if (output == OUTPUT_TEXT)
		put_text(&r->text, path, s);
	else if (output == OUTPUT_JSON)
		write_one(&r->json, path, s);
	else
		put_policy(&r->text, path, s);
	if (!is_sound(s) && r->code == EXIT_OK)
		r->code = EXIT_DENIED;
}

static void
look_into(struct run *r, const struct file *f)
{
	struct sigstructs found;
	const enum kg_status st =
	    sigstruct_find(&r->arena, slice_of(f->text, f->len), &found);

	for (size_t i = 0; st == KG_OK && i < found.count; i++)
		show(r, f->path, &found.list[i]);
	if (st != KG_OK)
		r->code = cli_error("%s: out of memory", f->path);
	else if (found.truncated)
		r->code =
		    cli_error("%s: more than %u SIGSTRUCTs; the rest was not "
			      "looked at",
			f->path, SIGSTRUCTS_MAX);
	else if (found.count == 0)
		r->code = cli_error("%s: no SIGSTRUCT in %s", f->path,
		    found.elf ? "this image: it is not signed" : "this file");
}

static int
print_all(struct run *r)
{
	if (buf_failed(&r->text))
		return cli_error("out of memory");
	if (r->text.len > 0)
		(void)fwrite(r->text.ptr, 1, r->text.len, stdout);
	return r->code;
}

static int
show_files(struct run *r, const struct file *files)
{
	if (output == OUTPUT_JSON)
		writer_list(&r->json);
	for (const struct file *f = files; f != NULL; f = f->next)
		look_into(r, f);
	if (output == OUTPUT_JSON) {
		writer_end(&r->json);
		buf_putc(&r->text, '\n');
	}
	return print_all(r);
}

static int
run_sigstruct(size_t count, const char *const *arguments)
{
	struct kg_diags *diags = kg_diags_new();
	struct run r = { .code = EXIT_OK };
	struct file *files = NULL;
	enum kg_status st = KG_OK;

	if (diags == NULL)
		return cli_error("out of memory");
	arena_init(&r.arena, ARENA_COMPILE_MAX);
	buf_init(&r.text, &r.arena, ARENA_COMPILE_MAX / 4);
	writer_init(&r.json, &r.text);
	for (size_t i = 0; i < count; i++) {
		const enum kg_status one =
		    file_read(arguments[i], diags, &files);

		st = st == KG_OK ? one : st;
	}
	print_diags(diags);
	if (st != KG_OK || files == NULL)
		r.code = EXIT_ERROR;
	r.code = show_files(&r, files);
	file_free(files);
	arena_release(&r.arena);
	kg_diags_free(diags);
	return r.code;
}

static const struct option options[] = {
	{ .name = "output",
	    .letter = 'o',
	    .type = OPTION_WORD,
	    .help = "form of the output; policy: for attestation.measurements",
	    .words = outputs,
	    .target = &output },
	{ .name = NULL },
};

const struct command cmd_sigstruct = {
	.name = "sigstruct",
	.summary = "show and verify the measurements of signed enclaves",
	.arguments = "FILE...",
	.takes = TAKES_FILE,
	.least = 1,
	.most = ARGUMENTS_ANY,
	.text = "Reads SGX SIGSTRUCTs out of .sig files and signed enclave "
		"images, verifies their signatures and prints MRENCLAVE, "
		"MRSIGNER and attributes.",
	.options = options,
	.exits =
	    (const struct term[]){
		{ "0", "every enclave is sound" },
		{ "1", "a signature is bad, or a debug enclave is allowed" },
		{ "2", "a file holds no SIGSTRUCT, or is unreadable" },
		{ NULL, NULL },
	    },
	.examples =
	    (const struct term[]){
		{ "keepgate sigstruct app.sig", "show what was signed" },
		{ "keepgate sigstruct -o policy enclave.signed.so",
		    "entries for attestation.measurements of a policy" },
		{ NULL, NULL },
	    },
	.see_also = (const char *const[]){ "check", NULL },
	.run = run_sigstruct,
};

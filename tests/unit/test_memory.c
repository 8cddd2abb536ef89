/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every allocation of policy/ fails once: what was asked for then fails as its
 * header says, and nothing is left over. The linker puts the functions below in
 * the place of the C library's.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "analyse.h"
#include "explain.h"
#include "files.h"
#include "flow_line.h"
#include "rule_json.h"
#include "runners.h"
#include "sentence.h"
#include "text_error.h"
#include "unit.h"

static long allowed = -1;	/* allocations before the one that fails; < 0: none does */
static bool failed;
static long live;

static bool may(void)
{
	if (allowed != 0) {
		allowed -= allowed > 0;
		return true;
	}
	allowed = -1;
	failed = true;
	return false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t length);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t length);
int __wrap_asprintf(char **to, const char *format, ...);
int __wrap___asprintf_chk(char **to, int flag, const char *format, ...);
void __wrap_free(void *memory);

static void *counted(void *memory)
{
	live += memory != NULL;
	return memory;
}

void *__wrap_malloc(size_t size)
{
	return may() ? counted(__real_malloc(size)) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return may() ? counted(__real_calloc(count, size)) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	if (!may())
		return NULL;
	return old ? __real_realloc(old, size) : counted(__real_malloc(size));
}

char *__wrap_strdup(const char *text)
{
	return may() ? counted(__real_strdup(text)) : NULL;
}

char *__wrap_strndup(const char *text, size_t length)
{
	return may() ? counted(__real_strndup(text, length)) : NULL;
}

static int print(char **to, const char *format, va_list arguments)
{
	int length = may() ? vasprintf(to, format, arguments) : -1;

	live += length >= 0;
	return length;
}

int __wrap_asprintf(char **to, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = print(to, format, arguments);
	va_end(arguments);
	return length;
}

/* What it is called where _FORTIFY_SOURCE is on, as in Debian's packages. */
int __wrap___asprintf_chk(char **to, int flag, const char *format, ...)
{
	va_list arguments;
	int length;

	(void)flag;
	va_start(arguments, format);
	length = print(to, format, arguments);
	va_end(arguments);
	return length;
}

void __wrap_free(void *memory)
{
	live -= memory != NULL;
	__real_free(memory);
}

static const struct sp_text_context context = {
	.owner = SP_SYSTEM, .boot = UNIT_BOOT, .session = "c1",
};
static const struct sp_defaults defaults = { SP_ASK, SP_DENY };
static struct sp_text_error error;

#define ALL "package p app snap:a unit a.service script /s parent /p traced yes user 1 " \
	    "hash 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef "

static const char *const lines[] = {
	"floor log deny out program like /opt/a*/b " ALL "to 192.0.2.1-192.0.2.9 port 80-90 # why",
	"allow out program /a owner 1000 to domain example.org interface e network n until logout",
	"ask in cgroup 5 process 6 from lan port 22 remote-port 5 protocol tcp until quit",
	"disabled drop out to @l until reboot", "allow out to www.example.org protocol 200",
	"deny out to @names", "drop in from resolver", "allow out to multicast", "ask out to internet",
	"deny out to loopback until 2030-01-01T00:00:00.5Z", "deny out to domain b.example.org",
	"deny out to domain b.example.org", "allow out to domain b.example.org",
	"deny out user 7", "allow out owner 7",
	"allow out program like /opt/b*/c to domain example.net",
	"deny out program like /opt/b*/c to domain example.net",
};

#define LINES (sizeof(lines) / sizeof(lines[0]))
#define FEW 3

static struct sp_rule rules[LINES];
static struct sp_list *names;

static bool read_line(size_t i, struct sp_rule *rule)
{
	return sp_text_read(lines[i], strlen(lines[i]), &context, rule, &error) > 0;
}

/* Each does one thing, and undoes it; false: it failed as it should. */

static bool do_parse(void)
{
	bool good = true;

	for (size_t i = 0; i < LINES && good; i++) {
		struct sp_rule rule;

		good = read_line(i, &rule);
		if (good)
			sp_rule_clear(&rule);
	}
	return good;
}

static bool do_copy(void)
{
	bool good = true;

	for (size_t i = 0; i < LINES && good; i++) {
		struct sp_rule rule;

		good = sp_rule_copy(&rule, &rules[i]);
		if (good)
			sp_rule_clear(&rule);
	}
	return good;
}

static bool do_words(void)
{
	bool good = true;

	for (size_t i = 0; i < LINES && good; i++) {
		char *text = sp_text_print(&rules[i], NULL);
		char *sentence = text ? sp_sentence(&rules[i]) : NULL;

		good = text && sentence;
		free(text);
		free(sentence);
	}
	return good;
}

static bool do_compile(void)
{
	struct sp_list *const lists[] = { names };
	const struct sp_source source = {
		.rules = rules, .count = LINES, .defaults = defaults, .boot = UNIT_BOOT,
		.lists = lists, .list_count = 1,
	};
	struct sp_snapshot *snapshot = sp_snapshot_compile(&source);
	bool good = snapshot;

	sp_snapshot_unref(snapshot);
	return good;
}

static bool do_list(void)
{
	static char text[4096];
	struct sp_list *list;
	FILE *file;

	if (!*text)
		for (size_t i = 0, at = 0; i < 90; i++)
			at += (size_t)sprintf(text + at, "host%zu.example.org\n10.0.%zu.0/24\n", i, i);
	file = fmemopen(text, strlen(text), "r");
	list = sp_list_read("some", file, &error);
	fclose(file);
	sp_list_unref(list);
	return list;
}

static bool do_file(void)
{
	static const struct sp_file_options options = { .context = { .owner = SP_SYSTEM } };
	static const char text[] = "allow out\ndeny in port 22 # x\n";
	struct sp_rule_set set = { 0 };
	struct sp_file_error cause;
	bool good = sp_file_read_text("some", text, sizeof(text) - 1, &options, &set, &cause);

	allowed = -1;	/* the test's own are not meant */
	ck_assert(good || (!set.rules && !set.file_count));
	sp_rule_set_clear(&set);
	return good;
}

static bool do_folder(void)
{
	const struct sp_file_options options = { .context = { .owner = SP_SYSTEM } };
	struct sp_rule_set set = { 0 };
	struct sp_file_error cause;
	bool good = sp_file_read_folder(getenv("FOLDER"), &options, &set, &cause);

	allowed = -1;	/* the test's own are not meant */
	ck_assert(good || (!set.rules && !set.file_count));
	sp_rule_set_clear(&set);
	return good;
}

static bool do_import(void)
{
	enum sp_import what[LINES];
	const struct sp_rule *which[LINES];

	return sp_import_try(rules, LINES, rules, LINES, what, which);
}

static const char *domain_of(const char *host)
{
	return strchr(host, '.') + 1;
}

static bool do_analyse(void)
{
	const struct sp_analyse_options options = { .unused = 1000, .domain_of = domain_of };
	struct sp_analysis analysis;
	bool good = sp_analyse(rules, LINES, &options, &analysis);

	allowed = -1;	/* the test's own are not meant */
	if (good)
		ck_assert_uint_gt(analysis.count, 2);
	sp_analysis_clear(&analysis);
	return good;
}

/* All that analyse() finds in these few is of one kind. */
static bool find(const char *const *from, size_t count, enum sp_finding_kind kind,
		 const struct sp_analyse_options *options)
{
	struct sp_rule few[FEW];
	struct sp_analysis analysis;
	long still = allowed;
	bool good;

	allowed = -1;	/* the test's own are not meant */
	for (size_t i = 0; i < count; i++)
		few[i] = unit_rule(from[i], i + 1);
	allowed = still;
	good = sp_analyse(few, count, options, &analysis);
	allowed = -1;
	ck_assert(!good || (analysis.count == 1 && analysis.findings[0].kind == kind));
	sp_analysis_clear(&analysis);
	while (count)
		sp_rule_clear(&few[--count]);
	return good;
}

static bool do_find_unused(void)
{
	static const char *const from[] = { "allow out port 1" };
	const struct sp_analyse_options options = { .unused = 1000 };

	return find(from, 1, SP_FIND_UNUSED, &options);
}

static bool do_find_domain(void)
{
	static const char *const from[] = {
		"allow out to a.example.org", "allow out to b.example.org", "allow out to c.example.org",
	};
	const struct sp_analyse_options options = { .domain_of = domain_of };

	return find(from, FEW, SP_FIND_DOMAIN, &options);
}

static bool do_find_floor(void)
{
	static const char *const from[] = { "floor deny out port 1-9", "allow out port 5" };
	const struct sp_analyse_options options = { 0 };

	return find(from, 2, SP_FIND_NEVER, &options);
}

static bool do_find_outdated(void)
{
	static const char *const from[] = { "deny out port 5", "allow out port 5" };
	const struct sp_analyse_options options = { 0 };

	return find(from, 2, SP_FIND_OUTDATED, &options);
}

static bool do_find_stricter(void)
{
	static const char *const from[] = { "allow out user 1000 port 1", "deny out owner 1000 port 1" };
	const struct sp_analyse_options options = { 0 };

	return find(from, 2, SP_FIND_NEVER, &options);
}

static bool do_shown(void)
{
	char shown[SP_SHOWN];

	return *sp_text_shown("word", shown);
}

static bool do_runners(void)
{
	static char text[] = "python interpreter runs what it is told\n";
	FILE *file = fmemopen(text, strlen(text), "r");
	struct sp_runners *runners = sp_runners_read(file, &error);

	fclose(file);
	if (!runners)
		ck_assert_str_eq(error.message, "out of memory");
	sp_runners_free(runners);
	return runners;
}

static bool do_explain(void)
{
	static const char text[] = "ask out to 192.0.2.3 program /a port 81 called b.example.org";
	struct sp_explanation explanation;
	struct sp_flow_line flow;
	bool good;

	if (sp_flow_line_read(text, sizeof(text) - 1, &context, &flow, &error) <= 0)
		return false;
	good = sp_explain(rules, LINES, &defaults, &flow.flow, &flow.facts, 0, &explanation);
	for (size_t i = 0; i < explanation.count && good; i++) {
		char *words = sp_explained_text(&explanation.rules[i]);

		good = words;
		free(words);
	}
	sp_explanation_clear(&explanation);
	sp_flow_line_clear(&flow);
	return good;
}

static bool do_json(void)
{
	bool good = true;

	for (size_t i = 0; i < LINES && good; i++) {
		const struct sp_rule *pointer = &rules[i];
		char *text = sp_json_rules(&pointer, 1);
		struct sp_rule *read = NULL;
		size_t count = 0;

		good = text && sp_json_parse(text, strlen(text), &context, &read, &count, &error);
		while (count)
			sp_rule_clear(&read[--count]);
		free(read);
		free(text);
	}
	return good;
}

static const struct {
	const char *name;
	bool (*run)(void);
	bool without;		/* some are not needed: giving back what is too much */
	bool foreign;		/* frees what other libraries allocated: not counted */
} deeds[] = {
	{ .name = "parse", .run = do_parse },
	{ .name = "copy", .run = do_copy },
	{ .name = "words", .run = do_words },
	{ .name = "compile", .run = do_compile },
	{ .name = "list", .run = do_list, .without = true },
	{ .name = "file", .run = do_file },
	{ .name = "folder", .run = do_folder, .foreign = true },
	{ .name = "import", .run = do_import },
	{ .name = "analyse", .run = do_analyse },
	{ .name = "find unused", .run = do_find_unused },
	{ .name = "find domain", .run = do_find_domain },
	{ .name = "find floor", .run = do_find_floor },
	{ .name = "find outdated", .run = do_find_outdated },
	{ .name = "find stricter", .run = do_find_stricter },
	{ .name = "shown", .run = do_shown },
	{ .name = "runners", .run = do_runners },
	{ .name = "explain", .run = do_explain },
	{ .name = "json", .run = do_json, .foreign = true },
};

START_TEST(every_allocation_fails_once)
{
	unsigned failures = 0;

	for (size_t i = 0; i < LINES; i++) {
		ck_assert_msg(read_line(i, &rules[i]), "%s: %s", lines[i], error.message);
		rules[i].id = i + 1;
	}
	names = unit_list("names", "example.org\n");
	for (long n = 0; ; n++) {
		long before = live;
		bool good;

		failed = false;
		allowed = n;
		good = deeds[_i].run();
		allowed = -1;
		ck_assert_msg(live == before || deeds[_i].foreign, "%s: %ld left over after allocation %ld failed",
			      deeds[_i].name, live - before, n);
		if (!failed) {
			ck_assert_msg(good, "%s", deeds[_i].name);
			break;
		}
		ck_assert_msg(!good || deeds[_i].without, "%s: allocation %ld failed and nobody says so", deeds[_i].name, n);
		failures++;
	}
	ck_assert_uint_gt(failures, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("memory");
	TCase *tcase = tcase_create("memory");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, every_allocation_fails_once, 0, sizeof(deeds) / sizeof(deeds[0]));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}

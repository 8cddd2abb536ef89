/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists: a set of prefixes and a set of names, and the reader of their files. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include "field.h"
#include "host.h"
#include "line.h"
#include "lists.h"
#include "name_set.h"
#include "prefix_set.h"
#include "text_error.h"

#define BLANKS " \t\r\n"

struct sp_list {
	atomic_uint references;
	char name[SP_RULE_LIST_MAX + 1];
	struct sp_prefix_set prefixes;
	struct sp_name_set names;
};

struct reader {
	struct sp_list *list;
	struct sp_text_error *error;
	unsigned line;
	const char *begin;	/* of the line */
};

/* What every hosts file has, about this machine alone. */
static const char *const own_names[] = {
	"localhost", "localhost.localdomain", "local", "broadcasthost",
	"ip6-localhost", "ip6-loopback", "ip6-localnet", "ip6-mcastprefix",
	"ip6-allnodes", "ip6-allrouters", "ip6-allhosts",
};

__attribute__((format(printf, 3, 4)))
static bool fail(const struct reader *reader, const char *at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	sp_text_fail_list(reader->error, at ? (unsigned)(at - reader->begin) + 1 : 1,
			  format, arguments);
	va_end(arguments);
	reader->error->line = reader->line;
	return false;
}

static bool no_memory(const struct reader *reader)
{
	return fail(reader, NULL, "out of memory");
}

static bool add_name(struct reader *reader, char *name, bool domain)
{
	const char *fault;
	char shown[SP_SHOWN];
	size_t length = strlen(name);

	if (length > 1 && name[length - 1] == '.')
		name[length - 1] = '\0';
	sp_host_lower(name);
	fault = sp_host_fault(name);
	if (fault)
		return fail(reader, name, "\"%s\": %s", sp_text_shown(name, shown), fault);
	if (reader->list->names.count == SP_LIST_NAMES_MAX)
		return fail(reader, name, "the list has more than %d names", SP_LIST_NAMES_MAX);
	return sp_name_set_add(&reader->list->names, name, domain) || no_memory(reader);
}

static bool add_prefix(struct reader *reader, const struct sp_prefix *prefix)
{
	if (reader->list->prefixes.count == SP_LIST_PREFIXES_MAX)
		return fail(reader, NULL, "the list has more than %d prefixes", SP_LIST_PREFIXES_MAX);
	return sp_prefix_set_add(&reader->list->prefixes, prefix) || no_memory(reader);
}

static bool add_range(struct reader *reader, const struct sp_rule *rule)
{
	struct sp_prefix prefix;
	struct sp_range range;
	bool more;

	memcpy(range.first, rule->remote.address, sizeof(range.first));
	memcpy(range.last, rule->remote_last, sizeof(range.last));
	do {
		more = sp_range_cut(&range, &prefix);
		if (!add_prefix(reader, &prefix))
			return false;
	} while (more);
	return true;
}

static bool add_address(struct reader *reader, const char *word)
{
	const struct sp_parse parse = {
		.column = (unsigned)(word - reader->begin) + 1, .error = reader->error,
	};
	struct sp_rule rule;

	sp_rule_init(&rule);
	if (!sp_parse_address(word, &parse, &rule)) {
		reader->error->line = reader->line;
		return false;
	}
	return rule.remote_kind == SP_REMOTE_RANGE ? add_range(reader, &rule) :
	       add_prefix(reader, &rule.remote);
}

/* A line of one word. */
static bool add_word(struct reader *reader, char *word)
{
	if (sp_looks_like_address(word))
		return add_address(reader, word);
	if (!strncmp(word, "*.", 2))
		word += 2;
	else if (*word == '.')
		word++;
	return add_name(reader, word, true);
}

static bool is_own(const char *name)
{
	for (size_t i = 0; i < sizeof(own_names) / sizeof(own_names[0]); i++)
		if (!strcmp(name, own_names[i]))
			return true;
	return false;
}

/* The names behind an address. */
static bool add_hosts(struct reader *reader, char *names)
{
	char *rest = names;

	for (char *name; (name = strtok_r(rest, BLANKS, &rest)); ) {
		sp_host_lower(name);
		if (!is_own(name) && !sp_looks_like_address(name) &&
		    !add_name(reader, name, false))
			return false;
	}
	return true;
}

static bool read_line(struct reader *reader, char *line)
{
	uint8_t address[16];
	char shown[SP_SHOWN];
	char *word, *rest;

	reader->begin = line;
	line[strcspn(line, "#")] = '\0';
	word = strtok_r(line, BLANKS, &rest);
	if (!word)
		return true;
	rest += strspn(rest, BLANKS);
	if (!*rest)
		return add_word(reader, word);
	if (!sp_address_parse(word, address))
		return fail(reader, word, "expected one word, or an address and names, not \"%s\" and more",
			    sp_text_shown(word, shown));
	return add_hosts(reader, rest);
}

static bool read_lines(struct reader *reader, FILE *file)
{
	char line[SP_LIST_LINE_MAX + 2];
	size_t length;

	while ((length = sp_line_read(file, line, sizeof(line)))) {
		reader->line++;
		reader->begin = line;
		if (strlen(line) < length)
			return fail(reader, line + strlen(line), "there is a NUL byte in the line");
		if (length + 1 == sizeof(line) && line[length - 1] != '\n')
			return fail(reader, line + SP_LIST_LINE_MAX, "the line is longer than %d bytes",
				    SP_LIST_LINE_MAX);
		if (!read_line(reader, line))
			return false;
	}
	reader->line = 0;
	return !ferror(file) || fail(reader, NULL, "%s", strerror(errno));
}

struct sp_list *sp_list_read(const char *name, FILE *file, struct sp_text_error *error)
{
	struct reader reader = { .error = error };
	const char *fault = sp_list_name_fault(name);

	if (fault) {
		fail(&reader, NULL, "%s", fault);
		return NULL;
	}
	reader.list = calloc(1, sizeof(*reader.list));
	if (!reader.list) {
		no_memory(&reader);
		return NULL;
	}
	atomic_init(&reader.list->references, 1);
	strcpy(reader.list->name, name);
	if (!read_lines(&reader, file)) {
		sp_list_unref(reader.list);
		return NULL;
	}
	sp_prefix_set_ready(&reader.list->prefixes);
	sp_name_set_ready(&reader.list->names);
	return reader.list;
}

struct sp_list *sp_list_load(const char *name, const char *path, struct sp_text_error *error)
{
	struct reader reader = { .error = error };
	struct sp_list *list = NULL;
	FILE *file = fopen(path, "re");

	if (!file) {
		fail(&reader, NULL, "%s", strerror(errno));
		return NULL;
	}
	list = sp_list_read(name, file, error);
	fclose(file);
	return list;
}

struct sp_list *sp_list_ref(struct sp_list *list)
{
	atomic_fetch_add_explicit(&list->references, 1, memory_order_relaxed);
	return list;
}

void sp_list_unref(struct sp_list *list)
{
	if (!list || atomic_fetch_sub_explicit(&list->references, 1, memory_order_acq_rel) > 1)
		return;
	sp_prefix_set_clear(&list->prefixes);
	sp_name_set_clear(&list->names);
	free(list);
}

const char *sp_list_name(const struct sp_list *list)
{
	return list->name;
}

size_t sp_list_names(const struct sp_list *list)
{
	return list->names.count;
}

size_t sp_list_prefixes(const struct sp_list *list)
{
	return list->prefixes.count;
}

size_t sp_list_memory(const struct sp_list *list)
{
	return sizeof(*list) + list->names.size +
	       list->names.slots * sizeof(*list->names.table) +
	       list->prefixes.size * sizeof(*list->prefixes.prefixes);
}

bool sp_list_has_address(const struct sp_list *list, const uint8_t address[16],
			 uint8_t *length)
{
	return sp_prefix_set_has(&list->prefixes, address, length);
}

bool sp_list_has_name(const struct sp_list *list, const char *name)
{
	return sp_name_set_has(&list->names, name);
}

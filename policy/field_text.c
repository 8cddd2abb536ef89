/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields whose values are one exact string each, and a fact that is one string:
 * hash, package, app, unit, script, interface, network. A value is narrower than
 * any.
 */
#include <string.h>
#include "field.h"
#include "utf8.h"

#define INTERFACE_MAX 15	/* IFNAMSIZ without the NUL */
#define HASH_LENGTH 64

static const char *value_of(const struct sp_field *field, const struct sp_rule *rule)
{
	return *(char *const *)(const void *)((const char *)rule + field->text);
}

static const struct sp_text_fact *fact_of(const struct sp_field *field,
					  const struct sp_facts *facts)
{
	return (const void *)((const char *)facts + field->text_fact);
}

bool sp_text_field_any(const struct sp_field *field, const struct sp_rule *rule)
{
	return !value_of(field, rule);
}

bool sp_text_field_parse(const struct sp_field *field, const char *value,
			 const struct sp_parse *parse, struct sp_rule *rule)
{
	return sp_parse_string(value, parse,
			       (char **)(void *)((char *)rule + field->text));
}

void sp_text_field_print(const struct sp_field *field, const struct sp_rule *rule,
			 sp_user_name_fn user_name, struct sp_buffer *out)
{
	sp_print_word(out, value_of(field, rule));
}

/* NULL, or what is wrong with the characters of @text. */
const char *sp_text_fault(const char *text)
{
	size_t length = strlen(text);

	for (size_t at = 0, step; at < length; at += step) {
		uint32_t character;

		step = sp_utf8_decode(text + at, length - at, &character);
		if (!step)
			return "a text is not valid UTF-8";
		if (sp_char_control(character))
			return "a text has a control character";
	}
	return NULL;
}

/* A path as the kernel writes it; any other way to write it matches nothing. */
const char *sp_path_fault(const char *path)
{
	if (path[0] != '/')
		return "the path of a program begins with \"/\"";
	if (strlen(path) > SP_RULE_PATH_MAX)
		return "the path of a program is longer than 4095 bytes";
	for (const char *slash = path; slash; slash = strchr(slash + 1, '/')) {
		size_t length = strcspn(slash + 1, "/");

		if (length == 0)
			return "the path of a program has an empty part, or ends in \"/\"";
		if (!strncmp(slash + 1, "..", length))
			return "the path of a program has \".\" or \"..\" in it";
	}
	return sp_text_fault(path);
}

const char *sp_text_field_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	const char *value = value_of(field, rule);

	if (field->path)
		return sp_path_fault(value);
	if (!*value || strlen(value) > SP_RULE_NAME_MAX)
		return "a name has 1 to 255 bytes";
	return sp_text_fault(value);
}

static const char *interface_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	const char *name = rule->interface;

	if (!*name || strlen(name) > INTERFACE_MAX)
		return "the name of an interface has 1 to 15 bytes";
	if (!strcmp(name, ".") || !strcmp(name, "..") || strpbrk(name, "/: \t"))
		return "an interface can't have this name";
	return sp_text_fault(name);
}

static const char *hash_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	size_t digits = strspn(rule->hash, "0123456789abcdef");

	return digits == HASH_LENGTH && !rule->hash[digits] ? NULL :
	       "a hash is a SHA-256 sum: 64 digits 0 to 9 and a to f";
}

static const char *app_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	static const char *const kinds[] = { "flatpak:", "snap:" };

	for (size_t i = 0; i < 2; i++) {
		size_t length = strlen(kinds[i]);

		if (!strncmp(rule->app, kinds[i], length) && rule->app[length])
			return sp_text_field_fault(field, rule);
	}
	return "an application is written flatpak:ID or snap:NAME";
}

static const char *unit_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	const char *dot = strrchr(rule->unit, '.');

	if (!dot || dot == rule->unit || !dot[1] || strchr(rule->unit, '/'))
		return "a unit is written with its kind: sshd.service";
	return sp_text_field_fault(field, rule);
}

static uint32_t narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	return !sp_text_field_any(field, rule);
}

static enum sp_relation relate(const struct sp_field *field,
			       const struct sp_rule *a, const struct sp_rule *b)
{
	const char *x = value_of(field, a), *y = value_of(field, b);

	return sp_relate_exact(!x, !y, x && y && !strcmp(x, y));
}

static enum sp_match match(const struct sp_field *field, const struct sp_rule *rule,
			   const struct sp_flow *flow, const struct sp_facts *facts,
			   struct sp_look *look)
{
	const struct sp_text_fact *fact = fact_of(field, facts);

	return sp_match_fact(fact->state, rule, fact->text &&
			     !strcmp(fact->text, value_of(field, rule)));
}

/* A field by its member in struct sp_rule and struct sp_facts. */
#define TEXT_FIELD(member) \
	.parse = sp_text_field_parse, \
	.any = sp_text_field_any, \
	.print = sp_text_field_print, \
	.narrowness = narrowness, \
	.relate = relate, \
	.match = match, \
	.text = offsetof(struct sp_rule, member), \
	.text_fact = offsetof(struct sp_facts, member)

const struct sp_field sp_field_hash = {
	.word = { "hash", "hash" },
	.wants = "the SHA-256 sum of a program",
	.fault = hash_fault,
	.fact = SP_FACT_HASH,
	TEXT_FIELD(hash),
};

const struct sp_field sp_field_package = {
	.word = { "package", "package" },
	.wants = "the name of a package",
	.fault = sp_text_field_fault,
	.fact = SP_FACT_PACKAGE,
	TEXT_FIELD(package),
};

const struct sp_field sp_field_app = {
	.word = { "app", "app" },
	.wants = "an application such as flatpak:org.example.App",
	.fault = app_fault,
	.fact = SP_FACT_APP,
	.looked = { SP_LOOKED_CGROUP, SP_LOOKED_CGROUP },
	.price = { 5, 5 },
	TEXT_FIELD(app),
};

const struct sp_field sp_field_unit = {
	.word = { "unit", "unit" },
	.wants = "the name of a unit such as sshd.service",
	.fault = unit_fault,
	.fact = SP_FACT_UNIT,
	.looked = { SP_LOOKED_CGROUP, SP_LOOKED_CGROUP },
	.price = { 5, 5 },
	TEXT_FIELD(unit),
};

const struct sp_field sp_field_script = {
	.word = { "script", "script" },
	.wants = "the path of a script",
	.fault = sp_text_field_fault,
	.fact = SP_FACT_SCRIPT,
	.looked = { SP_LOOKED_PROCESS, SP_LOOKED_PROCESS },
	.price = { 6, 6 },
	.path = true,
	TEXT_FIELD(script),
};

const struct sp_field sp_field_interface = {
	.word = { "interface", "interface" },
	.wants = "the name of a network interface",
	.fault = interface_fault,
	.fact = SP_FACT_INTERFACE,
	.looked = { SP_LOOKED_INTERFACE, SP_LOOKED_INTERFACE },
	.price = { 3, 3 },
	TEXT_FIELD(interface),
};

const struct sp_field sp_field_network = {
	.word = { "network", "network" },
	.wants = "the name of a network such as home",
	.fault = sp_text_field_fault,
	.fact = SP_FACT_NETWORK,
	.looked = { SP_LOOKED_INTERFACE, SP_LOOKED_INTERFACE },
	.price = { 3, 3 },
	TEXT_FIELD(network),
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule as data: its life, and whether it can be. */
#include <stdlib.h>
#include <string.h>
#include "fault.h"
#include "prefix.h"
#include "protocol.h"
#include "utf8.h"

#define INTERFACE_MAX 15	/* IFNAMSIZ without the NUL */

void sp_rule_init(struct sp_rule *rule)
{
	*rule = (struct sp_rule){
		.owner = SP_SYSTEM,
		.enabled = true,
		.action = SP_ASK,
		.direction = SP_OUT,
		.user = SP_ANY_USER,
		.protocol = SP_ANY_PROTOCOL,
		.remote_port = { 0, UINT16_MAX },
		.local_port = { 0, UINT16_MAX },
	};
}

void sp_rule_clear(struct sp_rule *rule)
{
	free(rule->program);
	free(rule->interface);
	free(rule->note);
	sp_rule_init(rule);
}

static bool copy_string(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to || !from;
}

bool sp_rule_copy(struct sp_rule *to, const struct sp_rule *from)
{
	struct sp_rule copy = *from;
	bool program = copy_string(&copy.program, from->program);
	bool interface = copy_string(&copy.interface, from->interface);
	bool note = copy_string(&copy.note, from->note);

	if (!program || !interface || !note) {
		sp_rule_clear(&copy);
		return false;
	}
	*to = copy;
	return true;
}

bool sp_rule_same_match(const struct sp_rule *a, const struct sp_rule *b)
{
	if (a->action != b->action || a->direction != b->direction ||
	    a->owner != b->owner || a->floor != b->floor || a->enabled != b->enabled)
		return false;
	for (size_t i = 0; i < SP_FIELD_COUNT; i++)
		if (sp_fields[i]->relate && sp_fields[i]->relate(a, b) != SP_EQUAL)
			return false;
	return true;
}

/* NULL, or what is wrong with the characters of @text. */
static const char *check_text(const char *text)
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
static const char *check_program(const char *path)
{
	if (path[0] != '/')
		return "the path of a program begins with \"/\"";
	if (strlen(path) > SP_RULE_PATH_MAX)
		return "the path of a program is longer than 4095 bytes";
	for (const char *slash = path; slash; slash = strchr(slash + 1, '/')) {
		size_t length = strcspn(slash + 1, "/");

		if (length == 0)
			return "the path of a program has an empty part, or ends in \"/\"";
		if (!strncmp(slash + 1, "..", length) && length <= 2)
			return "the path of a program has \".\" or \"..\" in it";
	}
	return check_text(path);
}

static const char *check_interface(const char *name)
{
	if (!*name || strlen(name) > INTERFACE_MAX)
		return "the name of an interface has 1 to 15 bytes";
	if (!strcmp(name, ".") || !strcmp(name, "..") || strpbrk(name, "/: \t"))
		return "an interface can't have this name";
	return check_text(name);
}

/* Printed behind '#' to the end of the line, as it is. */
static const char *check_note(const char *note)
{
	size_t length = strlen(note);

	if (length > SP_RULE_NOTE_MAX)
		return "the note is longer than 1000 bytes";
	if (!length || note[0] == ' ' || note[length - 1] == ' ')
		return "a note neither is empty nor begins or ends with a blank";
	return check_text(note);
}

static const char *check_remote(const struct sp_prefix *remote)
{
	if (remote->length > 128)
		return "the length of a prefix is at most 128";
	if (!sp_prefix_trimmed(remote))
		return "the address has bits set behind its prefix";
	if (remote->length && sp_prefix_mixed(remote))
		return "the prefix has IPv4 and IPv6 addresses in it";
	return NULL;
}

static const char *check_ports(const struct sp_rule *rule, const struct sp_ports *ports)
{
	if (ports->first > ports->last)
		return "the range of ports ends before it begins";
	if (ports->last - ports->first == UINT16_MAX || rule->protocol == SP_ANY_PROTOCOL)
		return NULL;
	return sp_protocol_ports(rule->protocol) ? NULL : "this protocol has no ports";
}

static const char *check_user(const struct sp_rule *rule)
{
	if (rule->user == SP_ANY_USER || rule->owner == SP_SYSTEM ||
	    rule->user == rule->owner)
		return NULL;
	return "a user's rule is about his own flows, not another user's";
}

static bool action_exists(enum sp_action action)
{
	switch (action) {
	case SP_ALLOW:
	case SP_DENY:
	case SP_DROP:
	case SP_ASK:
		return true;
	}
	return false;
}

/* What is not a field's own. */
static const char *head_fault(const struct sp_rule *rule, int *place)
{
	*place = SP_PLACE_ACTION;
	if (!action_exists(rule->action))
		return "there is no such action";
	if (rule->direction != SP_OUT && rule->direction != SP_IN)
		return "there is no such direction";
	*place = SP_PLACE_FLOOR;
	if (rule->floor && rule->owner != SP_SYSTEM)
		return "a floor rule is a system rule, not a user's";
	*place = SP_PLACE_NOTE;
	return rule->note ? check_note(rule->note) : NULL;
}

const char *sp_rule_fault(const struct sp_rule *rule, int *place)
{
	bool out = rule->direction == SP_OUT;
	const char *fault = head_fault(rule, place);

	if (fault)
		return fault;
	*place = SP_FIELD_PROGRAM;
	if (rule->program && (fault = check_program(rule->program)))
		return fault;
	*place = SP_FIELD_USER;
	if ((fault = check_user(rule)))
		return fault;
	*place = SP_FIELD_PROTOCOL;
	if (rule->protocol < SP_ANY_PROTOCOL || rule->protocol > UINT8_MAX)
		return "the number of a protocol is at most 255";
	*place = SP_FIELD_REMOTE;
	if ((fault = check_remote(&rule->remote)))
		return fault;
	*place = out ? SP_FIELD_PORT : SP_FIELD_OTHER_PORT;
	if ((fault = check_ports(rule, &rule->remote_port)))
		return fault;
	*place = out ? SP_FIELD_OTHER_PORT : SP_FIELD_PORT;
	if ((fault = check_ports(rule, &rule->local_port)))
		return fault;
	*place = SP_FIELD_INTERFACE;
	if (rule->interface && (fault = check_interface(rule->interface)))
		return fault;
	*place = SP_FIELD_UNTIL;
	return rule->expires < 0 ? "the rule ends before 1970" : NULL;
}

const char *sp_rule_check(const struct sp_rule *rule)
{
	int place;

	return sp_rule_fault(rule, &place);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule as data: its life, and whether it can be. */
#include <stdlib.h>
#include <string.h>
#include "fault.h"
#include "prefix.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

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

static const size_t strings[] = {
	offsetof(struct sp_rule, program), offsetof(struct sp_rule, hash),
	offsetof(struct sp_rule, package), offsetof(struct sp_rule, app),
	offsetof(struct sp_rule, unit), offsetof(struct sp_rule, script),
	offsetof(struct sp_rule, parent), offsetof(struct sp_rule, remote_name),
	offsetof(struct sp_rule, interface), offsetof(struct sp_rule, network),
	offsetof(struct sp_rule, boot), offsetof(struct sp_rule, session),
	offsetof(struct sp_rule, note),
};

static char **string_at(struct sp_rule *rule, size_t i)
{
	return (char **)(void *)((char *)rule + strings[i]);
}

void sp_rule_clear(struct sp_rule *rule)
{
	for (size_t i = 0; i < LENGTH(strings); i++)
		free(*string_at(rule, i));
	sp_rule_init(rule);
}

bool sp_rule_copy(struct sp_rule *to, const struct sp_rule *from)
{
	struct sp_rule copy = *from;
	bool whole = true;

	for (size_t i = 0; i < LENGTH(strings); i++) {
		char **string = string_at(&copy, i);

		if (!*string)
			continue;
		*string = strdup(*string);
		whole = whole && *string;
	}
	if (!whole) {
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
		if (sp_fields[i]->relate && sp_fields[i]->relate(sp_fields[i], a, b) != SP_EQUAL)
			return false;
	return true;
}

/* Printed behind '#' to the end of the line, as it is. */
static const char *check_note(const char *note)
{
	size_t length = strlen(note);

	if (length > SP_RULE_NOTE_MAX)
		return "the note is longer than 1000 bytes";
	if (!length || note[0] == ' ' || note[length - 1] == ' ')
		return "a note neither is empty nor begins or ends with a blank";
	return sp_text_fault(note);
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
	*place = SP_FIELD_REMOTE;
	if (rule->remote.length <= 128 && !sp_prefix_trimmed(&rule->remote))
		return "the address has bits set behind its prefix";
	*place = SP_PLACE_FLOOR;
	if (rule->floor && rule->owner != SP_SYSTEM)
		return "a floor rule is a system rule, not a user's";
	*place = SP_PLACE_NOTE;
	return rule->note ? check_note(rule->note) : NULL;
}

const char *sp_rule_fault(const struct sp_rule *rule, int *place)
{
	const char *fault = head_fault(rule, place);

	for (int i = 0; i < SP_FIELD_COUNT && !fault; i++) {
		const struct sp_field *field = sp_fields[i];

		*place = i;
		if (field->fault && !field->any(field, rule))
			fault = field->fault(field, rule);
	}
	return fault;
}

const char *sp_rule_check(const struct sp_rule *rule)
{
	int place;

	return sp_rule_fault(rule, &place);
}

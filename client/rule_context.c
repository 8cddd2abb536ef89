/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule_context.h. */
#include "rule_context.h"

#include <string.h>

#include "calls.h"
#include "format.h"

static bool find_user(const char *name, uint32_t *uid)
{
	guint32 found;

	/* "system" is an owner, but no user. */
	if (strcmp(name, "system") == 0 || !sp_format_find_owner(name, &found))
		return false;
	*uid = found;
	return true;
}

/* As rules have it: without dashes. */
static const char *read_boot(void)
{
	static char id[33];
	g_autofree char *text = NULL;
	gsize length = 0;

	if (!*id && g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
		for (const char *from = text; *from && length < 32; from++)
			if (g_ascii_isxdigit(*from))
				id[length++] = *from;
	return *id ? id : NULL;
}

const struct sp_text_context *sp_rule_text_context(guint32 owner)
{
	static struct sp_text_context context = { .find_user = find_user };

	context.owner = owner;
	context.boot = read_boot();
	context.session = g_getenv("XDG_SESSION_ID");
	return &context;
}

static enum sp_action action_of(GVariant *status, const char *key, enum sp_action otherwise)
{
	static const char *const words[] = {
		[SP_ALLOW] = "allow", [SP_DENY] = "deny", [SP_DROP] = "drop", [SP_ASK] = "ask",
	};
	const char *word = status ? sp_dict_string(status, key) : "";

	for (int action = SP_ALLOW; action <= SP_ASK; action++)
		if (strcmp(words[action], word) == 0)
			return (enum sp_action)action;
	return otherwise;
}

struct sp_defaults sp_rule_defaults(GVariant *status)
{
	return (struct sp_defaults){
		.out = action_of(status, "default-out", SP_ASK),
		.in = action_of(status, "default-in", SP_DENY),
	};
}

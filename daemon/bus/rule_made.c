/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule_made.h. */
#include "rule_made.h"

#include <pwd.h>
#include <string.h>
#include "errors.h"

#define DAYS_MAX	3650

bool sp_rule_find_user(const char *name, uint32_t *uid)
{
	char text[4096];
	struct passwd entry, *found = NULL;

	if (getpwnam_r(name, &entry, text, sizeof(text), &found) || !found)
		return false;
	*uid = found->pw_uid;
	return true;
}

/* 0: no such time. */
static gint64 parse_lifetime(const char *text)
{
	char *end;
	guint64 number, unit;

	if (!g_ascii_isdigit(text[0]) || strlen(text) > 8)
		return 0;
	number = g_ascii_strtoull(text, &end, 10);
	unit = !strcmp(end, "m") ? 60 : !strcmp(end, "h") ? 3600 : !strcmp(end, "d") ? 86400 : 0;
	if (number * unit > DAYS_MAX * G_GUINT64_CONSTANT(86400))
		return 0;
	return number * unit * 1000000000;
}

gboolean sp_rule_lifetime(GVariant *options, gint64 *lifetime, GError **error)
{
	const char *text;

	*lifetime = 0;
	if (!g_variant_lookup(options, "lifetime", "&s", &text))
		return TRUE;
	*lifetime = parse_lifetime(text);
	if (!*lifetime)
		g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT,
			    "a lifetime is a number and m, h or d");
	return *lifetime != 0;
}

const char *sp_rule_made(struct sp_rule *rule, gint64 lifetime, guint32 uid)
{
	gint64 now = g_get_real_time() * 1000;

	if (lifetime && rule->expires)
		return "it has an \"until\" and a lifetime; give one";
	if (lifetime)
		rule->expires = now + lifetime;
	if (rule->expires && rule->expires <= now)
		return "it ends in the past";
	rule->created = now;
	rule->maker = uid;
	return NULL;
}

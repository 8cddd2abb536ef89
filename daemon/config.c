/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See config.h. One table says which options there are and what they may be. */
#include "config.h"

#include <stddef.h>
#include <string.h>

enum kind { ACTION, NUMBER, BOOLEAN, FOLDER };

/* Which actions an option may have. */
#define MAY(action)	(1u << (action))
#define REFUSE		(MAY(SP_DENY) | MAY(SP_DROP))
#define ABSENT		(REFUSE | MAY(SP_ALLOW))
#define DEFAULT		(ABSENT | MAY(SP_ASK))

static const struct option {
	const char *group, *key;
	enum kind kind;
	size_t offset;
	guint min, max;		/* NUMBER; ACTION: max is the set that may be */
} options[] = {
#define AT(field)	offsetof(struct sp_config, field)
	{ "policy", "default-out", ACTION, AT(defaults.out), 0, DEFAULT },
	{ "policy", "default-in", ACTION, AT(defaults.in), 0, DEFAULT },
	{ "questions", "deadline-seconds", NUMBER, AT(deadline), 1, 60 },
	{ "questions", "grace-seconds", NUMBER, AT(grace), 0, 30 },
	{ "questions", "outcome", ACTION, AT(outcome), 0, REFUSE },
	{ "questions", "password-to-allow", BOOLEAN, AT(password_to_allow), 0, 0 },
	{ "questions", "nobody", ACTION, AT(nobody), 0, REFUSE },
	{ "kernel", "queue-first", NUMBER, AT(queue_first), 0, 65000 },
	{ "kernel", "queue-count", NUMBER, AT(queue_count), 0, 64 },
	{ "kernel", "namespaces", NUMBER, AT(namespaces), 0, 256 },
	{ "kernel", "absent-out", ACTION, AT(absent_out), 0, ABSENT },
	{ "kernel", "absent-in", ACTION, AT(absent_in), 0, ABSENT },
	{ "kernel", "judge-loopback", BOOLEAN, AT(judge_loopback), 0, 0 },
	{ "kernel", "stealth", BOOLEAN, AT(stealth), 0, 0 },
	{ "names", "of-others", BOOLEAN, AT(names_of_others), 0, 0 },
	{ "history", "hosts", BOOLEAN, AT(record_hosts), 0, 0 },
	{ "store", "folder", FOLDER, AT(folder), 0, 0 },
#undef AT
};

static const struct {
	const char *name;
	enum sp_action action;
} actions[] = {
	{ "ask", SP_ASK }, { "allow", SP_ALLOW }, { "deny", SP_DENY }, { "drop", SP_DROP },
};

void sp_config_init(struct sp_config *config)
{
	*config = (struct sp_config){
		.defaults = { .out = SP_ASK, .in = SP_DENY },
		.deadline = 45,
		.outcome = SP_DENY,
		.nobody = SP_DENY,
		.queue_first = 5200,
		.namespaces = 128,
		.absent_out = SP_DENY,
		.absent_in = SP_DENY,
		.names_of_others = TRUE,
		.record_hosts = TRUE,
		.folder = g_strdup(SP_STATE_FOLDER),
	};
}

void sp_config_clear(struct sp_config *config)
{
	g_clear_pointer(&config->folder, g_free);
}

/* How many letters to change, insert or remove to make @a into @b. */
static guint distance(const char *a, const char *b)
{
	size_t la = MIN(strlen(a), 64), lb = MIN(strlen(b), 64);
	guint row[65];

	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		guint corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			guint above = row[j];

			row[j] = MIN(MIN(above, row[j - 1]) + 1, corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[lb];
}

static const struct option *nearest(const char *group, const char *key)
{
	const struct option *best = &options[0];
	guint least = G_MAXUINT;

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		guint d = distance(options[i].group, group) + distance(options[i].key, key);

		if (d < least) {
			least = d;
			best = &options[i];
		}
	}
	return best;
}

static const struct option *find(const char *group, const char *key)
{
	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		if (!strcmp(options[i].group, group) && !strcmp(options[i].key, key))
			return &options[i];
	return NULL;
}

static gboolean bad(GError **error, const struct option *o, const char *expected)
{
	g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
		    "[%s] %s: expected %s", o->group, o->key, expected);
	return FALSE;
}

static gboolean set_action(void *field, const struct option *o, const char *value,
			   GError **error)
{
	g_autoptr(GString) may = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
		if (!(o->max & MAY(actions[i].action)))
			continue;
		if (!strcmp(actions[i].name, value)) {
			*(enum sp_action *)field = actions[i].action;
			return TRUE;
		}
		g_string_append_printf(may, "%s%s", may->len ? ", " : "", actions[i].name);
	}
	return bad(error, o, may->str);
}

static gboolean set_number(void *field, const struct option *o, const char *value,
			   GError **error)
{
	guint64 number;

	if (!g_ascii_string_to_unsigned(value, 10, o->min, o->max, &number, NULL)) {
		g_autofree char *range = g_strdup_printf("a number from %u to %u", o->min, o->max);

		return bad(error, o, range);
	}
	*(guint *)field = number;
	return TRUE;
}

static gboolean set_boolean(void *field, const struct option *o, const char *value,
			    GError **error)
{
	if (strcmp(value, "true") && strcmp(value, "false"))
		return bad(error, o, "true or false");
	*(gboolean *)field = value[0] == 't';
	return TRUE;
}

static gboolean set_folder(void *field, const struct option *o, const char *value,
			   GError **error)
{
	if (value[0] != '/' || strlen(value) > 1000)
		return bad(error, o, "an absolute path");
	g_free(*(char **)field);
	*(char **)field = g_strdup(value);
	return TRUE;
}

static gboolean set(struct sp_config *config, const struct option *o, const char *value,
		    GError **error)
{
	void *field = (char *)config + o->offset;

	switch (o->kind) {
	case ACTION:
		return set_action(field, o, value, error);
	case NUMBER:
		return set_number(field, o, value, error);
	case BOOLEAN:
		return set_boolean(field, o, value, error);
	case FOLDER:
		return set_folder(field, o, value, error);
	}
	g_assert_not_reached();
}

static gboolean parse_group(struct sp_config *config, GKeyFile *file, const char *group,
			    GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, group, NULL, error);

	for (char **key = keys; key && *key; key++) {
		const struct option *o = find(group, *key);
		g_autofree char *value = NULL;

		if (!o) {
			o = nearest(group, *key);
			g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_KEY_NOT_FOUND,
				    "there is no option [%s] %s; did you mean [%s] %s?",
				    group, *key, o->group, o->key);
			return FALSE;
		}
		value = g_key_file_get_string(file, group, *key, error);
		if (!value || !set(config, o, g_strstrip(value), error))
			return FALSE;
	}
	return keys != NULL;
}

static gboolean parse_file(struct sp_config *config, GKeyFile *file, GError **error)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);

	for (char **group = groups; *group; group++)
		if (!parse_group(config, file, *group, error))
			return FALSE;
	if (config->queue_first + config->queue_count > 65533) {
		g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
			    "[kernel] queue-first: no room for so many queues");
		return FALSE;
	}
	return TRUE;
}

gboolean sp_config_parse(struct sp_config *config, const char *text, gsize length,
			 GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	struct sp_config new = *config;

	/* GKeyFile refuses what is empty. */
	if (!length)
		return TRUE;
	if (!g_key_file_load_from_data(file, text, length, G_KEY_FILE_NONE, error))
		return FALSE;
	new.folder = g_strdup(config->folder);
	if (!parse_file(&new, file, error)) {
		sp_config_clear(&new);
		return FALSE;
	}
	sp_config_clear(config);
	*config = new;
	return TRUE;
}

gboolean sp_config_load(struct sp_config *config, const char *path, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *text = NULL;
	gsize length;

	if (!g_file_get_contents(path, &text, &length, &problem)) {
		if (g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&problem));
		return FALSE;
	}
	if (sp_config_parse(config, text, length, error))
		return TRUE;
	g_prefix_error(error, "%s: ", path);
	return FALSE;
}

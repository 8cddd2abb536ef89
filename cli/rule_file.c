/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See rule_file.h. */
#include "rule_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "calls.h"
#include "error.h"
#include "rule_json.h"
#include "rule_context.h"
#include "width.h"

static void clear(gpointer data)
{
	struct sp_read_rule *read = data;

	sp_rule_clear(&read->rule);
	g_free(read->place);
}

static GArray *rules_new(void)
{
	GArray *rules = g_array_new(FALSE, FALSE, sizeof(struct sp_read_rule));

	g_array_set_clear_func(rules, clear);
	return rules;
}

/* Takes @rule and @place. */
static void take(GArray *rules, const struct sp_rule *rule, char *place)
{
	struct sp_read_rule read = { .rule = *rule, .place = place };

	if (!read.rule.id)
		read.rule.id = rules->len + 1;
	g_array_append_val(rules, read);
}

static void fail(GError **error, const char *file, const struct sp_text_error *cause)
{
	g_autofree char *shown = sp_width_harmless(file);

	if (!cause->line)	/* the file itself, or all of it */
		g_set_error(error, SP_CLIENT_ERROR, g_access(file, R_OK) ?
			    SP_CLIENT_ERROR_FAILED : SP_CLIENT_ERROR_INVALID_RULE, "%s: %s",
			    shown, cause->message);
	else if (!cause->column)
		g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_INVALID_RULE,
			    _("%s: rule %u: %s"), shown, cause->line, cause->message);
	else
		g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_INVALID_RULE, "%s:%u:%u: %s",
			    shown, cause->line, cause->column, cause->message);
}

static GArray *take_set(struct sp_rule_set *set)
{
	GArray *rules = rules_new();

	for (size_t i = 0; i < set->count; i++)
		take(rules, &set->rules[i].rule,
		     g_strdup_printf("%s:%u", set->files[set->rules[i].file], set->rules[i].line));
	set->count = 0;
	sp_rule_set_clear(set);
	return rules;
}

static GArray *read_path(const char *path, guint32 owner, GError **error)
{
	const struct sp_file_options options = { .context = *sp_rule_text_context(owner) };
	struct sp_rule_set set = { 0 };
	struct sp_file_error cause;
	gboolean folder = g_str_has_suffix(path, "/") || g_file_test(path, G_FILE_TEST_IS_DIR);

	if (folder ? sp_file_read_folder(path, &options, &set, &cause) :
		     sp_file_read(path, &options, &set, &cause))
		return take_set(&set);
	fail(error, cause.file, &cause.error);
	return NULL;
}

static GArray *parse_text(const char *text, gsize length, guint32 owner, GError **error)
{
	const struct sp_file_options options = { .context = *sp_rule_text_context(owner) };
	struct sp_rule_set set = { 0 };
	struct sp_file_error cause;

	if (sp_file_read_text(_("standard input"), text, length, &options, &set, &cause))
		return take_set(&set);
	fail(error, cause.file, &cause.error);
	return NULL;
}

static GArray *parse_json(const char *name, const char *text, gsize length, guint32 owner,
			  GError **error)
{
	struct sp_text_error cause = { 0 };
	struct sp_rule *parsed;
	GArray *rules;
	size_t count;

	if (!sp_json_parse(text, length, sp_rule_text_context(owner), &parsed, &count, &cause)) {
		fail(error, name, &cause);
		return NULL;
	}
	rules = rules_new();
	for (size_t i = 0; i < count; i++)
		take(rules, &parsed[i], g_strdup_printf(_("%s: rule %zu"), name, i + 1));
	free(parsed);
	return rules;
}

static gboolean read_input(char **text, gsize *length, GError **error)
{
	g_autoptr(GIOChannel) input = g_io_channel_unix_new(0);

	return g_io_channel_set_encoding(input, NULL, error) == G_IO_STATUS_NORMAL &&
	       g_io_channel_read_to_end(input, text, length, error) == G_IO_STATUS_NORMAL;
}

GArray *sp_rule_file_read(const char *path, guint32 owner, gboolean json, GError **error)
{
	gboolean input = strcmp(path, "-") == 0;
	g_autofree char *text = NULL;
	gsize length;

	json = json || g_str_has_suffix(path, ".json");
	if (!input && !json)
		return read_path(path, owner, error);
	if (input ? !read_input(&text, &length, error) :
		    !g_file_get_contents(path, &text, &length, error))
		return NULL;
	return json ? parse_json(input ? _("standard input") : path, text, length, owner, error) :
		      parse_text(text, length, owner, error);
}

GArray *sp_rule_file_fetch(GDBusConnection *bus, gboolean all, GError **error)
{
	g_autoptr(GVariant) list = sp_call_rules_list(bus, all, error);
	g_autoptr(GArray) rules = NULL;
	GVariantIter iter;
	GVariant *one;

	if (!list)
		return NULL;
	rules = rules_new();
	g_variant_iter_init(&iter, list);
	while ((one = g_variant_iter_next_value(&iter))) {
		const char *text = sp_dict_string(one, "text");
		guint64 id = sp_dict_number(one, "id");
		gboolean confirmed = TRUE;
		struct sp_text_error cause;
		struct sp_rule rule;

		if (sp_text_parse(text, strlen(text), SP_SYSTEM, NULL, &rule, &cause) == 1) {
			rule.id = id;
			rule.created = (int64_t)sp_dict_number(one, "created") * 1000;
			g_variant_lookup(one, "confirmed", "b", &confirmed);
			rule.unconfirmed = !confirmed;
			take(rules, &rule, g_strdup_printf(_("rule %" PRIu64), id));
			g_array_index(rules, struct sp_read_rule, rules->len - 1).file =
				sp_dict_flag(one, "file");
		}
		g_variant_unref(one);
	}
	return g_steal_pointer(&rules);
}

struct sp_rule *sp_rule_file_array(const GArray *rules)
{
	struct sp_rule *array = g_new0(struct sp_rule, rules->len + 1);

	for (guint i = 0; i < rules->len; i++)
		array[i] = g_array_index(rules, struct sp_read_rule, i).rule;
	return array;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sallyport rules add: from arguments or standard input. Everything is parsed
 * before anything is sent; several rules are one change.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "duration.h"
#include "error.h"
#include "format.h"
#include "guard.h"
#include "output.h"
#include "password.h"
#include "rule_text.h"
#include "sentence.h"
#include "table.h"
#include "text.h"

#define INPUT_MAX	(64u << 20)		/* bytes of standard input */
#define LIFETIME_MAX	(3650 * 24 * 3600)	/* seconds, as sallyportd has it */

static char *lifetime_text, *owner_text;
static gboolean dry_run;

static const GOptionEntry entries[] = {
	{ "for", 0, 0, G_OPTION_ARG_STRING, &lifetime_text,
	  N_("How long the rule holds: 15m, 1h, 2d"), N_("DURATION") },
	{ "owner", 0, 0, G_OPTION_ARG_STRING, &owner_text,
	  N_("Whose rule it is: a user, or “system”"), N_("OWNER") },
	{ "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run,
	  N_("Only show what would be added"), NULL },
	SP_GUARD_ENTRY,
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "rules add",
	.arguments = N_("RULE… | -"),
	.description = N_("A rule is written as in sallyport.rules(5):\n"
			  "  sallyport rules add allow out program /usr/bin/curl to 192.0.2.1 port 80\n"
			  "With “-”, rules are read from standard input, one a line: all are added,\n"
			  "or none and an error."),
	.entries = entries,
};

struct adding {
	guint32 owner;
	gint64 seconds;		/* 0: as the rules say */
	char *lifetime;		/* the same for the bus; NULL */
	GArray *rules;		/* struct sp_typed_rule */
	GArray *ids;		/* added so far */
};

static void adding_clear(struct adding *adding)
{
	g_free(adding->lifetime);
	g_clear_pointer(&adding->rules, g_array_unref);
	g_clear_pointer(&adding->ids, g_array_unref);
}

/* Options that every rule shares. */
static gboolean read_options(struct adding *adding, GError **error)
{
	adding->owner = geteuid() == 0 ? SP_SYSTEM : (guint32)getuid();
	if (owner_text && !sp_format_find_owner(owner_text, &adding->owner))
		return sp_usage_error(error, _("there is no user “%s”; use a name, a number or “system”"),
				      owner_text);
	if (!lifetime_text)
		return TRUE;
	if (!sp_duration_parse(lifetime_text, &adding->seconds) ||
	    adding->seconds % 60 || adding->seconds > LIFETIME_MAX)
		return sp_usage_error(error, _("“%s” is no duration that a rule can have; use such as 15m, 1h, 2d"),
				      lifetime_text);
	adding->lifetime = sp_duration_short(adding->seconds);
	return TRUE;
}

static GString *read_input(GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	char buffer[65536];
	ssize_t got;

	while ((got = read(STDIN_FILENO, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno),
				    _("can't read standard input: %s"), g_strerror(errno));
			return NULL;
		}
		g_string_append_len(text, buffer, got);
		if (text->len > INPUT_MAX) {
			sp_usage_error(error, _("standard input is too long for a list of rules"));
			return NULL;
		}
	}
	return g_steal_pointer(&text);
}

static gboolean read_rules(struct adding *adding, int argc, char **argv, GError **error)
{
	if (argc < 2)
		return sp_usage_error(error, _("a rule is missing"));
	if (argc == 2 && strcmp(argv[1], "-") == 0) {
		g_autoptr(GString) text = read_input(error);

		if (text)
			adding->rules = sp_rule_text_parse(text->str, text->len, _("standard input"),
							   adding->owner, error);
	} else {
		g_autofree char *line = sp_rule_text_join(argv + 1);

		adding->rules = sp_rule_text_parse(line, strlen(line), NULL,
						   adding->owner, error);
	}
	return adding->rules != NULL;
}

static struct sp_rule *rule_at(const struct adding *adding, guint index)
{
	return &g_array_index(adding->rules, struct sp_typed_rule, index).rule;
}

/* --for instead of "until", never beside it. */
static gboolean check_lifetimes(const struct adding *adding, GError **error)
{
	for (guint i = 0; adding->seconds && i < adding->rules->len; i++)
		if (rule_at(adding, i)->expires)
			return sp_usage_error(error, _("--for and “until” can't be used together"));
	return TRUE;
}

static void show_rule(const struct sp_rule *rule)
{
	char *text = sp_text_print(rule, NULL), *sentence = sp_sentence(rule);
	g_autoptr(GString) to = g_string_new(NULL);

	g_string_append_printf(to, "%s\n  ", text ? text : "");
	sp_style_append(to, sentence ? sentence : "", SP_STYLE_DIM, sp_output_colour());
	g_string_append_c(to, '\n');
	sp_output_put(to->str);
	free(text);
	free(sentence);
}

static void show_all(struct adding *adding)
{
	gint64 until = g_get_real_time() / G_USEC_PER_SEC + adding->seconds;

	for (guint i = 0; i < adding->rules->len; i++) {
		struct sp_rule *rule = rule_at(adding, i);

		if (adding->seconds)
			rule->expires = until * 1000000000;
		show_rule(rule);
	}
}

static gboolean send_one(GDBusConnection *bus, struct adding *adding, GError **error)
{
	const struct sp_rule *rule = rule_at(adding, 0);
	char *text = sp_text_print(rule, NULL);
	guint64 id;
	gboolean ok;

	if (!text)
		g_error("no memory");
	ok = sp_call_rules_add(bus, text, rule->owner, adding->lifetime, &id, error);
	free(text);
	if (ok)
		g_array_append_val(adding->ids, id);
	return ok;
}

/* Each rule on the line that it was read from, for the daemon's messages. */
static char *lines_of(const struct adding *adding)
{
	GString *text = g_string_new(NULL);
	guint line = 1;

	for (guint i = 0; i < adding->rules->len; i++) {
		char *rule = sp_text_print(rule_at(adding, i), NULL);

		if (!rule)
			g_error("no memory");
		for (; line < g_array_index(adding->rules, struct sp_typed_rule, i).line; line++)
			g_string_append_c(text, '\n');
		g_string_append_printf(text, "%s\n", rule);
		line++;
		free(rule);
	}
	return g_string_free(text, FALSE);
}

static gboolean send_many(GDBusConnection *bus, struct adding *adding, GError **error)
{
	g_autofree char *text = lines_of(adding);

	return sp_call_rules_import(bus, text, adding->lifetime, adding->ids, error);
}

static gboolean begin_guarded(GDBusConnection *bus, const struct adding *adding, GError **error)
{
	g_autofree struct sp_rule *rules = g_new(struct sp_rule, adding->rules->len + 1);
	const struct sp_guarded change = { .rules = rules, .rule_count = adding->rules->len };

	for (guint i = 0; i < adding->rules->len; i++)
		rules[i] = *rule_at(adding, i);
	return sp_guard_begin(bus, &change, error);
}

static gboolean send_all(GDBusConnection *bus, struct adding *adding, GError **error)
{
	adding->ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	if (!adding->rules->len)
		return TRUE;
	return begin_guarded(bus, adding, error) &&
	       (adding->rules->len == 1 ? send_one : send_many)(bus, adding, error);
}

gboolean sp_rules_send(GDBusConnection *bus, GArray *rules, GError **error)
{
	struct adding adding = { .rules = g_array_ref(rules) };
	gboolean ok = send_all(bus, &adding, error);

	adding_clear(&adding);
	return ok;
}

/* The new rules' numbers, one a line, for people and scripts. */
static void show_ids(const struct adding *adding)
{
	for (guint i = 0; i < adding->ids->len; i++) {
		g_autofree char *line = g_strdup_printf("%" G_GUINT64_FORMAT "\n",
			g_array_index(adding->ids, guint64, i));

		sp_output_put(line);
	}
}

static gboolean add(struct adding *adding, int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;

	if (!read_options(adding, error) || !sp_guard_check(error) ||
	    !read_rules(adding, argc, argv, error) ||
	    !check_lifetimes(adding, error))
		return FALSE;
	if (dry_run) {
		show_all(adding);
		return TRUE;
	}
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	if (!send_all(bus, adding, error))
		return FALSE;
	show_ids(adding);
	return TRUE;
}

gboolean sp_rules_add(int argc, char **argv, GError **error)
{
	struct adding adding = { 0 };
	gboolean ok;

	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	ok = add(&adding, argc, argv, error);
	adding_clear(&adding);
	return ok;
}

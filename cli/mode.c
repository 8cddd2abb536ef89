/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport mode: shows the mode, or sets it. */
#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "duration.h"
#include "format.h"
#include "guard.h"
#include "mode.h"
#include "output.h"
#include "password.h"

/* As sallyportd has it. */
#define SECONDS_MAX		86400
#define LEARN_SECONDS_MAX	(14 * 86400)

static char *for_text, *reason;
static gboolean json;

static const GOptionEntry entries[] = {
	{ "for", 0, 0, G_OPTION_ARG_STRING, &for_text,
	  N_("Only for so long: 10m, 1h, at most 1d; learn: at most 14d, else 3d"), N_("DURATION") },
	{ "reason", 0, 0, G_OPTION_ARG_STRING, &reason,
	  N_("Why, for the status and the log"), N_("TEXT") },
	SP_GUARD_ENTRY,
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "mode",
	.arguments = "[normal | learn | lockdown | off]",
	.description = N_("normal: rules decide. learn: for some days, what installed programs do that no\n"
			  "rule is about is allowed, and noted as rules that are switched off.\n"
			  "lockdown: floor rules alone decide, all else is refused. off: everything passes,\n"
			  "nothing is judged. Without one, shows the mode."),
	.entries = entries,
};

char *sp_mode_words(GVariant *status)
{
	gint64 until = (gint64)sp_dict_number(status, "mode-until"), now = g_get_real_time();
	gint64 since = (gint64)sp_dict_number(status, "mode-since");
	const char *why = sp_dict_string(status, "mode-reason");
	g_autofree char *maker = sp_format_owner((guint32)sp_dict_number(status, "mode-maker"));
	g_autofree char *end = sp_format_time(until, now), *begin = sp_format_time(since, now);
	g_autoptr(GString) text = g_string_new(sp_dict_string(status, "mode"));

	if (until)
		g_string_append_printf(text, _(" until %s"), end);
	if (since)
		g_string_append_printf(text, _(", set by %s, %s"), maker, begin);
	if (*why)
		g_string_append_printf(text, ": %s", why);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static GVariant *mode_of(GVariant *status)
{
	static const char *const keys[] = {
		"mode", "mode-since", "mode-until", "mode-maker", "mode-reason",
	};
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		g_autoptr(GVariant) value = g_variant_lookup_value(status, keys[i], NULL);

		if (value)
			g_variant_dict_insert_value(&dict, keys[i], value);
	}
	return g_variant_ref_sink(g_variant_dict_end(&dict));
}

static gboolean show(GDBusConnection *bus, GError **error)
{
	g_autoptr(GVariant) status = sp_call_status(bus, error);
	g_autoptr(GVariant) mode = NULL;
	g_autofree char *words = NULL, *line = NULL;

	if (!status)
		return FALSE;
	if (json) {
		mode = mode_of(status);
		sp_output_put_json(mode);
		return TRUE;
	}
	words = sp_mode_words(status);
	line = g_strconcat(words, "\n", NULL);
	sp_output_put(line);
	return TRUE;
}

static gboolean read_seconds(const char *mode, gint64 *seconds, GError **error)
{
	gboolean learn = strcmp(mode, "learn") == 0;

	*seconds = 0;
	if (!for_text || (sp_duration_parse(for_text, seconds) &&
			  *seconds <= (learn ? LEARN_SECONDS_MAX : SECONDS_MAX)))
		return TRUE;
	if (learn)
		return sp_usage_error(error, _("“%s” is no time to learn; use such as 12h, 3d, at most 14d"),
				      for_text);
	return sp_usage_error(error, _("“%s” is no time for a mode; use such as 10m, 1h, at most 1d"),
			      for_text);
}

static gboolean is_mode(const char *text)
{
	static const char *const modes[] = { "normal", "learn", "lockdown", "off", NULL };

	return g_strv_contains(modes, text);
}

static gboolean set(GDBusConnection *bus, const char *mode, gint64 seconds, GError **error)
{
	const struct sp_guarded change = { .mode = mode };

	return sp_guard_begin(bus, &change, error) &&
	       sp_call_set_mode(bus, mode, (guint)seconds, reason, error);
}

static gboolean check(int argc, char **argv, gint64 *seconds, GError **error)
{
	if (argc > 2)
		return sp_usage_error(error, _("“%s” is one argument too many"), argv[2]);
	if (argc == 1 && (for_text || reason || sp_guard_within))
		return sp_usage_error(error, _("a mode is missing: normal, learn, lockdown or off"));
	if (argc == 2 && !is_mode(argv[1]))
		return sp_usage_error(error, _("“%s” is no mode; use normal, learn, lockdown or off"), argv[1]);
	return read_seconds(argc == 2 ? argv[1] : "", seconds, error) && sp_guard_check(error);
}

gboolean sp_mode(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	gint64 seconds;

	if (!sp_command_parse(&usage, &argc, &argv, error) || !check(argc, argv, &seconds, error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	return argc == 2 ? set(bus, argv[1], seconds, error) : show(bus, error);
}

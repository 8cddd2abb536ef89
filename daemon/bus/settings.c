/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See settings.h. */
#include "settings.h"

#include <string.h>
#include "errors.h"
#include "flow_text.h"
#include "guarded.h"
#include "serve.h"
#include "store_thread.h"

/* A call that waits for its mode to be in force. */
struct setting {
	struct sp_call *call;
	const struct sp_parts *parts;
	enum sp_mode mode;
	guint32 seconds;
	char *reason;
	gboolean guarded;
};

static void setting_free(void *data)
{
	struct setting *setting = data;

	g_free(setting->reason);
	g_free(setting);
}

static void add(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

static void add_action(GVariantBuilder *builder, const char *key, enum sp_action action)
{
	add(builder, key, g_variant_new_string(sp_action_text(action)));
}

static GVariant *describe(const struct sp_config *config)
{
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	add_action(&b, "default-out", config->defaults.out);
	add_action(&b, "default-in", config->defaults.in);
	add(&b, "deadline-seconds", g_variant_new_uint32(config->deadline));
	add(&b, "grace-seconds", g_variant_new_uint32(config->grace));
	add_action(&b, "outcome", config->outcome);
	add_action(&b, "nobody", config->nobody);
	add(&b, "password-to-allow", g_variant_new_boolean(config->password_to_allow));
	add_action(&b, "absent-out", config->absent_out);
	add_action(&b, "absent-in", config->absent_in);
	add(&b, "judge-loopback", g_variant_new_boolean(config->judge_loopback));
	add(&b, "stealth", g_variant_new_boolean(config->stealth));
	add(&b, "hosts", g_variant_new_boolean(config->record_hosts));
	add(&b, "kept-minutes", g_variant_new_uint32(SP_TOTALS_MINUTES));
	add(&b, "kept-hours", g_variant_new_uint32(SP_TOTALS_HOURS));
	add(&b, "kept-days", g_variant_new_uint32(SP_TOTALS_DAYS));
	add(&b, "history-size", g_variant_new_uint32(SP_TOTALS_PAGES * 4 / 1024));
	return g_variant_builder_end(&b);
}

static void get_settings(struct sp_call *call, void *data)
{
	struct sp_face *face = data;

	sp_call_return(call, g_variant_new("(@a{sv})", describe(face->parts->config)));
}

/* --- the mode ------------------------------------------------------------------------ */

static void on_set(const GError *error, void *data)
{
	struct setting *setting = data;

	if (setting->guarded)
		sp_guard_made(setting->parts->guard);
	if (error)
		sp_call_fail_with(setting->call, error);
	else
		sp_call_return(setting->call, NULL);
	setting_free(setting);
}

static gboolean is_one_line(const char *text)
{
	if (g_utf8_strlen(text, -1) > SP_MODE_REASON_MAX)
		return FALSE;
	for (; *text; text = g_utf8_next_char(text))
		if (g_unichar_iscntrl(g_utf8_get_char(text)))
			return FALSE;
	return TRUE;
}

static guint longest(enum sp_mode mode)
{
	return mode == SP_MODE_LEARN ? SP_MODE_LEARN_MAX : SP_MODE_SECONDS_MAX;
}

static gboolean read_setting(struct setting *setting, GError **error)
{
	static const char *const known[] = { "seconds", "u", "reason", "s", NULL };
	g_autoptr(GVariant) options = NULL;
	const char *mode;

	g_variant_get(sp_call_arguments(setting->call), "(&s@a{sv})", &mode, &options);
	if (!sp_options_check(options, known, error))
		return FALSE;
	g_variant_lookup(options, "seconds", "u", &setting->seconds);
	if (!g_variant_lookup(options, "reason", "s", &setting->reason))
		setting->reason = g_strdup("");
	if (!sp_mode_parse(mode, &setting->mode))
		g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT,
			    "a mode is normal, learn, lockdown or off");
	else if (setting->seconds > longest(setting->mode))
		g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT,
			    "that mode lasts at most %u seconds where it ends by itself",
			    longest(setting->mode));
	else if (!is_one_line(setting->reason))
		g_set_error(error, SP_ERROR, SP_ERROR_INVALID_ARGUMENT,
			    "a reason is a line of at most %u characters", SP_MODE_REASON_MAX);
	else
		return TRUE;
	return FALSE;
}

static gboolean begin_guarded(struct setting *setting, GError **error)
{
	const struct sp_guard_maker maker = sp_call_guard_maker(setting->call);

	if (!maker.seconds)
		return TRUE;
	setting->guarded = sp_guard_begin(setting->parts->guard, &maker, TRUE, error) != NULL;
	return setting->guarded;
}

static void set_granted(struct sp_call *call, void *data)
{
	struct setting *setting = data;
	g_autoptr(GError) error = NULL;

	if (!begin_guarded(setting, &error)) {
		sp_call_fail_with(call, error);
		setting_free(setting);
		return;
	}
	sp_modes_set(setting->parts->modes, setting->mode, setting->seconds, setting->reason,
		     sp_call_uid(call), on_set, setting);
}

/* "off for 10 minutes (a reason)" */
static char *in_words(const struct setting *setting)
{
	g_autoptr(GString) text = g_string_new(sp_mode_text(setting->mode));

	if (setting->seconds % 60)
		g_string_append_printf(text, " for %u seconds", setting->seconds);
	else if (setting->seconds)
		g_string_append_printf(text, " for %u minutes", setting->seconds / 60);
	if (*setting->reason)
		g_string_append_printf(text, " (%s)", setting->reason);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void set_mode(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	struct setting *setting = g_new0(struct setting, 1);
	g_autoptr(GError) error = NULL;
	g_autofree char *what = NULL;

	setting->call = call;
	setting->parts = face->parts;
	if (!read_setting(setting, &error)) {
		sp_call_fail_with(call, error);
		setting_free(setting);
		return;
	}
	if (setting->mode == SP_MODE_LEARN && !setting->seconds)
		setting->seconds = SP_MODE_LEARN_SECONDS;
	what = in_words(setting);
	sp_call_effect(call, SP_EFFECT_MODE, what, set_granted, setting, setting_free);
}

/* --- guarded changes ------------------------------------------------------------------- */

static void guard(struct sp_call *call, void *data)
{
	guint32 seconds;

	g_variant_get(sp_call_arguments(call), "(u)", &seconds);
	if (seconds > SP_GUARD_SECONDS_MAX) {
		sp_call_fail(call, SP_ERROR_INVALID_ARGUMENT,
			     "changes can wait at most %u seconds to be confirmed",
			     SP_GUARD_SECONDS_MAX);
		return;
	}
	sp_peer_set_guard(sp_call_peer(call), seconds);
	sp_call_return(call, NULL);
}

static void confirm(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	g_autoptr(GError) error = NULL;

	if (sp_guard_confirm(face->parts->guard, sp_call_uid(call), &error))
		sp_call_return(call, NULL);
	else
		sp_call_fail_with(call, error);
}

static const struct sp_method methods[] = {
	{ "handle-get-settings", get_settings },
	{ "handle-set-mode", set_mode },
	{ "handle-guard", guard },
	{ "handle-confirm", confirm },
	{ NULL, NULL },
};

void sp_face_settings(SpBusManager *skeleton, struct sp_face *face)
{
	sp_serve(skeleton, face, methods);
}

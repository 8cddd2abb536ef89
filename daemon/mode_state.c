/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See mode_state.h. */
#include "mode_state.h"

#include <string.h>
#include <time.h>

static const char *const names[] = {
	[SP_MODE_NORMAL] = "normal", [SP_MODE_LEARN] = "learn", [SP_MODE_LOCKDOWN] = "lockdown",
	[SP_MODE_OFF] = "off",
};

void sp_mode_state_init(struct sp_mode_state *state)
{
	*state = (struct sp_mode_state){ .reason = g_strdup("") };
}

void sp_mode_state_clear(struct sp_mode_state *state)
{
	g_clear_pointer(&state->reason, g_free);
}

void sp_mode_state_copy(struct sp_mode_state *to, const struct sp_mode_state *from)
{
	char *reason = g_strdup(from->reason);

	g_free(to->reason);
	*to = *from;
	to->reason = reason;
}

const char *sp_mode_text(enum sp_mode mode)
{
	return names[mode];
}

gboolean sp_mode_parse(const char *text, enum sp_mode *mode)
{
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(names[i], text))
			continue;
		*mode = i;
		return TRUE;
	}
	return FALSE;
}

void sp_mode_boot(char boot[40])
{
	g_autofree char *text = NULL;

	boot[0] = '\0';
	if (g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
		g_strlcpy(boot, g_strchomp(text), 40);
}

gint64 sp_mode_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

gboolean sp_mode_state_is_over(const struct sp_mode_state *state)
{
	char boot[40];

	if (!state->until)
		return FALSE;
	sp_mode_boot(boot);
	return !boot[0] || strcmp(boot, state->boot) || sp_mode_now() >= state->until;
}

void sp_mode_state_write(const struct sp_mode_state *state, GKeyFile *file, const char *group)
{
	g_key_file_set_string(file, group, "mode", sp_mode_text(state->mode));
	g_key_file_set_string(file, group, "lasting", sp_mode_text(state->lasting));
	g_key_file_set_int64(file, group, "since", state->since);
	g_key_file_set_int64(file, group, "until", state->until);
	g_key_file_set_int64(file, group, "ends", state->ends);
	g_key_file_set_string(file, group, "boot", state->boot);
	g_key_file_set_uint64(file, group, "maker", state->maker);
	g_key_file_set_string(file, group, "reason", state->reason);
}

/*
 * For days, in which a desktop is switched off and on: in another boot what is left is told
 * by the clock on the wall. However that was set, it is no more than learning may last.
 */
static void go_on_learning(struct sp_mode_state *state)
{
	gint64 left = state->ends - g_get_real_time();
	char boot[40];

	sp_mode_boot(boot);
	if (state->mode != SP_MODE_LEARN || left <= 0 || !boot[0] || !strcmp(boot, state->boot))
		return;
	state->until = sp_mode_now() + MIN(left, (gint64)SP_MODE_LEARN_MAX * G_USEC_PER_SEC);
	g_strlcpy(state->boot, boot, sizeof(state->boot));
}

static gboolean read_mode(GKeyFile *file, const char *group, const char *key, enum sp_mode *mode)
{
	g_autofree char *text = g_key_file_get_string(file, group, key, NULL);

	return text && sp_mode_parse(text, mode);
}

/* What is not there or is no number is 0. */
gboolean sp_mode_state_read(struct sp_mode_state *state, GKeyFile *file, const char *group)
{
	g_autofree char *boot = g_key_file_get_string(file, group, "boot", NULL);
	g_autofree char *reason = g_key_file_get_string(file, group, "reason", NULL);
	struct sp_mode_state new = { 0 };

	if (!read_mode(file, group, "mode", &new.mode) ||
	    !read_mode(file, group, "lasting", &new.lasting))
		return FALSE;
	new.since = g_key_file_get_int64(file, group, "since", NULL);
	new.until = g_key_file_get_int64(file, group, "until", NULL);
	new.ends = g_key_file_get_int64(file, group, "ends", NULL);
	new.maker = (guint32)g_key_file_get_uint64(file, group, "maker", NULL);
	g_strlcpy(new.boot, boot ? boot : "", sizeof(new.boot));
	new.reason = reason ? g_steal_pointer(&reason) : g_strdup("");
	go_on_learning(&new);
	g_free(state->reason);
	*state = new;
	return TRUE;
}

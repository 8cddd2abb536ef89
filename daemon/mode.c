/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See mode.h. What allows more is kept before it is in force, what allows less after:
 * whatever a crash leaves is what was acknowledged, or stricter.
 */
#include "mode.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "errors.h"
#include "log.h"
#include "state_file.h"

#define GROUP		"mode"
#define RETRY_US	(5 * G_USEC_PER_SEC)

struct sp_modes {
	char *path;
	struct sp_mode_state state;	/* in force */
	struct sp_mode_state next;	/* under way, where @busy */
	gboolean busy, widens;
	gboolean told;			/* the kernel's mode is ours */
	gboolean owed;			/* the kernel did not take it: it is told again */
	GError *late;			/* under way: why the policy is not in force yet */
	sp_modes_done done;
	void *data;
	struct sp_policy *policy;
	struct sp_link *link;
	int timer;
	guint timer_source;
	void (*changed)(void *data);
	void *changed_data;
};

static uint8_t kernel_mode(enum sp_mode mode)
{
	return mode == SP_MODE_OFF ? SALLYPORT_MODE_OFF : SALLYPORT_MODE_NORMAL;
}

/* How much a mode lets pass. */
static int width(enum sp_mode mode)
{
	switch (mode) {
	case SP_MODE_LOCKDOWN:
		return 0;
	case SP_MODE_NORMAL:
		return 1;
	case SP_MODE_LEARN:
		return 2;
	case SP_MODE_OFF:
		return 3;
	}
	g_assert_not_reached();
}

static gboolean save(const struct sp_modes *modes, const struct sp_mode_state *state,
		     GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) problem = NULL;

	sp_mode_state_write(state, file, GROUP);
	if (sp_state_file_write(modes->path, file, &problem))
		return TRUE;
	g_set_error_literal(error, SP_ERROR, SP_ERROR_NOT_SAVED, problem->message);
	return FALSE;
}

/* 0: at no time. */
static void arm(const struct sp_modes *modes, gint64 when)
{
	struct itimerspec spec = {
		.it_value.tv_sec = when / G_USEC_PER_SEC,
		.it_value.tv_nsec = when % G_USEC_PER_SEC * 1000,
	};

	timerfd_settime(modes->timer, TFD_TIMER_ABSTIME, &spec, NULL);
}

/* For the mode's end, and for what failed: that is not tried again at once. */
static void arm_next(const struct sp_modes *modes, gboolean failed)
{
	gint64 earliest = failed ? sp_mode_now() + RETRY_US : 0;

	if (modes->owed)
		arm(modes, earliest);
	else
		arm(modes, modes->state.until ? MAX(modes->state.until, earliest) : 0);
}

/* --- a change ---------------------------------------------------------------------- */

/* Takes @error. */
static void finish(struct sp_modes *modes, GError *error)
{
	static struct sp_log_limit limit = SP_LOG_LIMIT(3, 600);
	sp_modes_done done = modes->done;
	void *data = modes->data;

	modes->busy = FALSE;
	sp_mode_state_clear(&modes->next);
	arm_next(modes, error != NULL);
	if (done)
		done(error, data);
	else if (error && sp_log_may(&limit))
		sp_log_error("the mode could not be changed: %s", error->message);
	g_clear_error(&error);
}

static void adopt(struct sp_modes *modes)
{
	sp_mode_state_copy(&modes->state, &modes->next);
	sp_log_mode(sp_mode_text(modes->state.mode), modes->state.maker, modes->state.reason,
		    sp_modes_until(modes));
	if (modes->changed)
		modes->changed(modes->changed_data);
}

static gboolean is_refused(const struct sp_modes *modes, int error)
{
	return error && sp_link_state(modes->link) == SP_LINK_RUNNING;
}

/* NULL: it is in force. */
static GError *not_in_force(struct sp_modes *modes, int error)
{
	GError *late = g_steal_pointer(&modes->late);

	/* Without a module there is nothing that could disobey. */
	if (late || !error || (!modes->owed && sp_link_state(modes->link) != SP_LINK_FAILED))
		return late;
	return g_error_new(SP_ERROR, SP_ERROR_NOT_READY, "saved, but not in force yet: %s",
			   g_strerror(error));
}

static void on_kernel(int error, void *data)
{
	struct sp_modes *modes = data;
	GError *problem = NULL;

	modes->owed = is_refused(modes, error);
	adopt(modes);
	if (!modes->widens && !save(modes, &modes->state, &problem)) {
		g_prefix_error(&problem, "it holds until the daemon is restarted: ");
		g_clear_error(&modes->late);
	} else {
		problem = not_in_force(modes, error);
	}
	finish(modes, problem);
}

/* The policy has it, whatever the error: it is in force when the module is back. */
static void on_policy(const GError *error, const guint64 *ids, gsize count, void *data)
{
	struct sp_modes *modes = data;

	if (error && sp_link_state(modes->link) == SP_LINK_STOPPED) {
		finish(modes, g_error_copy(error));
		return;
	}
	modes->late = error ? g_error_copy(error) : NULL;
	modes->told = TRUE;
	sp_link_set_mode(modes->link, kernel_mode(modes->next.mode), on_kernel, modes);
}

/* To @modes->next. */
static void begin(struct sp_modes *modes)
{
	GError *error = NULL;

	modes->widens = width(modes->next.mode) > width(modes->state.mode);
	if (modes->widens && !save(modes, &modes->next, &error)) {
		finish(modes, error);
		return;
	}
	sp_policy_set_lockdown(modes->policy, modes->next.mode == SP_MODE_LOCKDOWN, on_policy,
			       modes);
}

static gboolean enter(struct sp_modes *modes, sp_modes_done done, void *data)
{
	g_autoptr(GError) error = NULL;

	if (modes->busy) {
		error = g_error_new(SP_ERROR, SP_ERROR_LIMIT, "the mode is being changed");
		if (done)
			done(error, data);
		return FALSE;
	}
	modes->busy = TRUE;
	modes->done = done;
	modes->data = data;
	sp_mode_state_init(&modes->next);
	return TRUE;
}

void sp_modes_set(struct sp_modes *modes, enum sp_mode mode, guint seconds, const char *reason,
		  guint32 maker, sp_modes_done done, void *data)
{
	struct sp_mode_state *next = &modes->next;

	if (!enter(modes, done, data))
		return;
	next->mode = mode;
	next->lasting = seconds ? modes->state.lasting : mode;
	next->since = g_get_real_time();
	next->until = seconds ? sp_mode_now() + (gint64)seconds * G_USEC_PER_SEC : 0;
	next->ends = mode == SP_MODE_LEARN ? next->since + (gint64)seconds * G_USEC_PER_SEC : 0;
	next->maker = maker;
	sp_mode_boot(next->boot);
	g_free(next->reason);
	next->reason = g_strdup(reason);
	begin(modes);
}

void sp_modes_restore(struct sp_modes *modes, const struct sp_mode_state *state,
		      sp_modes_done done, void *data)
{
	if (!enter(modes, done, data))
		return;
	sp_mode_state_copy(&modes->next, state);
	if (sp_mode_state_is_over(&modes->next)) {
		modes->next.mode = modes->next.lasting;
		modes->next.until = 0;
	}
	begin(modes);
}

/* --- its end ----------------------------------------------------------------------- */

static void on_told_again(int error, void *data)
{
	struct sp_modes *modes = data;

	modes->owed = is_refused(modes, error);
	if (!modes->busy)
		arm_next(modes, error != 0);
}

static gboolean on_timer(int fd, GIOCondition condition, void *data)
{
	struct sp_modes *modes = data;
	uint64_t ticks;

	/* Where a change is under way, it decides, and arms the timer. */
	if (read(fd, &ticks, sizeof(ticks)) < 0 || modes->busy)
		return G_SOURCE_CONTINUE;
	if (sp_mode_state_is_over(&modes->state))
		sp_modes_set(modes, modes->state.lasting, 0, "the time is over", SP_SYSTEM, NULL,
			     NULL);
	else if (modes->owed)
		sp_link_set_mode(modes->link, kernel_mode(modes->state.mode), on_told_again, modes);
	return G_SOURCE_CONTINUE;
}

/* --- beginning and end ---------------------------------------------------------------- */

/* Damage is not a mode: then it is normal, and the kernel is told so. */
static void load(struct sp_modes *modes)
{
	g_autoptr(GKeyFile) file = sp_state_file_read(modes->path);

	modes->told = g_file_test(modes->path, G_FILE_TEST_EXISTS) && !file;
	if (!file)
		return;
	if (!sp_mode_state_read(&modes->state, file, GROUP))
		modes->told = TRUE;
	modes->told |= modes->state.mode == SP_MODE_OFF;
	if (!sp_mode_state_is_over(&modes->state))
		return;
	modes->state.mode = modes->state.lasting;
	modes->state.until = 0;
}

struct sp_modes *sp_modes_new(const char *folder, void (*changed)(void *data), void *data)
{
	struct sp_modes *modes = g_new0(struct sp_modes, 1);

	modes->path = g_build_filename(folder, "mode", NULL);
	modes->changed = changed;
	modes->changed_data = data;
	modes->timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	modes->timer_source = g_unix_fd_add(modes->timer, G_IO_IN, on_timer, modes);
	sp_mode_state_init(&modes->state);
	load(modes);
	return modes;
}

void sp_modes_free(struct sp_modes *modes)
{
	if (!modes)
		return;
	g_assert(!modes->busy);
	g_source_remove(modes->timer_source);
	close(modes->timer);
	sp_mode_state_clear(&modes->state);
	g_free(modes->path);
	g_free(modes);
}

void sp_modes_revert(struct sp_modes *modes, const struct sp_mode_state *state)
{
	g_autoptr(GError) error = NULL;

	modes->told |= modes->state.mode == SP_MODE_OFF || state->mode == SP_MODE_OFF;
	sp_mode_state_copy(&modes->state, state);
	if (!save(modes, &modes->state, &error))
		sp_log_error("%s", error->message);
}

void sp_modes_start(struct sp_modes *modes, struct sp_policy *policy, struct sp_link *link)
{
	modes->policy = policy;
	modes->link = link;
	if (modes->told)
		sp_link_expect_mode(link, kernel_mode(modes->state.mode));
	arm(modes, modes->state.until);
}

const struct sp_mode_state *sp_modes_get(const struct sp_modes *modes)
{
	return &modes->state;
}

gint64 sp_modes_until(const struct sp_modes *modes)
{
	return modes->state.until ?
	       g_get_real_time() + modes->state.until - sp_mode_now() : 0;
}

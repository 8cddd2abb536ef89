/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See watchdog.h. */
#include "watchdog.h"

#include <systemd/sd-daemon.h>

struct sp_watchdog {
	struct sp_link *link;
	guint timer;
};

static gboolean on_timer(void *data)
{
	struct sp_watchdog *watchdog = data;

	if (sp_link_moves(watchdog->link))
		sd_notify(0, "WATCHDOG=1");
	return G_SOURCE_CONTINUE;
}

struct sp_watchdog *sp_watchdog_new(struct sp_link *link)
{
	struct sp_watchdog *watchdog = g_new0(struct sp_watchdog, 1);
	uint64_t period = 0;

	watchdog->link = link;
	/* A third: the thread is asked one time and must have moved the next. */
	if (sd_watchdog_enabled(0, &period) > 0 && period)
		watchdog->timer = g_timeout_add(MAX(period / 3000, 100), on_timer, watchdog);
	return watchdog;
}

void sp_watchdog_free(struct sp_watchdog *watchdog)
{
	if (!watchdog)
		return;
	g_clear_handle_id(&watchdog->timer, g_source_remove);
	g_free(watchdog);
}

void sp_watchdog_ready(const char *status)
{
	sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void sp_watchdog_status(const char *status)
{
	sd_notifyf(0, "STATUS=%s", status);
}

void sp_watchdog_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

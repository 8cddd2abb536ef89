/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See policy_clock.h. */
#include "policy_clock.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define SECOND	1000000000

struct sp_policy_clock {
	int timer;
	guint source;
	void (*due)(void *data);
	void *data;
};

/* A clock that was set is ECANCELED. */
static gboolean on_timer(int fd, GIOCondition condition, void *data)
{
	struct sp_policy_clock *clock = data;
	guint64 ticks;

	if (read(fd, &ticks, sizeof(ticks)) >= 0 || errno != EAGAIN)
		clock->due(clock->data);
	return G_SOURCE_CONTINUE;
}

struct sp_policy_clock *sp_policy_clock_new(void (*due)(void *data), void *data)
{
	struct sp_policy_clock *clock = g_new0(struct sp_policy_clock, 1);

	clock->due = due;
	clock->data = data;
	clock->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	clock->source = g_unix_fd_add(clock->timer, G_IO_IN, on_timer, clock);
	return clock;
}

void sp_policy_clock_free(struct sp_policy_clock *clock)
{
	g_source_remove(clock->source);
	close(clock->timer);
	g_free(clock);
}

/* A nanosecond later, so that it has passed. */
void sp_policy_clock_arm(struct sp_policy_clock *clock, gint64 next)
{
	struct itimerspec when = { 0 };

	next = next ? next + 1 : 0;
	when.it_value.tv_sec = next / SECOND;
	when.it_value.tv_nsec = next % SECOND;
	timerfd_settime(clock->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL);
}

char *sp_policy_boot(void)
{
	g_autofree char *text = NULL;
	char *to;

	if (!g_file_get_contents("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
		return NULL;
	to = text;
	for (const char *from = text; *from; from++)
		if (g_ascii_isxdigit(*from))
			*to++ = *from;
	*to = '\0';
	return g_steal_pointer(&text);
}

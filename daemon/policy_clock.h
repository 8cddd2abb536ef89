/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When rules end: at a time of CLOCK_REALTIME, however the clock gets there (it
 * passes, is set, or the machine slept), or with a start of the machine.
 */
#pragma once

#include <glib.h>

struct sp_policy_clock;

/* @due: the time came, or the clock was set. */
struct sp_policy_clock *sp_policy_clock_new(void (*due)(void *data), void *data);
void sp_policy_clock_free(struct sp_policy_clock *clock);
/* @next: ns of CLOCK_REALTIME; 0: there is none. */
void sp_policy_clock_arm(struct sp_policy_clock *clock, gint64 next);

/* This boot's id as rules have it, without dashes; NULL: not to be had. */
char *sp_policy_boot(void);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What mode the firewall is in, since when, until when, by whom and why; and that as
 * a group of a key file. Plain data.
 */
#pragma once

#include <glib.h>

enum sp_mode {
	SP_MODE_NORMAL,
	SP_MODE_LEARN,		/* what installed programs do is allowed and noted (learning.h) */
	SP_MODE_LOCKDOWN,	/* floor rules alone decide */
	SP_MODE_OFF,		/* the kernel judges nothing */
};

#define SP_MODE_SECONDS_MAX	86400u	/* of a mode that ends by itself */
#define SP_MODE_LEARN_SECONDS	(3 * 86400u)	/* learning always ends: by default, */
#define SP_MODE_LEARN_MAX	(14 * 86400u)	/* and at most */
#define SP_MODE_REASON_MAX	200u	/* characters */

struct sp_mode_state {
	enum sp_mode mode;
	enum sp_mode lasting;	/* what comes after @until; @mode where it has no end */
	gint64 since;		/* µs of CLOCK_REALTIME; 0: ever */
	gint64 until;		/* µs of CLOCK_BOOTTIME in the boot @boot; 0: no end */
	char boot[40];		/* id of the boot; "": not known */
	gint64 ends;		/* of learning, which other boots do not end: @until, of CLOCK_REALTIME */
	guint32 maker;
	char *reason;		/* "" or text; never NULL */
};

void sp_mode_state_init(struct sp_mode_state *state);	/* normal */
void sp_mode_state_clear(struct sp_mode_state *state);
void sp_mode_state_copy(struct sp_mode_state *to, const struct sp_mode_state *from);

const char *sp_mode_text(enum sp_mode mode);
gboolean sp_mode_parse(const char *text, enum sp_mode *mode);

/* Of this boot; "" where it is not to be had. */
void sp_mode_boot(char boot[40]);
gint64 sp_mode_now(void);	/* µs of CLOCK_BOOTTIME */
/* Has its time passed, or, but for learning, was the machine restarted meanwhile? */
gboolean sp_mode_state_is_over(const struct sp_mode_state *state);

void sp_mode_state_write(const struct sp_mode_state *state, GKeyFile *file, const char *group);
/* FALSE: it is not there, or not as written by us; @state is as before. */
gboolean sp_mode_state_read(struct sp_mode_state *state, GKeyFile *file, const char *group);

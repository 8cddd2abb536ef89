/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal of this process: keys one by one, and a screen beside what is
 * on it already. Whatever ends the program, sp_terminal_restore() is called:
 * at exit, and by what kills it (SIGABRT, SIGSEGV, …); signals that can be
 * handled are the caller's.
 */
#pragma once

#include <glib.h>

/* FALSE: standard input or output is no terminal, or one that can do nothing. */
gboolean sp_terminal_open(void);

/* Are we in the foreground? If not, the terminal is somebody else's. */
gboolean sp_terminal_foreground(void);

void sp_terminal_raw(gboolean on);	/* keys at once, without echo */
void sp_terminal_screen(gboolean on);	/* the other screen */
void sp_terminal_restore(void);		/* both off; async-signal-safe */

void sp_terminal_size(int *rows, int *columns);
void sp_terminal_discard(void);		/* what was typed and not read yet */
void sp_terminal_draw(GPtrArray *lines);	/* char *, UTF-8, each fits */

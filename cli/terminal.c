/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal of this process: there is one, so its state is static. */
#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "output.h"

#define SCREEN_ON	"\033[?1049h\033[?25l\033[H\033[2J"
#define SCREEN_OFF	"\033[?25h\033[?1049l"

static struct termios original;
static volatile sig_atomic_t raw, screen;

static void put(const char *bytes, size_t length)
{
	while (length) {
		ssize_t done = write(STDOUT_FILENO, bytes, length);

		if (done < 0 && errno != EINTR)
			return;		/* the terminal is gone */
		if (done > 0) {
			bytes += done;
			length -= (size_t)done;
		}
	}
}

static void on_fatal(int number)
{
	sp_terminal_restore();
	raise(number);		/* SA_RESETHAND: now it kills */
}

static void catch_fatal(void)
{
	static const int numbers[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV };
	struct sigaction action = { .sa_handler = on_fatal, .sa_flags = SA_RESETHAND };

	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

gboolean sp_terminal_open(void)
{
	const char *term = g_getenv("TERM");

	if (!isatty(STDOUT_FILENO) || !term || !*term || strcmp(term, "dumb") == 0 ||
	    tcgetattr(STDIN_FILENO, &original) < 0)
		return FALSE;
	catch_fatal();
	atexit(sp_terminal_restore);
	return TRUE;
}

gboolean sp_terminal_foreground(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void sp_terminal_raw(gboolean on)
{
	struct termios mode = original;

	if (!!raw == !!on)
		return;
	if (on) {
		/* ISIG stays: Ctrl-C and Ctrl-Z work as everywhere. */
		mode.c_lflag &= (tcflag_t)~(ICANON | ECHO | IEXTEN);
		mode.c_iflag &= (tcflag_t)~(IXON | ICRNL);
		mode.c_cc[VMIN] = 1;
		mode.c_cc[VTIME] = 0;
	}
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode) == 0)
		raw = on;
}

void sp_terminal_screen(gboolean on)
{
	if (!!screen == !!on)
		return;
	screen = on;
	if (on)
		put(SCREEN_ON, strlen(SCREEN_ON));
	else
		put(SCREEN_OFF, strlen(SCREEN_OFF));
}

void sp_terminal_restore(void)
{
	int saved = errno;

	/* In the background it is not ours to change. */
	if ((raw || screen) && sp_terminal_foreground()) {
		sp_terminal_screen(FALSE);
		sp_terminal_raw(FALSE);
	}
	errno = saved;
}

void sp_terminal_size(int *rows, int *columns)
{
	struct winsize size;

	*rows = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col) {
		*rows = size.ws_row;
		*columns = size.ws_col;
	}
}

void sp_terminal_discard(void)
{
	tcflush(STDIN_FILENO, TCIFLUSH);
}

void sp_terminal_draw(GPtrArray *lines)
{
	g_autoptr(GString) frame = g_string_new("\033[H");
	int rows, columns;

	/*
	 * A line is cleared before it is written: afterwards, a full one would
	 * lose its last cell. No newline after the last row: it would scroll.
	 */
	for (guint i = 0; i < lines->len; i++) {
		g_autofree char *bytes = sp_output_encode(g_ptr_array_index(lines, i));

		g_string_append_printf(frame, "%s\033[K%s", i ? "\r\n" : "", bytes);
	}
	sp_terminal_size(&rows, &columns);
	if (lines->len < (guint)rows)
		g_string_append(frame, "\r\n\033[J");
	put(frame->str, frame->len);
}

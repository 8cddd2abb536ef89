/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc and the user database say about a process: to be shown to a
 * person, never to decide by. A process can write most of it itself, can make
 * reading it wait for ever, and may be gone or another one by now. So it is
 * read by workers, and who asked is answered in time whatever they find.
 */
#pragma once

#include <glib.h>

/* All text is harmless (sp_text_literal); "" is unknown. */
struct sp_process {
	char *command_line;
	char *parent;		/* path, else name, of the program that started it */
	char *user_name;
};

void sp_process_free(struct sp_process *process);

struct sp_process_query;
/* Takes @process. Called once, within a fraction of a second. */
typedef void (*sp_process_done)(struct sp_process *process, void *data);

/* A process that starts from now on is not meant. @pid may be 0. */
struct sp_process_query *sp_process_query(guint32 pid, guint32 uid,
					  sp_process_done done, void *data);
void sp_process_cancel(struct sp_process_query *query);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc, the databases of users and of packages say about a process and its file: to be
 * shown to a person, never to decide by. A process can write most of it itself, can make
 * reading it wait for ever, and may be gone or another one by now. So it is
 * read by workers, and who asked is answered in time whatever they find.
 */
#pragma once

#include <glib.h>
#include "index.h"
#include "verdict.h"

/* All text is harmless (sp_text_literal); "" is unknown. */
struct sp_process {
	char *command_line;
	char *parent;		/* path, else name, of the program that started it */
	char *user_name;
	char *package;		/* "": none; NULL: not known */
	enum sp_package_state package_state;
	gboolean others_write;	/* to its file, or put another one in its place */
};

void sp_process_free(struct sp_process *process);

struct sp_process_query;
/*
 * Takes @process. Called within a fraction of a second; once more where that was not
 * all there is: @last, and the query is no more.
 */
typedef void (*sp_process_done)(struct sp_process *process, gboolean last, void *data);

/*
 * About who sent @waiting; a process that starts from now on is not meant. It takes a
 * reference to @index.
 */
struct sp_process_query *sp_process_query(const struct sp_waiting *waiting,
					  struct sp_index *index,
					  sp_process_done done, void *data);
void sp_process_cancel(struct sp_process_query *query);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a connection the packaged agent's? The bus tells the process that made it, the
 * kernel module what that process is; but a program can make a connection, hand it to
 * another, and then execute our agent. So a process introduces itself first. From then
 * on it is known as what it is (an execution, a tracer, would give it another number),
 * and the names that the bus has given are known, too. A connection that is not among
 * them was made later, by this process as long as it has that number: by our agent.
 *
 * The packaged agent's file is root's, in the first process's mounts, and has no other
 * name; it is what it was when it was executed, by the module's record. What is not
 * known is foreign; and so is sallyport(1), which does what is typed on its terminal: a
 * program can make a terminal and type there.
 */
#pragma once

#include <gio/gio.h>
#include "verdict_link.h"

#define SP_PACKAGED_SECONDS	10u	/* an introduction holds */
#define SP_PACKAGED_MAX		64u	/* at once; the oldest goes */

struct sp_packaged;

struct sp_packaged *sp_packaged_new(GDBusConnection *connection, struct sp_link *link);
/* What is under way is finished all the same. */
void sp_packaged_unref(struct sp_packaged *packaged);

/* @name: a connection's, of the process. @done is always called, later. */
void sp_packaged_introduce(struct sp_packaged *packaged, const char *name,
			   void (*done)(void *data), void *data);
/* @program: its path, harmless, or "an unknown program"; valid during the call. */
void sp_packaged_check(struct sp_packaged *packaged, const char *name,
		       void (*done)(gboolean packaged, const char *program, void *data),
		       void *data);

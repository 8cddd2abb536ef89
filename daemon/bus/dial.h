/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connects to a bus and says who we are. GDBus would do both, but only on a socket
 * that it has for itself; ours gives it what comes from the bus within limits
 * (limit.h), and no file descriptors.
 */
#pragma once

#include <gio/gio.h>

/* @done is called in this thread's main loop, also when it was cancelled. */
void sp_dial(const char *address, GCancellable *cancel, GAsyncReadyCallback done, void *data);
/* A stream of messages, for a connection that does not authenticate; or NULL. */
GIOStream *sp_dial_finish(GAsyncResult *result, GError **error);

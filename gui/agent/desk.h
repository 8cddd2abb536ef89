/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The agent's parts put together: daemon, prompt, notifications. */
#pragma once

#include <gio/gio.h>

struct sp_desk;

/* @bus: the system bus, with the daemon. NULL with @error: it can't work. */
struct sp_desk *sp_desk_new(GDBusConnection *bus);
void sp_desk_free(struct sp_desk *desk);

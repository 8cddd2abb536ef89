/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this person's session in front, or is another one on the screen (fast user
 * switching)? By logind; where it does not say, it is. Nothing is asked while
 * nothing changes.
 */
#pragma once

#include <gio/gio.h>

struct sp_front;

typedef void (*sp_front_changed)(gboolean front, void *data);

/* In front until @changed says otherwise. @bus: the system bus. */
struct sp_front *sp_front_new(GDBusConnection *bus, sp_front_changed changed, void *data);
void sp_front_free(struct sp_front *front);

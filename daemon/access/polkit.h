/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks polkit whether a connection may do something. Never blocks; spoken to
 * over our own connection, so that it comes and goes with it.
 */
#pragma once

#include <gio/gio.h>

struct sp_polkit_check;

/* @error NULL: it may. The check is over. */
typedef void (*sp_polkit_done)(const GError *error, void *data);

/*
 * @message: what the dialog says instead of the action's own words, with "$(what)" for
 * @what; both NULL: its own. @interactive: a person may be asked for a password,
 * however long it takes.
 */
struct sp_polkit_check *sp_polkit_check(GDBusConnection *connection, const char *sender,
					const char *action, const char *message,
					const char *what, gboolean interactive,
					sp_polkit_done done, void *data);
/* @done will not be called; a password dialog is closed. */
void sp_polkit_cancel(struct sp_polkit_check *check);

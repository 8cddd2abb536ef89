/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers that would end the ssh connection over which they are given. */
#pragma once

#include <gio/gio.h>
#include "dialog.h"

/*
 * FALSE: @act makes a rule that may end the connection. An answer can't be taken back, a
 * rule can: @error says which command makes one that is.
 */
gboolean sp_answer_ssh_spares(GDBusConnection *bus, const struct sp_question *question,
			      const struct sp_act *act, GError **error);

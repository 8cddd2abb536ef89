/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passwords asked in the terminal, where no desktop asks for them: polkit's
 * own text agent, beside us for as long as we need it.
 */
#pragma once

#include <glib.h>

/* Does nothing for root, without a terminal, and where it runs already. */
void sp_password_start(void);
void sp_password_stop(void);

/* While it runs it may take the terminal during any call. */
gboolean sp_password_running(void);

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The look of our own widgets, for the whole display. */
#pragma once

/* Once a program, after adw_init(). Follows the desktop's wish for high contrast. */
void sp_style_load(void);

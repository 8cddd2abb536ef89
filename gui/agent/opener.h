/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens the rules manager, an ordinary program of the person. */
#pragma once

/* @token: of the desktop, to bring its window to the front; NULL or "": none. */
void sp_open_manager(const char *page, const char *token);

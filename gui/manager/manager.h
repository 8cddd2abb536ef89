/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules manager: one window, of one process in a session. "--page" names its page. */
#pragma once

#include <adwaita.h>

#define SP_TYPE_MANAGER (sp_manager_get_type())
G_DECLARE_FINAL_TYPE(SpManager, sp_manager, SP, MANAGER, AdwApplication)

SpManager *sp_manager_new(void);

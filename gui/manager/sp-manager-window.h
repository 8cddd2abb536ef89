/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules manager's window: its pages, and toasts that tell what became of a change. */
#pragma once

#include <adwaita.h>

#include "link.h"

#define SP_TYPE_MANAGER_WINDOW (sp_manager_window_get_type())
G_DECLARE_FINAL_TYPE(SpManagerWindow, sp_manager_window, SP, MANAGER_WINDOW, AdwApplicationWindow)

GtkWidget *sp_manager_window_new(GtkApplication *application, SpLink *link);
/* "connections", "rules", "history", "new", "missed", "changes", "settings"; another: nothing. */
void sp_manager_window_go(SpManagerWindow *self, const char *page);
/* Whoever is here for the first time is asked how to begin. */
void sp_manager_window_welcome(SpManagerWindow *self);

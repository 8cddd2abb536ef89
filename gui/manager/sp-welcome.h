/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shown once to each person: three ways to begin, in plain words. */
#pragma once

#include <adwaita.h>

#include "changes.h"

#define SP_TYPE_WELCOME (sp_welcome_get_type())
G_DECLARE_FINAL_TYPE(SpWelcome, sp_welcome, SP, WELCOME, AdwWindow)

/* This person has not chosen yet: no file of the configuration folder says so. */
gboolean sp_welcome_is_due(void);
/* Closed, it will not come again. */
GtkWidget *sp_welcome_new(SpChanges *changes);

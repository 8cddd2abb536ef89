/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keeps this machine from being protected, or from staying so; with a button that
 * mends it where that can be done from here, and with commands to copy.
 */
#pragma once

#include <adwaita.h>

#include "changes.h"

#define SP_TYPE_CHECK_LIST (sp_check_list_get_type())
G_DECLARE_FINAL_TYPE(SpCheckList, sp_check_list, SP, CHECK_LIST, AdwBin)

GtkWidget *sp_check_list_new(void);
void sp_check_list_set(SpCheckList *self, SpChanges *changes);	/* once */
/* Looks again. @status: as sp_doctor_examine() wants it. */
void sp_check_list_examine(SpCheckList *self, GVariant *status, const char *problem);

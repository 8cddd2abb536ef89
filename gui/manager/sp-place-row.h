/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Something a program did or tried, in a list, with buttons that begin a rule about it:
 * they activate "win.write" with the rule's line.
 */
#pragma once

#include <adwaita.h>

#include "draft.h"

#define SP_TYPE_PLACE_ROW (sp_place_row_get_type())
G_DECLARE_FINAL_TYPE(SpPlaceRow, sp_place_row, SP, PLACE_ROW, AdwBin)

GtkWidget *sp_place_row_new(void);
/* @icon: may be NULL. */
void sp_place_row_set(SpPlaceRow *self, GIcon *icon, const char *title, const char *detail);
/* Both taken; NULL: no such rule can be. */
void sp_place_row_offer(SpPlaceRow *self, struct sp_draft *allow, struct sp_draft *deny);
void sp_place_row_set_detail(SpPlaceRow *self, const char *detail);
/* Before and behind the two buttons. */
void sp_place_row_add_first(SpPlaceRow *self, GtkWidget *widget);
void sp_place_row_add_last(SpPlaceRow *self, GtkWidget *widget);
/* @action, static: instead of "win.write", with the same parameter; for what is offered next. */
void sp_place_row_act(SpPlaceRow *self, const char *action);

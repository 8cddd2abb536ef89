/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A refusal as refusals.c makes it. */
#pragma once

#include "refusals.h"

/* Was @record (of History.Recent) refused for want of an answer? */
gboolean sp_refusal_is(GVariant *record);
char *sp_refusal_key(GVariant *record);	/* the same for those that are one */
SpRefusal *sp_refusal_new(GVariant *record);
/* Another one, later than those before. */
void sp_refusal_add(SpRefusal *self, GVariant *record);
gint64 sp_refusal_last(SpRefusal *self);

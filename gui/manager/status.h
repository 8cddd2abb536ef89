/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the firewall is, in words. Emits "changed". */
#pragma once

#include "query.h"

enum sp_health {
	SP_HEALTH_UNKNOWN,
	SP_HEALTH_GOOD,
	SP_HEALTH_NOTE,		/* protecting, but */
	SP_HEALTH_BAD,		/* not protecting */
};

#define SP_TYPE_STATUS (sp_status_get_type())
G_DECLARE_FINAL_TYPE(SpStatus, sp_status, SP, STATUS, GObject)

SpStatus *sp_status_new(SpLink *link);
SpQuery *sp_status_query(SpStatus *self);
GVariant *sp_status_dict(SpStatus *self);	/* a{sv}, borrowed; NULL: not known */

enum sp_health sp_status_health(SpStatus *self);
const char *sp_status_mode(SpStatus *self);	/* "normal", "lockdown", "off"; "": not known */
gboolean sp_status_is_paused(SpStatus *self);	/* it has a mode that ends by itself */
const char *sp_status_title(SpStatus *self);	/* "This machine is protected" */
char *sp_status_detail(SpStatus *self);		/* until when, why; may be "" */

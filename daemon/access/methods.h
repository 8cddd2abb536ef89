/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each method of the bus API takes. What is not listed is denied. */
#pragma once

#include <glib.h>

#define SP_ACTION(name)	"org.sallyport.firewall1." name

enum sp_access_kind {
	SP_ACCESS_ACTION,	/* a polkit action */
	SP_ACCESS_EFFECT,	/* whatever the change's effect takes (effect.h) */
	SP_ACCESS_PROGRAM,	/* whatever the program that calls takes (packaged.h) */
	SP_ACCESS_OWN,		/* about nothing but what the caller itself began, or was given */
};

struct sp_access_rule {
	const char *interface, *method;
	enum sp_access_kind kind;
	const char *action;
	const char *action_all;	/* with the option "all"; NULL: no such option */
};

const struct sp_access_rule *sp_access_find(const char *interface, const char *method);

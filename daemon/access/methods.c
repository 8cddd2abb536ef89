/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See methods.h. */
#include "methods.h"

#include <string.h>

#define FIREWALL(name)	"org.sallyport.Firewall1." name

static const struct sp_access_rule rules[] = {
	{ FIREWALL("Manager"), "GetStatus", SP_ACCESS_ACTION, SP_ACTION("status"), NULL },
	{ FIREWALL("Manager"), "GetSettings", SP_ACCESS_ACTION, SP_ACTION("status"), NULL },
	{ FIREWALL("Manager"), "SetMode", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Manager"), "Guard", SP_ACCESS_OWN, NULL, NULL },
	{ FIREWALL("Manager"), "Confirm", SP_ACCESS_OWN, NULL, NULL },
	{ FIREWALL("Rules"), "List", SP_ACCESS_ACTION, SP_ACTION("observe-own"),
	  SP_ACTION("observe-all") },
	{ FIREWALL("Rules"), "Add", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Rules"), "Import", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Rules"), "Remove", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Rules"), "Edit", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Rules"), "Enable", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Rules"), "Disable", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Rules"), "Undo", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Rules"), "Redo", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Rules"), "Journal", SP_ACCESS_ACTION, SP_ACTION("observe-own"),
	  SP_ACTION("observe-all") },
	{ FIREWALL("Questions"), "Introduce", SP_ACCESS_OWN, NULL, NULL },
	{ FIREWALL("Questions"), "RegisterAgent", SP_ACCESS_PROGRAM, NULL, NULL },
	{ FIREWALL("Questions"), "UnregisterAgent", SP_ACCESS_OWN, NULL, NULL },
	{ FIREWALL("Questions"), "Answer", SP_ACCESS_ACTION, SP_ACTION("answer"), NULL },
	{ FIREWALL("Questions"), "Dismiss", SP_ACCESS_ACTION, SP_ACTION("answer"), NULL },
	/* Answers nothing, and is for who has the question: behind another's session, too. */
	{ FIREWALL("Questions"), "Hold", SP_ACCESS_OWN, NULL, NULL },
	{ FIREWALL("History"), "Recent", SP_ACCESS_ACTION, SP_ACTION("observe-own"),
	  SP_ACTION("observe-all") },
	{ FIREWALL("History"), "Watch", SP_ACCESS_ACTION, SP_ACTION("observe-own"),
	  SP_ACTION("observe-all") },
	{ FIREWALL("History"), "Totals", SP_ACCESS_ACTION, SP_ACTION("observe-own"),
	  SP_ACTION("observe-all") },
	{ FIREWALL("History"), "Forget", SP_ACCESS_ACTION, SP_ACTION("forget-own"),
	  SP_ACTION("forget-all") },
	{ FIREWALL("History"), "Unwatch", SP_ACCESS_OWN, NULL, NULL },
	{ FIREWALL("Flows"), "List", SP_ACCESS_ACTION, SP_ACTION("observe-own"),
	  SP_ACTION("observe-all") },
	{ FIREWALL("Flows"), "End", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Networks"), "List", SP_ACCESS_ACTION, SP_ACTION("observe-own"), NULL },
	{ FIREWALL("Networks"), "Name", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Networks"), "Forget", SP_ACCESS_EFFECT, NULL, NULL },
	{ FIREWALL("Networks"), "Ignore", SP_ACCESS_ACTION, SP_ACTION("answer"), NULL },
};

const struct sp_access_rule *sp_access_find(const char *interface, const char *method)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
		if (!strcmp(rules[i].interface, interface) && !strcmp(rules[i].method, method))
			return &rules[i];
	return NULL;
}

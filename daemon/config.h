/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the administrator set in sallyport.conf. Read once, before anything
 * starts; every value is bounded; an unknown group or option is an error.
 */
#pragma once

#include <glib.h>
#include "decide.h"

#define SP_CONFIG_PATH		"/etc/sallyport/sallyport.conf"
#define SP_STATE_FOLDER		"/var/lib/sallyport"

struct sp_config {
	struct sp_defaults defaults;
	guint deadline;			/* seconds until a question's outcome applies */
	guint grace;			/* seconds a user's first flows wait for an agent */
	enum sp_action outcome;		/* of a question nobody answered: deny, drop */
	gboolean password_to_allow;	/* for each lasting rule that allows, answered too */
	enum sp_action nobody;		/* where nobody could be asked: deny, drop */
	guint queue_first, queue_count;	/* count 0: one a CPU */
	guint namespaces;		/* other network namespaces with queues */
	enum sp_action absent_out, absent_in;	/* in the kernel, without us */
	gboolean judge_loopback;
	gboolean stealth;
	gboolean names_of_others;	/* also those that another program asked for allow */
	gboolean record_hosts;		/* in the history */
	char *folder;			/* of the store */
};

void sp_config_init(struct sp_config *config);	/* the defaults */
void sp_config_clear(struct sp_config *config);
/* A file that is not there is one that is empty. On error @config is as before. */
gboolean sp_config_load(struct sp_config *config, const char *path, GError **error);
/* The same from text. */
gboolean sp_config_parse(struct sp_config *config, const char *text, gsize length,
			 GError **error);

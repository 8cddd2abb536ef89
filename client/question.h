/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A question as an agent got it. Text to be shown is harmless; token, names of
 * scopes and lifetimes are as they came, since they are sent back.
 */
#pragma once

#include <glib.h>

/* How sure it is that the remote address is the host of that name. */
enum sp_host_source {
	SP_HOST_UNKNOWN,	/* no name is known */
	SP_HOST_DOUBTFUL,	/* a server says so that is none of this machine's */
	SP_HOST_NETWORK,	/* whoever is in the local network says so */
	SP_HOST_OTHER,		/* another program looked it up */
	SP_HOST_SYSTEM,		/* the system's resolver told it to some program */
	SP_HOST_OWN,		/* this program did */
};

/* Is the program as its package brought it? */
enum sp_package_state {
	SP_PACKAGE_UNKNOWN,
	SP_PACKAGE_UNMODIFIED,
	SP_PACKAGE_MODIFIED,
};

struct sp_scope {
	char *name;		/* as it came */
	char *label, *text;	/* text: the rule for "allow" */
};

struct sp_question {
	guint64 id;
	char *token;
	char *title;		/* a sentence with its full stop */
	gboolean inbound;
	char *program, *name;	/* program "": unknown */
	char *user_name, *command_line, *parent;
	char *remote, *protocol, *interface;
	GStrv other_remotes;	/* of the same host, which an answer about it is for, too */
	char *host;		/* "": no name is known */
	enum sp_host_source host_source;
	char *package;		/* "": none, or it is not known */
	enum sp_package_state package_state;
	char *hash;		/* SHA-256 of its file; "": not known (yet) */
	char *runs;		/* "shell", "interpreter", …: other people's code; "": it does not */
	char *rule;		/* the text of the rule that asks; "": none is about this */
	char *unit, *app, *container;	/* "": none, or it is not known */
	char *bundle;		/* path of the AppImage that it is out of; "": none */
	char *script;		/* that was executed, for sure; "": none, or it is not known */
	GStrv ancestors;	/* paths, nearest first; "": one without */
	gboolean past_known;
	guint32 past_allowed, past_denied, past_hosts;
	guint64 image;		/* the executed file; 0: unknown */
	guint32 user, pid, remote_port, local_port;
	guint32 flows;		/* waiting */
	gint64 deadline;	/* µs of CLOCK_REALTIME */
	gboolean held;		/* it does not run */
	gboolean drops;		/* the outcome at the deadline: drop, not deny */
	GStrv flags;
	GPtrArray *scopes;	/* struct sp_scope; at least one */
	GStrv lifetimes;	/* as they came; at least one */
	char *lifetime_default;
	GVariant *dict;		/* as it came */
};

/* Is its name no guess? */
static inline gboolean sp_question_host_is_sure(const struct sp_question *q)
{
	return q->host_source >= SP_HOST_OTHER;
}

/* As it is called where nothing is beside it that says how sure that is. */
static inline const char *sp_question_far_end(const struct sp_question *q)
{
	return sp_question_host_is_sure(q) ? q->host : q->remote;
}

/* NULL: a question without scopes or lifetimes can't be answered. */
struct sp_question *sp_question_new(guint64 id, const char *token, GVariant *dict);
void sp_question_free(struct sp_question *question);

/* TRUE: it says something else now, not only of its flows, its clock and the sum. */
gboolean sp_question_update(struct sp_question *question, GVariant *changes);

const struct sp_scope *sp_question_scope(const struct sp_question *question, guint index);
/* The scope of that name, or -1. */
int sp_question_find_scope(const struct sp_question *question, const char *name);
/*
 * What the names of scopes end with whose rules are for the file as it is now. Each
 * has a wider one without that.
 */
#define SP_THIS_VERSION "/this-version"
gboolean sp_question_has_versions(const struct sp_question *question);
/*
 * Would the answer let out whatever the program runs, wherever it wants to go, for ever?
 * Then it is to be given twice.
 */
gboolean sp_question_wants_certainty(const struct sp_question *question, const char *action,
				     const char *scope, const char *lifetime);
gboolean sp_question_has_lifetime(const struct sp_question *question, const char *lifetime);

/* Its address and the host's others that wait: "2001:db8::1, 192.0.2.1" */
char *sp_question_remotes(const struct sp_question *question);
/* "curl → 192.0.2.2 port 80" */
char *sp_question_flow(const struct sp_question *question);
/*
 * What a scope's rule would say for @action ("allow", "deny"), in words, but for how
 * long, which is chosen beside it; NULL where no rule is made, or it can't be told.
 */
char *sp_question_sentence(const struct sp_question *question, guint scope,
			   const char *action);

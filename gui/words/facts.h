/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known about a question, in words for the prompt and notifications.
 * What is not known is said to be so, or left out; never guessed. Results are
 * new strings where not const; NULL: nothing to say.
 */
#pragma once

#include "question.h"

/* Nobody's but the system's: a service, root, another user. */
gboolean sp_facts_is_system(const struct sp_question *question);
/* Its application's name, else its file's. */
char *sp_facts_whole_name(const struct sp_question *question);
/* Elided in the middle where it is long. */
char *sp_facts_name(const struct sp_question *question);

/* "HTTPS (TCP 443)", "port 4711 (TCP)", "ICMP"; NULL: neither is known. */
char *sp_facts_service(const struct sp_question *question);

/* How much the badge should worry. */
enum sp_tone {
	SP_TONE_GOOD,
	SP_TONE_PLAIN,
	SP_TONE_WARN,
	SP_TONE_BAD,
};
/* "Packaged and unmodified", "In a home folder", …; NULL: nothing is known. */
const char *sp_facts_badge(const struct sp_question *question, enum sp_tone *tone);

char *sp_facts_started_by(const struct sp_question *question);	/* "Started by bash, systemd" */
char *sp_facts_chain(const struct sp_question *question);	/* "systemd → bash → curl" */
char *sp_facts_why(const struct sp_question *question);		/* it is asked */
/* What an answer means that wants to be given twice. */
char *sp_facts_certainty(const struct sp_question *question);
/* "bash ← gnome-terminal-server ← systemd"; NULL: not known */
char *sp_facts_launch(const struct sp_question *question);
char *sp_facts_past(const struct sp_question *question);	/* "First request", … */
/* How sure the name is, or that there is none. */
char *sp_facts_host(const struct sp_question *question);
/* What there is to warn of: interpreters, listening, odd places; "" none. */
char *sp_facts_warning(const struct sp_question *question);
/* All flags in words, comma between; NULL: there are none. */
char *sp_facts_flags(const struct sp_question *question);

/* The same answer as a command, quoted for a shell; NULL: no rule is made. */
char *sp_facts_command(const struct sp_question *question, guint scope,
		       const char *action, const char *lifetime);
/* What an answer of this scope and lifetime would do, as a sentence. */
char *sp_facts_effect(const struct sp_question *question, guint scope,
		      const char *action, const char *lifetime);
/* A scope as one chooses it: "This host and port", translated. */
char *sp_facts_scope(const struct sp_question *question, guint scope);

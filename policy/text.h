/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule language: one line a rule, read aloud as a sentence.
 *
 *	[disabled] [floor] [log] ACTION DIRECTION [FIELD…]   # note
 *
 *	ACTION     allow | deny | drop | ask
 *	DIRECTION  out | in
 *	FIELD      program PATH          program like PATH-WITH-*
 *	           user NAME-OR-UID      owner NAME-OR-UID | system
 *	           hash SHA256           package NAME
 *	           app flatpak:ID | snap:NAME             unit NAME
 *	           script PATH           parent PATH      traced yes | no
 *	           process NUMBER        cgroup NUMBER
 *	           protocol NAME-OR-NUMBER
 *	           to PLACE              (out)    from PLACE              (in)
 *	           port N[-M]            the remote port (out), the local port (in)
 *	           local-port N[-M]      (out)    remote-port N[-M]       (in)
 *	           interface NAME        network NAME
 *	           until YYYY-MM-DDThh:mm:ssZ | reboot | logout | quit
 *	           session NAME          boot ID
 *	PLACE      ADDRESS[/LENGTH] | ADDRESS-ADDRESS | HOST | domain NAME | @LIST |
 *	           resolver | loopback | lan | multicast | internet
 *
 * Each field at most once, in any order; printing uses the order above and
 * leaves out what is any. A word with blanks, quotes, backslashes or '#' is
 * written in double quotes, with \" and \\ and \xHH. A time may have a
 * fraction of up to nine digits (…:ss.25Z). A system rule is printed without
 * its owner: parsing what was printed gives the same rule if the owner is
 * SP_SYSTEM then.
 */
#pragma once

#include <stddef.h>
#include "rule.h"

/* Longest line, in bytes: any rule fits, even if each byte is escaped. */
#define SP_TEXT_LINE_MAX	65536

struct sp_text_error {
	unsigned line, column;	/* both from 1; column counts bytes */
	char message[200];	/* what is wrong and what was expected; UTF-8 */
};

/* What a line is read with. */
struct sp_text_context {
	uint32_t owner;		/* where the line names none */
	/* NULL: only numbers. false: no such user. */
	bool (*find_user)(const char *name, uint32_t *uid);
	/* Which boot and session "until reboot" and "until logout" mean, if any. */
	const char *boot, *session;
};

/*
 * Parses one line of @length bytes. 1: a rule, initialised and checked, to be cleared by the caller; 0: an
 * empty line or comment; -1: *@error, and the rule is untouched. The line
 * number in *@error is 1, the caller knows better.
 */
int sp_text_read(const char *line, size_t length, const struct sp_text_context *context,
		 struct sp_rule *rule, struct sp_text_error *error);
/* The same with no more than these. */
int sp_text_parse(const char *line, size_t length, uint32_t owner,
		  bool (*find_user)(const char *name, uint32_t *uid),
		  struct sp_rule *rule, struct sp_text_error *error);

/*
 * The rule in canonical form, without newline; NULL: no memory. @user_name
 * gives a uid's name or NULL for the number; may be NULL.
 */
char *sp_text_print(const struct sp_rule *rule,
		    const char *(*user_name)(uint32_t uid));

/* The same with its owner, the system too: whoever reads it must not become the owner. */
char *sp_text_print_owned(const struct sp_rule *rule);

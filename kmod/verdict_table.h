/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verdict table: the daemon's decisions, by subject (image, user,
 * direction) and under it by at most SALLYPORT_SUBJECT_MASKS masks and
 * SALLYPORT_SUBJECT_VERDICTS verdicts (uapi/sallyport.h).
 *
 * Look-ups run under RCU in any context. Changes come from the daemon and
 * from housekeeping, in process context, serialised by a mutex. Two installed
 * verdicts of a subject that could match the same flow have the same action: a
 * push that would break this is refused, so the order in which masks are tried
 * does not matter.
 * An expired verdict answers nothing and is removed by sp_verdict_table_age().
 */
#ifndef _SALLYPORT_VERDICT_TABLE_H
#define _SALLYPORT_VERDICT_TABLE_H

#include "flow_table.h"
#include "uapi/sallyport.h"

struct sp_verdict_limits {
	u32 subjects;		/* in all */
	u32 user_subjects;	/* of one user */
	u32 verdicts;		/* in all */
	u32 user_verdicts;	/* of one user */
};

struct sp_answer {
	u64 rule;
	u8 action;		/* enum sallyport_action */
};

int sp_verdict_table_init(const struct sp_verdict_limits *limits);
void sp_verdict_table_exit(void);

/* True and *@answer if a verdict in force matches. Under rcu_read_lock(). */
bool sp_verdict_find(const struct sp_flow_desc *desc, struct sp_answer *answer);

/*
 * Is @verdict well-formed, whatever the tables hold? 0 or -EINVAL. Where it
 * does not return 0, *@what says in words what is wrong.
 */
int sp_verdict_check(const struct sallyport_verdict *verdict, const char **what);

/* Does @verdict match @desc? (Subject and all fields.) */
bool sp_verdict_matches(const struct sallyport_verdict *verdict,
			const struct sp_flow_desc *desc);

/*
 * Installs a checked verdict for @image, whose id it names. Replaces one with
 * the same subject, mask and values. -ENOSPC, -EEXIST, -ENOMEM as described at
 * struct sallyport_answer; nothing is changed then.
 */
int sp_verdict_push(const struct sallyport_verdict *verdict,
		    struct sp_image *image);
/* True if it was there. */
bool sp_verdict_delete(const struct sallyport_verdict_ref *ref);
void sp_verdict_table_age(void);	/* process context */

/*
 * For dumps: calls @fn for each verdict from position *@position on until it
 * returns non-zero; holds the table's mutex. Positions, 0 at first, are
 * stable as long as nothing is deleted: then *@state, set before the first call
 * of @fn, is another one. The next call begins with the verdict that @fn did not
 * take. Returns what @fn returned last, or 0.
 */
int sp_verdict_table_walk(u32 *position, u32 *state,
			  int (*fn)(const struct sallyport_verdict *verdict,
				    void *arg), void *arg);

u32 sp_subject_count(void);
u32 sp_subject_max(void);
u32 sp_verdict_count(void);
u32 sp_verdict_max(void);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of kmod/verdict_table.c share: a small table, verdicts, look-ups. */
#ifndef KSHIM_VERDICTS_H
#define KSHIM_VERDICTS_H

#include "support.h"
#include "verdict_table.h"

#define VERDICTS_UID	1000
#define VERDICTS_IMAGE	16	/* number of the first image */
#define VERDICTS_IMAGES	8

extern const struct sp_verdict_limits verdicts_limits;
extern struct sp_image *verdicts_images[VERDICTS_IMAGES];

void verdicts_start(void);
void verdicts_stop(void);	/* nothing is left */

/* For all that the first image's program of VERDICTS_UID does; for one port. */
struct sallyport_verdict verdict_of(u64 id, u8 action);
struct sallyport_verdict verdict_of_port(u64 id, u16 port, u8 action);
int verdicts_push(const struct sallyport_verdict *v);
bool verdicts_delete(const struct sallyport_verdict *v);
/* The rule of what is found, or 0. */
u64 verdicts_find(const struct sp_flow_desc *desc);
u64 verdicts_find_port(u16 port);

#endif

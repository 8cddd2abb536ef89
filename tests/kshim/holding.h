/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of kmod/pending.c share: flows that are held, and what was said. */
#ifndef KSHIM_HOLDING_H
#define KSHIM_HOLDING_H

#include "pending.h"
#include "standins.h"
#include "stats.h"

extern const struct sallyport_pending_limits limits;
extern struct sp_image *images[8];	/* ids 16 to 23 */
extern struct sock socket_held;		/* the socket of each packet */
extern u32 expired, abandoned;		/* that were given up */

/* Of the last packet. */
extern struct sallyport_pending tag;
extern enum sallyport_stat reason;
extern struct sp_pending_answer answer;

void start(void);
void stop(void);

enum sp_hold hold(const struct sp_flow_desc *desc, u32 bytes);
enum sp_hold again(const struct sp_flow_desc *desc, u32 bytes);	/* it came back */
bool refused(enum sp_hold hold, enum sallyport_stat why);
struct sp_pending *find(const struct sp_flow_desc *desc);
struct sp_pending *by_id(u64 id);
void remove_flow(const struct sp_flow_desc *desc);

struct sp_flow_desc udp(u64 cookie, int image);
struct sp_flow_desc tcp(u64 cookie, int image);

#endif

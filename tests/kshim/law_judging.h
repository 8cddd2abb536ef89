/* SPDX-License-Identifier: GPL-2.0 */
/* The law: a packet that is judged, between the referee and who sends it. */
#ifndef KSHIM_LAW_JUDGING_H
#define KSHIM_LAW_JUDGING_H

#include "law.h"

#define LAW_NO_REASON __SALLYPORT_STAT_MAX

struct law_judging {
	const struct law_packet *packet;
	bool returned;
	struct law_pending *back;	/* it is one of this flow's */
	/* what must become of it */
	struct law_flow flow;
	bool established;
	enum law_end end;
	enum sallyport_stat reason;
	struct law_open *open;		/* counted there */
	bool enters, unjudged;
	bool begins;			/* to wait: the tag is compared */
	u64 tagged;			/* id in the tag that came */
};

/* Says what must become of it; changes what the model knows of who and what waits. */
void law_judge(struct law_judging *j);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The flows that are open now: shown, and ended at a person's wish. Errnos. */
#pragma once

#include "engine.h"
#include "flows.h"

/* The receiver frees *@list. */
int sp_open_list(struct sp_engine *engine, struct sp_flow_list **list);
/* Those that are not there any more are passed over. */
int sp_open_end(struct sp_engine *engine, const struct sallyport_flow_ref *refs,
		size_t count);

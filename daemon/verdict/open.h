/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the main loop asks the kernel through us: the flows that are open, which it
 * shows, and ends at a person's wish; what a process runs. Errnos.
 */
#pragma once

#include "engine.h"
#include "flows.h"
#include "verdict.h"

/* The receiver frees *@list. */
int sp_open_list(struct sp_engine *engine, struct sp_flow_list **list);
/* Those that are not there any more are passed over. */
int sp_open_end(struct sp_engine *engine, const struct sallyport_flow_ref *refs,
		size_t count);
/* Of the process that has this id now; the receiver frees *@program. */
int sp_open_program(struct sp_engine *engine, uint32_t pid, struct sp_program **program);

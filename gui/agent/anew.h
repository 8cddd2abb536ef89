/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent, executed anew: the kernel module knows a program by its execution, so that
 * one that is older than the module is known for nothing; and one whose file was replaced
 * is not the packaged one any more.
 */
#pragma once

/* Once, until sp_anew_worked(). Returns where it is of no use, or can't be. */
void sp_anew(void);
void sp_anew_worked(void);

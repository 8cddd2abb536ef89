/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process that others of the same user can't read or steer. */
#pragma once

/*
 * First thing in main(). No tracing, no look into memory or open files but by
 * root: a program of the same user could otherwise answer in our name. Not in a
 * build with sanitizers, which trace themselves.
 */
void sp_private_process(void);

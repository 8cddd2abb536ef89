/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of a file SQLite keeps. The system has it in a cache of its own, from where a
 * page is read in microseconds; what is kept here is locked memory, and what a thread has
 * freed stays its own.
 */
#pragma once

#define SP_SQLITE_CACHE "PRAGMA cache_size = -256;"	/* KiB; 2000 otherwise */

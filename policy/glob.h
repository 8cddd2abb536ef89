/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths with '*', which stands for any bytes but '/', also none. Inside policy/ only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SP_GLOB_STARS_MAX 16

bool sp_glob_match(const char *glob, const char *path);
/* How many bytes of it, up to and with a '/', stand before the first '*'. */
size_t sp_glob_fixed(const char *glob);
unsigned sp_glob_stars(const char *glob);
/* NULL, or what is wrong beside what can be wrong with any path. */
const char *sp_glob_fault(const char *glob);

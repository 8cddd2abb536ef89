/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mode of a status (a{sv}) in words: "off until 14:02:11, set by root, …". */
#pragma once

#include <glib.h>

char *sp_mode_words(GVariant *status);

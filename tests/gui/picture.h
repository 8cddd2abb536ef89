/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PROGRAM FOLDER SUFFIX LOCALEDIR [rtl|large]: windows as PNG files
 * FOLDER/NAME-SUFFIX.png, for eyes and for tests of what they look like.
 */
#pragma once

#include <adwaita.h>

/* For main(): @pictures is called with everything dressed, and takes them. */
int picture_main(int argc, char **argv, void (*pictures)(GtkApplication *application));
void picture_save(GtkWidget *window, const char *name);
void picture_wait(guint ms);

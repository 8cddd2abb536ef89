/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The prompt: a window for each program that has questions, none else. It ends
 * with the agent, or a little after the last question.
 */
#pragma once

#include <adwaita.h>

#define SP_TYPE_APPLICATION (sp_application_get_type())
G_DECLARE_FINAL_TYPE(SpApplication, sp_application, SP, APPLICATION, AdwApplication)

/* @fd: to the agent; taken. NULL with @error: nobody is at its other end. */
SpApplication *sp_application_new(int fd, GError **error);

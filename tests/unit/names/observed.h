/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An observer, and a program that asks a resolver it knows, 192.0.2.53. */
#pragma once

#include "message.h"
#include "observer.h"

#define NOW	1000000000ull
#define PROGRAM	20
#define PERSON	1000

extern struct sp_observer observer;
extern struct message message;		/* the last that was made */
extern struct sallyport_flow flow;	/* of the program to the server */
extern struct sp_exchange exchange;	/* the same, as the answer has it */

/* A checked fixture. */
void begin(void);
void end(void);

void set_server(const char *text);
void ask_at(uint16_t id, const char *name, uint64_t boot);
void ask(uint16_t id, const char *name);
void answer_at(uint16_t id, const char *name, const char *address, uint64_t boot);
void answer(uint16_t id, const char *name, const char *address);
/* How many names the program has for it. */
size_t look(const char *text, struct sp_name_list *list);
/* That one; NULL: none. */
void expect(const char *address, const char *name);
/* Could it have a name that a program of this user was told? */
bool missed(uint32_t uid, const char *text);

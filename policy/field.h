/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields of a rule: one struct sp_field each, which is all that the
 * language, the precedence and the decision know about a field. A new field is
 * a new file, its place in enum sp_field_id, and its member in struct sp_rule
 * (with rule.c, which checks and copies it).
 *
 * Inside policy/ only.
 */
#pragma once

#include <stddef.h>
#include "buffer.h"
#include "decide.h"
#include "text.h"

/* In the order of printing, and in the order in which narrower goes first. */
enum sp_field_id {
	SP_FIELD_PROGRAM,
	SP_FIELD_USER,
	SP_FIELD_OWNER,
	SP_FIELD_HASH,
	SP_FIELD_PACKAGE,
	SP_FIELD_APP,
	SP_FIELD_UNIT,
	SP_FIELD_SCRIPT,
	SP_FIELD_PARENT,
	SP_FIELD_TRACED,
	SP_FIELD_PROCESS,
	SP_FIELD_CGROUP,
	SP_FIELD_PROTOCOL,
	SP_FIELD_REMOTE,
	SP_FIELD_PORT,		/* of the service: out remote, in local */
	SP_FIELD_OTHER_PORT,
	SP_FIELD_INTERFACE,
	SP_FIELD_NETWORK,
	SP_FIELD_UNTIL,
	SP_FIELD_SESSION,
	SP_FIELD_BOOT,
	SP_FIELD_COUNT,
};

/* How the values of one field in two rules relate; "narrower": the first is. */
enum sp_relation {
	SP_EQUAL,
	SP_NARROWER,
	SP_WIDER,
	SP_CROSSING,		/* overlap, neither is narrower */
	SP_DISJOINT,
};

enum sp_match {
	SP_NO,
	SP_YES,
	SP_DOUBT,		/* yes, for lack of a fact, or by a claim: hides nothing */
	SP_MAYBE,		/* depends on a fact that is pending */
};

/* What was looked at in a flow. */
struct sp_look {
	unsigned fields;	/* SP_LOOKED_* */
	uint8_t length;		/* leading bits of the remote address */
};

/* What a value is parsed with. */
struct sp_parse {
	const struct sp_text_context *context;
	bool kind;		/* the field's kind word stands before the value */
	unsigned column;	/* where the value begins */
	struct sp_text_error *error;
};

typedef const char *(*sp_user_name_fn)(uint32_t uid);

struct sp_field {
	/* The word before the value, by direction. */
	const char *word[2];
	/* A word that may stand between: "domain" in "to domain example.org"; or NULL. */
	const char *kind;
	/* "a path", for messages. */
	const char *wants;
	/* False: *parse->error says why. @rule has its direction already. */
	bool (*parse)(const struct sp_field *field, const char *value,
		      const struct sp_parse *parse, struct sp_rule *rule);
	/* Is there nothing to print? */
	bool (*any)(const struct sp_field *field, const struct sp_rule *rule);
	void (*print)(const struct sp_field *field, const struct sp_rule *rule,
		      sp_user_name_fn user_name, struct sp_buffer *out);
	/* NULL: nothing that parse() would not say. Called where there is a value. */
	const char *(*fault)(const struct sp_field *field, const struct sp_rule *rule);

	/* NULL: the field is not about the flow, and so are all those below. */
	/*
	 * 0: matches everything, and match() is not called. A narrower value
	 * has a greater number, or the same one and goes first by order(); a
	 * greater number need not be narrower.
	 */
	uint32_t (*narrowness)(const struct sp_field *field, const struct sp_rule *rule);
	/* NULL: none. < 0: @a is first. */
	int (*order)(const struct sp_rule *a, const struct sp_rule *b);
	enum sp_relation (*relate)(const struct sp_field *field,
				   const struct sp_rule *a, const struct sp_rule *b);
	/*
	 * @look comes with the field's bits in it; match() sets it to what is
	 * needed to prove the answer for every flow that agrees in that.
	 */
	enum sp_match (*match)(const struct sp_field *field, const struct sp_rule *rule,
			       const struct sp_flow *flow, const struct sp_facts *facts,
			       struct sp_look *look);
	/* enum sp_fact that match() may wait for; 0: the flow is enough, or fact_of() says. */
	unsigned fact;
	unsigned (*fact_of)(const struct sp_rule *rule);
	/* SP_LOOKED_* by direction; 0: costs nothing. */
	unsigned looked[2];
	/* Which to look at where several would do, by direction: the cheapest. */
	uint8_t price[2];

	/* Of the fields in field_text.c: where value and fact are. */
	size_t text, text_fact;
	/* Is it a path? Else a name of at most SP_RULE_NAME_MAX bytes. */
	bool path;
};

extern const struct sp_field *const sp_fields[SP_FIELD_COUNT];

extern const struct sp_field sp_field_program;
extern const struct sp_field sp_field_user;
extern const struct sp_field sp_field_owner;
extern const struct sp_field sp_field_hash;
extern const struct sp_field sp_field_package;
extern const struct sp_field sp_field_app;
extern const struct sp_field sp_field_unit;
extern const struct sp_field sp_field_script;
extern const struct sp_field sp_field_parent;
extern const struct sp_field sp_field_traced;
extern const struct sp_field sp_field_process;
extern const struct sp_field sp_field_cgroup;
extern const struct sp_field sp_field_protocol;
extern const struct sp_field sp_field_remote;
extern const struct sp_field sp_field_port;
extern const struct sp_field sp_field_other_port;
extern const struct sp_field sp_field_interface;
extern const struct sp_field sp_field_network;
extern const struct sp_field sp_field_until;
extern const struct sp_field sp_field_session;
extern const struct sp_field sp_field_boot;

/* What they share. */

/* Two values of which each is "any" or one exact value. */
enum sp_relation sp_relate_exact(bool a_any, bool b_any, bool same);
/* What a fact says of a rule; @same: it is known and has the rule's value. */
enum sp_match sp_match_fact(enum sp_fact_state state, const struct sp_rule *rule,
			    bool same);
/* Of a field whose values are one string each, or none; see field_text.c. */
bool sp_text_field_any(const struct sp_field *field, const struct sp_rule *rule);
void sp_text_field_print(const struct sp_field *field, const struct sp_rule *rule,
			 sp_user_name_fn user_name, struct sp_buffer *out);
bool sp_text_field_parse(const struct sp_field *field, const char *value,
			 const struct sp_parse *parse, struct sp_rule *rule);
const char *sp_text_field_fault(const struct sp_field *field, const struct sp_rule *rule);
/* NULL, or what is wrong with a path or with the characters of a text. */
const char *sp_path_fault(const char *path);
const char *sp_text_fault(const char *text);

/* The user whose flows the rule is about: its owner's, else its user's. */
uint32_t sp_rule_effective_user(const struct sp_rule *rule);

/* Replaces a string of a rule; false: no memory, and *parse->error says so. */
bool sp_parse_string(const char *value, const struct sp_parse *parse, char **string);
/* Decimal, no sign, no blanks; false: not one, or greater than @max. */
bool sp_parse_number(const char *text, size_t length, uint64_t max, uint64_t *number);
/* An address, prefix or range; is @value meant to be one? Names end in no number. */
bool sp_parse_address(const char *value, const struct sp_parse *parse, struct sp_rule *rule);
bool sp_looks_like_address(const char *value);
/* NAME-OR-UID */
bool sp_parse_user(const char *value, const struct sp_parse *parse, uint32_t *uid);
/* Fills *parse->error; returns false. */
bool sp_parse_fail(const struct sp_parse *parse, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A word of the language, in quotes where it needs them. */
void sp_print_word(struct sp_buffer *out, const char *word);
void sp_print_uid(struct sp_buffer *out, uint32_t uid, sp_user_name_fn user_name);
/* "2026-11-24T10:00:00Z" */
#define SP_TIME_TEXT 40
void sp_print_time(int64_t time, char text[SP_TIME_TEXT]);

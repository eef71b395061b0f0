/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completions for shells, out of the tables. Each is a script that knows all
 * by itself: completing a word starts no process of ours.
 */
#ifndef KG_CLI_COMPLETE_H
#define KG_CLI_COMPLETE_H

#include "cli/cli.h"

void complete_bash(FILE *out);
void complete_zsh(FILE *out);
void complete_fish(FILE *out);

/* "audit" of "audit list"; the whole name of other commands. */
struct kg_slice command_head(const struct command *cmd);

/* "list" of "audit list"; "" for other commands. */
const char *command_tail(const struct command *cmd);

/* The first of its family, or a command of one word. */
bool command_leads(size_t index);

/* What the head stands for: a family's description, or the summary. */
const char *command_head_summary(size_t index);

/* All heads; the tails of a family: spaces between. */
void put_heads(FILE *out);
void put_tails(FILE *out, struct kg_slice family);

/* What an option's value is. */
enum takes option_takes(const struct option *o);

/* Whether the words that it may be are known; and these, spaces between. */
bool takes_choices(enum takes takes);
void put_choices(FILE *out, enum takes takes, const char *const *words);

#endif

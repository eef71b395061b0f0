/* SPDX-License-Identifier: Apache-2.0 */
/* What the process keeps resident. */
#ifndef KG_SERVER_MEMORY_H
#define KG_SERVER_MEMORY_H

/* Before anything else: blocks of unusual requests go back to the system as
 * soon as they are freed; those of usual ones are kept by their arenas. */
void memory_tame(void);

/* Once started: pages of code that only the start has needed are given back;
 * what is needed again comes from the page cache. */
void memory_settle(void);

/* What is free goes back to the system. Takes milliseconds, in which other
 * threads may have to wait for memory. */
void memory_trim(void);

#endif

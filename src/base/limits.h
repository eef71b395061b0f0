/* SPDX-License-Identifier: Apache-2.0 */
/* Every cap of the engine, each with its reason. */
#ifndef KG_BASE_LIMITS_H
#define KG_BASE_LIMITS_H

#define KIB 1024u
#define MIB (1024u * 1024u)

/*
 * Nesting of JSON and YAML. Kubernetes objects stay below 40 (CRD schemas);
 * our own recursions (equality, printing) are bounded by it: at 250 frames
 * of about 100 bytes each they fit any thread stack.
 */
#define DEPTH_MAX 250

/*
 * Values in one document. A real 8 MiB body has about 420,000; a hostile one
 * of `[],` has one every 3 bytes.
 */
#define NODES_MAX 1000000u
/* The same in a file: a dump of 10,000 pods with their managedFields. */
#define NODES_FILE_MAX 20000000u

/* One number's text: longer ones are no quantity and no IEEE double. */
#define NUMBER_TEXT_MAX 1024u

/* Digits of a number in arithmetic without end: quantities have 30. */
#define DECIMAL_DIGITS_MAX 1000u

/* Digits that a format may ask for behind the point. */
#define DOUBLE_PRECISION_MAX 1000

/* One member name: Kubernetes' own keys are at most 317 bytes, but
 * managedFields carry values of list keys in theirs. */
#define KEY_TEXT_MAX (64u * KIB)

/* A request body: two copies of the largest object that etcd takes (1.5 MiB,
 * some set more), and the managedFields in it. */
#define BODY_MAX_DEFAULT (8u * MIB)
/* ... and the smallest that lets the self-test and an ordinary pod in. */
#define BODY_MAX_FLOOR (4u * KIB)
#define BODY_MAX_CEILING (64u * MIB)

/* Arenas: what one review, one compile, one rule set may use at most. */
/* With the body below 64 MiB together; NODES_MAX values with their offsets
 * take 49 at most. */
#define ARENA_REVIEW_MAX (56u * MIB)
#define ARENA_REPLY_MAX (4u * MIB) /* texts of 1,000 findings */
#define ARENA_RULESET_MAX (256u * MIB)
#define ARENA_COMPILE_MAX (512u * MIB)
#define ARENA_DOCUMENT_MAX (1024u * MIB) /* one document of a manifest file */
#define ARENA_DIAGS_MAX (4u * MIB)

/* First block of an arena, and how much of it reset keeps: a steady review
 * then never calls malloc. 8 KB reviews use about 40 KiB, 60 KB ones 300. */
#define ARENA_BLOCK_MIN (64u * KIB)
#define ARENA_KEEP_MAX (1024u * KIB)

/* Files read whole. A 10,000-object dump is 5 to 50 MiB; positions are kept
 * as 32-bit offsets. */
#define FILE_MAX (1024u * MIB)

/* Messages kept in one kg_diags; more are counted, not kept. */
#define DIAGS_MAX 1000u
/* One message, and the part of a source line that is shown above a caret. */
#define DIAG_MESSAGE_MAX 1024u
#define DIAG_SOURCE_MAX 160u

/* Quoted user text in a message, in bytes: enough for any Kubernetes name. */
#define QUOTE_MAX 256u

/* YAML: an alias may stand for this many values over one document; the bomb
 * of 10^10 leaves stops here. Anchors by document. */
#define YAML_ALIAS_NODES_MAX 100000u
#define YAML_ANCHORS_MAX 1000u

/* "Did you mean": names longer than this are not compared. */
#define SLICE_DISTANCE_MAX 64u

/* Policies and profiles of one rule set: the profile set is a 64-bit mask. */
#define POLICIES_MAX 10000u
#define PROFILES_MAX 64u

/*
 * Regular expressions. Go takes any length; 64 KiB is far above what anybody
 * writes and bounds what a pattern out of an object can cost. A program of
 * 200,000 steps is 2.4 MB: `[a-z]{1000}` has 1,000. Ranges of all classes
 * together: \pL has 650. Nesting is that of PCRE2, Go's is 1,000.
 */
#define REGEX_PATTERN_MAX (64u * KIB)
#define REGEX_PROGRAM_MAX 200000u
#define REGEX_RANGES_MAX 200000u
#define REGEX_DEPTH_MAX 250u
#define REGEX_REPEAT_MAX 1000 /* as RE2 and Go */
/* Alternatives of a literal form such as ^(a|b)$: more go to the matcher. */
#define REGEX_LITERALS_MAX 64u
#define REGEX_LITERAL_SIZE_MAX 512u /* characters of all, in the pattern */
/* PCRE2 answers subjects up to 4 KiB within 10,000 backtracks, at most 5 ms;
 * all others are for the linear matcher, some 5 ns a step. */
#define REGEX_JIT_SUBJECT_MAX (4u * KIB)
#define REGEX_JIT_PATTERN_MAX (64u * KIB)
#define REGEX_JIT_BACKTRACKS 10000u
#define REGEX_STEPS_MAX 50000000u

/* Parameters of a URL's query; names are compared pairwise. Go's is 10,000. */
#define URL_PARAMS_MAX 1000u

/* Time zones: the names that exist are at most 32 bytes, their data 4 KiB;
 * an engine keeps the data of so many. */
#define ZONE_NAME_MAX 64u
#define ZONE_DATA_MAX (64u * KIB)
#define ZONES_MAX 1000u

/* Containers and volumes of one pod, and names in its annotation: facts look
 * at pairs of them. A node runs a few hundred containers in all. */
#define CONTAINERS_MAX 1000u
#define VOLUMES_MAX 1000u
#define CONTAINER_NAMES_MAX 1000u

/* Comparisons of labels in one proof of placement, about a millisecond.
 * Real selections need some dozens; past it nothing counts as proven. */
#define PLACEMENT_FUEL 200000u

/* A variable's value once $(NAME) is resolved: how deep references are
 * followed, how many, and how long the text may get. Real ones refer once;
 * what goes beyond is left as it stands. */
#define ENV_DEPTH_MAX 8u
#define ENV_FUEL 256u
#define ENV_VALUE_MAX (64u * KIB)

/* The content of an initdata annotation: with a generated policy some 100
 * KiB; annotations take 256 KiB packed, which could unpack to a thousand
 * times as much. */
#define GUNZIP_MAX (1u * MIB)

/* Node types that the variable `enclave` lists; past it: unknown. Clouds have
 * some hundreds, and a selection names a few. */
#define NODE_TYPES_MAX 256u

/* Validations, variables and so on of one policy, each. */
#define CUSTOM_MAX 1000u
/* Kubernetes' own limits for them: match conditions, audit annotations and
 * bytes of an expression of these; cost of one policy's match conditions and
 * of all its validations, bytes of a made message and of an annotation. */
#define CUSTOM_CONDITIONS_MAX 64u
#define CUSTOM_ANNOTATIONS_MAX 20u
#define CUSTOM_ANNOTATION_TEXT_MAX (5u * KIB)
#define CUSTOM_COST_CONDITIONS 2500000u
#define CUSTOM_COST_POLICY 10000000u
#define CUSTOM_MESSAGE_MAX (5u * KIB)
#define CUSTOM_ANNOTATION_MAX (10u * KIB)
/* Errors of one policy that are told; more say nothing new. */
#define CUSTOM_ERRORS_MAX 16u

/* Findings of one review: all rules on the 1,000 containers that a pod of
 * 1.5 MiB can hold would be more than anybody reads. */
#define FINDINGS_MAX 1000u

/* Text of a denial (the API server shows it on a terminal) and of warnings
 * (the API server cuts at 256 characters each and 4 KiB in all). */
#define DENIAL_MAX (4u * KIB)
#define WARNING_MAX 256u
#define WARNINGS_MAX (4u * KIB)

/* --- Expressions --- */

/* An expression: what Kubernetes takes, in code points, and how deep it may
 * nest; the second bounds every recursion over its tree. */
#define CEL_SOURCE_MAX 100000u
#define CEL_DEPTH_MAX 250u

/* Types nest with the trees they come from; each level may go through a
 * variable. Steps of all type checks of one expression: a thousand for a real
 * one, and {a: a} would double its type with every level. */
#define CEL_TYPE_DEPTH_MAX (4u * CEL_DEPTH_MAX)
#define CEL_CHECK_FUEL 2000000u
#define CEL_TYPE_EQUAL_FUEL 10000u
/* A type in a message, in bytes: two of them leave room for the rest. */
#define CEL_TYPE_TEXT_MAX 400u

/* Parameters of an overload nest two deep, at most; arguments of a call. */
#define CEL_DECLARED_DEPTH_MAX 8u
#define CEL_ARGS_MAX 8u

/* Messages about one expression: nobody reads more. */
#define CEL_ISSUES_MAX 100u

/* Nesting of values: documents end at DEPTH_MAX, and every variable of a
 * policy may wrap another; comparisons and printing recurse this deep. */
#define CEL_VALUE_DEPTH_MAX 1000u

/* Kubernetes' budget of one evaluation of one expression, in its units. */
#define CEL_COST_MAX 1000000u
/* Values that comparisons of one evaluation may look at: costs count a list
 * as its length only, whatever is in it. 10 million take 50 ms. */
#define CEL_WORK_MAX 10000000u
/* Members of a map that a lookup goes through free of charge. */
#define CEL_SCAN_FREE 64u
/* Digits that a format text may ask for: no double has more to show. */
#define CEL_PRECISION_MAX 1000
/* Strings and lists that an expression builds: doubling ends here. */
#define CEL_TEXT_MAX (8u * MIB)
#define CEL_ITEMS_MAX 1000000u
/* Nodes of one rule set: 10,000 policies of 50 expressions of 100 nodes, of
 * which nine in ten are equal to others. */
#define CEL_NODES_MAX 16000000u
/* Functions of the bytecode that call each other: frames of the VM on the
 * stack of a thread, 200 bytes each. */
#define CEL_CALLS_MAX 1000u
/* Registers of one function: a literal list of this many elements that are
 * no constants. Operands have 15 bits. */
#define CEL_REGISTERS_MAX 30000u
/* Sub-values that one explaining evaluation keeps: more cannot be read. */
#define CEL_RECORDS_MAX 10000u
/* Bytes that the evaluations of one request may take together, and one. */
#define CEL_ARENA_MAX (32u * MIB)
#define CEL_ARENA_RUN_MAX (16u * MIB)
/* Registers and remembered values of a rule set, for one thread. */
#define CEL_STATE_MAX (256u * MIB)

/* One line of the audit log: the object twice and the overhead of escapes. */
#define RECORD_MAX (128u * MIB)
/* A record that says what was loaded anew: one message. */
#define RECORD_RELOAD_MAX (64u * KIB)

/* Certificates of one chain: a leaf and what is between it and a root. */
#define TLS_CHAIN_MAX 16u
/* Names of one client's certificate that are compared. */
#define TLS_NAMES_MAX 256u

/* All request bodies that have come in part or whole: 512 slow clients with
 * 8 MiB each would be 4 GiB. */
#define BODIES_MAX (256u * MIB)

/* Kinds of somebody's own that carry a pod template: looked through for each
 * request. A cluster has a few hundred kinds in all. */
#define POD_KINDS_MAX 256u

/* Exceptions of one rule set: each finding is held against them. More than
 * these are a policy that nobody wants. */
#define EXCEPTIONS_MAX 1000u

/* Series of the exceptions' metric, by policy and rule; the rest is counted
 * as one. */
#define EXCEPTION_SERIES_MAX 256u

/* SIGSTRUCTs of one image: an SDK's metadata holds one for each version of
 * its format, so a handful; each costs an RSA verification. */
#define SIGSTRUCTS_MAX 64u

#endif

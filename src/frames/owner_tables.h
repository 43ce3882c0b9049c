/*
 * owner_tables: the tables of src/frames/owners as embed-owners compiles them; only for
 * owner.c.
 */
#ifndef MESHER_FRAMES_OWNER_TABLES_H
#define MESHER_FRAMES_OWNER_TABLES_H

#include "base/str.h"
#include "frames/language.h"
#include "frames/owner.h"

enum owner_field {
    OWNER_PATH,
    OWNER_PACKAGE,
    OWNER_MODULE,
    OWNER_FUNCTION,
    N_OWNER_FIELDS,
    OWNER_NO_FIELD = N_OWNER_FIELDS
};

/* Slots of an index: each field from its start, and path and package from any folder. */
#define OWNER_FOLDERS 4
#define N_OWNER_SLOTS 8
#define OWNER_LETTERS 128

/* A text within owner_texts: pointers would have to be relocated whenever a process
 * starts. */
struct owner_text {
    unsigned at;
    unsigned short n;
};

struct owner_rule {
    unsigned char owner;       /* enum owner */
    unsigned char other_field; /* enum owner_field */
    struct owner_text pattern; /* of the slot's field */
    struct owner_text other;   /* patterns with commas between them */
    struct owner_text text;    /* as the table has it */
};

extern const char owner_texts[];

/* The rules of a slot, sorted by the first letter of their patterns (0: a "*"), then by
 * their order; at[c] to at[c + 1] are those of the letter c. */
struct owner_index {
    const unsigned short *order, *at;
};

struct owner_table {
    const struct owner_rule *rules;
    struct owner_index slot[N_OWNER_SLOTS];
};

extern const struct owner_table owner_tables[N_LANGUAGES];

#endif

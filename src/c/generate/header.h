/* microloss: loss functions and evaluators for microcontrollers, the same bits on every target.
 *
 * A call is `microloss_LOSS_TYPE(options, batch, value, error)`:
 *
 *     float logits[6] = {2.0f, -1.0f, 0.5f, 0.3f, 0.2f, 0.1f}, gradient[6], mean;
 *     uint8_t labels[2] = {0, 2};
 *     microloss_batch_f32 batch = MICROLOSS_BATCH_INIT;
 *     batch.scores.data = logits, batch.scores.length = 6, batch.columns = 3;
 *     batch.targets = microloss_labels_u8(labels, 2);
 *     batch.gradient.data = gradient, batch.gradient.length = 6;
 *     microloss_status status = microloss_cross_entropy_f32(NULL, &batch, &mean, NULL);
 *
 * - `options` NULL means the defaults, which are also those of `MICROLOSS_LOSS_OPTIONS_INIT`.
 * - `value` gets the mean or sum. It may be NULL but for a mean.
 * - `error` may be NULL. It is written only when a call is refused.
 *
 * A refused call (any status but MICROLOSS_OK) changes neither `value` nor a total; it leaves `gradient` and `values` as they
 * were, or, where the loss of an item turned out not to be finite, full of zeros.
 *
 * No buffer that is written (gradient, values, scratch) may overlap another of the call: that is refused. One case is
 * allowed: `gradient` is `scores`, pointer and length; then the gradient replaces the scores. `value`, `total` and `error`
 * are written last, and must not overlap each other.
 *
 * Every pointer is checked for NULL and alignment, every length against the others. That a buffer is as long as its
 * length says, only the caller can know. There is no global state, no allocation, no recursion: functions may be called
 * from threads and interrupt handlers, with buffers of their own.
 *
 * Written from the registry of losses and a list of evaluators: `MICROLOSS_BLESS=1 cargo test --test c`. */
#ifndef MICROLOSS_H
#define MICROLOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* @constants@ */
/* The message of a status: text that a NUL ends, never NULL, not to be freed. */
const char *microloss_message(microloss_status status);

/* Text that no NUL ends: printf("%.*s", (int)text.length, text.data). */
typedef struct {
    const char *data;
    size_t length;
} microloss_text;

/* Why a call was refused; what its status does not speak of is 0. Indices count from 0. */
typedef struct {
    microloss_status status;
    microloss_text name;     /* the option, buffer or setting */
    microloss_text expected; /* what was expected, in words */
    size_t index;            /* the item, or the position in an option that is a list */
    size_t column;           /* the position in the item's row */
    double value;            /* the number found */
    int64_t label;           /* the label, or the unknown constant, found */
    size_t wanted;           /* the length, or the number of classes or entries, that fits */
    size_t found;            /* the one found */
} microloss_error;

/* Targets of any type; made by the functions below. */
typedef struct {
    const void *data;
    size_t length; /* labels, or numbers */
    microloss_target_type type;
} microloss_targets;

/* Numbers that are indices of classes; NULL with length 0 is none. */
typedef struct {
    const size_t *data;
    size_t length;
} microloss_class_list;

/* A choice of classes. */
typedef struct {
    microloss_choice choice;
    microloss_class_list list; /* for MICROLOSS_LIST */
} microloss_classes;

/* A label to ignore: items that bear it add nothing, and their gradient is 0. */
typedef struct {
    bool is_some;
    int64_t label;
} microloss_ignore;

/* @each type@ */
/* Numbers that are read; NULL with length 0 is none. */
typedef struct {
    const @float@ *data;
    size_t length;
} microloss_list_@f32@;

/* Numbers that are written; NULL with length 0 is none. */
typedef struct {
    @float@ *data;
    size_t length;
} microloss_buffer_@f32@;

/* A number, or none. */
typedef struct {
    bool is_some;
    @float@ value;
} microloss_optional_@f32@;

/* A number for all columns, or a list of one for each. */
typedef struct {
    @float@ same;
    microloss_list_@f32@ each; /* counts unless NULL */
} microloss_columns_@f32@;

/* Room to sort a pixel in. */
typedef struct {
    @float@ numbers[2];
} microloss_entry_@f32@;

/* Scratch. */
typedef struct {
    microloss_entry_@f32@ *data;
    size_t length;
} microloss_entries_@f32@;

/* Sums of batches, which merge. Zeros are the total of nothing. */
typedef struct {
    uint64_t memory[6];
} microloss_total_@f32@;

/* A batch. Zero is the default of every field but `columns`: MICROLOSS_BATCH_INIT. */
typedef struct {
    microloss_list_@f32@ scores;        /* item after item */
    size_t columns;                   /* scores a row or pixel; labels an item, of elements; numbers a vector, of pairs */
    microloss_targets targets;
    microloss_reduction reduction;
    microloss_unit unit;
    microloss_buffer_@f32@ gradient;    /* as many as scores, or NULL for the value only */
    microloss_buffer_@f32@ values;      /* for MICROLOSS_NONE: one an item */
    microloss_list_@f32@ weights;       /* one an item, or NULL */
    microloss_ignore ignore;
    size_t pixels;                    /* of an image, for regions */
    microloss_entries_@f32@ scratch;    /* for regions that sort: microloss_LOSS_scratch_@f32@ says how many */
    microloss_sort sort;
    microloss_total_@f32@ *total;       /* for MICROLOSS_SUM: the batch is added to it; or NULL */
} microloss_batch_@f32@;

/* The mean of what was added to a total, its sum, and its items. */
microloss_status microloss_total_mean_@f32@(const microloss_total_@f32@ *total, @float@ *value, microloss_error *error);
microloss_status microloss_total_sum_@f32@(const microloss_total_@f32@ *total, @float@ *value, microloss_error *error);
microloss_status microloss_total_merge_@f32@(microloss_total_@f32@ *total, const microloss_total_@f32@ *other,
    microloss_error *error);
size_t microloss_total_valid_@f32@(const microloss_total_@f32@ *total);
size_t microloss_total_ignored_@f32@(const microloss_total_@f32@ *total);

/* AUROC and average precision of all scores at once, without error. There are as many labels as scores: 0, and 1 for what is to score
 * higher. The scratch holds an entry a score for MICROLOSS_INSERTION, two for MICROLOSS_MERGE. */
microloss_status microloss_ranked_auroc_@f32@(microloss_list_@f32@ scores, const uint8_t *labels, microloss_entries_@f32@ scratch,
    microloss_sort sort, microloss_zero_division zero_division, @float@ *value, microloss_error *error);
microloss_status microloss_ranked_average_precision_@f32@(microloss_list_@f32@ scores, const uint8_t *labels,
    microloss_entries_@f32@ scratch, microloss_sort sort, microloss_zero_division zero_division, @float@ *value,
    microloss_error *error);

/* @end@ */
#define MICROLOSS_BATCH_INIT { { NULL, 0 }, 1, { NULL, 0, 0 }, 0, 0, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, \
    { false, 0 }, 0, { NULL, 0 }, 0, NULL }
#define MICROLOSS_TOTAL_INIT { { 0, 0, 0, 0, 0, 0 } }

/* Targets. */
#define MICROLOSS_TARGETS_OF(NAME, ELEMENT, TYPE) \
    static inline microloss_targets NAME(const ELEMENT *data, size_t length) \
    { \
        microloss_targets targets; \
        targets.data = data; \
        targets.length = length; \
        targets.type = TYPE; \
        return targets; \
    }
MICROLOSS_TARGETS_OF(microloss_labels_u8, uint8_t, MICROLOSS_LABELS_U8)
MICROLOSS_TARGETS_OF(microloss_labels_u16, uint16_t, MICROLOSS_LABELS_U16)
MICROLOSS_TARGETS_OF(microloss_labels_u32, uint32_t, MICROLOSS_LABELS_U32)
MICROLOSS_TARGETS_OF(microloss_labels_i8, int8_t, MICROLOSS_LABELS_I8)
MICROLOSS_TARGETS_OF(microloss_labels_i16, int16_t, MICROLOSS_LABELS_I16)
MICROLOSS_TARGETS_OF(microloss_labels_i32, int32_t, MICROLOSS_LABELS_I32)
MICROLOSS_TARGETS_OF(microloss_labels_i64, int64_t, MICROLOSS_LABELS_I64)
MICROLOSS_TARGETS_OF(microloss_numbers_f32, float, MICROLOSS_NUMBERS_F32)
MICROLOSS_TARGETS_OF(microloss_numbers_f64, double, MICROLOSS_NUMBERS_F64)
#undef MICROLOSS_TARGETS_OF

/* The losses: options, their defaults, functions. */
/* @losses@ */

/* The evaluators: states of streams of items, in constant memory, which merge.
 *
 *     microloss_exact_total_state_f32 state = MICROLOSS_EXACT_TOTAL_INIT;
 *     microloss_total_f32 item = MICROLOSS_TOTAL_INIT;
 *     batch.reduction = MICROLOSS_SUM, batch.total = &item;
 *     status = microloss_cross_entropy_f32(NULL, &batch, NULL, &error);
 *     status = microloss_exact_total_take_f32(&state, status, &item, &error);
 *
 * - A state is made by its MICROLOSS_NAME_INIT, which is zeros, or else by `init`. Copying it copies what it has taken.
 * - An item that is refused, whatever for, is counted in `rejected`, and in `items`, which counts all; it changes nothing else.
 * - `take` takes what a call gave, and its status. Any but MICROLOSS_OK is counted as rejected and handed back; `item` is not read
 *   then, and `error` is left as the call wrote it.
 * - `merge` takes all that another state has taken. What is read off is the same in any order and grouping, bit for bit (but for
 *   `compensated_total`). `save` writes a state as MICROLOSS_NAME_SIZE bytes, the same on every target, and those that
 *   Rust's `postcard` has of it; `load` refuses what was cut, changed, or is of another state. Neither changes anything if refused.
 * - The numbers of functions that are refused are left alone. Counts are 0 for a state that is NULL or not aligned.
 * - A state must not overlap anything else of a call. */
/* @evaluators@ */

/* The confusion matrix of any number of classes: counts in memory of the caller, row after row; rows are true classes.
 *
 *     uint32_t counts[9] = {0};
 *     microloss_confusion_matrix matrix = MICROLOSS_CONFUSION_MATRIX_INIT(counts, 3);
 *
 * Nothing else may use the counts while a function runs, not even to read. */
typedef struct {
    uint32_t *counts;
    size_t length;     /* of `counts`: the square of `classes` */
    size_t classes;
    uint64_t taken;    /* items */
    uint64_t rejected; /* items that were refused, whatever for */
} microloss_confusion_matrix;
#define MICROLOSS_CONFUSION_MATRIX_INIT(COUNTS, CLASSES) { COUNTS, (size_t)(CLASSES) * (size_t)(CLASSES), CLASSES, 0, 0 }
microloss_status microloss_confusion_matrix_merge(microloss_confusion_matrix *state, const microloss_confusion_matrix *other,
    microloss_error *error);
/* @confusion@ */

#ifdef __cplusplus
}
#endif

#endif

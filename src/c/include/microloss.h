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

/* What became of a call. */
typedef int32_t microloss_status;
enum {
    MICROLOSS_OK = 0, /* no error */
    MICROLOSS_LABEL_OUT_OF_RANGE = 1, /* a label is no class, and is not ignored */
    MICROLOSS_NOT_A_SIGN = 2, /* a label is neither -1 nor 1, and is not ignored */
    MICROLOSS_LENGTH_MISMATCH = 3, /* a buffer has a length that does not fit the others */
    MICROLOSS_NOT_A_PROBABILITY = 4, /* a score, given as a probability or its logarithm, cannot be one */
    MICROLOSS_TARGET_OUT_OF_RANGE = 5, /* a target is not from 0 to 1 */
    MICROLOSS_NON_FINITE_TARGET = 6, /* a target is infinite or NaN */
    MICROLOSS_NOT_NORMALIZED = 7, /* a target distribution does not sum to 1 */
    MICROLOSS_NEGATIVE_VARIANCE = 8, /* a score, given as a variance, is below 0 */
    MICROLOSS_ZERO_VECTOR = 9, /* a vector is zero, which the loss was told to refuse */
    MICROLOSS_NON_FINITE_SCORE = 10, /* a score is NaN */
    MICROLOSS_NON_FINITE_LOSS = 11, /* a loss is infinite or NaN */
    MICROLOSS_OVERFLOW = 12, /* a sum of losses or weights, a gradient, or a counter overflows */
    MICROLOSS_NOTHING_TO_AVERAGE = 13, /* nothing to average: no items, all ignored, or all weights 0 */
    MICROLOSS_PARAMETER = 14, /* an option, or a weight, is outside its domain */
    MICROLOSS_UNSUPPORTED = 15, /* a setting that the loss does not have, or of another kind than it wants */
    MICROLOSS_SCRATCH_TOO_SMALL = 16, /* the scratch has fewer entries than the sort needs */
    MICROLOSS_NULL_POINTER = 17, /* a pointer is NULL that must not be */
    MICROLOSS_MISALIGNED = 18, /* a pointer is not aligned to its type */
    MICROLOSS_TOO_LONG = 19, /* a buffer is longer than the address space */
    MICROLOSS_OVERLAP = 20, /* a buffer that is written to overlaps another */
    MICROLOSS_UNKNOWN_CHOICE = 21, /* a constant that the setting does not have */
    MICROLOSS_OTHER = 22, /* an error that this version of the interface has no status for */
    MICROLOSS_ZERO_DIVISION = 23, /* 0 / 0, which the option says to refuse; `index` is the class */
    MICROLOSS_NON_FINITE_TERM = 24, /* a term of a sum is infinite or NaN */
    MICROLOSS_NOT_A_STATE = 25 /* bytes that were cut, changed, or written by another evaluator or version */
};

/* What the scores of a model are. */
typedef int32_t microloss_input;
enum {
    MICROLOSS_LOGITS = 0, /* unbounded scores: before the sigmoid or softmax, predicted numbers, components of vectors */
    MICROLOSS_PROBABILITIES = 1, /* numbers from 0 to 1 */
    MICROLOSS_LOG_PROBABILITIES = 2, /* natural logarithms of probabilities */
    MICROLOSS_VARIANCES = 3, /* pairs: a mean, and a variance of at least 0 */
    MICROLOSS_LOG_VARIANCES = 4 /* pairs: a mean, and the natural logarithm of a variance */
};

/* What becomes of the losses of the items. */
typedef int32_t microloss_reduction;
enum {
    MICROLOSS_MEAN = 0, /* their mean; of images, over images */
    MICROLOSS_SUM = 1, /* their sum */
    MICROLOSS_NONE = 2 /* one value an item, in `values`: 0 for those that are ignored */
};

/* The unit of a loss that is made of logarithms; other losses ignore it. */
typedef int32_t microloss_unit;
enum {
    MICROLOSS_NATS = 0, /* natural logarithms */
    MICROLOSS_BITS = 1 /* logarithms of base 2 */
};

/* How scratch is used. */
typedef int32_t microloss_sort;
enum {
    MICROLOSS_INSERTION = 0, /* an entry a pixel: for small images */
    MICROLOSS_MERGE = 1 /* two entries a pixel */
};

/* The classes that a loss averages over. */
typedef int32_t microloss_choice;
enum {
    MICROLOSS_PRESENT = 0, /* those that an image's labels name */
    MICROLOSS_ALL = 1, /* all */
    MICROLOSS_LIST = 2 /* those of a list */
};

/* What 0 / 0 is. */
typedef int32_t microloss_zero_division;
enum {
    MICROLOSS_REFUSE = 0, /* an error */
    MICROLOSS_ZERO = 1, /* 0 */
    MICROLOSS_ONE = 2, /* 1 */
    MICROLOSS_SKIP = 3 /* nothing: an average leaves the class out */
};

/* The classes that a metric is taken of. */
typedef int32_t microloss_average;
enum {
    MICROLOSS_MACRO = 0, /* the mean over classes, each of the same weight */
    MICROLOSS_MICRO = 1, /* the ratio of sums over all classes */
    MICROLOSS_WEIGHTED = 2, /* the mean over classes, each weighted by the items that bear it */
    MICROLOSS_OF_CLASS = 3 /* the class `class_index` alone; else that is not read */
};

/* What a disagreement of two classes weighs. */
typedef int32_t microloss_disagreement;
enum {
    MICROLOSS_EQUAL = 0, /* all the same */
    MICROLOSS_LINEAR = 1, /* their distance */
    MICROLOSS_QUADRATIC = 2 /* the square of their distance */
};

/* What targets are. */
typedef int32_t microloss_target_type;
enum {
    MICROLOSS_NO_TARGETS = 0, /* none, for a loss without */
    MICROLOSS_LABELS_U8 = 1, /* `uint8_t` labels */
    MICROLOSS_LABELS_U16 = 2, /* `uint16_t` labels */
    MICROLOSS_LABELS_U32 = 3, /* `uint32_t` labels */
    MICROLOSS_LABELS_I8 = 4, /* `int8_t` labels */
    MICROLOSS_LABELS_I16 = 5, /* `int16_t` labels */
    MICROLOSS_LABELS_I32 = 6, /* `int32_t` labels */
    MICROLOSS_LABELS_I64 = 7, /* `int64_t` labels */
    MICROLOSS_NUMBERS_F32 = 8, /* `float`: numbers, soft labels, or distributions one after the other */
    MICROLOSS_NUMBERS_F64 = 9 /* `double`: the same */
};

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

/* Numbers that are read; NULL with length 0 is none. */
typedef struct {
    const float *data;
    size_t length;
} microloss_list_f32;

/* Numbers that are written; NULL with length 0 is none. */
typedef struct {
    float *data;
    size_t length;
} microloss_buffer_f32;

/* A number, or none. */
typedef struct {
    bool is_some;
    float value;
} microloss_optional_f32;

/* A number for all columns, or a list of one for each. */
typedef struct {
    float same;
    microloss_list_f32 each; /* counts unless NULL */
} microloss_columns_f32;

/* Room to sort a pixel in. */
typedef struct {
    float numbers[2];
} microloss_entry_f32;

/* Scratch. */
typedef struct {
    microloss_entry_f32 *data;
    size_t length;
} microloss_entries_f32;

/* Sums of batches, which merge. Zeros are the total of nothing. */
typedef struct {
    uint64_t memory[6];
} microloss_total_f32;

/* A batch. Zero is the default of every field but `columns`: MICROLOSS_BATCH_INIT. */
typedef struct {
    microloss_list_f32 scores;        /* item after item */
    size_t columns;                   /* scores a row or pixel; labels an item, of elements; numbers a vector, of pairs */
    microloss_targets targets;
    microloss_reduction reduction;
    microloss_unit unit;
    microloss_buffer_f32 gradient;    /* as many as scores, or NULL for the value only */
    microloss_buffer_f32 values;      /* for MICROLOSS_NONE: one an item */
    microloss_list_f32 weights;       /* one an item, or NULL */
    microloss_ignore ignore;
    size_t pixels;                    /* of an image, for regions */
    microloss_entries_f32 scratch;    /* for regions that sort: microloss_LOSS_scratch_f32 says how many */
    microloss_sort sort;
    microloss_total_f32 *total;       /* for MICROLOSS_SUM: the batch is added to it; or NULL */
} microloss_batch_f32;

/* The mean of what was added to a total, its sum, and its items. */
microloss_status microloss_total_mean_f32(const microloss_total_f32 *total, float *value, microloss_error *error);
microloss_status microloss_total_sum_f32(const microloss_total_f32 *total, float *value, microloss_error *error);
microloss_status microloss_total_merge_f32(microloss_total_f32 *total, const microloss_total_f32 *other,
    microloss_error *error);
size_t microloss_total_valid_f32(const microloss_total_f32 *total);
size_t microloss_total_ignored_f32(const microloss_total_f32 *total);

/* AUROC and average precision of all scores at once, without error. There are as many labels as scores: 0, and 1 for what is to score
 * higher. The scratch holds an entry a score for MICROLOSS_INSERTION, two for MICROLOSS_MERGE. */
microloss_status microloss_ranked_auroc_f32(microloss_list_f32 scores, const uint8_t *labels, microloss_entries_f32 scratch,
    microloss_sort sort, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_ranked_average_precision_f32(microloss_list_f32 scores, const uint8_t *labels,
    microloss_entries_f32 scratch, microloss_sort sort, microloss_zero_division zero_division, float *value,
    microloss_error *error);

/* Numbers that are read; NULL with length 0 is none. */
typedef struct {
    const double *data;
    size_t length;
} microloss_list_f64;

/* Numbers that are written; NULL with length 0 is none. */
typedef struct {
    double *data;
    size_t length;
} microloss_buffer_f64;

/* A number, or none. */
typedef struct {
    bool is_some;
    double value;
} microloss_optional_f64;

/* A number for all columns, or a list of one for each. */
typedef struct {
    double same;
    microloss_list_f64 each; /* counts unless NULL */
} microloss_columns_f64;

/* Room to sort a pixel in. */
typedef struct {
    double numbers[2];
} microloss_entry_f64;

/* Scratch. */
typedef struct {
    microloss_entry_f64 *data;
    size_t length;
} microloss_entries_f64;

/* Sums of batches, which merge. Zeros are the total of nothing. */
typedef struct {
    uint64_t memory[6];
} microloss_total_f64;

/* A batch. Zero is the default of every field but `columns`: MICROLOSS_BATCH_INIT. */
typedef struct {
    microloss_list_f64 scores;        /* item after item */
    size_t columns;                   /* scores a row or pixel; labels an item, of elements; numbers a vector, of pairs */
    microloss_targets targets;
    microloss_reduction reduction;
    microloss_unit unit;
    microloss_buffer_f64 gradient;    /* as many as scores, or NULL for the value only */
    microloss_buffer_f64 values;      /* for MICROLOSS_NONE: one an item */
    microloss_list_f64 weights;       /* one an item, or NULL */
    microloss_ignore ignore;
    size_t pixels;                    /* of an image, for regions */
    microloss_entries_f64 scratch;    /* for regions that sort: microloss_LOSS_scratch_f64 says how many */
    microloss_sort sort;
    microloss_total_f64 *total;       /* for MICROLOSS_SUM: the batch is added to it; or NULL */
} microloss_batch_f64;

/* The mean of what was added to a total, its sum, and its items. */
microloss_status microloss_total_mean_f64(const microloss_total_f64 *total, double *value, microloss_error *error);
microloss_status microloss_total_sum_f64(const microloss_total_f64 *total, double *value, microloss_error *error);
microloss_status microloss_total_merge_f64(microloss_total_f64 *total, const microloss_total_f64 *other,
    microloss_error *error);
size_t microloss_total_valid_f64(const microloss_total_f64 *total);
size_t microloss_total_ignored_f64(const microloss_total_f64 *total);

/* AUROC and average precision of all scores at once, without error. There are as many labels as scores: 0, and 1 for what is to score
 * higher. The scratch holds an entry a score for MICROLOSS_INSERTION, two for MICROLOSS_MERGE. */
microloss_status microloss_ranked_auroc_f64(microloss_list_f64 scores, const uint8_t *labels, microloss_entries_f64 scratch,
    microloss_sort sort, microloss_zero_division zero_division, double *value, microloss_error *error);
microloss_status microloss_ranked_average_precision_f64(microloss_list_f64 scores, const uint8_t *labels,
    microloss_entries_f64 scratch, microloss_sort sort, microloss_zero_division zero_division, double *value,
    microloss_error *error);

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

/* Square of the error. Shape: element. */
typedef struct {
    bool half; /* true or false */
} microloss_mean_squared_error_options_f32;
typedef struct {
    bool half; /* true or false */
} microloss_mean_squared_error_options_f64;
#define MICROLOSS_MEAN_SQUARED_ERROR_OPTIONS_INIT { false }
microloss_status microloss_mean_squared_error_f32(const microloss_mean_squared_error_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_mean_squared_error_f64(const microloss_mean_squared_error_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Magnitude of the error. Shape: element. */
typedef struct {
    bool reserved;
} microloss_mean_absolute_error_options_f32;
typedef struct {
    bool reserved;
} microloss_mean_absolute_error_options_f64;
#define MICROLOSS_MEAN_ABSOLUTE_ERROR_OPTIONS_INIT { false }
microloss_status microloss_mean_absolute_error_f32(const microloss_mean_absolute_error_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_mean_absolute_error_f64(const microloss_mean_absolute_error_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Square of a small error, magnitude of a large one. Shape: element. */
typedef struct {
    float delta; /* a finite number above 0 */
} microloss_huber_options_f32;
typedef struct {
    double delta; /* a finite number above 0 */
} microloss_huber_options_f64;
#define MICROLOSS_HUBER_OPTIONS_INIT { 1.0 }
microloss_status microloss_huber_f32(const microloss_huber_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_huber_f64(const microloss_huber_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Magnitude of the error, rounded off around 0. Shape: element. */
typedef struct {
    float beta; /* a finite number, at least 0 */
} microloss_smooth_l1_options_f32;
typedef struct {
    double beta; /* a finite number, at least 0 */
} microloss_smooth_l1_options_f64;
#define MICROLOSS_SMOOTH_L1_OPTIONS_INIT { 1.0 }
microloss_status microloss_smooth_l1_f32(const microloss_smooth_l1_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_smooth_l1_f64(const microloss_smooth_l1_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Logarithm of the error's hyperbolic cosine. Shape: element. */
typedef struct {
    bool reserved;
} microloss_log_cosh_options_f32;
typedef struct {
    bool reserved;
} microloss_log_cosh_options_f64;
#define MICROLOSS_LOG_COSH_OPTIONS_INIT { false }
microloss_status microloss_log_cosh_f32(const microloss_log_cosh_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_log_cosh_f64(const microloss_log_cosh_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Error weighted by its sign. Shape: element. */
typedef struct {
    microloss_columns_f32 tau; /* a number above 0 and below 1; or one a column */
} microloss_quantile_options_f32;
typedef struct {
    microloss_columns_f64 tau; /* a number above 0 and below 1; or one a column */
} microloss_quantile_options_f64;
#define MICROLOSS_QUANTILE_OPTIONS_INIT { { 0.5, { NULL, 0 } } }
microloss_status microloss_quantile_f32(const microloss_quantile_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_quantile_f64(const microloss_quantile_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Negative log-likelihood of a normal distribution. Shape: element. */
typedef struct {
    microloss_input from; /* variances or log_variances */
    bool full; /* true or false */
    float eps; /* a finite number above 0 */
} microloss_gaussian_nll_options_f32;
typedef struct {
    microloss_input from; /* variances or log_variances */
    bool full; /* true or false */
    double eps; /* a finite number above 0 */
} microloss_gaussian_nll_options_f64;
#define MICROLOSS_GAUSSIAN_NLL_OPTIONS_INIT { MICROLOSS_VARIANCES, false, 1e-6 }
microloss_status microloss_gaussian_nll_f32(const microloss_gaussian_nll_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_gaussian_nll_f64(const microloss_gaussian_nll_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Binary cross entropy on logits or probabilities. Shape: element. */
typedef struct {
    microloss_input from; /* logits or probabilities */
    microloss_columns_f32 pos_weight; /* a finite number above 0; or one a column */
    float label_smoothing; /* a number from 0 to 1 */
} microloss_binary_cross_entropy_options_f32;
typedef struct {
    microloss_input from; /* logits or probabilities */
    microloss_columns_f64 pos_weight; /* a finite number above 0; or one a column */
    double label_smoothing; /* a number from 0 to 1 */
} microloss_binary_cross_entropy_options_f64;
#define MICROLOSS_BINARY_CROSS_ENTROPY_OPTIONS_INIT { MICROLOSS_LOGITS, { 1.0, { NULL, 0 } }, 0.0 }
microloss_status microloss_binary_cross_entropy_f32(const microloss_binary_cross_entropy_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_binary_cross_entropy_f64(const microloss_binary_cross_entropy_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Binary cross entropy with each class weighted by the other's frequency. Shape: element. */
typedef struct {
    microloss_input from; /* logits or probabilities */
    microloss_optional_f32 alpha; /* a number from 0 to 1; or none */
} microloss_balanced_cross_entropy_options_f32;
typedef struct {
    microloss_input from; /* logits or probabilities */
    microloss_optional_f64 alpha; /* a number from 0 to 1; or none */
} microloss_balanced_cross_entropy_options_f64;
#define MICROLOSS_BALANCED_CROSS_ENTROPY_OPTIONS_INIT { MICROLOSS_LOGITS, { false, 0.0 } }
microloss_status microloss_balanced_cross_entropy_f32(const microloss_balanced_cross_entropy_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_balanced_cross_entropy_f64(const microloss_balanced_cross_entropy_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Binary cross entropy that counts easy examples little. Shape: element. */
typedef struct {
    microloss_input from; /* logits or probabilities */
    float gamma; /* a finite number, at least 0 */
    microloss_optional_f32 alpha; /* a number from 0 to 1; or none */
} microloss_focal_options_f32;
typedef struct {
    microloss_input from; /* logits or probabilities */
    double gamma; /* a finite number, at least 0 */
    microloss_optional_f64 alpha; /* a number from 0 to 1; or none */
} microloss_focal_options_f64;
#define MICROLOSS_FOCAL_OPTIONS_INIT { MICROLOSS_LOGITS, 2.0, { true, 0.25 } }
microloss_status microloss_focal_f32(const microloss_focal_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_focal_f64(const microloss_focal_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* What a score lacks to a margin on its side of 0. Shape: element. */
typedef struct {
    float margin; /* a finite number, at least 0 */
} microloss_hinge_options_f32;
typedef struct {
    double margin; /* a finite number, at least 0 */
} microloss_hinge_options_f64;
#define MICROLOSS_HINGE_OPTIONS_INIT { 1.0 }
microloss_status microloss_hinge_f32(const microloss_hinge_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_hinge_f64(const microloss_hinge_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Cross entropy against labels or distributions. Shape: row. */
typedef struct {
    microloss_input from; /* logits, probabilities or log_probabilities */
    microloss_list_f32 weights; /* one a class, finite numbers, at least 0, one of them above 0; or NULL */
    float label_smoothing; /* a number from 0 to 1 */
} microloss_cross_entropy_options_f32;
typedef struct {
    microloss_input from; /* logits, probabilities or log_probabilities */
    microloss_list_f64 weights; /* one a class, finite numbers, at least 0, one of them above 0; or NULL */
    double label_smoothing; /* a number from 0 to 1 */
} microloss_cross_entropy_options_f64;
#define MICROLOSS_CROSS_ENTROPY_OPTIONS_INIT { MICROLOSS_LOGITS, { NULL, 0 }, 0.0 }
microloss_status microloss_cross_entropy_f32(const microloss_cross_entropy_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_cross_entropy_f64(const microloss_cross_entropy_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Kullback-Leibler divergence from a target distribution. Shape: row. */
typedef struct {
    microloss_input from; /* logits, probabilities or log_probabilities */
} microloss_kl_divergence_options_f32;
typedef struct {
    microloss_input from; /* logits, probabilities or log_probabilities */
} microloss_kl_divergence_options_f64;
#define MICROLOSS_KL_DIVERGENCE_OPTIONS_INIT { MICROLOSS_LOGITS }
microloss_status microloss_kl_divergence_f32(const microloss_kl_divergence_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_kl_divergence_f64(const microloss_kl_divergence_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Cross entropy that counts easy examples little. Shape: row. */
typedef struct {
    microloss_input from; /* logits or probabilities */
    float gamma; /* a finite number, at least 0 */
    microloss_list_f32 alpha; /* one a class, finite numbers, at least 0, one of them above 0; or NULL */
} microloss_focal_multiclass_options_f32;
typedef struct {
    microloss_input from; /* logits or probabilities */
    double gamma; /* a finite number, at least 0 */
    microloss_list_f64 alpha; /* one a class, finite numbers, at least 0, one of them above 0; or NULL */
} microloss_focal_multiclass_options_f64;
#define MICROLOSS_FOCAL_MULTICLASS_OPTIONS_INIT { MICROLOSS_LOGITS, 2.0, { NULL, 0 } }
microloss_status microloss_focal_multiclass_f32(const microloss_focal_multiclass_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_focal_multiclass_f64(const microloss_focal_multiclass_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Jensen-Shannon divergence from a target distribution. Shape: row. */
typedef struct {
    microloss_input from; /* logits, probabilities or log_probabilities */
    float pi; /* a number from 0 to 1 */
} microloss_jensen_shannon_options_f32;
typedef struct {
    microloss_input from; /* logits, probabilities or log_probabilities */
    double pi; /* a number from 0 to 1 */
} microloss_jensen_shannon_options_f64;
#define MICROLOSS_JENSEN_SHANNON_OPTIONS_INIT { MICROLOSS_LOGITS, 0.5 }
microloss_status microloss_jensen_shannon_f32(const microloss_jensen_shannon_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_jensen_shannon_f64(const microloss_jensen_shannon_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Squared distance of a distribution from a class or a distribution. Shape: row. */
typedef struct {
    microloss_input from; /* logits, probabilities or log_probabilities */
} microloss_brier_options_f32;
typedef struct {
    microloss_input from; /* logits, probabilities or log_probabilities */
} microloss_brier_options_f64;
#define MICROLOSS_BRIER_OPTIONS_INIT { MICROLOSS_LOGITS }
microloss_status microloss_brier_f32(const microloss_brier_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_brier_f64(const microloss_brier_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* Convex surrogate of 1 - IoU of a foreground, on logits. Shape: region. */
typedef struct {
    microloss_input from; /* logits */
} microloss_lovasz_hinge_options_f32;
typedef struct {
    microloss_input from; /* logits */
} microloss_lovasz_hinge_options_f64;
#define MICROLOSS_LOVASZ_HINGE_OPTIONS_INIT { MICROLOSS_LOGITS }
microloss_status microloss_lovasz_hinge_f32(const microloss_lovasz_hinge_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
size_t microloss_lovasz_hinge_scratch_f32(const microloss_lovasz_hinge_options_f32 *options,
    const microloss_batch_f32 *batch);
microloss_status microloss_lovasz_hinge_f64(const microloss_lovasz_hinge_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);
size_t microloss_lovasz_hinge_scratch_f64(const microloss_lovasz_hinge_options_f64 *options,
    const microloss_batch_f64 *batch);

/* Surrogate of 1 - mean IoU over classes. Shape: region. */
typedef struct {
    microloss_input from; /* logits or probabilities */
    microloss_classes classes; /* present, all, or a list of classes */
} microloss_lovasz_softmax_options_f32;
typedef struct {
    microloss_input from; /* logits or probabilities */
    microloss_classes classes; /* present, all, or a list of classes */
} microloss_lovasz_softmax_options_f64;
#define MICROLOSS_LOVASZ_SOFTMAX_OPTIONS_INIT { MICROLOSS_LOGITS, { MICROLOSS_PRESENT, { NULL, 0 } } }
microloss_status microloss_lovasz_softmax_f32(const microloss_lovasz_softmax_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
size_t microloss_lovasz_softmax_scratch_f32(const microloss_lovasz_softmax_options_f32 *options,
    const microloss_batch_f32 *batch);
microloss_status microloss_lovasz_softmax_f64(const microloss_lovasz_softmax_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);
size_t microloss_lovasz_softmax_scratch_f64(const microloss_lovasz_softmax_options_f64 *options,
    const microloss_batch_f64 *batch);

/* 1 - IoU of predictions and a region. Shape: region. */
typedef struct {
    microloss_input from; /* probabilities or logits */
    microloss_classes classes; /* present, all, or a list of classes */
    float smooth; /* a finite number, at least 0 */
} microloss_jaccard_options_f32;
typedef struct {
    microloss_input from; /* probabilities or logits */
    microloss_classes classes; /* present, all, or a list of classes */
    double smooth; /* a finite number, at least 0 */
} microloss_jaccard_options_f64;
#define MICROLOSS_JACCARD_OPTIONS_INIT { MICROLOSS_PROBABILITIES, { MICROLOSS_ALL, { NULL, 0 } }, 1e-5 }
microloss_status microloss_jaccard_f32(const microloss_jaccard_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
size_t microloss_jaccard_scratch_f32(const microloss_jaccard_options_f32 *options,
    const microloss_batch_f32 *batch);
microloss_status microloss_jaccard_f64(const microloss_jaccard_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);
size_t microloss_jaccard_scratch_f64(const microloss_jaccard_options_f64 *options,
    const microloss_batch_f64 *batch);

/* 1 - Dice coefficient of predictions and a region. Shape: region. */
typedef struct {
    microloss_input from; /* probabilities or logits */
    microloss_classes classes; /* present, all, or a list of classes */
    microloss_list_f32 weights; /* one a class, finite numbers, at least 0, one of them above 0; or NULL */
    float smooth; /* a finite number, at least 0 */
    bool squared; /* true or false */
} microloss_dice_options_f32;
typedef struct {
    microloss_input from; /* probabilities or logits */
    microloss_classes classes; /* present, all, or a list of classes */
    microloss_list_f64 weights; /* one a class, finite numbers, at least 0, one of them above 0; or NULL */
    double smooth; /* a finite number, at least 0 */
    bool squared; /* true or false */
} microloss_dice_options_f64;
#define MICROLOSS_DICE_OPTIONS_INIT { MICROLOSS_PROBABILITIES, { MICROLOSS_ALL, { NULL, 0 } }, { NULL, 0 }, 1e-5, false }
microloss_status microloss_dice_f32(const microloss_dice_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
size_t microloss_dice_scratch_f32(const microloss_dice_options_f32 *options,
    const microloss_batch_f32 *batch);
microloss_status microloss_dice_f64(const microloss_dice_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);
size_t microloss_dice_scratch_f64(const microloss_dice_options_f64 *options,
    const microloss_batch_f64 *batch);

/* 1 - Tversky index: false positives and negatives with weights. Shape: region. */
typedef struct {
    microloss_input from; /* probabilities or logits */
    microloss_classes classes; /* present, all, or a list of classes */
    float fp_weight; /* a finite number, at least 0 */
    float fn_weight; /* a finite number, at least 0 */
    float smooth; /* a finite number, at least 0 */
} microloss_tversky_options_f32;
typedef struct {
    microloss_input from; /* probabilities or logits */
    microloss_classes classes; /* present, all, or a list of classes */
    double fp_weight; /* a finite number, at least 0 */
    double fn_weight; /* a finite number, at least 0 */
    double smooth; /* a finite number, at least 0 */
} microloss_tversky_options_f64;
#define MICROLOSS_TVERSKY_OPTIONS_INIT { MICROLOSS_PROBABILITIES, { MICROLOSS_ALL, { NULL, 0 } }, 0.5, 0.5, 1e-5 }
microloss_status microloss_tversky_f32(const microloss_tversky_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
size_t microloss_tversky_scratch_f32(const microloss_tversky_options_f32 *options,
    const microloss_batch_f32 *batch);
microloss_status microloss_tversky_f64(const microloss_tversky_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);
size_t microloss_tversky_scratch_f64(const microloss_tversky_options_f64 *options,
    const microloss_batch_f64 *batch);

/* 1 - cosine of like vectors, cosine of unlike ones. Shape: pair. */
typedef struct {
    float margin; /* a number from -1 to 1 */
    bool zero_is_error; /* true or false */
} microloss_cosine_embedding_options_f32;
typedef struct {
    double margin; /* a number from -1 to 1 */
    bool zero_is_error; /* true or false */
} microloss_cosine_embedding_options_f64;
#define MICROLOSS_COSINE_EMBEDDING_OPTIONS_INIT { 0.0, false }
microloss_status microloss_cosine_embedding_f32(const microloss_cosine_embedding_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_cosine_embedding_f64(const microloss_cosine_embedding_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

/* An anchor is nearer to its like than to another, by a margin. Shape: pair. */
typedef struct {
    float margin; /* a finite number, at least 0 */
    float epsilon; /* a finite number, at least 0 */
    float p; /* 1 or 2 */
    bool swap; /* true or false */
    bool soft_margin; /* true or false */
} microloss_triplet_margin_options_f32;
typedef struct {
    double margin; /* a finite number, at least 0 */
    double epsilon; /* a finite number, at least 0 */
    double p; /* 1 or 2 */
    bool swap; /* true or false */
    bool soft_margin; /* true or false */
} microloss_triplet_margin_options_f64;
#define MICROLOSS_TRIPLET_MARGIN_OPTIONS_INIT { 1.0, 1e-6, 2.0, false, false }
microloss_status microloss_triplet_margin_f32(const microloss_triplet_margin_options_f32 *options,
    const microloss_batch_f32 *batch, float *value, microloss_error *error);
microloss_status microloss_triplet_margin_f64(const microloss_triplet_margin_options_f64 *options,
    const microloss_batch_f64 *batch, double *value, microloss_error *error);

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

/* The mean of any loss, without rounding until it is read. An item is the total of a batch of one, for MICROLOSS_SUM. */
typedef struct {
    uint64_t memory[15];
} microloss_exact_total_state_f32;
#define MICROLOSS_EXACT_TOTAL_SIZE_F32 129
size_t microloss_exact_total_size_f32(void);
microloss_status microloss_exact_total_merge_f32(microloss_exact_total_state_f32 *state, const microloss_exact_total_state_f32 *other, microloss_error *error);
microloss_status microloss_exact_total_save_f32(const microloss_exact_total_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_exact_total_load_f32(microloss_exact_total_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[72];
} microloss_exact_total_state_f64;
#define MICROLOSS_EXACT_TOTAL_SIZE_F64 585
size_t microloss_exact_total_size_f64(void);
microloss_status microloss_exact_total_merge_f64(microloss_exact_total_state_f64 *state, const microloss_exact_total_state_f64 *other, microloss_error *error);
microloss_status microloss_exact_total_save_f64(const microloss_exact_total_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_exact_total_load_f64(microloss_exact_total_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_EXACT_TOTAL_INIT { { 0 } }
microloss_status microloss_exact_total_take_f32(microloss_exact_total_state_f32 *state, microloss_status status, const microloss_total_f32 *item, microloss_error *error);
microloss_status microloss_exact_total_take_f64(microloss_exact_total_state_f64 *state, microloss_status status, const microloss_total_f64 *item, microloss_error *error);
microloss_status microloss_exact_total_mean_f32(const microloss_exact_total_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_exact_total_mean_f64(const microloss_exact_total_state_f64 *state, double *value, microloss_error *error);
microloss_status microloss_exact_total_sum_f32(const microloss_exact_total_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_exact_total_sum_f64(const microloss_exact_total_state_f64 *state, double *value, microloss_error *error);
uint64_t microloss_exact_total_valid_f32(const microloss_exact_total_state_f32 *state);
uint64_t microloss_exact_total_valid_f64(const microloss_exact_total_state_f64 *state);
uint64_t microloss_exact_total_ignored_f32(const microloss_exact_total_state_f32 *state);
uint64_t microloss_exact_total_ignored_f64(const microloss_exact_total_state_f64 *state);
uint64_t microloss_exact_total_items_f32(const microloss_exact_total_state_f32 *state);
uint64_t microloss_exact_total_items_f64(const microloss_exact_total_state_f64 *state);
uint64_t microloss_exact_total_rejected_f32(const microloss_exact_total_state_f32 *state);
uint64_t microloss_exact_total_rejected_f64(const microloss_exact_total_state_f64 *state);

/* The mean of any loss, in less memory, and not exact: the last bits hang on the order. An item is a total of any batch. */
typedef struct {
    uint64_t memory[6];
} microloss_compensated_total_state_f32;
#define MICROLOSS_COMPENSATED_TOTAL_SIZE_F32 73
size_t microloss_compensated_total_size_f32(void);
microloss_status microloss_compensated_total_merge_f32(microloss_compensated_total_state_f32 *state, const microloss_compensated_total_state_f32 *other, microloss_error *error);
microloss_status microloss_compensated_total_save_f32(const microloss_compensated_total_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_compensated_total_load_f32(microloss_compensated_total_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[8];
} microloss_compensated_total_state_f64;
#define MICROLOSS_COMPENSATED_TOTAL_SIZE_F64 73
size_t microloss_compensated_total_size_f64(void);
microloss_status microloss_compensated_total_merge_f64(microloss_compensated_total_state_f64 *state, const microloss_compensated_total_state_f64 *other, microloss_error *error);
microloss_status microloss_compensated_total_save_f64(const microloss_compensated_total_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_compensated_total_load_f64(microloss_compensated_total_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_COMPENSATED_TOTAL_INIT { { 0 } }
microloss_status microloss_compensated_total_take_f32(microloss_compensated_total_state_f32 *state, microloss_status status, const microloss_total_f32 *item, microloss_error *error);
microloss_status microloss_compensated_total_take_f64(microloss_compensated_total_state_f64 *state, microloss_status status, const microloss_total_f64 *item, microloss_error *error);
microloss_status microloss_compensated_total_mean_f32(const microloss_compensated_total_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_compensated_total_mean_f64(const microloss_compensated_total_state_f64 *state, double *value, microloss_error *error);
microloss_status microloss_compensated_total_sum_f32(const microloss_compensated_total_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_compensated_total_sum_f64(const microloss_compensated_total_state_f64 *state, double *value, microloss_error *error);
uint64_t microloss_compensated_total_valid_f32(const microloss_compensated_total_state_f32 *state);
uint64_t microloss_compensated_total_valid_f64(const microloss_compensated_total_state_f64 *state);
uint64_t microloss_compensated_total_ignored_f32(const microloss_compensated_total_state_f32 *state);
uint64_t microloss_compensated_total_ignored_f64(const microloss_compensated_total_state_f64 *state);
uint64_t microloss_compensated_total_items_f32(const microloss_compensated_total_state_f32 *state);
uint64_t microloss_compensated_total_items_f64(const microloss_compensated_total_state_f64 *state);
uint64_t microloss_compensated_total_rejected_f32(const microloss_compensated_total_state_f32 *state);
uint64_t microloss_compensated_total_rejected_f64(const microloss_compensated_total_state_f64 *state);

/* Log loss: the mean cross entropy, and its exponential, the perplexity. An item is a row, a score, or a loss in nats. */
typedef struct {
    uint64_t memory[9];
} microloss_log_loss_state_f32;
#define MICROLOSS_LOG_LOSS_SIZE_F32 77
size_t microloss_log_loss_size_f32(void);
microloss_status microloss_log_loss_merge_f32(microloss_log_loss_state_f32 *state, const microloss_log_loss_state_f32 *other, microloss_error *error);
microloss_status microloss_log_loss_save_f32(const microloss_log_loss_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_log_loss_load_f32(microloss_log_loss_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[37];
} microloss_log_loss_state_f64;
#define MICROLOSS_LOG_LOSS_SIZE_F64 305
size_t microloss_log_loss_size_f64(void);
microloss_status microloss_log_loss_merge_f64(microloss_log_loss_state_f64 *state, const microloss_log_loss_state_f64 *other, microloss_error *error);
microloss_status microloss_log_loss_save_f64(const microloss_log_loss_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_log_loss_load_f64(microloss_log_loss_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_LOG_LOSS_INIT { { 0 } }
microloss_status microloss_log_loss_add_scores_f32(microloss_log_loss_state_f32 *state, size_t label, const float *scores, size_t columns, microloss_input from, microloss_error *error);
microloss_status microloss_log_loss_add_scores_f64(microloss_log_loss_state_f64 *state, size_t label, const double *scores, size_t columns, microloss_input from, microloss_error *error);
microloss_status microloss_log_loss_add_score_f32(microloss_log_loss_state_f32 *state, bool is_positive, float score, microloss_input from, microloss_error *error);
microloss_status microloss_log_loss_add_score_f64(microloss_log_loss_state_f64 *state, bool is_positive, double score, microloss_input from, microloss_error *error);
microloss_status microloss_log_loss_take_f32(microloss_log_loss_state_f32 *state, microloss_status status, float loss, microloss_error *error);
microloss_status microloss_log_loss_take_f64(microloss_log_loss_state_f64 *state, microloss_status status, double loss, microloss_error *error);
microloss_status microloss_log_loss_value_f32(const microloss_log_loss_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_log_loss_value_f64(const microloss_log_loss_state_f64 *state, double *value, microloss_error *error);
microloss_status microloss_log_loss_perplexity_f32(const microloss_log_loss_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_log_loss_perplexity_f64(const microloss_log_loss_state_f64 *state, double *value, microloss_error *error);
uint64_t microloss_log_loss_items_f32(const microloss_log_loss_state_f32 *state);
uint64_t microloss_log_loss_items_f64(const microloss_log_loss_state_f64 *state);
uint64_t microloss_log_loss_rejected_f32(const microloss_log_loss_state_f32 *state);
uint64_t microloss_log_loss_rejected_f64(const microloss_log_loss_state_f64 *state);

/* Brier score: the mean squared distance of probabilities. An item is a row, a probability, or a loss. */
typedef struct {
    uint64_t memory[9];
} microloss_brier_score_state_f32;
#define MICROLOSS_BRIER_SCORE_SIZE_F32 77
size_t microloss_brier_score_size_f32(void);
microloss_status microloss_brier_score_merge_f32(microloss_brier_score_state_f32 *state, const microloss_brier_score_state_f32 *other, microloss_error *error);
microloss_status microloss_brier_score_save_f32(const microloss_brier_score_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_brier_score_load_f32(microloss_brier_score_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[37];
} microloss_brier_score_state_f64;
#define MICROLOSS_BRIER_SCORE_SIZE_F64 305
size_t microloss_brier_score_size_f64(void);
microloss_status microloss_brier_score_merge_f64(microloss_brier_score_state_f64 *state, const microloss_brier_score_state_f64 *other, microloss_error *error);
microloss_status microloss_brier_score_save_f64(const microloss_brier_score_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_brier_score_load_f64(microloss_brier_score_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_BRIER_SCORE_INIT { { 0 } }
microloss_status microloss_brier_score_add_scores_f32(microloss_brier_score_state_f32 *state, size_t label, const float *scores, size_t columns, microloss_input from, microloss_error *error);
microloss_status microloss_brier_score_add_scores_f64(microloss_brier_score_state_f64 *state, size_t label, const double *scores, size_t columns, microloss_input from, microloss_error *error);
microloss_status microloss_brier_score_add_probability_f32(microloss_brier_score_state_f32 *state, bool is_positive, float probability, microloss_error *error);
microloss_status microloss_brier_score_add_probability_f64(microloss_brier_score_state_f64 *state, bool is_positive, double probability, microloss_error *error);
microloss_status microloss_brier_score_take_f32(microloss_brier_score_state_f32 *state, microloss_status status, float loss, microloss_error *error);
microloss_status microloss_brier_score_take_f64(microloss_brier_score_state_f64 *state, microloss_status status, double loss, microloss_error *error);
microloss_status microloss_brier_score_value_f32(const microloss_brier_score_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_brier_score_value_f64(const microloss_brier_score_state_f64 *state, double *value, microloss_error *error);
uint64_t microloss_brier_score_items_f32(const microloss_brier_score_state_f32 *state);
uint64_t microloss_brier_score_items_f64(const microloss_brier_score_state_f64 *state);
uint64_t microloss_brier_score_rejected_f32(const microloss_brier_score_state_f32 *state);
uint64_t microloss_brier_score_rejected_f64(const microloss_brier_score_state_f64 *state);

/* Expected and maximum calibration error, and the reliability diagram, in 10 bins. */
typedef struct {
    uint64_t memory[67];
} microloss_calibration_error_10_state_f32;
#define MICROLOSS_CALIBRATION_ERROR_10_SIZE_F32 545
size_t microloss_calibration_error_10_size_f32(void);
microloss_status microloss_calibration_error_10_merge_f32(microloss_calibration_error_10_state_f32 *state, const microloss_calibration_error_10_state_f32 *other, microloss_error *error);
microloss_status microloss_calibration_error_10_save_f32(const microloss_calibration_error_10_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_calibration_error_10_load_f32(microloss_calibration_error_10_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[352];
} microloss_calibration_error_10_state_f64;
#define MICROLOSS_CALIBRATION_ERROR_10_SIZE_F64 2825
size_t microloss_calibration_error_10_size_f64(void);
microloss_status microloss_calibration_error_10_merge_f64(microloss_calibration_error_10_state_f64 *state, const microloss_calibration_error_10_state_f64 *other, microloss_error *error);
microloss_status microloss_calibration_error_10_save_f64(const microloss_calibration_error_10_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_calibration_error_10_load_f64(microloss_calibration_error_10_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_CALIBRATION_ERROR_10_INIT { { 0 } }
microloss_status microloss_calibration_error_10_add_scores_f32(microloss_calibration_error_10_state_f32 *state, size_t label, const float *scores, size_t columns, microloss_input from, microloss_error *error);
microloss_status microloss_calibration_error_10_add_scores_f64(microloss_calibration_error_10_state_f64 *state, size_t label, const double *scores, size_t columns, microloss_input from, microloss_error *error);
microloss_status microloss_calibration_error_10_add_f32(microloss_calibration_error_10_state_f32 *state, float confidence, bool is_right, microloss_error *error);
microloss_status microloss_calibration_error_10_add_f64(microloss_calibration_error_10_state_f64 *state, double confidence, bool is_right, microloss_error *error);
microloss_status microloss_calibration_error_10_expected_f32(const microloss_calibration_error_10_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_calibration_error_10_expected_f64(const microloss_calibration_error_10_state_f64 *state, double *value, microloss_error *error);
microloss_status microloss_calibration_error_10_maximum_f32(const microloss_calibration_error_10_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_calibration_error_10_maximum_f64(const microloss_calibration_error_10_state_f64 *state, double *value, microloss_error *error);
microloss_status microloss_calibration_error_10_accuracy_f32(const microloss_calibration_error_10_state_f32 *state, size_t bin, float *value, microloss_error *error);
microloss_status microloss_calibration_error_10_accuracy_f64(const microloss_calibration_error_10_state_f64 *state, size_t bin, double *value, microloss_error *error);
microloss_status microloss_calibration_error_10_confidence_f32(const microloss_calibration_error_10_state_f32 *state, size_t bin, float *value, microloss_error *error);
microloss_status microloss_calibration_error_10_confidence_f64(const microloss_calibration_error_10_state_f64 *state, size_t bin, double *value, microloss_error *error);
uint64_t microloss_calibration_error_10_items_f32(const microloss_calibration_error_10_state_f32 *state);
uint64_t microloss_calibration_error_10_items_f64(const microloss_calibration_error_10_state_f64 *state);
uint64_t microloss_calibration_error_10_rejected_f32(const microloss_calibration_error_10_state_f32 *state);
uint64_t microloss_calibration_error_10_rejected_f64(const microloss_calibration_error_10_state_f64 *state);

/* The same in 15 bins. */
typedef struct {
    uint64_t memory[100];
} microloss_calibration_error_15_state_f32;
#define MICROLOSS_CALIBRATION_ERROR_15_SIZE_F32 805
size_t microloss_calibration_error_15_size_f32(void);
microloss_status microloss_calibration_error_15_merge_f32(microloss_calibration_error_15_state_f32 *state, const microloss_calibration_error_15_state_f32 *other, microloss_error *error);
microloss_status microloss_calibration_error_15_save_f32(const microloss_calibration_error_15_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_calibration_error_15_load_f32(microloss_calibration_error_15_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[527];
} microloss_calibration_error_15_state_f64;
#define MICROLOSS_CALIBRATION_ERROR_15_SIZE_F64 4225
size_t microloss_calibration_error_15_size_f64(void);
microloss_status microloss_calibration_error_15_merge_f64(microloss_calibration_error_15_state_f64 *state, const microloss_calibration_error_15_state_f64 *other, microloss_error *error);
microloss_status microloss_calibration_error_15_save_f64(const microloss_calibration_error_15_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_calibration_error_15_load_f64(microloss_calibration_error_15_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_CALIBRATION_ERROR_15_INIT { { 0 } }
microloss_status microloss_calibration_error_15_add_scores_f32(microloss_calibration_error_15_state_f32 *state, size_t label, const float *scores, size_t columns, microloss_input from, microloss_error *error);
microloss_status microloss_calibration_error_15_add_scores_f64(microloss_calibration_error_15_state_f64 *state, size_t label, const double *scores, size_t columns, microloss_input from, microloss_error *error);
microloss_status microloss_calibration_error_15_add_f32(microloss_calibration_error_15_state_f32 *state, float confidence, bool is_right, microloss_error *error);
microloss_status microloss_calibration_error_15_add_f64(microloss_calibration_error_15_state_f64 *state, double confidence, bool is_right, microloss_error *error);
microloss_status microloss_calibration_error_15_expected_f32(const microloss_calibration_error_15_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_calibration_error_15_expected_f64(const microloss_calibration_error_15_state_f64 *state, double *value, microloss_error *error);
microloss_status microloss_calibration_error_15_maximum_f32(const microloss_calibration_error_15_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_calibration_error_15_maximum_f64(const microloss_calibration_error_15_state_f64 *state, double *value, microloss_error *error);
microloss_status microloss_calibration_error_15_accuracy_f32(const microloss_calibration_error_15_state_f32 *state, size_t bin, float *value, microloss_error *error);
microloss_status microloss_calibration_error_15_accuracy_f64(const microloss_calibration_error_15_state_f64 *state, size_t bin, double *value, microloss_error *error);
microloss_status microloss_calibration_error_15_confidence_f32(const microloss_calibration_error_15_state_f32 *state, size_t bin, float *value, microloss_error *error);
microloss_status microloss_calibration_error_15_confidence_f64(const microloss_calibration_error_15_state_f64 *state, size_t bin, double *value, microloss_error *error);
uint64_t microloss_calibration_error_15_items_f32(const microloss_calibration_error_15_state_f32 *state);
uint64_t microloss_calibration_error_15_items_f64(const microloss_calibration_error_15_state_f64 *state);
uint64_t microloss_calibration_error_15_rejected_f32(const microloss_calibration_error_15_state_f32 *state);
uint64_t microloss_calibration_error_15_rejected_f64(const microloss_calibration_error_15_state_f64 *state);

/* Mean absolute error, correctly rounded. */
typedef struct {
    uint64_t memory[9];
} microloss_mean_absolute_error_state_f32;
#define MICROLOSS_MEAN_ABSOLUTE_ERROR_SIZE_F32 77
size_t microloss_mean_absolute_error_size_f32(void);
microloss_status microloss_mean_absolute_error_merge_f32(microloss_mean_absolute_error_state_f32 *state, const microloss_mean_absolute_error_state_f32 *other, microloss_error *error);
microloss_status microloss_mean_absolute_error_save_f32(const microloss_mean_absolute_error_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_mean_absolute_error_load_f32(microloss_mean_absolute_error_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[37];
} microloss_mean_absolute_error_state_f64;
#define MICROLOSS_MEAN_ABSOLUTE_ERROR_SIZE_F64 305
size_t microloss_mean_absolute_error_size_f64(void);
microloss_status microloss_mean_absolute_error_merge_f64(microloss_mean_absolute_error_state_f64 *state, const microloss_mean_absolute_error_state_f64 *other, microloss_error *error);
microloss_status microloss_mean_absolute_error_save_f64(const microloss_mean_absolute_error_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_mean_absolute_error_load_f64(microloss_mean_absolute_error_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_MEAN_ABSOLUTE_ERROR_INIT { { 0 } }
microloss_status microloss_mean_absolute_error_add_f32(microloss_mean_absolute_error_state_f32 *state, float target, float predicted, microloss_error *error);
microloss_status microloss_mean_absolute_error_add_f64(microloss_mean_absolute_error_state_f64 *state, double target, double predicted, microloss_error *error);
microloss_status microloss_mean_absolute_error_value_f32(const microloss_mean_absolute_error_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_mean_absolute_error_value_f64(const microloss_mean_absolute_error_state_f64 *state, double *value, microloss_error *error);
uint64_t microloss_mean_absolute_error_items_f32(const microloss_mean_absolute_error_state_f32 *state);
uint64_t microloss_mean_absolute_error_items_f64(const microloss_mean_absolute_error_state_f64 *state);
uint64_t microloss_mean_absolute_error_rejected_f32(const microloss_mean_absolute_error_state_f32 *state);
uint64_t microloss_mean_absolute_error_rejected_f64(const microloss_mean_absolute_error_state_f64 *state);

/* Root mean squared error, and the mean squared error, correctly rounded. */
typedef struct {
    uint64_t memory[14];
} microloss_root_mean_squared_error_state_f32;
#define MICROLOSS_ROOT_MEAN_SQUARED_ERROR_SIZE_F32 121
size_t microloss_root_mean_squared_error_size_f32(void);
microloss_status microloss_root_mean_squared_error_merge_f32(microloss_root_mean_squared_error_state_f32 *state, const microloss_root_mean_squared_error_state_f32 *other, microloss_error *error);
microloss_status microloss_root_mean_squared_error_save_f32(const microloss_root_mean_squared_error_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_root_mean_squared_error_load_f32(microloss_root_mean_squared_error_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[71];
} microloss_root_mean_squared_error_state_f64;
#define MICROLOSS_ROOT_MEAN_SQUARED_ERROR_SIZE_F64 577
size_t microloss_root_mean_squared_error_size_f64(void);
microloss_status microloss_root_mean_squared_error_merge_f64(microloss_root_mean_squared_error_state_f64 *state, const microloss_root_mean_squared_error_state_f64 *other, microloss_error *error);
microloss_status microloss_root_mean_squared_error_save_f64(const microloss_root_mean_squared_error_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_root_mean_squared_error_load_f64(microloss_root_mean_squared_error_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_ROOT_MEAN_SQUARED_ERROR_INIT { { 0 } }
microloss_status microloss_root_mean_squared_error_add_f32(microloss_root_mean_squared_error_state_f32 *state, float target, float predicted, microloss_error *error);
microloss_status microloss_root_mean_squared_error_add_f64(microloss_root_mean_squared_error_state_f64 *state, double target, double predicted, microloss_error *error);
microloss_status microloss_root_mean_squared_error_value_f32(const microloss_root_mean_squared_error_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_root_mean_squared_error_value_f64(const microloss_root_mean_squared_error_state_f64 *state, double *value, microloss_error *error);
microloss_status microloss_root_mean_squared_error_squared_f32(const microloss_root_mean_squared_error_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_root_mean_squared_error_squared_f64(const microloss_root_mean_squared_error_state_f64 *state, double *value, microloss_error *error);
uint64_t microloss_root_mean_squared_error_items_f32(const microloss_root_mean_squared_error_state_f32 *state);
uint64_t microloss_root_mean_squared_error_items_f64(const microloss_root_mean_squared_error_state_f64 *state);
uint64_t microloss_root_mean_squared_error_rejected_f32(const microloss_root_mean_squared_error_state_f32 *state);
uint64_t microloss_root_mean_squared_error_rejected_f64(const microloss_root_mean_squared_error_state_f64 *state);

/* Mean absolute percentage error. A target of 0 is refused, unless `init` says what its ratio is, or a floor above 0. */
typedef struct {
    uint64_t memory[10];
} microloss_mean_absolute_percentage_error_state_f32;
#define MICROLOSS_MEAN_ABSOLUTE_PERCENTAGE_ERROR_SIZE_F32 89
size_t microloss_mean_absolute_percentage_error_size_f32(void);
microloss_status microloss_mean_absolute_percentage_error_merge_f32(microloss_mean_absolute_percentage_error_state_f32 *state, const microloss_mean_absolute_percentage_error_state_f32 *other, microloss_error *error);
microloss_status microloss_mean_absolute_percentage_error_save_f32(const microloss_mean_absolute_percentage_error_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_mean_absolute_percentage_error_load_f32(microloss_mean_absolute_percentage_error_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[39];
} microloss_mean_absolute_percentage_error_state_f64;
#define MICROLOSS_MEAN_ABSOLUTE_PERCENTAGE_ERROR_SIZE_F64 317
size_t microloss_mean_absolute_percentage_error_size_f64(void);
microloss_status microloss_mean_absolute_percentage_error_merge_f64(microloss_mean_absolute_percentage_error_state_f64 *state, const microloss_mean_absolute_percentage_error_state_f64 *other, microloss_error *error);
microloss_status microloss_mean_absolute_percentage_error_save_f64(const microloss_mean_absolute_percentage_error_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_mean_absolute_percentage_error_load_f64(microloss_mean_absolute_percentage_error_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_MEAN_ABSOLUTE_PERCENTAGE_ERROR_INIT { { 0 } }
microloss_status microloss_mean_absolute_percentage_error_init_f32(microloss_mean_absolute_percentage_error_state_f32 *state, microloss_zero_division zero_division, float floor, microloss_error *error);
microloss_status microloss_mean_absolute_percentage_error_init_f64(microloss_mean_absolute_percentage_error_state_f64 *state, microloss_zero_division zero_division, double floor, microloss_error *error);
microloss_status microloss_mean_absolute_percentage_error_add_f32(microloss_mean_absolute_percentage_error_state_f32 *state, float target, float predicted, microloss_error *error);
microloss_status microloss_mean_absolute_percentage_error_add_f64(microloss_mean_absolute_percentage_error_state_f64 *state, double target, double predicted, microloss_error *error);
microloss_status microloss_mean_absolute_percentage_error_value_f32(const microloss_mean_absolute_percentage_error_state_f32 *state, float *value, microloss_error *error);
microloss_status microloss_mean_absolute_percentage_error_value_f64(const microloss_mean_absolute_percentage_error_state_f64 *state, double *value, microloss_error *error);
uint64_t microloss_mean_absolute_percentage_error_items_f32(const microloss_mean_absolute_percentage_error_state_f32 *state);
uint64_t microloss_mean_absolute_percentage_error_items_f64(const microloss_mean_absolute_percentage_error_state_f64 *state);
uint64_t microloss_mean_absolute_percentage_error_rejected_f32(const microloss_mean_absolute_percentage_error_state_f32 *state);
uint64_t microloss_mean_absolute_percentage_error_rejected_f64(const microloss_mean_absolute_percentage_error_state_f64 *state);

/* R2, the coefficient of determination, correctly rounded; 0 / 0 of equal targets, and never 1 of wrong predictions. */
typedef struct {
    uint64_t memory[31];
} microloss_r2_score_state_f32;
#define MICROLOSS_R2_SCORE_SIZE_F32 253
size_t microloss_r2_score_size_f32(void);
microloss_status microloss_r2_score_merge_f32(microloss_r2_score_state_f32 *state, const microloss_r2_score_state_f32 *other, microloss_error *error);
microloss_status microloss_r2_score_save_f32(const microloss_r2_score_state_f32 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_r2_score_load_f32(microloss_r2_score_state_f32 *state, const uint8_t *bytes, size_t length, microloss_error *error);
typedef struct {
    uint64_t memory[173];
} microloss_r2_score_state_f64;
#define MICROLOSS_R2_SCORE_SIZE_F64 1393
size_t microloss_r2_score_size_f64(void);
microloss_status microloss_r2_score_merge_f64(microloss_r2_score_state_f64 *state, const microloss_r2_score_state_f64 *other, microloss_error *error);
microloss_status microloss_r2_score_save_f64(const microloss_r2_score_state_f64 *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_r2_score_load_f64(microloss_r2_score_state_f64 *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_R2_SCORE_INIT { { 0 } }
microloss_status microloss_r2_score_add_f32(microloss_r2_score_state_f32 *state, float target, float predicted, microloss_error *error);
microloss_status microloss_r2_score_add_f64(microloss_r2_score_state_f64 *state, double target, double predicted, microloss_error *error);
microloss_status microloss_r2_score_value_f32(const microloss_r2_score_state_f32 *state, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_r2_score_value_f64(const microloss_r2_score_state_f64 *state, microloss_zero_division zero_division, double *value, microloss_error *error);
uint64_t microloss_r2_score_items_f32(const microloss_r2_score_state_f32 *state);
uint64_t microloss_r2_score_items_f64(const microloss_r2_score_state_f64 *state);
uint64_t microloss_r2_score_rejected_f32(const microloss_r2_score_state_f32 *state);
uint64_t microloss_r2_score_rejected_f64(const microloss_r2_score_state_f64 *state);

/* Coverage: the part of the targets that are at or below a predicted quantile, or within a predicted interval. */
typedef struct {
    uint64_t memory[4];
} microloss_coverage_state;
#define MICROLOSS_COVERAGE_SIZE 41
size_t microloss_coverage_size(void);
microloss_status microloss_coverage_merge(microloss_coverage_state *state, const microloss_coverage_state *other, microloss_error *error);
microloss_status microloss_coverage_save(const microloss_coverage_state *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_coverage_load(microloss_coverage_state *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_COVERAGE_INIT { { 0 } }
microloss_status microloss_coverage_add_quantile_f32(microloss_coverage_state *state, float target, float quantile, microloss_error *error);
microloss_status microloss_coverage_add_quantile_f64(microloss_coverage_state *state, double target, double quantile, microloss_error *error);
microloss_status microloss_coverage_add_interval_f32(microloss_coverage_state *state, float target, float low, float high, microloss_error *error);
microloss_status microloss_coverage_add_interval_f64(microloss_coverage_state *state, double target, double low, double high, microloss_error *error);
microloss_status microloss_coverage_value_f32(const microloss_coverage_state *state, float *value, microloss_error *error);
microloss_status microloss_coverage_value_f64(const microloss_coverage_state *state, double *value, microloss_error *error);
uint64_t microloss_coverage_items(const microloss_coverage_state *state);
uint64_t microloss_coverage_rejected(const microloss_coverage_state *state);

/* Top-k accuracy for k from 1 to 5; of equal scores the last class comes first. */
typedef struct {
    uint64_t memory[5];
} microloss_top_k_accuracy_5_state;
#define MICROLOSS_TOP_K_ACCURACY_5_SIZE 49
size_t microloss_top_k_accuracy_5_size(void);
microloss_status microloss_top_k_accuracy_5_merge(microloss_top_k_accuracy_5_state *state, const microloss_top_k_accuracy_5_state *other, microloss_error *error);
microloss_status microloss_top_k_accuracy_5_save(const microloss_top_k_accuracy_5_state *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_top_k_accuracy_5_load(microloss_top_k_accuracy_5_state *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_TOP_K_ACCURACY_5_INIT { { 0 } }
microloss_status microloss_top_k_accuracy_5_add_scores_f32(microloss_top_k_accuracy_5_state *state, size_t label, const float *scores, size_t columns, microloss_error *error);
microloss_status microloss_top_k_accuracy_5_add_scores_f64(microloss_top_k_accuracy_5_state *state, size_t label, const double *scores, size_t columns, microloss_error *error);
microloss_status microloss_top_k_accuracy_5_accuracy_f32(const microloss_top_k_accuracy_5_state *state, size_t k, float *value, microloss_error *error);
microloss_status microloss_top_k_accuracy_5_accuracy_f64(const microloss_top_k_accuracy_5_state *state, size_t k, double *value, microloss_error *error);
uint64_t microloss_top_k_accuracy_5_items(const microloss_top_k_accuracy_5_state *state);
uint64_t microloss_top_k_accuracy_5_rejected(const microloss_top_k_accuracy_5_state *state);

/* The same for k from 1 to 10. */
typedef struct {
    uint64_t memory[8];
} microloss_top_k_accuracy_10_state;
#define MICROLOSS_TOP_K_ACCURACY_10_SIZE 69
size_t microloss_top_k_accuracy_10_size(void);
microloss_status microloss_top_k_accuracy_10_merge(microloss_top_k_accuracy_10_state *state, const microloss_top_k_accuracy_10_state *other, microloss_error *error);
microloss_status microloss_top_k_accuracy_10_save(const microloss_top_k_accuracy_10_state *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_top_k_accuracy_10_load(microloss_top_k_accuracy_10_state *state, const uint8_t *bytes, size_t length, microloss_error *error);
#define MICROLOSS_TOP_K_ACCURACY_10_INIT { { 0 } }
microloss_status microloss_top_k_accuracy_10_add_scores_f32(microloss_top_k_accuracy_10_state *state, size_t label, const float *scores, size_t columns, microloss_error *error);
microloss_status microloss_top_k_accuracy_10_add_scores_f64(microloss_top_k_accuracy_10_state *state, size_t label, const double *scores, size_t columns, microloss_error *error);
microloss_status microloss_top_k_accuracy_10_accuracy_f32(const microloss_top_k_accuracy_10_state *state, size_t k, float *value, microloss_error *error);
microloss_status microloss_top_k_accuracy_10_accuracy_f64(const microloss_top_k_accuracy_10_state *state, size_t k, double *value, microloss_error *error);
uint64_t microloss_top_k_accuracy_10_items(const microloss_top_k_accuracy_10_state *state);
uint64_t microloss_top_k_accuracy_10_rejected(const microloss_top_k_accuracy_10_state *state);

/* AUROC and average precision, with bounds, of scores in 64 bins: probabilities, or a range. Not zeros but `init` first. */
typedef struct {
    uint64_t memory[69];
} microloss_score_histogram_64_state;
#define MICROLOSS_SCORE_HISTOGRAM_64_SIZE 557
size_t microloss_score_histogram_64_size(void);
microloss_status microloss_score_histogram_64_merge(microloss_score_histogram_64_state *state, const microloss_score_histogram_64_state *other, microloss_error *error);
microloss_status microloss_score_histogram_64_save(const microloss_score_histogram_64_state *state, uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_score_histogram_64_load(microloss_score_histogram_64_state *state, const uint8_t *bytes, size_t length, microloss_error *error);
microloss_status microloss_score_histogram_64_init(microloss_score_histogram_64_state *state, microloss_error *error);
microloss_status microloss_score_histogram_64_init_over(microloss_score_histogram_64_state *state, double low, double high, microloss_error *error);
microloss_status microloss_score_histogram_64_add_f32(microloss_score_histogram_64_state *state, float score, bool is_positive, microloss_error *error);
microloss_status microloss_score_histogram_64_add_f64(microloss_score_histogram_64_state *state, double score, bool is_positive, microloss_error *error);
microloss_status microloss_score_histogram_64_auroc_f32(const microloss_score_histogram_64_state *state, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_score_histogram_64_auroc_f64(const microloss_score_histogram_64_state *state, microloss_zero_division zero_division, double *value, microloss_error *error);
microloss_status microloss_score_histogram_64_auroc_bounds_f32(const microloss_score_histogram_64_state *state, microloss_zero_division zero_division, float value[2], microloss_error *error);
microloss_status microloss_score_histogram_64_auroc_bounds_f64(const microloss_score_histogram_64_state *state, microloss_zero_division zero_division, double value[2], microloss_error *error);
microloss_status microloss_score_histogram_64_average_precision_f32(const microloss_score_histogram_64_state *state, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_score_histogram_64_average_precision_f64(const microloss_score_histogram_64_state *state, microloss_zero_division zero_division, double *value, microloss_error *error);
microloss_status microloss_score_histogram_64_average_precision_bounds_f32(const microloss_score_histogram_64_state *state, microloss_zero_division zero_division, float value[2], microloss_error *error);
microloss_status microloss_score_histogram_64_average_precision_bounds_f64(const microloss_score_histogram_64_state *state, microloss_zero_division zero_division, double value[2], microloss_error *error);
uint64_t microloss_score_histogram_64_items(const microloss_score_histogram_64_state *state);
uint64_t microloss_score_histogram_64_rejected(const microloss_score_histogram_64_state *state);

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

/* What is read off a confusion matrix, and how it is fed. F1 is also called Dice, IoU the Jaccard index. */
microloss_status microloss_confusion_matrix_add(microloss_confusion_matrix *state, size_t label, size_t predicted, microloss_error *error);
microloss_status microloss_confusion_matrix_add_scores_f32(microloss_confusion_matrix *state, size_t label, const float *scores, size_t columns, microloss_error *error);
microloss_status microloss_confusion_matrix_add_scores_f64(microloss_confusion_matrix *state, size_t label, const double *scores, size_t columns, microloss_error *error);
microloss_status microloss_confusion_matrix_accuracy_f32(const microloss_confusion_matrix *state, float *value, microloss_error *error);
microloss_status microloss_confusion_matrix_accuracy_f64(const microloss_confusion_matrix *state, double *value, microloss_error *error);
microloss_status microloss_confusion_matrix_balanced_accuracy_f32(const microloss_confusion_matrix *state, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_confusion_matrix_balanced_accuracy_f64(const microloss_confusion_matrix *state, microloss_zero_division zero_division, double *value, microloss_error *error);
microloss_status microloss_confusion_matrix_precision_f32(const microloss_confusion_matrix *state, microloss_average average, size_t class_index, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_confusion_matrix_precision_f64(const microloss_confusion_matrix *state, microloss_average average, size_t class_index, microloss_zero_division zero_division, double *value, microloss_error *error);
microloss_status microloss_confusion_matrix_recall_f32(const microloss_confusion_matrix *state, microloss_average average, size_t class_index, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_confusion_matrix_recall_f64(const microloss_confusion_matrix *state, microloss_average average, size_t class_index, microloss_zero_division zero_division, double *value, microloss_error *error);
microloss_status microloss_confusion_matrix_f1_f32(const microloss_confusion_matrix *state, microloss_average average, size_t class_index, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_confusion_matrix_f1_f64(const microloss_confusion_matrix *state, microloss_average average, size_t class_index, microloss_zero_division zero_division, double *value, microloss_error *error);
microloss_status microloss_confusion_matrix_iou_f32(const microloss_confusion_matrix *state, microloss_average average, size_t class_index, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_confusion_matrix_iou_f64(const microloss_confusion_matrix *state, microloss_average average, size_t class_index, microloss_zero_division zero_division, double *value, microloss_error *error);
microloss_status microloss_confusion_matrix_cohen_kappa_f32(const microloss_confusion_matrix *state, microloss_disagreement disagreement, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_confusion_matrix_cohen_kappa_f64(const microloss_confusion_matrix *state, microloss_disagreement disagreement, microloss_zero_division zero_division, double *value, microloss_error *error);
microloss_status microloss_confusion_matrix_matthews_correlation_f32(const microloss_confusion_matrix *state, microloss_zero_division zero_division, float *value, microloss_error *error);
microloss_status microloss_confusion_matrix_matthews_correlation_f64(const microloss_confusion_matrix *state, microloss_zero_division zero_division, double *value, microloss_error *error);

#ifdef __cplusplus
}
#endif

#endif

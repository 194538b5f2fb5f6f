/* Calls from C: results, refusals, and what they leave alone. Prints "ok". */
#include "microloss.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            exit(1); \
        } \
    } while (0)

static const float LOGITS[6] = {2.0f, -1.0f, 0.5f, 0.3f, 0.2f, 0.1f};
static const uint8_t LABELS[2] = {0, 255};

static microloss_batch_f32 rows(void)
{
    microloss_batch_f32 batch = MICROLOSS_BATCH_INIT;
    batch.scores.data = LOGITS, batch.scores.length = 6, batch.columns = 3;
    batch.targets = microloss_labels_u8(LABELS, 2);
    batch.ignore.is_some = true, batch.ignore.label = 255;
    return batch;
}

/* The README's second example; in place it is the same. */
static void gradients(void)
{
    float gradient[6], scores[6], value = 0.0f, same = 0.0f;
    microloss_cross_entropy_options_f32 options = MICROLOSS_CROSS_ENTROPY_OPTIONS_INIT;
    microloss_batch_f32 batch = rows();
    options.label_smoothing = 0.1f;
    batch.unit = MICROLOSS_BITS;
    batch.gradient.data = gradient, batch.gradient.length = 6;
    CHECK(microloss_cross_entropy_f32(&options, &batch, &value, NULL) == MICROLOSS_OK);
    memcpy(scores, LOGITS, sizeof scores);
    batch.scores.data = scores, batch.gradient.data = scores;
    CHECK(microloss_cross_entropy_f32(&options, &batch, &same, NULL) == MICROLOSS_OK);
    CHECK(value == same && memcmp(scores, gradient, sizeof scores) == 0);
    CHECK(gradient[0] < 0.0f && gradient[1] > 0.0f && gradient[3] == 0.0f);
}

static void reductions(void)
{
    float values[2], value = 7.0f, mean;
    microloss_total_f32 total = MICROLOSS_TOTAL_INIT;
    microloss_batch_f32 batch = rows();
    CHECK(microloss_cross_entropy_f32(NULL, &batch, &mean, NULL) == MICROLOSS_OK);
    batch.reduction = MICROLOSS_SUM, batch.total = &total;
    CHECK(microloss_cross_entropy_f32(NULL, &batch, &value, NULL) == MICROLOSS_OK && value == mean);
    CHECK(microloss_cross_entropy_f32(NULL, &batch, NULL, NULL) == MICROLOSS_OK);
    CHECK(microloss_total_valid_f32(&total) == 2 && microloss_total_ignored_f32(&total) == 2);
    CHECK(microloss_total_sum_f32(&total, &value, NULL) == MICROLOSS_OK && value == 2.0f * mean);
    CHECK(microloss_total_mean_f32(&total, &value, NULL) == MICROLOSS_OK && value == mean);
    batch.reduction = MICROLOSS_NONE, batch.total = NULL;
    batch.values.data = values, batch.values.length = 2;
    CHECK(microloss_cross_entropy_f32(NULL, &batch, NULL, NULL) == MICROLOSS_OK);
    CHECK(values[0] == mean && values[1] == 0.0f);
}

static void scratch(void)
{
    double scores[4] = {2.0, -1.0, 0.5, -2.0}, value;
    const int32_t labels[4] = {1, 0, 0, 1};
    microloss_entry_f64 entries[8];
    microloss_error error;
    microloss_batch_f64 batch = MICROLOSS_BATCH_INIT;
    batch.scores.data = scores, batch.scores.length = 4, batch.pixels = 4;
    batch.targets = microloss_labels_i32(labels, 4);
    batch.sort = MICROLOSS_MERGE;
    CHECK(microloss_lovasz_hinge_scratch_f64(NULL, &batch) == 8);
    CHECK(microloss_lovasz_hinge_f64(NULL, &batch, &value, &error) == MICROLOSS_SCRATCH_TOO_SMALL);
    CHECK(error.wanted == 8 && error.found == 0);
    batch.scratch.data = entries, batch.scratch.length = 8;
    CHECK(microloss_lovasz_hinge_f64(NULL, &batch, &value, NULL) == MICROLOSS_OK && value == 1.75);
}

static void options(void)
{
    const float probabilities[2] = {0.9f, 0.2f}, labels[2] = {1.0f, 0.0f}, weights[2] = {2.0f, 3.0f};
    float value, same;
    microloss_error error;
    microloss_focal_options_f32 focal = MICROLOSS_FOCAL_OPTIONS_INIT;
    microloss_binary_cross_entropy_options_f32 binary = MICROLOSS_BINARY_CROSS_ENTROPY_OPTIONS_INIT;
    microloss_batch_f32 batch = MICROLOSS_BATCH_INIT;
    batch.scores.data = probabilities, batch.scores.length = 2;
    batch.targets = microloss_numbers_f32(labels, 2);
    CHECK(microloss_focal_f32(NULL, &batch, &value, NULL) == MICROLOSS_OK);
    CHECK(microloss_focal_f32(&focal, &batch, &same, NULL) == MICROLOSS_OK && value == same);
    focal.from = MICROLOSS_PROBABILITIES, focal.gamma = 0.0f, focal.alpha.is_some = false;
    CHECK(microloss_focal_f32(&focal, &batch, &value, NULL) == MICROLOSS_OK);
    CHECK(fabsf(value + (logf(0.9f) + logf(0.8f)) / 2.0f) < 1e-6f);
    focal.gamma = -1.0f, value = 7.0f;
    CHECK(microloss_focal_f32(&focal, &batch, &value, &error) == MICROLOSS_PARAMETER && value == 7.0f);
    CHECK(error.name.length == 5 && memcmp(error.name.data, "gamma", 5) == 0 && error.value == -1.0);
    focal.from = 9;
    CHECK(microloss_focal_f32(&focal, &batch, &value, &error) == MICROLOSS_UNKNOWN_CHOICE && error.label == 9);
    binary.from = MICROLOSS_PROBABILITIES, binary.pos_weight.each.data = weights, binary.pos_weight.each.length = 2;
    batch.columns = 2;
    CHECK(microloss_binary_cross_entropy_f32(&binary, &batch, &value, NULL) == MICROLOSS_OK);
    CHECK(fabsf(value + (2.0f * logf(0.9f) + logf(0.8f)) / 2.0f) < 1e-6f);
}

static void refusals(void)
{
    float gradient[6] = {1, 2, 3, 4, 5, 6}, value = 7.0f;
    microloss_error error;
    microloss_batch_f32 batch = rows(), bad;
#define REFUSED(wanted_status) \
    CHECK(microloss_cross_entropy_f32(NULL, &bad, &value, &error) == (wanted_status) && error.status == (wanted_status)); \
    CHECK(value == 7.0f && gradient[0] == 1.0f && gradient[5] == 6.0f && microloss_message(wanted_status)[0] != '\0')
    batch.gradient.data = gradient, batch.gradient.length = 6;
    CHECK(microloss_cross_entropy_f32(NULL, NULL, &value, &error) == MICROLOSS_NULL_POINTER);
    CHECK(microloss_cross_entropy_f32(NULL, &batch, NULL, &error) == MICROLOSS_NULL_POINTER);
    bad = batch, bad.scores.data = NULL; REFUSED(MICROLOSS_NULL_POINTER);
    bad = batch, bad.targets.data = NULL; REFUSED(MICROLOSS_NULL_POINTER);
    bad = batch, bad.gradient.data = NULL; REFUSED(MICROLOSS_NULL_POINTER);
    bad = batch, bad.gradient.length = 5; REFUSED(MICROLOSS_LENGTH_MISMATCH);
    bad = batch, bad.scores.length = SIZE_MAX; REFUSED(MICROLOSS_TOO_LONG);
    bad = batch, bad.scores.length = SIZE_MAX / 4; REFUSED(MICROLOSS_TOO_LONG);
    bad = batch, bad.scores.data = gradient + 1, bad.scores.length = 5; REFUSED(MICROLOSS_OVERLAP);
    bad = batch, bad.values = batch.gradient; REFUSED(MICROLOSS_OVERLAP);
    bad = batch, bad.scores.data = (const float *)(const void *)((const char *)LOGITS + 1); REFUSED(MICROLOSS_MISALIGNED);
    bad = batch, bad.reduction = 3; REFUSED(MICROLOSS_UNKNOWN_CHOICE);
    bad = batch, bad.unit = -1; REFUSED(MICROLOSS_UNKNOWN_CHOICE);
    bad = batch, bad.sort = 2; REFUSED(MICROLOSS_UNKNOWN_CHOICE);
    bad = batch, bad.targets.type = MICROLOSS_NUMBERS_F64; REFUSED(MICROLOSS_UNKNOWN_CHOICE);
    bad = batch, bad.columns = 0; REFUSED(MICROLOSS_LENGTH_MISMATCH);
    bad = batch, bad.ignore.is_some = false; REFUSED(MICROLOSS_LABEL_OUT_OF_RANGE);
    CHECK(error.index == 1 && error.label == 255 && error.wanted == 3);
    CHECK(strcmp(microloss_message(MICROLOSS_OK), "no error") == 0 && microloss_message(-1) != NULL);
}

/* Written by tests/c.rs: every loss. */
int defaults(const char **failed);

int main(void)
{
    const char *failed = NULL;
    if (defaults(&failed) != 0) {
        printf("defaults: %s\n", failed);
        return 1;
    }
    gradients();
    reductions();
    scratch();
    options();
    refusals();
    puts("ok");
    return 0;
}

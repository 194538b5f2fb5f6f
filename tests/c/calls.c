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

/* An exact total of losses: of two devices merged as of one, in any order, with what was refused; and saved and loaded. */
static void exact_totals(void)
{
    static const float scores[4][3] = {{2.0f, 1.0f, 0.1f}, {0.5f, 2.5f, 0.0f}, {1.0f, 0.0f, 0.0f}, {1e-30f, 7.0f, 3.0f}};
    static const uint8_t labels[4] = {0, 1, 9, 2};
    microloss_exact_total_state_f32 all = MICROLOSS_EXACT_TOTAL_INIT, parts[2] = {MICROLOSS_EXACT_TOTAL_INIT, MICROLOSS_EXACT_TOTAL_INIT};
    microloss_exact_total_state_f32 reversed, loaded = MICROLOSS_EXACT_TOTAL_INIT;
    uint8_t bytes[MICROLOSS_EXACT_TOTAL_SIZE_F32], same[MICROLOSS_EXACT_TOTAL_SIZE_F32];
    microloss_error error;
    float mean, sum;
    CHECK(microloss_exact_total_mean_f32(&all, &mean, NULL) == MICROLOSS_NOTHING_TO_AVERAGE);
    for (int index = 0; index < 4; ++index) {
        microloss_total_f32 item = MICROLOSS_TOTAL_INIT;
        microloss_batch_f32 batch = MICROLOSS_BATCH_INIT;
        microloss_status status, expected = index == 2 ? MICROLOSS_LABEL_OUT_OF_RANGE : MICROLOSS_OK;
        batch.scores.data = scores[index], batch.scores.length = 3, batch.columns = 3;
        batch.targets = microloss_labels_u8(labels + index, 1);
        batch.reduction = MICROLOSS_SUM, batch.total = &item;
        error.label = 0;
        status = microloss_cross_entropy_f32(NULL, &batch, NULL, &error);
        CHECK(status == expected);
        CHECK(microloss_exact_total_take_f32(&all, status, &item, &error) == expected);
        CHECK(index != 2 || error.label == 9);
        CHECK(microloss_exact_total_take_f32(&parts[index & 1], status, &item, NULL) == expected);
    }
    CHECK(microloss_exact_total_valid_f32(&all) == 3 && microloss_exact_total_ignored_f32(&all) == 0);
    CHECK(microloss_exact_total_rejected_f32(&all) == 1 && microloss_exact_total_items_f32(&all) == 4);
    CHECK(microloss_exact_total_sum_f32(&all, &sum, NULL) == MICROLOSS_OK);
    CHECK(microloss_exact_total_mean_f32(&all, &mean, NULL) == MICROLOSS_OK && fabsf(mean - sum / 3.0f) < 1e-6f);
    reversed = parts[1];
    CHECK(microloss_exact_total_merge_f32(&reversed, &parts[0], NULL) == MICROLOSS_OK);
    CHECK(microloss_exact_total_merge_f32(&parts[0], &parts[1], NULL) == MICROLOSS_OK);
    CHECK(microloss_exact_total_merge_f32(&all, &all, &error) == MICROLOSS_OVERLAP);
    CHECK(microloss_exact_total_size_f32() == sizeof bytes);
    CHECK(microloss_exact_total_save_f32(&all, bytes, sizeof bytes, NULL) == MICROLOSS_OK);
    CHECK(microloss_exact_total_save_f32(&reversed, same, sizeof same, NULL) == MICROLOSS_OK);
    CHECK(memcmp(bytes, same, sizeof bytes) == 0);
    CHECK(microloss_exact_total_save_f32(&parts[0], same, sizeof same, NULL) == MICROLOSS_OK);
    CHECK(memcmp(bytes, same, sizeof bytes) == 0);
    CHECK(microloss_exact_total_save_f32(&all, same, sizeof same - 1, &error) == MICROLOSS_LENGTH_MISMATCH);
    CHECK(error.wanted == sizeof bytes);
    CHECK(microloss_exact_total_load_f32(&loaded, bytes, sizeof bytes, NULL) == MICROLOSS_OK);
    CHECK(microloss_exact_total_rejected_f32(&loaded) == 1);
    for (size_t at = 0; at < sizeof bytes; ++at) {
        bytes[at] ^= 1;
        CHECK(microloss_exact_total_load_f32(&loaded, bytes, sizeof bytes, NULL) == MICROLOSS_NOT_A_STATE);
        bytes[at] ^= 1;
    }
    CHECK(microloss_exact_total_save_f32(&loaded, same, sizeof same, NULL) == MICROLOSS_OK);
    CHECK(memcmp(bytes, same, sizeof bytes) == 0);
    CHECK(microloss_exact_total_load_f32(&loaded, bytes, sizeof bytes - 1, NULL) == MICROLOSS_LENGTH_MISMATCH);
}

/* The examples of the Rust documentation, which has these values. */
static void metrics(void)
{
    static const float thirds[3] = {0.25f, 0.5f, 0.25f};
    static const double targets[4] = {3.0, -0.5, 2.0, 7.0}, predicted[4] = {2.5, 0.0, 2.0, 8.0};
    microloss_log_loss_state_f32 log_loss = MICROLOSS_LOG_LOSS_INIT;
    microloss_brier_score_state_f32 brier = MICROLOSS_BRIER_SCORE_INIT;
    microloss_calibration_error_10_state_f32 calibration = MICROLOSS_CALIBRATION_ERROR_10_INIT;
    microloss_mean_absolute_error_state_f64 mae = MICROLOSS_MEAN_ABSOLUTE_ERROR_INIT;
    microloss_root_mean_squared_error_state_f64 rmse = MICROLOSS_ROOT_MEAN_SQUARED_ERROR_INIT;
    microloss_r2_score_state_f64 r2 = MICROLOSS_R2_SCORE_INIT;
    microloss_coverage_state coverage = MICROLOSS_COVERAGE_INIT;
    microloss_top_k_accuracy_5_state top = MICROLOSS_TOP_K_ACCURACY_5_INIT;
    microloss_score_histogram_64_state histogram;
    microloss_error error;
    float value, bounds[2];
    double number;
    CHECK(microloss_log_loss_add_scores_f32(&log_loss, 1, thirds, 3, MICROLOSS_PROBABILITIES, NULL) == MICROLOSS_OK);
    CHECK(microloss_log_loss_value_f32(&log_loss, &value, NULL) == MICROLOSS_OK && fabsf(value - logf(2.0f)) < 1e-7f);
    CHECK(microloss_log_loss_perplexity_f32(&log_loss, &value, NULL) == MICROLOSS_OK && value == 2.0f);
    CHECK(microloss_log_loss_take_f32(&log_loss, MICROLOSS_OK, 0.0f, NULL) == MICROLOSS_OK);
    CHECK(microloss_log_loss_add_scores_f32(&log_loss, 3, thirds, 3, MICROLOSS_PROBABILITIES, NULL) == MICROLOSS_LABEL_OUT_OF_RANGE);
    CHECK(microloss_log_loss_add_scores_f32(&log_loss, 1, NULL, 3, MICROLOSS_PROBABILITIES, NULL) == MICROLOSS_NULL_POINTER);
    CHECK(microloss_log_loss_add_scores_f32(&log_loss, 1, thirds, 3, 77, &error) == MICROLOSS_UNKNOWN_CHOICE && error.label == 77);
    CHECK(microloss_log_loss_add_scores_f32(&log_loss, 1, (const float *)(const void *)&log_loss, 3, MICROLOSS_LOGITS, NULL) == MICROLOSS_OVERLAP);
    CHECK(microloss_log_loss_items_f32(&log_loss) == 5 && microloss_log_loss_rejected_f32(&log_loss) == 3);
    CHECK(microloss_brier_score_add_scores_f32(&brier, 1, thirds, 3, MICROLOSS_PROBABILITIES, NULL) == MICROLOSS_OK);
    CHECK(microloss_brier_score_value_f32(&brier, &value, NULL) == MICROLOSS_OK && value == 0.375f);
    CHECK(microloss_calibration_error_10_add_f32(&calibration, 0.75f, true, NULL) == MICROLOSS_OK);
    CHECK(microloss_calibration_error_10_add_f32(&calibration, 0.5f, true, NULL) == MICROLOSS_OK);
    CHECK(microloss_calibration_error_10_add_f32(&calibration, 0.875f, false, NULL) == MICROLOSS_OK);
    CHECK(microloss_calibration_error_10_add_f32(&calibration, 1.5f, false, NULL) == MICROLOSS_NOT_A_PROBABILITY);
    CHECK(microloss_calibration_error_10_expected_f32(&calibration, &value, NULL) == MICROLOSS_OK && value == 1.625f / 3.0f);
    CHECK(microloss_calibration_error_10_maximum_f32(&calibration, &value, NULL) == MICROLOSS_OK && value == 0.875f);
    CHECK(microloss_calibration_error_10_accuracy_f32(&calibration, 10, &value, NULL) == MICROLOSS_PARAMETER);
    CHECK(microloss_r2_score_value_f64(&r2, MICROLOSS_ONE, &number, NULL) == MICROLOSS_NOTHING_TO_AVERAGE);
    for (int index = 0; index < 4; ++index) {
        CHECK(microloss_mean_absolute_error_add_f64(&mae, targets[index], predicted[index], NULL) == MICROLOSS_OK);
        CHECK(microloss_root_mean_squared_error_add_f64(&rmse, targets[index], predicted[index], NULL) == MICROLOSS_OK);
        CHECK(microloss_r2_score_add_f64(&r2, targets[index], predicted[index], NULL) == MICROLOSS_OK);
        if (index == 0) {
            CHECK(microloss_r2_score_value_f64(&r2, MICROLOSS_REFUSE, &number, &error) == MICROLOSS_ZERO_DIVISION);
            CHECK(error.name.length == 2 && memcmp(error.name.data, "R2", 2) == 0);
            CHECK(microloss_r2_score_value_f64(&r2, MICROLOSS_ZERO, &number, NULL) == MICROLOSS_OK && number == 0.0);
            CHECK(microloss_r2_score_value_f64(&r2, 4, &number, NULL) == MICROLOSS_UNKNOWN_CHOICE);
        }
    }
    CHECK(microloss_mean_absolute_error_value_f64(&mae, &number, NULL) == MICROLOSS_OK && number == 0.5);
    CHECK(microloss_root_mean_squared_error_squared_f64(&rmse, &number, NULL) == MICROLOSS_OK && number == 0.375);
    CHECK(microloss_root_mean_squared_error_value_f64(&rmse, &number, NULL) == MICROLOSS_OK && number == sqrt(0.375));
    CHECK(microloss_r2_score_value_f64(&r2, MICROLOSS_REFUSE, &number, NULL) == MICROLOSS_OK && fabs(number - (1.0 - 1.5 / 29.1875)) < 1e-15);
    CHECK(microloss_coverage_add_quantile_f32(&coverage, 0.5f, 0.75f, NULL) == MICROLOSS_OK);
    CHECK(microloss_coverage_add_quantile_f32(&coverage, 0.5f, 0.25f, NULL) == MICROLOSS_OK);
    CHECK(microloss_coverage_value_f32(&coverage, &value, NULL) == MICROLOSS_OK && value == 0.5f);
    CHECK(microloss_top_k_accuracy_5_add_scores_f32(&top, 2, thirds, 3, NULL) == MICROLOSS_OK);
    CHECK(microloss_top_k_accuracy_5_accuracy_f32(&top, 1, &value, NULL) == MICROLOSS_OK && value == 0.0f);
    CHECK(microloss_top_k_accuracy_5_accuracy_f32(&top, 2, &value, NULL) == MICROLOSS_OK && value == 1.0f);
    CHECK(microloss_top_k_accuracy_5_accuracy_f32(&top, 6, &value, NULL) == MICROLOSS_PARAMETER);
    CHECK(microloss_score_histogram_64_init_over(&histogram, 1.0, 1.0, NULL) == MICROLOSS_PARAMETER);
    CHECK(microloss_score_histogram_64_init(&histogram, NULL) == MICROLOSS_OK);
    CHECK(microloss_score_histogram_64_add_f32(&histogram, 0.1f, false, NULL) == MICROLOSS_OK);
    CHECK(microloss_score_histogram_64_add_f32(&histogram, 0.4f, false, NULL) == MICROLOSS_OK);
    CHECK(microloss_score_histogram_64_auroc_f32(&histogram, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_ZERO_DIVISION);
    CHECK(microloss_score_histogram_64_add_f32(&histogram, 0.35f, true, NULL) == MICROLOSS_OK);
    CHECK(microloss_score_histogram_64_add_f32(&histogram, 0.8f, true, NULL) == MICROLOSS_OK);
    CHECK(microloss_score_histogram_64_add_f32(&histogram, 1.5f, true, NULL) == MICROLOSS_NOT_A_PROBABILITY);
    CHECK(microloss_score_histogram_64_auroc_f32(&histogram, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_OK && value == 0.75f);
    CHECK(microloss_score_histogram_64_auroc_bounds_f32(&histogram, MICROLOSS_REFUSE, bounds, NULL) == MICROLOSS_OK);
    CHECK(bounds[0] <= 0.75f && bounds[1] >= 0.75f);
    CHECK(microloss_score_histogram_64_rejected(NULL) == 0 && microloss_score_histogram_64_rejected(&histogram) == 1);
    CHECK(microloss_score_histogram_64_auroc_f32(NULL, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_NULL_POINTER);
    CHECK(microloss_score_histogram_64_auroc_f32(&histogram, MICROLOSS_REFUSE, NULL, NULL) == MICROLOSS_NULL_POINTER);
    CHECK(microloss_score_histogram_64_merge((microloss_score_histogram_64_state *)(void *)((char *)&histogram + 4), &histogram, NULL) == MICROLOSS_MISALIGNED);
}

static void percentages(void)
{
    microloss_mean_absolute_percentage_error_state_f32 state = MICROLOSS_MEAN_ABSOLUTE_PERCENTAGE_ERROR_INIT;
    microloss_error error;
    float value = 7.0f;
    CHECK(microloss_mean_absolute_percentage_error_add_f32(&state, 4.0f, 3.0f, NULL) == MICROLOSS_OK);
    CHECK(microloss_mean_absolute_percentage_error_add_f32(&state, 0.0f, 1.0f, &error) == MICROLOSS_ZERO_DIVISION);
    CHECK(microloss_mean_absolute_percentage_error_value_f32(&state, &value, NULL) == MICROLOSS_OK && value == 0.25f);
    CHECK(microloss_mean_absolute_percentage_error_rejected_f32(&state) == 1);
    CHECK(microloss_mean_absolute_percentage_error_init_f32(&state, MICROLOSS_ONE, -1.0f, NULL) == MICROLOSS_PARAMETER);
    CHECK(microloss_mean_absolute_percentage_error_init_f32(&state, 4, 0.0f, NULL) == MICROLOSS_UNKNOWN_CHOICE);
    CHECK(microloss_mean_absolute_percentage_error_init_f32(&state, MICROLOSS_ONE, 0.0f, NULL) == MICROLOSS_OK);
    CHECK(microloss_mean_absolute_percentage_error_add_f32(&state, 0.0f, 3.0f, NULL) == MICROLOSS_OK);
    CHECK(microloss_mean_absolute_percentage_error_value_f32(&state, &value, NULL) == MICROLOSS_OK && value == 1.0f);
    CHECK(microloss_mean_absolute_percentage_error_init_f32(&state, MICROLOSS_REFUSE, 2.0f, NULL) == MICROLOSS_OK);
    CHECK(microloss_mean_absolute_percentage_error_add_f32(&state, 0.0f, 3.0f, NULL) == MICROLOSS_OK);
    CHECK(microloss_mean_absolute_percentage_error_value_f32(&state, &value, NULL) == MICROLOSS_OK && value == 1.5f);
    /* Whatever a state's memory is, it is one. */
    memset(&state, 0xff, sizeof state);
    (void)microloss_mean_absolute_percentage_error_add_f32(&state, 0.0f, 3.0f, NULL);
}

static void rankings(void)
{
    static const float numbers[5] = {0.1f, 0.4f, 0.35f, 0.8f, NAN};
    static const uint8_t labels[4] = {0, 0, 1, 1}, strange[4] = {0, 255, 1, 1};
    microloss_entry_f32 memory[8];
    microloss_list_f32 scores = {numbers, 4};
    const microloss_list_f32 more = {numbers, 5}, nothing = {NULL, 0};
    microloss_entries_f32 scratch = {memory, 8}, overlapping;
    microloss_error error;
    float value = 7.0f;
    CHECK(microloss_ranked_auroc_f32(scores, strange, scratch, MICROLOSS_MERGE, MICROLOSS_REFUSE, &value, &error) == MICROLOSS_LABEL_OUT_OF_RANGE && error.index == 1 && error.label == 255);
    CHECK(microloss_ranked_auroc_f32(more, labels, scratch, MICROLOSS_MERGE, MICROLOSS_REFUSE, NULL, NULL) == MICROLOSS_NULL_POINTER);
    CHECK(microloss_ranked_auroc_f32(scores, NULL, scratch, MICROLOSS_MERGE, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_NULL_POINTER);
    CHECK(microloss_ranked_auroc_f32(scores, labels, scratch, 2, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_UNKNOWN_CHOICE);
    CHECK(microloss_ranked_auroc_f32(scores, labels, scratch, MICROLOSS_MERGE, 4, &value, NULL) == MICROLOSS_UNKNOWN_CHOICE);
    CHECK(microloss_ranked_auroc_f32(nothing, NULL, scratch, MICROLOSS_MERGE, MICROLOSS_SKIP, &value, NULL) == MICROLOSS_NOTHING_TO_AVERAGE);
    overlapping.data = (microloss_entry_f32 *)(void *)&value, overlapping.length = 1;
    CHECK(microloss_ranked_auroc_f32(scores, labels, overlapping, MICROLOSS_INSERTION, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_OVERLAP);
    scratch.length = 7;
    CHECK(microloss_ranked_auroc_f32(scores, labels, scratch, MICROLOSS_MERGE, MICROLOSS_REFUSE, &value, &error) == MICROLOSS_SCRATCH_TOO_SMALL && error.wanted == 8 && error.found == 7);
    scores.length = 2;
    CHECK(microloss_ranked_auroc_f32(scores, labels, scratch, MICROLOSS_MERGE, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_ZERO_DIVISION && value == 7.0f);
    scores.length = 4, scratch.length = 4;
    CHECK(microloss_ranked_auroc_f32(scores, labels, scratch, MICROLOSS_INSERTION, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_OK && value == 0.75f);
    scratch.length = 8;
    CHECK(microloss_ranked_auroc_f32(scores, labels, scratch, MICROLOSS_MERGE, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_OK && value == 0.75f);
    CHECK(microloss_ranked_average_precision_f32(scores, labels, scratch, MICROLOSS_MERGE, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_OK && value == (float)(5.0 / 6.0));
}

static void confusion_matrix(void)
{
    static const float scores[3] = {0.1f, 0.7f, 0.2f};
    static const size_t labels[4] = {0, 0, 1, 1}, predicted[4] = {0, 1, 1, 1};
    uint32_t counts[9] = {0}, others[9] = {0};
    microloss_confusion_matrix matrix = MICROLOSS_CONFUSION_MATRIX_INIT(counts, 3), bad;
    microloss_confusion_matrix other = MICROLOSS_CONFUSION_MATRIX_INIT(others, 3);
    microloss_error error;
    float value = 7.0f;
    CHECK(microloss_confusion_matrix_accuracy_f32(&matrix, &value, NULL) == MICROLOSS_NOTHING_TO_AVERAGE && value == 7.0f);
    for (int index = 0; index < 4; ++index) {
        CHECK(microloss_confusion_matrix_add(index < 2 ? &matrix : &other, labels[index], predicted[index], NULL) == MICROLOSS_OK);
    }
    CHECK(microloss_confusion_matrix_add(&other, 3, 0, &error) == MICROLOSS_LABEL_OUT_OF_RANGE && error.label == 3);
    CHECK(microloss_confusion_matrix_add_scores_f32(&other, 0, scores, 2, NULL) == MICROLOSS_LENGTH_MISMATCH);
    CHECK(microloss_confusion_matrix_add_scores_f32(&other, 0, NULL, 3, NULL) == MICROLOSS_NULL_POINTER);
    CHECK(microloss_confusion_matrix_merge(&matrix, &other, NULL) == MICROLOSS_OK);
    CHECK(microloss_confusion_matrix_merge(&matrix, &matrix, NULL) == MICROLOSS_OVERLAP);
    CHECK(matrix.taken == 4 && matrix.rejected == 3 && counts[0] == 1 && counts[1] == 1 && counts[4] == 2);
    CHECK(microloss_confusion_matrix_accuracy_f32(&matrix, &value, NULL) == MICROLOSS_OK && value == 0.75f);
    CHECK(microloss_confusion_matrix_precision_f32(&matrix, MICROLOSS_OF_CLASS, 1, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_OK && value == 2.0f / 3.0f);
    CHECK(microloss_confusion_matrix_precision_f32(&matrix, MICROLOSS_MACRO, 0, MICROLOSS_REFUSE, &value, &error) == MICROLOSS_ZERO_DIVISION && error.index == 2);
    CHECK(microloss_confusion_matrix_recall_f32(&matrix, MICROLOSS_MACRO, 0, MICROLOSS_SKIP, &value, NULL) == MICROLOSS_OK && value == 0.75f);
    CHECK(microloss_confusion_matrix_balanced_accuracy_f32(&matrix, MICROLOSS_SKIP, &value, NULL) == MICROLOSS_OK && value == 0.75f);
    CHECK(microloss_confusion_matrix_iou_f32(&matrix, MICROLOSS_MICRO, 0, MICROLOSS_SKIP, &value, NULL) == MICROLOSS_OK && value == 0.6f);
    CHECK(microloss_confusion_matrix_f1_f32(&matrix, MICROLOSS_WEIGHTED, 0, MICROLOSS_SKIP, &value, NULL) == MICROLOSS_OK && fabsf(value - 11.0f / 15.0f) < 1e-7f);
    CHECK(microloss_confusion_matrix_cohen_kappa_f32(&matrix, MICROLOSS_LINEAR, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_OK && value == 0.5f);
    CHECK(microloss_confusion_matrix_matthews_correlation_f32(&matrix, MICROLOSS_REFUSE, &value, NULL) == MICROLOSS_OK && fabsf(value - 1.0f / sqrtf(3.0f)) < 1e-7f);
    CHECK(microloss_confusion_matrix_recall_f32(&matrix, 4, 0, MICROLOSS_SKIP, &value, NULL) == MICROLOSS_UNKNOWN_CHOICE);
    CHECK(microloss_confusion_matrix_cohen_kappa_f32(&matrix, -1, MICROLOSS_SKIP, &value, NULL) == MICROLOSS_UNKNOWN_CHOICE);
    bad = matrix, bad.length = 8; CHECK(microloss_confusion_matrix_accuracy_f32(&bad, &value, NULL) == MICROLOSS_LENGTH_MISMATCH);
    bad = matrix, bad.counts = NULL; CHECK(microloss_confusion_matrix_add(&bad, 0, 0, NULL) == MICROLOSS_NULL_POINTER && bad.rejected == 4);
    bad = matrix, bad.counts = (uint32_t *)(void *)&bad; CHECK(microloss_confusion_matrix_add(&bad, 0, 0, NULL) == MICROLOSS_OVERLAP);
    CHECK(microloss_confusion_matrix_add(NULL, 0, 0, NULL) == MICROLOSS_NULL_POINTER);
}

/* Written by tests/c.rs: every loss, and every evaluator. */
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
    exact_totals();
    metrics();
    percentages();
    rankings();
    confusion_matrix();
    puts("ok");
    return 0;
}

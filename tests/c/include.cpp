// The header in C++: every initialiser, and a call.
#include "microloss.h"
#include <cstdint>

microloss_status call(const float *scores, const std::uint8_t *labels, float *value);
microloss_status call(const float *scores, const std::uint8_t *labels, float *value)
{
    microloss_focal_options_f32 options = MICROLOSS_FOCAL_OPTIONS_INIT;
    options.gamma = 1.0f;
    microloss_dice_options_f64 dice = MICROLOSS_DICE_OPTIONS_INIT;
    microloss_binary_cross_entropy_options_f32 binary = MICROLOSS_BINARY_CROSS_ENTROPY_OPTIONS_INIT;
    microloss_batch_f32 batch = MICROLOSS_BATCH_INIT;
    batch.scores = {scores, 4};
    batch.targets = microloss_labels_u8(labels, 4);
    static_cast<void>(dice);
    static_cast<void>(binary);
    microloss_exact_total_state_f64 total = MICROLOSS_EXACT_TOTAL_INIT;
    microloss_coverage_state coverage = MICROLOSS_COVERAGE_INIT;
    std::uint32_t counts[4] = {};
    microloss_confusion_matrix matrix = MICROLOSS_CONFUSION_MATRIX_INIT(counts, 2);
    static_cast<void>(total);
    static_cast<void>(coverage);
    static_cast<void>(matrix);
    return microloss_focal_f32(&options, &batch, value, nullptr);
}

//! The numbers that C passes and gets: one list for the library and for its header.

/// Constants of one kind.
pub struct Group {
    /// The C type, without its prefix.
    pub name: &'static str,
    /// What it is.
    pub summary: &'static str,
    /// Name, value and meaning of each.
    pub constants: &'static [(&'static str, i32, &'static str)],
}

macro_rules! constants {
    ($( $group:ident $summary:literal { $( $name:ident = $value:literal, $meaning:literal; )* } )*) => {
        $( pub mod $group { $( pub const $name: i32 = $value; )* } )*

        /// All of them, in the order of the header.
        pub const GROUPS: &[Group] = &[$( Group {
            name: stringify!($group),
            summary: $summary,
            constants: &[$( (stringify!($name), $value, $meaning), )*],
        }, )*];

        /// The message of a status.
        pub const fn message(status: i32) -> &'static core::ffi::CStr {
            $( if let Some(text) = constants!(@ $group $( $name $meaning )*; status) { return text; } )*
            c"no status of this library"
        }
    };
    (@ status $( $name:ident $meaning:literal )*; $status:ident) => {
        match $status {
            $( status::$name => Some(constants!(# concat!($meaning, "\0"))), )*
            _ => None,
        }
    };
    (@ $group:ident $( $name:ident $meaning:literal )*; $status:ident) => {
        None::<&'static core::ffi::CStr>
    };
    (# $text:expr) => {
        match core::ffi::CStr::from_bytes_with_nul($text.as_bytes()) {
            Ok(text) => text,
            Err(_) => c"",
        }
    };
}

constants! {
    status "What became of a call." {
        OK = 0, "no error";
        LABEL_OUT_OF_RANGE = 1, "a label is no class, and is not ignored";
        NOT_A_SIGN = 2, "a label is neither -1 nor 1, and is not ignored";
        LENGTH_MISMATCH = 3, "a buffer has a length that does not fit the others";
        NOT_A_PROBABILITY = 4, "a score, given as a probability or its logarithm, cannot be one";
        TARGET_OUT_OF_RANGE = 5, "a target is not from 0 to 1";
        NON_FINITE_TARGET = 6, "a target is infinite or NaN";
        NOT_NORMALIZED = 7, "a target distribution does not sum to 1";
        NEGATIVE_VARIANCE = 8, "a score, given as a variance, is below 0";
        ZERO_VECTOR = 9, "a vector is zero, which the loss was told to refuse";
        NON_FINITE_SCORE = 10, "a score is NaN";
        NON_FINITE_LOSS = 11, "a loss is infinite or NaN";
        OVERFLOW = 12, "a sum of losses or weights, a gradient, or a counter overflows";
        NOTHING_TO_AVERAGE = 13, "nothing to average: no items, all ignored, or all weights 0";
        PARAMETER = 14, "an option, or a weight, is outside its domain";
        UNSUPPORTED = 15, "a setting that the loss does not have, or of another kind than it wants";
        SCRATCH_TOO_SMALL = 16, "the scratch has fewer entries than the sort needs";
        NULL_POINTER = 17, "a pointer is NULL that must not be";
        MISALIGNED = 18, "a pointer is not aligned to its type";
        TOO_LONG = 19, "a buffer is longer than the address space";
        OVERLAP = 20, "a buffer that is written to overlaps another";
        UNKNOWN_CHOICE = 21, "a constant that the setting does not have";
        OTHER = 22, "an error that this version of the interface has no status for";
        ZERO_DIVISION = 23, "0 / 0, which the option says to refuse; `index` is the class";
        NON_FINITE_TERM = 24, "a term of a sum is infinite or NaN";
        NOT_A_STATE = 25, "bytes that were cut, changed, or written by another evaluator or version";
    }
    input "What the scores of a model are." {
        LOGITS = 0, "unbounded scores: before the sigmoid or softmax, predicted numbers, components of vectors";
        PROBABILITIES = 1, "numbers from 0 to 1";
        LOG_PROBABILITIES = 2, "natural logarithms of probabilities";
        VARIANCES = 3, "pairs: a mean, and a variance of at least 0";
        LOG_VARIANCES = 4, "pairs: a mean, and the natural logarithm of a variance";
    }
    reduction "What becomes of the losses of the items." {
        MEAN = 0, "their mean; of images, over images";
        SUM = 1, "their sum";
        NONE = 2, "one value an item, in `values`: 0 for those that are ignored";
    }
    unit "The unit of a loss that is made of logarithms; other losses ignore it." {
        NATS = 0, "natural logarithms";
        BITS = 1, "logarithms of base 2";
    }
    sort "How scratch is used." {
        INSERTION = 0, "an entry a pixel: for small images";
        MERGE = 1, "two entries a pixel";
    }
    choice "The classes that a loss averages over." {
        PRESENT = 0, "those that an image's labels name";
        ALL = 1, "all";
        LIST = 2, "those of a list";
    }
    zero_division "What 0 / 0 is." {
        REFUSE = 0, "an error";
        ZERO = 1, "0";
        ONE = 2, "1";
        SKIP = 3, "nothing: an average leaves the class out";
    }
    average "The classes that a metric is taken of." {
        MACRO = 0, "the mean over classes, each of the same weight";
        MICRO = 1, "the ratio of sums over all classes";
        WEIGHTED = 2, "the mean over classes, each weighted by the items that bear it";
        OF_CLASS = 3, "the class `class_index` alone; else that is not read";
    }
    disagreement "What a disagreement of two classes weighs." {
        EQUAL = 0, "all the same";
        LINEAR = 1, "their distance";
        QUADRATIC = 2, "the square of their distance";
    }
    target_type "What targets are." {
        NO_TARGETS = 0, "none, for a loss without";
        LABELS_U8 = 1, "`uint8_t` labels";
        LABELS_U16 = 2, "`uint16_t` labels";
        LABELS_U32 = 3, "`uint32_t` labels";
        LABELS_I8 = 4, "`int8_t` labels";
        LABELS_I16 = 5, "`int16_t` labels";
        LABELS_I32 = 6, "`int32_t` labels";
        LABELS_I64 = 7, "`int64_t` labels";
        NUMBERS_F32 = 8, "`float`: numbers, soft labels, or distributions one after the other";
        NUMBERS_F64 = 9, "`double`: the same";
    }
}

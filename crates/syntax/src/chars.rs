//! What Go's `unicode` and `strconv` say of single characters.

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

pub(crate) fn is_letter(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Letter
}

pub(crate) fn is_digit(c: char) -> bool {
    c.general_category() == GeneralCategory::DecimalNumber
}

fn is_print(c: char) -> bool {
    match c.general_category_group() {
        GeneralCategoryGroup::Letter
        | GeneralCategoryGroup::Mark
        | GeneralCategoryGroup::Number
        | GeneralCategoryGroup::Punctuation
        | GeneralCategoryGroup::Symbol => true,
        _ => c == ' ',
    }
}

/// `fmt`'s `%#U`.
pub(crate) fn code_point(value: u32) -> String {
    match char::from_u32(value) {
        Some(c) if is_print(c) => format!("U+{value:04X} '{c}'"),
        _ => format!("U+{value:04X}"),
    }
}

/// `fmt`'s `%q` of a rune.
pub(crate) fn quote_rune(c: char) -> String {
    match c {
        '\'' => r"'\''".into(),
        '\\' => r"'\\'".into(),
        '\x07' => r"'\a'".into(),
        '\x08' => r"'\b'".into(),
        '\x0c' => r"'\f'".into(),
        '\n' => r"'\n'".into(),
        '\r' => r"'\r'".into(),
        '\t' => r"'\t'".into(),
        '\x0b' => r"'\v'".into(),
        _ if is_print(c) => format!("'{c}'"),
        _ => match c as u32 {
            v @ ..0x20 | v @ 0x7f => format!(r"'\x{v:02x}'"),
            v @ ..0x10000 => format!(r"'\u{v:04x}'"),
            v => format!(r"'\U{v:08x}'"),
        },
    }
}

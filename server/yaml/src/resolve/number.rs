//! Numbers as PyYAML reads them.

pub(super) fn looks_int(it: &str) -> bool {
    let it = unsigned(it);
    let all = |digits: &str, ok: fn(char) -> bool| !digits.is_empty() && digits.chars().all(|c| c == '_' || ok(c));
    if let Some(digits) = it.strip_prefix("0b") {
        return all(digits, |c| matches!(c, '0' | '1'));
    }
    if let Some(digits) = it.strip_prefix("0x") {
        return all(digits, |c| c.is_ascii_hexdigit());
    }
    if let Some(digits) = it.strip_prefix('0') {
        return digits.is_empty() || all(digits, |c| matches!(c, '0'..='7'));
    }
    let after = skip_digits(it);
    after.len() < it.len() && !it.starts_with('_') && (after.is_empty() || skip_base60(after) == Some(""))
}

pub(super) fn looks_float(it: &str) -> bool {
    if matches!(it, ".nan" | ".NaN" | ".NAN") || matches!(unsigned(it), ".inf" | ".Inf" | ".INF") {
        return true;
    }
    // Without digits before the dot no sign is allowed: `-.5` is a string.
    if let Some(fraction) = it.strip_prefix('.') {
        return fraction.starts_with(|c: char| c.is_ascii_digit()) && is_exponent(skip_digits(fraction));
    }
    let it = unsigned(it);
    let after = skip_digits(it);
    if after.len() == it.len() || it.starts_with('_') {
        return false;
    }
    if let Some(fraction) = after.strip_prefix('.') {
        return is_exponent(skip_digits(fraction));
    }
    let fraction = skip_base60(after).and_then(|it| it.strip_prefix('.'));
    fraction.is_some_and(|it| skip_digits(it).is_empty())
}

/// Whether the text is empty, or an exponent such as `e+5`. The sign is not optional: `1.0e5` is a string.
fn is_exponent(it: &str) -> bool {
    let Some(it) = it.strip_prefix(['e', 'E']) else { return it.is_empty() };
    it.strip_prefix(['+', '-']).is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()))
}

fn unsigned(it: &str) -> &str {
    it.strip_prefix(['+', '-']).unwrap_or(it)
}

/// Returns the text without leading digits and underscores.
fn skip_digits(it: &str) -> &str {
    it.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_')
}

/// Returns the text without one or more leading `:59`; `None` if there is none.
fn skip_base60(mut it: &str) -> Option<&str> {
    let all = it;
    while let Some(digits) = it.strip_prefix(':') {
        let bytes = digits.as_bytes();
        let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
        it = match (digit(0), digit(1)) {
            (true, true) if bytes[0] <= b'5' => &digits[2..],
            (true, _) => &digits[1..],
            _ => break,
        };
    }
    (it.len() < all.len()).then_some(it)
}

/// `construct_yaml_int`
pub(super) fn int(value: &str) -> Option<i128> {
    let value = value.replace('_', "");
    let negative = value.starts_with('-');
    let digits = unsigned(&value);
    if digits == "0" {
        return Some(0);
    }
    if let Some(digits) = digits.strip_prefix("0b") {
        return python_int(digits, 2, negative);
    }
    if let Some(digits) = digits.strip_prefix("0x") {
        return python_int(digits, 16, negative);
    }
    if digits.starts_with('0') {
        return python_int(digits, 8, negative);
    }
    digits
        .split(':')
        .try_fold(0i128, |number, part| Some(number.saturating_mul(60).saturating_add(python_int(part, 10, negative)?)))
}

/// Python's `int(text, base)`, without underscores. Negated on demand, so that the result is clamped at the right end.
fn python_int(text: &str, base: u32, negate: bool) -> Option<i128> {
    let text = text.trim();
    let digits = unsigned(text);
    let prefixes: &[&str] = match base {
        2 => &["0b", "0B"],
        8 => &["0o", "0O"],
        16 => &["0x", "0X"],
        _ => &[],
    };
    let digits = prefixes.iter().find_map(|it| digits.strip_prefix(it)).unwrap_or(digits);
    // `sys.int_info.default_max_str_digits`; bases that are powers of two have no limit.
    if digits.is_empty() || base == 10 && digits.len() > 4300 {
        return None;
    }
    let negative = text.starts_with('-') != negate;
    digits.chars().try_fold(0i128, |number, c| {
        let digit = i128::from(c.to_digit(base)?);
        Some(number.saturating_mul(i128::from(base)).saturating_add(if negative { -digit } else { digit }))
    })
}

/// `construct_yaml_float`
pub(super) fn float(value: &str) -> Option<f64> {
    let value = value.replace('_', "").to_lowercase();
    let digits = unsigned(&value);
    let number = match digits {
        ".inf" => f64::INFINITY,
        ".nan" => return Some(f64::NAN),
        _ if digits.contains(':') => base60_float(digits)?,
        _ => python_float(digits)?,
    };
    Some(if value.starts_with('-') { -number } else { number })
}

/// Converts `1:30.5`. Python multiplies by 60 to a power as an exact integer, and fails if that does not fit into a float.
fn base60_float(digits: &str) -> Option<f64> {
    let parts = digits.split(':').map(python_float).collect::<Option<Vec<f64>>>()?;
    let mut sum = 0.0;
    // The power in decimal digits, the least significant first; parsing its text rounds as Python does.
    let mut power = vec![1u8];
    for part in parts.into_iter().rev() {
        let text: String = power.iter().rev().map(|digit| char::from(b'0' + digit)).collect();
        let base: f64 = text.parse().ok().filter(|it: &f64| it.is_finite())?;
        sum += part * base;
        let mut carry = 0u32;
        for digit in &mut power {
            let product = *digit as u32 * 60 + carry;
            *digit = (product % 10) as u8;
            carry = product / 10;
        }
        while carry > 0 {
            power.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    Some(sum)
}

/// Python's `float(text)`; Rust has the same grammar, apart from surrounding spaces.
fn python_float(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

//! Values with a unit.

use std::time::Duration;

/// Reads a duration such as `"8s"`, `"1500ms"`, `"10m"`, `"12h"` or `"2d"`.
///
/// # Errors
/// What is wrong with it and what to write.
pub fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: &str = "a whole number with a unit: ms, s, m, h or d, such as \"8s\"";
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    if digits.is_empty() {
        return Err(format!("is not a duration; write {UNITS}"));
    }
    let count: u64 = digits.parse().map_err(|_| format!("is too long; write {UNITS}"))?;
    let seconds_each = match unit.trim() {
        "ms" => return Ok(Duration::from_millis(count)),
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "" => return Err(format!("has no unit; write \"{digits}s\" for seconds, or {UNITS}")),
        _ => return Err(format!("has an unknown unit; write {UNITS}")),
    };
    count.checked_mul(seconds_each).map(Duration::from_secs).ok_or_else(|| format!("is too long; write {UNITS}"))
}

/// Reads a size in bytes such as `"256 KiB"`, `"1 MiB"` or `65536`.
///
/// # Errors
/// What is wrong with it and what to write.
pub fn bytes(text: &str) -> Result<usize, String> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let factor = match unit.trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return Err("has an unknown unit; write bytes, or KiB or MiB, such as \"256 KiB\"".to_owned()),
    };
    let count: usize =
        digits.parse().map_err(|_| "is not a size; write a whole number, such as \"256 KiB\"".to_owned())?;
    count.checked_mul(factor).ok_or_else(|| "is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("8s"), Ok(Duration::from_secs(8)));
        assert_eq!(duration("1500ms"), Ok(Duration::from_millis(1_500)));
        assert_eq!(duration("2 d"), Ok(Duration::from_hours(48)));
        assert!(duration("8").expect_err("no unit").contains("\"8s\""));
        assert!(duration("soon").is_err());
        assert!(duration("99999999999999999999s").is_err());
    }

    #[test]
    fn sizes_count_in_binary_units() {
        assert_eq!(bytes("256 KiB"), Ok(262_144));
        assert_eq!(bytes("1024"), Ok(1_024));
        assert!(bytes("2 GB").is_err());
    }
}

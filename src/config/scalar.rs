//! Values with a unit.

use std::time::Duration;

/// No wait of ours is longer: a mistake, and too far ahead to reckon with.
const LONGEST: Duration = Duration::from_hours(366 * 24);

/// Reads a duration such as `"8s"`, `"1500ms"`, `"10m"`, `"12h"` or `"2d"`, of at most a year.
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
    let ms_each: u64 = match unit.trim() {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "" => return Err(format!("has no unit; write \"{digits}s\" for seconds, or {UNITS}")),
        _ => return Err(format!("has an unknown unit; write {UNITS}")),
    };
    let count: Option<u64> = digits.parse().ok();
    let duration = count.and_then(|count| count.checked_mul(ms_each)).map(Duration::from_millis);
    duration.filter(|duration| *duration <= LONGEST).ok_or_else(|| "is longer than a year".to_owned())
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
        assert!(duration("1.5s").is_err());
        assert_eq!(duration("366d"), Ok(LONGEST));
        for endless in ["367d", "99999999999999999999s", "18446744073709551615d"] {
            assert_eq!(duration(endless), Err("is longer than a year".to_owned()), "{endless}");
        }
    }
}

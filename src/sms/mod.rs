//! Pure: what a text message is: encoding and segments, phone numbers, opt-out words, time zones and legal hours.

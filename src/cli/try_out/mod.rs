//! `rapport try …`: judge a list of texts, a line each, without a database or a configuration.

#[cfg(test)]
mod figures;
mod judge;
mod line;

use std::io::{self, BufRead as _, Read, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::output::heard;
use crate::prompt::{Tiktoken, TokenCounter};
use crate::runtime::Clock;
use line::Line;

/// Judge texts from standard input, a text a line or a JSON object a line, and write one JSON line each.
#[derive(Debug, Subcommand)]
pub enum Try {
    /// Does a text ask not to be texted? `{"verdict":"stop"|"hold"|"keep","rule":…,"reason":…}`
    OptOut,
    /// What does a text cost on the air? `{"encoding":…,"segments":…,"units":…,"text":…}`
    Segments(SegmentsOptions),
    /// How many tokens is a text? `{"tokens":…}`
    Tokens(TokensOptions),
    /// May a number be texted now? A phone number a line, or `{"phone":…,"state":…,"zip":…,"zone":…,"at":…}`.
    Hours,
    /// What does a lead's text plainly want? `{"intent":…,"rule":…,"reason":…}`; a model decides on the rest.
    Intent,
    /// What do the checks say to a reply? `{"text":…}` with what is known: see docs/trying.md.
    Check,
}

/// How segments are counted.
#[derive(Debug, Args)]
pub struct SegmentsOptions {
    /// Count the text as it is, without putting typographic characters into plain ones first.
    #[arg(long)]
    raw: bool,
}

/// How tokens are counted.
#[derive(Debug, Args)]
pub struct TokensOptions {
    /// The model's encoding, such as `o200k_base` or `cl100k_base`.
    #[arg(long, value_name = "NAME", default_value = "o200k_base")]
    encoding: String,
}

/// What judges one line.
type Judge = Box<dyn Fn(&Line) -> anyhow::Result<Value>>;

impl Try {
    /// Reads standard input to its end. A line that cannot be judged gives a JSON line with what is wrong, the others
    /// go on, and the exit code is not zero.
    ///
    /// # Errors
    /// When standard input cannot be read or standard output not be written, or an option is wrong.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let judge = self.judge()?;
        let (mut input, mut output) = (io::BufReader::new(io::stdin()), io::BufWriter::new(io::stdout().lock()));
        match judge_all(&mut input, &mut output, &judge) {
            Ok(true) => Ok(ExitCode::SUCCESS),
            Ok(false) => Ok(ExitCode::FAILURE),
            Err(Cut::Output(error)) => {
                heard(Err(error))?;
                Ok(ExitCode::SUCCESS)
            }
            Err(Cut::Input(error)) => Err(error).context("standard input cannot be read to its end"),
        }
    }

    fn judge(&self) -> anyhow::Result<Judge> {
        Ok(match self {
            Self::OptOut => Box::new(judge::opt_out),
            Self::Segments(options) => {
                let raw = options.raw;
                Box::new(move |line| judge::segments(line, raw))
            }
            Self::Tokens(options) => {
                let counter = Tiktoken::for_encoding(&options.encoding)?;
                Box::new(move |line| Ok(json!({ "tokens": counter.count(line.text()?) })))
            }
            Self::Hours => {
                let clock = Clock::system();
                Box::new(move |line| judge::hours(line, clock.now()))
            }
            Self::Intent => Box::new(judge::intent),
            Self::Check => {
                let clock = Clock::system();
                Box::new(move |line| judge::check(line, clock.now()))
            }
        })
    }
}

/// What ended the judging before the last line.
#[derive(Debug)]
enum Cut {
    Input(io::Error),
    Output(io::Error),
}

/// Judges line by line, and flushes before it waits for more; true when every line could be.
fn judge_all(input: &mut io::BufReader<impl Read>, output: &mut impl Write, judge: &Judge) -> Result<bool, Cut> {
    let mut all_judged = true;
    let mut bytes = Vec::new();
    let mut number = 0_u64;
    while input.read_until(b'\n', &mut bytes).map_err(Cut::Input)? > 0 {
        number += 1;
        let (line, judged) = match Line::read(&bytes) {
            Ok(line) => {
                let judged = judge(&line);
                (Some(line), judged)
            }
            Err(error) => (None, Err(error)),
        };
        let mut answer = judged.unwrap_or_else(|error| {
            all_judged = false;
            json!({ "line": number, "error": format!("line {number}: {error:#}") })
        });
        if let Some(line) = line {
            line.label(&mut answer);
        }
        writeln!(output, "{answer}").map_err(Cut::Output)?;
        // Whoever writes a line and waits is answered at once.
        if !input.buffer().contains(&b'\n') {
            output.flush().map_err(Cut::Output)?;
        }
        bytes.clear();
    }
    Ok(all_judged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(command: &Try, input: &str) -> (Vec<Value>, bool) {
        let (mut output, judge) = (Vec::new(), command.judge().expect("options"));
        let all_judged =
            judge_all(&mut io::BufReader::new(input.as_bytes()), &mut output, &judge).expect("no I/O fails in memory");
        let lines = String::from_utf8(output).expect("UTF-8");
        (lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(), all_judged)
    }

    #[test]
    fn each_line_gives_one_line_whether_text_or_object() {
        let (lines, all_judged) =
            judged(&Try::OptOut, "STOP\r\n{\"text\": \"Tuesday works\", \"id\": 7}\n\nwrong number");
        assert!(all_judged);
        assert_eq!(lines.len(), 4);
        assert_eq!((&lines[0]["verdict"], &lines[0]["rule"]), (&json!("stop"), &json!("keyword")));
        assert_eq!((&lines[1]["verdict"], &lines[1]["id"]), (&json!("keep"), &json!(7)));
        assert_eq!(lines[2]["verdict"], "keep");
        assert_eq!(lines[3]["verdict"], "hold");
    }

    #[test]
    fn a_bad_line_says_what_and_where_and_the_others_go_on() {
        let (lines, all_judged) = judged(&Try::OptOut, "{\"text\": \n{\"txt\": \"STOP\"}\n{\"text\": 5}\nSTOP\n");
        assert!(!all_judged);
        assert_eq!(lines.len(), 4);
        for (line, words) in
            lines.iter().zip(["line 1", "line 2: there is no \"text\"", "line 3: \"text\" is not a string"])
        {
            assert!(line["error"].as_str().expect("an error").contains(words), "{line}");
        }
        assert_eq!(lines[3]["verdict"], "stop");
    }

    #[test]
    fn what_is_not_utf8_is_an_error_of_its_line() {
        let judge = Try::OptOut.judge().expect("options");
        let mut output = Vec::new();
        let mut input = io::BufReader::new(b"\xff\nSTOP\nS\0T\0O\0P\0\n".as_slice());
        let all = judge_all(&mut input, &mut output, &judge).expect("in memory");
        let told = String::from_utf8(output).expect("UTF-8");
        assert!(!all && told.contains("line 1: it is not UTF-8") && told.contains("\"stop\""), "{told}");
        assert!(told.contains("line 3: it holds a NUL") && told.contains("UTF-16"), "{told}");
    }

    #[test]
    fn whoever_waits_for_an_answer_gets_it_and_an_error_keeps_its_id() {
        /// Gives a line only when the one before is answered.
        struct Asker<'a> {
            lines: Vec<&'a str>,
            answered: &'a std::cell::RefCell<Vec<u8>>,
        }
        impl Read for Asker<'_> {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                let Some(line) = self.lines.pop() else { return Ok(0) };
                let answers = self.answered.borrow().split(|byte| *byte == b'\n').count() - 1;
                assert_eq!(answers, 1 - self.lines.len(), "each line is answered before the next is written");
                buf[..line.len()].copy_from_slice(line.as_bytes());
                Ok(line.len())
            }
        }
        struct Answers<'a>(&'a std::cell::RefCell<Vec<u8>>);
        impl Write for Answers<'_> {
            fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
                self.0.borrow_mut().write(buf)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let answered = std::cell::RefCell::default();
        let asker = Asker { lines: vec!["{\"id\":7,\"text\":null}\n", "STOP\n"], answered: &answered };
        let mut output = io::BufWriter::new(Answers(&answered));
        let judge = Try::OptOut.judge().expect("options");
        assert!(!judge_all(&mut io::BufReader::new(asker), &mut output, &judge).expect("in memory"));
        drop(output);
        let told = String::from_utf8(answered.take()).expect("UTF-8");
        assert!(told.lines().nth(1).is_some_and(|line| line.contains("\"id\":7") && line.contains("error")), "{told}");
    }

    #[test]
    fn segments_are_those_of_the_normalised_text_unless_raw() {
        let text = "It\u{2019}s on";
        let (lines, _) = judged(&Try::Segments(SegmentsOptions { raw: false }), text);
        assert_eq!(lines[0], json!({"encoding": "GSM-7", "segments": 1, "units": 7, "text": "It's on"}));
        let (lines, _) = judged(&Try::Segments(SegmentsOptions { raw: true }), text);
        assert_eq!(lines[0], json!({"encoding": "UCS-2", "segments": 1, "units": 7, "text": text}));
    }

    #[test]
    fn tokens_are_counted_in_the_encoding_that_was_asked_for() {
        let tokens = |encoding: &str| Try::Tokens(TokensOptions { encoding: encoding.to_owned() });
        assert_eq!(judged(&tokens("o200k_base"), "hello world").0[0], json!({"tokens": 2}));
        assert!(tokens("o300k").judge().is_err_and(|error| error.to_string().contains("o200k_base")));
    }

    #[test]
    fn a_reply_is_checked_against_what_is_known() {
        let known = r#"{"text":"Tue, Dec 1 at 10 AM works. It costs $900.","now":"2026-11-24T18:00:00Z","zone":"America/Denver","slots":["2026-12-01T17:00:00Z"],"knowledge":"A visit costs $900."}"#;
        let (lines, all) = judged(&Try::Check, &format!("{known}\nIt costs $900.\n"));
        assert!(all);
        assert_eq!(lines[0]["verdict"], "pass", "{}", lines[0]);
        assert_eq!(lines[1]["verdict"], "regenerate", "{}", lines[1]);
        assert_eq!(lines[1]["findings"][0]["check"], "invented_number");
    }

    #[test]
    fn hours_are_those_of_the_number() {
        let line = r#"{"phone":"+13035550142","at":"2026-12-02T05:00:00Z"}"#;
        let (lines, all) = judged(&Try::Hours, &format!("{line}\nnobody\n"));
        assert!(!all);
        assert_eq!((&lines[0]["allowed"], &lines[0]["next"]), (&json!(false), &json!("2026-12-02T17:00:00Z")));
        assert!(lines[1]["error"].as_str().expect("an error").contains("line 2"));
    }

    #[test]
    fn hours_tell_which_states_count_and_which_rule_decides() {
        let (lines, all) = judged(
            &Try::Hours,
            "{\"phone\":\"+13035550142\",\"state\":\"Rhode Island\",\"at\":\"2026-12-01T23:30:00Z\"}\n\
             {\"phone\":\"+18005550142\",\"zip\":\"33101\",\"at\":\"2026-12-01T17:00:00Z\"}\n\
             {\"state\":\"TX\",\"at\":\"2026-12-01T17:00:00Z\"}\n\
             {\"phone\":\"+15025550142\",\"at\":\"2026-12-06T18:00:00Z\"}\n\
             {\"phone\":\"+14165550142\",\"at\":\"2026-12-01T17:00:00Z\"}\n\
             {\"at\":\"2026-12-01T17:00:00Z\"}\n",
        );
        assert!(!all);
        let states = |line: &Value| line["states"].as_array().expect("a list").clone();
        assert_eq!(
            states(&lines[0]),
            [json!({"state": "RI", "evidence": "address"}), json!({"state": "CO", "evidence": "area_code"}),]
        );
        assert_eq!(lines[0]["zones"], json!(["America/New_York", "America/Denver"]));
        assert_eq!((&lines[0]["allowed"], &lines[0]["next"]), (&json!(false), &json!("2026-12-02T17:00:00Z")));
        assert_eq!(
            (&lines[0]["decided_by"]["rule"], &lines[0]["decided_by"]["reviewed"]),
            (&json!("RI"), &json!("2026-11-23"))
        );
        assert!(lines[0]["decided_by"]["source"].as_str().expect("a source").contains("dropcowboy"), "{}", lines[0]);
        assert_eq!(states(&lines[1]), [json!({"state": "FL", "evidence": "zip_code"})]);
        assert_eq!((&lines[1]["allowed"], &lines[1]["per_day"]["texts"]), (&json!(true), &json!(3)));
        assert_eq!(lines[1]["until"], "2026-12-02T01:00:00Z", "20:00 in Miami, before 20:00 in Pensacola");
        assert_eq!(lines[1]["by_law"]["allowed"], true);
        assert_eq!(lines[2]["zones"], json!(["America/Chicago", "America/Denver"]));
        let sunday = &lines[3];
        assert_eq!((&sunday["allowed"], &sunday["by_law"]["allowed"]), (&json!(false), &json!(true)), "{sunday}");
        assert_eq!(sunday["by_law"]["decided_by"]["rule"], "KY");
        assert_eq!(states(&lines[4]), Vec::<Value>::new());
        assert!(lines[5]["error"].as_str().expect("an error").contains("no \"phone\""), "{}", lines[5]);
    }

    #[test]
    fn hours_hold_abroad_too() {
        let (lines, all) = judged(
            &Try::Hours,
            "{\"phone\":\"+13035550142\",\"state\":\"Ontario\",\"at\":\"2026-12-02T02:30:00Z\"}\n\
             {\"phone\":\"+13035550142\",\"country\":\"Great Britain\",\"at\":\"2026-12-01T20:30:00Z\"}\n\
             {\"phone\":\"+18005550142\",\"zone\":\"america/new_york\",\"at\":\"2026-12-01T23:30:00Z\"}\n\
             {\"phone\":\"+18005550142\",\"zone\":\"EST\",\"at\":\"2026-12-01T08:00:00Z\"}\n\
             {\"phone\":\"+819012345678\",\"at\":\"2026-12-01T18:30:00Z\"}\n\
             {\"phone\":\"+13035550142\",\"country\":\"Atlantis\",\"at\":\"2026-12-01T18:30:00Z\"}\n",
        );
        assert!(all);
        assert!(lines.iter().all(|line| line["allowed"] == false), "{lines:#?}");
        assert_eq!(lines[0]["zones"], json!(["America/Toronto", "America/Winnipeg", "America/Denver"]));
        assert_eq!(lines[2]["evidence"], "contact");
        assert_eq!(lines[3]["by_law"]["allowed"], false);
        assert_eq!((&lines[4]["zones"], &lines[4]["next"]), (&json!(["Asia/Tokyo"]), &json!("2026-12-02T01:00:00Z")));
        assert_eq!(lines[5]["next"], Value::Null);
        assert!(lines[5]["reason"].as_str().expect("a reason").contains("does not know the country"), "{}", lines[5]);
    }

    #[test]
    fn a_reply_is_checked_as_it_would_leave() {
        let known = r#"{"text":"Happy to help!","notices":{"introduction":true,"opt_out":true},"organisation":{"name":"Acme Solar","agent_name":"Kim"}}"#;
        let (lines, _) = judged(&Try::Check, &format!("{known}\n"));
        assert_eq!(lines[0]["text"], "Kim from Acme Solar: Happy to help!\nReply STOP to opt out.");
        assert_eq!(lines[0]["verdict"], "mended", "{}", lines[0]);
    }

    #[test]
    fn what_is_known_in_another_form_is_refused_once_with_the_form_to_use() {
        let (lines, all) = judged(&Try::Check, "{\"text\":\"At 3 pm?\",\"slots\":[\"tomorrow 3pm\"]}\n");
        let error = lines[0]["error"].as_str().expect("an error");
        assert!(!all);
        assert_eq!(error.matches("a slot is an instant with its zone").count(), 1, "{error}");
    }
}

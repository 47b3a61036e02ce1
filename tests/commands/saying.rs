//! What a command says when nobody listens, or when it cannot be written.

use std::fs::File;
use std::process::Stdio;

use crate::support::program::Workshop;

/// The reader's end is closed before the command says anything.
#[test]
fn a_command_whose_reader_went_away_ends_quietly() {
    let workshop = Workshop::new("");
    assert_eq!(workshop.run(&["migrate"]).code, Some(0));
    for arguments in
        [&["check", "Yes, we do."][..], &["costs"], &["prompt", "count"], &["retry", "--all-parked"], &["pause"]]
    {
        let mut command = workshop.command(arguments);
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = command.stdout(writer).output().expect("it starts");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_a_sentence() {
    let workshop = Workshop::new("");
    workshop.write("texts", "Do you work in Tucson?\n");
    for arguments in [&["check", "--json", "Yes, we do."][..], &["migrate"], &["try", "segments"]] {
        let mut command = workshop.command(arguments);
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let texts = File::open(workshop.path("texts")).expect("a file");
        let output = command.stdin(texts).stdout(Stdio::from(full)).output().expect("it starts");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {told}");
        assert!(told.starts_with("rapport: standard output cannot be written: "), "{arguments:?}: {told}");
    }
}

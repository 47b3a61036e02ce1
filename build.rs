//! Tells cargo what the program embeds beside its code.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}

//! Reads messages from stdin, separated by NUL, with git-conventional; a line of JSON each.

use std::fmt::Write as _;
use std::io::{self, Read as _};

fn main() -> io::Result<()> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let mut out = String::new();
    for message in text.split('\0') {
        read(message, &mut out);
        out.push('\n');
    }
    print!("{out}");
    Ok(())
}

fn read(message: &str, out: &mut String) {
    let Ok(commit) = git_conventional::Commit::parse(message) else {
        out.push_str("{\"conventional\":false}");
        return;
    };
    out.push_str("{\"conventional\":true,\"type\":");
    quote(commit.type_().as_str(), out);
    out.push_str(",\"scope\":");
    match commit.scope() {
        Some(scope) => quote(scope.as_str(), out),
        None => out.push_str("null"),
    }
    out.push_str(",\"description\":");
    quote(commit.description(), out);
    let _ = write!(out, ",\"breaking\":{},\"trailers\":[", commit.breaking());
    for (index, footer) in commit.footers().iter().enumerate() {
        out.push_str(if index == 0 { "[" } else { ",[" });
        quote(footer.token().as_str(), out);
        out.push(',');
        quote(footer.value(), out);
        out.push(']');
    }
    out.push_str("]}");
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\0'..='\x1f' => {
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

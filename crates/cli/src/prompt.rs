//! Asking a person: a line, yes or no, and what must not be seen.

use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use settings::{Secret, SecretError};

/// The longest answer, in bytes.
const LONGEST: usize = 4096;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PromptError {
    #[error("there is nobody to ask: give --token-file and --yes, and --admin for an owner")]
    Nobody,
    #[error("interrupted; nothing was written")]
    Interrupted,
    #[error("asking: {0}")]
    Terminal(#[from] io::Error),
    #[error("{0}")]
    Secret(#[from] SecretError),
}

fn ask(question: &str) -> Result<(), PromptError> {
    let mut output = io::stderr();
    write!(output, "{question}: ")?;
    Ok(output.flush()?)
}

/// A line; an empty one is `default`.
pub(crate) fn line(question: &str, default: Option<&str>) -> Result<String, PromptError> {
    match default {
        Some(default) => ask(&format!("{question} [{default}]"))?,
        None => ask(question)?,
    }
    let mut text = String::new();
    // Read to the end of its line and no further: the next answer is another's.
    if io::stdin().lock().take(LONGEST as u64).read_line(&mut text)? == 0 {
        return Err(PromptError::Nobody);
    }
    let text = text.trim();
    Ok(if text.is_empty() { default.unwrap_or_default().to_owned() } else { text.to_owned() })
}

pub(crate) fn yes(question: &str) -> Result<bool, PromptError> {
    let answer = line(&format!("{question} (y/n)"), Some("n"))?;
    Ok(answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes"))
}

/// What is not shown while it is typed. Without a terminal it is a line of standard input.
pub(crate) fn secret(question: &str) -> Result<Secret, PromptError> {
    if !io::stdin().is_terminal() {
        return Ok(Secret::typed(line(question, None)?)?);
    }
    // Silent before it is asked: who types at once must not be seen either.
    let silent = Silent::begin()?;
    ask(question)?;
    let typed = silent.read();
    drop(silent);
    // The terminal has not shown the end of the line either.
    let _ = writeln!(io::stderr());
    match typed? {
        Some(text) => Ok(Secret::typed(text)?),
        None => Err(PromptError::Interrupted),
    }
}

/// A terminal that shows nothing of what is typed, until this goes.
struct Silent {
    terminal: File,
    before: Termios,
}

impl Silent {
    fn begin() -> io::Result<Self> {
        let terminal = File::open("/dev/tty")?;
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        // Byte for byte, Ctrl-C among them: ending here must put the terminal back first.
        silent.local_modes &= !(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(&terminal, OptionalActions::Now, &silent)?;
        Ok(Self { terminal, before })
    }

    /// A line, or nothing after Ctrl-C or Ctrl-D.
    fn read(&self) -> io::Result<Option<String>> {
        let mut text = Vec::new();
        let mut byte = [0];
        while (&self.terminal).read(&mut byte)? > 0 {
            match byte[0] {
                b'\r' | b'\n' => return Ok(String::from_utf8(text).ok()),
                3 | 4 | 28 => return Ok(None),
                8 | 127 => drop(text.pop()),
                21 => text.clear(),
                other if text.len() < LONGEST => text.push(other),
                _ => {}
            }
        }
        Ok(None)
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

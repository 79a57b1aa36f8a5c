//! Tabs, which YAML 1.2 allows between values and PyYAML does not.

use std::ops::Range;

use crate::{Error, Fault, Place, SyntaxFault};

/// Every line's first tab that is neither in a comment nor in one of `verbatim`: quoted and block scalars, as ranges of
/// characters, in order.
pub(crate) fn misplaced(text: &str, verbatim: &[Range<usize>]) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut verbatim = verbatim.iter().peekable();
    let mut place = Place::START;
    let mut previous = '\n';
    // Nothing more on this line matters.
    let mut done = false;
    for (index, character) in text.chars().enumerate() {
        while verbatim.next_if(|range| range.end <= index).is_some() {}
        let inside = verbatim.peek().is_some_and(|range| range.contains(&index));
        match character {
            '#' if !inside && previous.is_whitespace() => done = true,
            '\t' if !inside && !done => {
                errors.push(Error::at(place, Fault::Syntax(SyntaxFault::Tab)));
                done = true;
            }
            _ => {}
        }
        place.column = place.column.saturating_add(1);
        if character == '\n' {
            place = Place { line: place.line.saturating_add(1), column: 1 };
            done = false;
        }
        previous = character;
    }
    errors
}

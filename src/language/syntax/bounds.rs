//! Bounds on times: `for >=3s`, `for 3s..10s`, `within 10s`, `within 3s..`.

use super::token::{Stream, Token, duration};
use crate::monitor::{Bound, Fault, Micros, NEVER_AFTER};

/// Parses what follows `for`.
///
/// # Errors
/// It is no bound, or one that no stay keeps.
pub fn stay(stream: &mut Stream<'_>) -> Result<Bound, Fault> {
    let start = stream.range();
    let (less, more, equal) = (stream.sign('<'), stream.sign('>'), stream.sign('='));
    let at = stream.range();
    if let Token::Word(word) = stream.peek()
        && word.contains("..")
    {
        if less || more || equal {
            let fault = Fault::new(start.start..at.end, "a range takes no comparison");
            return Err(
                fault.help("`for 3s..10s`: at least 3s and at most 10s, both included; `for 3s..`: at least 3s")
            );
        }
        return of_word(stream);
    }
    if less == more {
        return Err(Fault::new(start, "expected a comparison after `for`")
            .help("`for >=30s`, `for <1m`, or a range: `for 3s..10s`"));
    }
    let limit = stream.duration()?;
    // Times are whole microseconds, so an exclusive limit is one more or one less.
    let strict = Micros::from(!equal);
    let bound = if less {
        Bound { least: 0, most: limit - strict }
    } else {
        Bound { least: limit + strict, most: NEVER_AFTER }
    };
    if bound.most < bound.least {
        return Err(Fault::new(at, "no state lasts less than 0s").help("`for <=0s`"));
    }
    Ok(bound)
}

/// Parses what follows `within`.
///
/// # Errors
/// It is no bound, or one that no time keeps.
pub fn within(stream: &mut Stream<'_>) -> Result<Bound, Fault> {
    let start = stream.range();
    let (less, more, equal) = (stream.sign('<'), stream.sign('>'), stream.sign('='));
    if !(less || more || equal) {
        return of_word(stream);
    }
    let time = match stream.peek() {
        Token::Word(word) => word.trim_end_matches('.'),
        _ => "3s",
    };
    Err(Fault::new(start.start..stream.end_of_last(), "`within` takes no comparison").help(remedy(time, more)))
}

fn of_word(stream: &mut Stream<'_>) -> Result<Bound, Fault> {
    let at = stream.range();
    let Token::Word(word) = stream.peek() else {
        return stream.duration().map(|most| Bound { least: 0, most });
    };
    stream.take();
    range(word).map_err(|(message, help)| Fault::new(at, message).help(help))
}

/// Parses `10s`, at most; `3s..10s`, at least and at most; or `3s..`, at least. All are included.
///
/// # Errors
/// The message and the remedy.
pub fn range(text: &str) -> Result<Bound, (String, String)> {
    let text = text.trim();
    if text.starts_with(['<', '>', '=']) {
        let time = text.trim_start_matches(['<', '>', '=']).trim().trim_end_matches('.');
        return Err(("`within` takes no comparison".into(), remedy(time, text.starts_with('>'))));
    }
    let Some((from, to)) = text.split_once("..") else {
        return Ok(Bound { least: 0, most: duration(text)? });
    };
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() {
        let help = format!("at most {to} is `within {to}`, or `for <={to}`");
        return Err((format!("the range `{text}` has no lower end"), help));
    }
    let least = duration(from)?;
    if to.is_empty() {
        return match least {
            0 => Err((format!("every time is at least {from}"), "`1s..`: at least 1s; or leave it out".into())),
            _ => Ok(Bound { least, most: NEVER_AFTER }),
        };
    }
    let most = duration(to)?;
    if most < least {
        return Err((format!("no time is at least {from} and at most {to}"), format!("`{to}..{from}`")));
    }
    Ok(Bound { least, most })
}

/// How `within` says what a comparison was meant to say.
fn remedy(time: &str, is_least: bool) -> String {
    let other = "at least 3s and at most 10s: `within 3s..10s`";
    if is_least {
        format!("at least {time} is a range: `within {time}..`; {other}")
    } else {
        format!("at most {time} is `within {time}`; {other}")
    }
}

#[cfg(test)]
mod tests {
    use super::range;
    use crate::monitor::{Bound, NEVER_AFTER};

    #[test]
    fn a_range_has_a_lower_end_and_perhaps_an_upper_one() {
        let second = 1_000_000;
        let of = |least: i64, most: i64| Ok(Bound { least: least * second, most: most * second });
        assert_eq!(range("10s"), of(0, 10));
        assert_eq!(range("3s..10s"), of(3, 10));
        assert_eq!(range("1m 30s .. 2m"), of(90, 120));
        assert_eq!(range("3s..3s"), of(3, 3));
        assert_eq!(range("0s..3s"), of(0, 3));
        assert_eq!(range("3s.."), Ok(Bound { least: 3 * second, most: NEVER_AFTER }));
        for wrong in ["10s..3s", "0s..", "..3s", "..", ">=3s", "<3s..", "3..10s", "3s..10", "3s...", "", "3s..4s..5s"] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
    }
}

//! Compiles expectations of requests, one request at a time and on a thread of its own.
//!
//! Outside text may take long, and nest deeply: neither the recorder nor other requests may feel that, and the stacks of
//! the runtime's threads are small.

use super::judged::Asked;
use super::limits::EXPECTATIONS_OF_ONE;
use super::problem::Problem;
use crate::expectation::{Program, Source};
use std::sync::Arc;
use tokio::sync::{Semaphore, oneshot};

/// As much as a main thread has on Linux, twice.
const STACK_BYTES: usize = 16 << 20;

/// Compiles expectations of requests.
#[derive(Clone, Debug)]
pub(super) struct Compiler(Arc<Semaphore>);

impl Default for Compiler {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Compiler {
    /// Compiles what is asked, and returns it.
    ///
    /// # Errors
    /// It does not compile, or has too many expectations.
    pub(super) async fn compile(&self, asked: Asked) -> Result<(Program, Asked), Problem> {
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(|_| Problem::ended())?;
        let (answer, compiled) = oneshot::channel();
        let thread = std::thread::Builder::new().name("compile".to_owned()).stack_size(STACK_BYTES);
        let compile = move || {
            let program = compiled_from(&asked);
            // The client may be gone.
            let _ = answer.send(program.map(|program| (program, asked)));
            drop(permit);
        };
        thread.spawn(compile).map_err(|error| Problem::busy(format!("no thread can be started: {error}")))?;
        compiled.await.map_err(|_| Problem::internal("the compiler has failed"))?
    }
}

fn compiled_from((text, is_lines): &Asked) -> Result<Program, Problem> {
    let too_many = |number: usize| {
        Problem::expectation(format!(
            "{number} expectations in one request, at most {EXPECTATIONS_OF_ONE} are allowed: send several requests"
        ))
    };
    let program = if *is_lines {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if lines.len() > EXPECTATIONS_OF_ONE {
            return Err(too_many(lines.len()));
        }
        Program::compile(lines.into_iter().map(|text| Source::Line { name: "body", text }))
    } else {
        Program::compile([Source::Document { name: "body", text }])
    };
    let program = program.map_err(|diagnostics| Problem::expectation(diagnostics.to_string()))?;
    match program.expectations().len() {
        0 => Err(Problem::expectation("the body has no expectations")),
        number if number > EXPECTATIONS_OF_ONE => Err(too_many(number)),
        _ => Ok(program),
    }
}

//! The command line: arguments, file, losses, output, in this order. Nothing is written before everything is computed,
//! so that a failure leaves one line on standard error, and nothing anywhere else.

mod arguments;
mod evaluation;
mod failure;
mod output;
mod parameters;
mod table;

use std::io::{ErrorKind, Write};
use std::process::exit;
use std::str::FromStr;

use arguments::{Command, Job};
use microloss::Real;
use microloss::registry::LOSSES;
use table::Table;

/// Why nothing was computed, in one line.
type Result<T> = std::result::Result<T, String>;

/// Does what the arguments say, and ends the program.
pub fn run() -> ! {
    let done = arguments::parse(lexopt::Parser::from_env()).and_then(|command| match command {
        Command::Help => Ok(arguments::help()),
        Command::List => Ok(LOSSES.iter().map(|(_, loss)| format!("{}\n", loss.name)).collect()),
        Command::Evaluate(job) if job.double => evaluate::<f64>(&job),
        Command::Evaluate(job) => evaluate::<f32>(&job),
    });
    match done.and_then(|text| print(&text)) {
        Ok(()) => exit(0),
        Err(message) => {
            // Names of files and columns may contain anything; the message is one line.
            let line: String = message
                .chars()
                .flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] })
                .collect();
            // Without a standard error there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "error: {line}");
            exit(2)
        }
    }
}

/// Evaluates the losses, writes the gradient, and returns what is to be printed.
fn evaluate<T: Real + FromStr>(job: &Job) -> Result<String> {
    let settings = job.losses.iter().map(parameters::parse).collect::<Result<Vec<_>>>()?;
    let table = Table::<T>::read(&job.file)?;
    let outcomes = settings
        .iter()
        .map(|settings| evaluation::evaluate(settings, &table, job))
        .collect::<Result<Vec<_>>>()?;
    let text = output::render(&outcomes, job.format);
    if let (Some(path), [outcome]) = (&job.gradient, &outcomes[..]) {
        let is_input = std::fs::canonicalize(path).ok() == std::fs::canonicalize(&job.file).ok();
        if is_input {
            return Err(format!("--gradient {}: is the file that is read", path.display()));
        }
        output::write_gradient(path, &table, outcome)?;
    }
    Ok(text)
}

fn print(text: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}

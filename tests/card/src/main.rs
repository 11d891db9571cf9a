//! A PIV card for tests: `card 127.0.0.1:PORT MEMORY SEED`.
//!
//! It puts itself into the virtual reader that listens there (the driver vpcd of pcscd), and is pulled out by ending the
//! process. What it remembers, keys and spent tries among it, lies in the folder MEMORY, so that it may be put in again.
//! SEED makes its randomness: its keys are no secrets, and it is good for nothing but tests.

mod backend;
mod iso7816_4;
mod platform;

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use piv_authenticator::{Authenticator, Options};

use iso7816_4::Card;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [reader, memory, seed] = arguments.as_slice() else {
        eprintln!("usage: card HOST:PORT MEMORY SEED");
        return ExitCode::from(2);
    };
    let Ok(seed) = seed.parse() else {
        eprintln!("card: the seed `{seed}` is no number");
        return ExitCode::from(2);
    };
    let connection = match vpicc::connect_socket(reader) {
        Ok(connection) => connection,
        Err(error) => {
            eprintln!("card: no reader listens on {reader}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ended = platform::with_client(Path::new(memory), seed, |client| {
        connection.run(&mut Card::new(Authenticator::new(client, Options::new())))
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        // The reader is gone, and takes its cards along.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("card: the reader failed: {error}");
            ExitCode::FAILURE
        }
    }
}

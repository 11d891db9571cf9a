//! Commands as they come from the reader: chains are put together before the application sees them, and long answers are
//! fetched piece by piece (ISO/IEC 7816-4, 5.3.3 and 5.3.4).

use heapless::Vec as Bounded;
use iso7816::command::{Command, CommandView};
use iso7816::{Instruction, Status};
use piv_authenticator::{Authenticator, Client};
use vpicc::VSmartCard;

/// The most octets of a command or an answer; the largest certificate of SP 800-73 is far shorter.
const LONGEST: usize = 8192;
/// The most octets of an answer to a short command.
const SHORT: usize = 256;
/// VERIFY that takes a login back (SP 800-73-4, part 2, 3.2.1).
const LOG_OUT: [u8; 4] = [0x00, 0x20, 0xff, 0x80];
/// T=1; historical bytes that say: commands may be chained, or long (ISO/IEC 7816-4, 12.1.1); check character.
const ATR: &[u8] = &[0x3b, 0x85, 0x80, 0x01, 0x80, 0x73, 0xc0, 0x01, 0xc0, 0xf6];

/// The application between reader and system.
pub(crate) struct Card<T> {
    piv: Authenticator<T>,
    /// The parts of a chained command that came so far.
    chained: Option<Command<LONGEST>>,
    /// What is left of an answer.
    left: Vec<u8>,
}

impl<T: Client> Card<T> {
    pub(crate) const fn new(piv: Authenticator<T>) -> Self {
        Self { piv, chained: None, left: Vec::new() }
    }

    fn answer(&mut self, octets: &[u8]) -> Vec<u8> {
        match self.take(octets) {
            Ok(answer) => answer,
            Err(status) => <[u8; 2]>::from(status).to_vec(),
        }
    }

    fn take(&mut self, octets: &[u8]) -> Result<Vec<u8>, Status> {
        let part = CommandView::try_from(octets).map_err(|_| Status::WrongLength)?;
        if part.instruction() == Instruction::GetResponse {
            return Ok(self.next_piece(part.expected()));
        }
        self.left.clear();
        if let Some(chain) = &mut self.chained {
            if chain.instruction() != part.instruction() {
                self.chained = None;
                return Err(Status::LastCommandOfChainExpected);
            }
            chain.extend_from_command_view(part).map_err(|_| Status::NotEnoughMemory)?;
        } else {
            self.chained = Some(part.to_owned().map_err(|_| Status::NotEnoughMemory)?);
        }
        if part.class().chain().not_the_last() {
            return Ok(<[u8; 2]>::from(Status::Success).to_vec());
        }
        let Some(whole) = self.chained.take() else { return Err(Status::UnspecifiedCheckingError) };
        let mut answer = Bounded::<u8, LONGEST>::new();
        self.piv.respond(whole.as_view(), &mut answer)?;
        self.left = answer.to_vec();
        Ok(self.next_piece(if part.extended { part.expected() } else { part.expected().min(SHORT) }))
    }

    /// As much of the answer as is expected, and how much there is beyond it.
    fn next_piece(&mut self, expected: usize) -> Vec<u8> {
        // Where nothing is expected, what there is has to be fetched.
        let rest = self.left.split_off(expected.min(self.left.len()));
        let mut piece = std::mem::replace(&mut self.left, rest);
        let status = match u8::try_from(self.left.len()) {
            Ok(0) => Status::Success,
            Ok(more) => Status::MoreAvailable(more),
            Err(_) => Status::MoreAvailable(0),
        };
        piece.extend(<[u8; 2]>::from(status));
        piece
    }

    /// Whoever used the card before has to give the PIN again.
    fn forget(&mut self) {
        (self.chained, self.left) = (None, Vec::new());
        let _ = self.answer(&LOG_OUT);
    }
}

impl<T: Client> VSmartCard for Card<T> {
    fn atr(&self) -> &[u8] {
        ATR
    }

    fn power_on(&mut self) {
        self.forget();
    }

    fn power_off(&mut self) {
        self.forget();
    }

    fn reset(&mut self) {
        self.forget();
    }

    fn execute(&mut self, command: &[u8]) -> Vec<u8> {
        self.answer(command)
    }
}

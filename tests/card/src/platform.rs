//! What the card is made of: memory in a folder, randomness from a seed, nobody who has to touch it.

use std::path::Path;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use trussed::pipe::TrussedChannel;
use trussed::virt::{Client, Runner, StorageConfig, Store, StoreConfig, UserInterface};

use crate::backend::{Backends, ORDER};

struct Platform<'a> {
    random: ChaCha8Rng,
    store: Store<'a>,
    user: UserInterface,
}

impl<'a> trussed::platform::Platform for Platform<'a> {
    type R = ChaCha8Rng;
    type S = Store<'a>;
    type UI = UserInterface;

    fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }

    fn store(&self) -> Store<'a> {
        self.store
    }

    fn user_interface(&mut self) -> &mut UserInterface {
        &mut self.user
    }
}

/// Does `work` with the system below a card whose memory lies in this folder.
pub(crate) fn with_client<T>(memory: &Path, seed: u64, work: impl FnOnce(Client<'_, Backends>) -> T) -> T {
    let lasting = |name: &str| StorageConfig::filesystem(memory.join(name));
    let mut store = StoreConfig {
        internal: lasting("internal"),
        external: lasting("external"),
        volatile: StorageConfig::ram(),
    };
    store.with_store(|store| {
        let platform =
            Platform { random: ChaCha8Rng::seed_from_u64(seed), store, user: UserInterface::new() };
        let channel = TrussedChannel::new();
        let Some((requester, responder)) = channel.split() else {
            unreachable!("nobody else has this channel")
        };
        let mut runner = Runner::new();
        runner.add_endpoint(responder, "piv", ORDER);
        let client = Client::new(requester, runner.syscall(), None);
        runner.run(platform, Backends::default(), || work(client))
    })
}

//! What befalls a fleet, as a seed decides it.

use std::time::{Duration, Instant};

use model::Entropy as _;
use serde::Serialize;
use support::{Proxy, SeededEntropy};

use super::fleet::Fleet;

/// How long a blow waits for progress since the one before.
const PATIENCE: Duration = Duration::from_secs(5);

/// What happened so far.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Blows {
    pub(crate) kills: u32,
    pub(crate) pauses: u32,
    /// Moments at which connections were cut.
    pub(crate) cuts: u32,
    pub(crate) connections_cut: u64,
    /// Times in which no byte passed.
    pub(crate) stalls: u32,
    /// Times in which no connection could be made.
    pub(crate) refusals: u32,
}

/// What comes to its end later.
enum Later {
    Start(usize),
    Resume(usize),
    Flow,
    Accept,
}

/// The dice and what they have started.
pub(crate) struct Havoc<'a> {
    dice: SeededEntropy,
    proxy: Option<&'a Proxy>,
    later: Vec<(Instant, Later)>,
    next: Instant,
    /// The mean time between blows.
    pace: Duration,
    struck: usize,
    pub(crate) blows: Blows,
}

/// How the dice fall at first: two services die, connections are cut, one service is paused, and another dies. A story that
/// is over after a few blows has seen these.
const FIRST: [u8; 5] = [0, 60, 0, 35, 0];

impl<'a> Havoc<'a> {
    pub(crate) fn new(seed: u64, pace: Duration, proxy: Option<&'a Proxy>) -> Self {
        let dice = SeededEntropy::new(seed);
        Self {
            dice,
            proxy,
            later: Vec::new(),
            next: Instant::now() + pace,
            pace,
            struck: 0,
            blows: Blows::default(),
        }
    }

    /// One blow after the other until so many enrollments are done. On a slow machine blows wait for some progress.
    pub(crate) async fn rage(&mut self, fleet: &mut Fleet<'_>, enough: u64) {
        let mut done_at_last_blow = 0;
        loop {
            let (done, _) = fleet.look().await;
            if done >= enough {
                return;
            }
            self.end_what_is_due(fleet, Instant::now());
            fleet.supervise();
            let now = Instant::now();
            if now >= self.next && (done > done_at_last_blow || now >= self.next + PATIENCE) {
                self.strike(fleet).await;
                self.next = Instant::now() + self.pace.mul_f64(0.5 + self.share());
                done_at_last_blow = done;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Ends everything that was begun; all services run again.
    pub(crate) fn calm(&mut self, fleet: &mut Fleet<'_>) {
        self.end_what_is_due(fleet, Instant::now() + Duration::from_hours(1));
        fleet.start_all();
        self.blows.connections_cut = self.proxy.map_or(0, Proxy::cut);
    }

    fn end_what_is_due(&mut self, fleet: &mut Fleet<'_>, now: Instant) {
        let both = std::mem::take(&mut self.later);
        let (due, later): (Vec<_>, Vec<_>) = both.into_iter().partition(|(at, _)| *at <= now);
        self.later = later;
        for (_, end) in due {
            match (end, self.proxy) {
                (Later::Start(member), _) => fleet.start(member),
                (Later::Resume(member), _) => fleet.resume(member),
                (Later::Flow, Some(proxy)) => proxy.stall(false),
                (Later::Accept, Some(proxy)) => proxy.refuse(false),
                (Later::Flow | Later::Accept, None) => {}
            }
        }
    }

    async fn strike(&mut self, fleet: &mut Fleet<'_>) {
        let member = usize::from(self.byte()) % fleet.len();
        let rolled = FIRST.get(self.struck).copied().unwrap_or_else(|| self.byte() % 100);
        self.struck += 1;
        match (rolled, self.proxy) {
            (0..35, _) => {
                self.blows.kills += u32::from(fleet.kill(member).await);
                self.end_later(200..1_500, Later::Start(member));
            }
            // Often longer than a claim lasts.
            (35..60, _) | (_, None) => {
                self.blows.pauses += u32::from(fleet.pause(member));
                self.end_later(500..10_000, Later::Resume(member));
            }
            (60..72, Some(proxy)) => {
                proxy.cut_all();
                self.blows.cuts += 1;
            }
            (72..84, Some(proxy)) => {
                proxy.cut_where(|| self.share() < 0.4);
                self.blows.cuts += 1;
            }
            (84..92, Some(proxy)) => {
                proxy.stall(true);
                self.blows.stalls += 1;
                self.end_later(300..3_000, Later::Flow);
            }
            (92.., Some(proxy)) => {
                proxy.refuse(true);
                proxy.cut_where(|| self.share() < 0.5);
                self.blows.refusals += 1;
                self.end_later(300..2_000, Later::Accept);
            }
        }
    }

    /// After a time between these milliseconds.
    fn end_later(&mut self, millis: std::ops::Range<u32>, end: Later) {
        let span = f64::from(millis.end - millis.start) * self.share();
        let wait = Duration::from_millis(u64::from(millis.start)) + Duration::from_secs_f64(span / 1_000.0);
        self.later.push((Instant::now() + wait, end));
    }

    fn byte(&self) -> u8 {
        let mut random = [0];
        self.dice.fill(&mut random);
        random[0]
    }

    /// From 0 to 1.
    fn share(&self) -> f64 {
        f64::from(self.byte()) / 255.0
    }
}

//! As many as possible of those who were heard, of whom each is another than all others.

/// The most of `from` that `is_another` lets stand beside each other, up to `wanted`. Who was heard first shall not keep two
/// others from counting, so the choices are tried.
pub(super) fn most_different<'a, T>(
    from: &[&'a T],
    wanted: usize,
    is_another: &dyn Fn(&[&'a T], &T) -> bool,
) -> Vec<&'a T> {
    let mut search = Search { wanted, is_another, best: Vec::new(), patience: 100_000 };
    search.choose(from, &mut Vec::new());
    search.best
}

struct Search<'f, 'a, T> {
    wanted: usize,
    is_another: &'f dyn Fn(&[&'a T], &T) -> bool,
    best: Vec<&'a T>,
    /// Whoever can add rows shall not have this go on for ever either.
    patience: u32,
}

impl<'a, T> Search<'_, 'a, T> {
    fn choose(&mut self, from: &[&'a T], heard: &mut Vec<&'a T>) {
        if heard.len() > self.best.len() {
            self.best.clone_from(heard);
        }
        for (index, one) in from.iter().enumerate() {
            self.patience = self.patience.saturating_sub(1);
            let is_hopeless = heard.len() + from.len() - index <= self.best.len();
            if is_hopeless || self.patience == 0 || self.best.len() >= self.wanted {
                return;
            }
            if (self.is_another)(heard, one) {
                heard.push(one);
                self.choose(&from[index + 1..], heard);
                heard.pop();
            }
        }
    }
}

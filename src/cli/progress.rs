//! How far long work is: a bar on a terminal, nothing in a pipe.

use std::cell::RefCell;
use std::io::IsTerminal as _;
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar that appears with the first news.
pub struct Bar {
    bar: Mutex<RefCell<Option<ProgressBar>>>,
    shows: bool,
}

impl Bar {
    pub fn new() -> Bar {
        Bar { bar: Mutex::default(), shows: std::io::stderr().is_terminal() }
    }

    /// `done` of `total` is done of this.
    pub fn at(&self, what: &str, done: usize, total: usize) {
        if !self.shows {
            return;
        }
        let bar = self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut bar = bar.borrow_mut();
        let bar = bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{msg:.dim} {bar:30} {pos}/{len}");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        bar.set_length(total as u64);
        bar.set_position(done as u64);
        bar.set_message(what.to_owned());
    }

    /// Takes the bar away.
    pub fn end(&self) {
        let bar = self.bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bar) = bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }
}

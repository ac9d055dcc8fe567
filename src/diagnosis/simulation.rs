//! Plays incidents with people who answer, err and do not know, and counts how they end.
//!
//! The random numbers come from a generator in this file, from a fixed seed: a simulation is repeatable and needs no clock.
//! Start at [`simulate`].

use super::{Model, Next, State};

/// How a person in an incident answers.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The share of the answers that are wrong.
    pub wrong: f64,
    /// The share of the questions to which there is no answer.
    pub unknown: f64,
}

/// Who always knows and is always right.
pub const RIGHT: Person = Person { wrong: 0.0, unknown: 0.0 };
/// One wrong answer in ten, and one question in five without an answer.
pub const TIRED: Person = Person { wrong: 0.1, unknown: 0.2 };
/// Fixes that a person is ready to try.
pub const PATIENCE: usize = 3;

/// How the incidents of one symptom ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// The share in which the true entry was the first one suggested to somebody who answers rightly.
    pub first_right: f64,
    /// The share that somebody who errs solved within [`PATIENCE`] fixes.
    pub solved_within_three: f64,
}

/// Plays `incidents` incidents of each kind; `seed` makes them the same every time.
pub fn simulate(model: &Model, incidents: usize, seed: u64) -> Outcome {
    if model.causes.is_empty() || incidents == 0 {
        return Outcome::default();
    }
    let mut dice = Dice(seed);
    let mut first = 0;
    let mut solved = 0;
    for _ in 0..incidents {
        let truth = dice.pick(&model.truth());
        first += usize::from(play(model, truth, RIGHT, 1, &mut dice));
        solved += usize::from(play(model, truth, TIRED, PATIENCE, &mut dice));
    }
    Outcome { first_right: first as f64 / incidents as f64, solved_within_three: solved as f64 / incidents as f64 }
}

/// Plays one incident with this true variant; tells whether one of the first `fixes` suggestions was its cause.
fn play(model: &Model, truth: usize, person: Person, fixes: usize, dice: &mut Dice) -> bool {
    let mut state = model.start();
    let mut suggested = 0;
    loop {
        let (belief, next) = model.step(&state);
        let suggestion = match next {
            Next::Ask(q) => {
                state.answers[q] = answer(model, truth, q, person, dice);
                continue;
            }
            Next::Fix(cause) => cause,
            // Without a verdict, a person tries what stands at the top of the list.
            Next::Undecided | Next::NoKnownCause => {
                let Some(&top) = belief.ranking(&state).first() else { return false };
                top
            }
        };
        if state.tried[suggestion] {
            return false;
        }
        if suggestion == model.variants[truth].cause {
            return true;
        }
        suggested += 1;
        if suggested == fixes {
            return false;
        }
        state.tried[suggestion] = true;
    }
}

fn answer(model: &Model, truth: usize, question: usize, person: Person, dice: &mut Dice) -> u8 {
    if dice.chance(person.unknown) {
        return State::SKIPPED;
    }
    let asked = &model.questions[question];
    let all = asked.options.len();
    let expected = |o: &usize| asked.predicted[truth] >> *o & 1 == 1;
    let right: Vec<usize> = (0..all).filter(expected).collect();
    let chosen = right[dice.below(right.len())];
    if !dice.chance(person.wrong) {
        return chosen as u8;
    }
    // Where every option is possible, a wrong answer is any other one than the true one.
    let wrong: Vec<usize> = (0..all).filter(|o| if right.len() == all { *o != chosen } else { !expected(o) }).collect();
    wrong[dice.below(wrong.len())] as u8
}

/// SplitMix64 (Steele, Lea and Flood, 2014): small, well spread, and good enough for playing.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.unit() * n as f64) as usize).min(n - 1)
    }

    /// An index drawn with these weights.
    fn pick(&mut self, weights: &[f64]) -> usize {
        let mut at = self.unit() * weights.iter().sum::<f64>();
        for (i, w) in weights.iter().enumerate() {
            at -= w;
            if at < 0.0 {
                return i;
            }
        }
        weights.len() - 1
    }
}
